"""The one place that runs CP-SAT: limits, seed, threads, status, cancel and progress.

Everything else in the solver builds models and asks here. `ortools` is imported when a model is first run,
because the import alone takes longer than many answers.
"""

from __future__ import annotations

import contextlib
import enum
import math
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from models.errors import SolverError

if TYPE_CHECKING:
    from ortools.sat.python import cp_model


class Status(enum.StrEnum):
    """What a solve ended with. INFEASIBLE is said only when a second, different solve agrees."""

    OPTIMAL = "OPTIMAL"
    FEASIBLE = "FEASIBLE"
    INFEASIBLE = "INFEASIBLE"
    UNKNOWN = "UNKNOWN"


@dataclass(frozen=True)
class Limits:
    """How long and how a solve may run.

    seconds: wall time, None for no limit. work: deterministic work units, None for no limit; with it the same
    input, seed and work give the same plan. threads: worker threads. seed: every random choice follows from it.
    """

    seconds: float | None = 10.0
    work: float | None = None
    seed: int = 0
    threads: int = 2

    def with_seconds(self, seconds: float | None) -> Limits:
        """These limits with another wall time."""
        return replace(self, seconds=seconds)

    def share(self, share: float) -> Limits:
        """A share of both limits, for one step of several."""
        return replace(
            self,
            seconds=None if self.seconds is None else self.seconds * share,
            work=None if self.work is None else self.work * share,
        )


@dataclass(frozen=True)
class Progress:
    """How a solve stands: seconds since it began, best value so far and proven bound, None where unknown.

    gap is the fraction (best - bound) / (best - fixed) when both are known, as the plan will report it.
    """

    seconds: float
    best: int | None
    bound: int | None
    gap: float | None
    stage: str


ProgressCallback = Callable[[Progress], None]


class Stop:
    """A request to end early, keeping the best plan so far. Safe to set from any thread or signal handler."""

    def __init__(self) -> None:
        self._event = threading.Event()

    def request(self) -> None:
        """Ask every solve that was given this object to end now."""
        self._event.set()

    @property
    def requested(self) -> bool:
        return self._event.is_set()

    def wait(self, seconds: float) -> bool:
        """Wait at most `seconds` for a request; True when there is one."""
        return self._event.wait(seconds)


class Clock:
    """Wall time since a solve began, against its limit. The only clock the solver reads."""

    def __init__(self, limit: float | None) -> None:
        self._begun = time.perf_counter()
        self.limit = limit

    @property
    def elapsed(self) -> float:
        return time.perf_counter() - self._begun

    @property
    def left(self) -> float | None:
        """Seconds left, never below 0, None without a limit."""
        return None if self.limit is None else max(0.0, self.limit - self.elapsed)

    @property
    def over(self) -> bool:
        return self.limit is not None and self.elapsed >= self.limit


@dataclass(frozen=True)
class Run:
    """What CP-SAT found.

    values: int64, the value of each variable by its index in the model, None when nothing was found.
    objective and bound: None when unknown; the bound is the solver's proven one, rounded to the safe side. work:
    CP-SAT's deterministic time, in its own unit.
    """

    status: Status
    values: npt.NDArray[np.int64] | None
    objective: int | None
    bound: int | None
    work: float = field(default=0.0, compare=False)


Watcher = Callable[[int | None, int | None], None]
"""Called with best and bound so far whenever one of them improves; None where unknown."""


def run(
    model: cp_model.CpModel,
    limits: Limits,
    *,
    stop: Stop | None = None,
    watch: Watcher | None = None,
    workers: int | None = None,
) -> Run:
    """Run CP-SAT on a minimisation (or feasibility) model within `limits`.

    workers: CP-SAT's search workers when they should differ from limits.threads. A claim of infeasibility is
    checked by a second solve with presolve flipped and another number of workers; when that one disagrees its
    answer is taken. Raises SolverError when CP-SAT refuses the model.
    """
    count = limits.threads if workers is None else workers
    clock = Clock(limits.seconds)
    first = _run_once(model, limits, stop, watch, count, presolve=True)
    if first.status is not Status.INFEASIBLE:
        return first
    again = limits.with_seconds(clock.left)
    return _run_once(model, again, stop, watch, 2 if count == 1 else 1, presolve=False)


def _run_once(
    model: cp_model.CpModel,
    limits: Limits,
    stop: Stop | None,
    watch: Watcher | None,
    workers: int,
    *,
    presolve: bool,
) -> Run:
    from ortools.sat.python import cp_model as cp

    solver = cp.CpSolver()
    parameters = solver.parameters
    parameters.num_workers = workers
    parameters.random_seed = limits.seed % 2**31
    parameters.cp_model_presolve = presolve
    parameters.catch_sigint_signal = False  # CP-SAT would take Ctrl-C from us, and leave it lethal afterwards
    if limits.seconds is not None:
        parameters.max_time_in_seconds = limits.seconds
    if limits.work is not None:
        parameters.max_deterministic_time = limits.work
        parameters.interleave_search = workers > 1  # without it several workers are not reproducible
    reporter = _Reporter(watch, model.has_objective())
    if watch is not None:
        solver.best_bound_callback = reporter.bound
    with _stopping(solver, stop):
        code = solver.solve(model, reporter.callback())
    if code == cp.MODEL_INVALID:
        raise SolverError(f"CP-SAT refuses the model: {model.validate()}")
    status = {
        cp.OPTIMAL: Status.OPTIMAL,
        cp.FEASIBLE: Status.FEASIBLE,
        cp.INFEASIBLE: Status.INFEASIBLE,
        cp.UNKNOWN: Status.UNKNOWN,
    }[code]
    work = float(solver.response_proto.deterministic_time)
    if status is Status.INFEASIBLE:
        return Run(status, None, None, None, work)
    bounded = model.has_objective() and math.isfinite(solver.best_objective_bound)
    bound = math.ceil(solver.best_objective_bound - _ROUNDING) if bounded else None
    if status is Status.UNKNOWN:
        return Run(status, None, None, None, work)
    values = np.array(solver.response_proto.solution, dtype=np.int64)
    objective = round(solver.objective_value) if model.has_objective() else None
    return Run(status, values, objective, bound, work)


_ROUNDING = 1e-6
"""Objectives are whole numbers, but CP-SAT hands them out as floats."""


class _Reporter:
    """Keeps best and bound, and tells the watcher when one improves."""

    def __init__(self, watch: Watcher | None, has_objective: bool) -> None:
        self._watch = watch
        self._has_objective = has_objective
        self._best: int | None = None
        self._bound: int | None = None

    def bound(self, value: float) -> None:
        """CP-SAT found a better bound."""
        if math.isfinite(value):
            self._bound = math.ceil(value - _ROUNDING)
            self._tell()

    def best(self, value: float) -> None:
        """CP-SAT found a better solution."""
        self._best = round(value)
        self._tell()

    def _tell(self) -> None:
        if self._watch is not None:
            self._watch(self._best, self._bound)

    def callback(self) -> cp_model.CpSolverSolutionCallback | None:
        """The object CP-SAT calls at each solution, None when nobody watches."""
        if self._watch is None or not self._has_objective:
            return None
        from ortools.sat.python import cp_model as cp

        tell = self.best

        class OnSolution(cp.CpSolverSolutionCallback):
            def on_solution_callback(self) -> None:
                tell(self.objective_value)

        return OnSolution()


@contextlib.contextmanager
def _stopping(solver: cp_model.CpSolver, stop: Stop | None) -> Iterator[None]:
    """While a solve runs, end it as soon as `stop` is requested."""
    if stop is None:
        yield
        return
    done = threading.Event()

    def guard() -> None:
        # A request may come before the search has begun, when stop_search does nothing: so ask again.
        while not done.is_set():
            if stop.wait(0.05):
                solver.stop_search()
                done.wait(0.05)

    thread = threading.Thread(target=guard, name="evenhand-stop", daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()
