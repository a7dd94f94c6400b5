"""evenhand and other solvers on one assignment problem, each in a process of its own, under the same time and cores.

Everyone gets the same arrays, the same plan to start from (as far as it can take one) and the same budget of skipped
weight. The limit binds the search: what a peer spends on building its model is its own, and counted in `seconds`
only. HiGHS runs through scipy, which is a dependency; SCIP and Timefold come with `make peers`.
"""

from __future__ import annotations

import importlib
import json
import math
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.problem_file import load_problem, save_problem
from models.allocation.plan import gap_of
from solver.assignment.milp import Milp, milp_of
from solver.assignment.problem import AssignmentProblem, Ints
from solver.engine import Limits, Stop

GRACE = 120.0
"""Seconds beyond the limit, for building models and loading libraries, after which a process is given up."""

ROUNDING = 1e-3
"""What a bound in floats may be off before it is rounded up to a whole number."""


@dataclass(frozen=True)
class Step:
    """How a search stood: seconds since it began, best total and bound so far, None where unknown."""

    seconds: float
    best: int | None
    bound: int | None


@dataclass(frozen=True)
class Answer:
    """What a solver answered. assignment: int64 (n,), None when nothing was found. bound: as claimed.

    status: as the solver says, or FAILED and why. seconds: wall time without starting the process.
    """

    status: str
    assignment: Ints | None
    bound: int | None
    seconds: float
    trace: tuple[Step, ...] = field(default=())


@dataclass(frozen=True)
class Asked:
    """One question to one solver. fixed: what the total contains that is given, for the gap in progress.

    until: the gap at which evenhand may stop, None to use the time it has.
    """

    problem: AssignmentProblem
    start: Ints
    skip_budget: int
    fixed: int
    limits: Limits
    until: float | None = None


class Trace:
    """Notes when best or bound improve."""

    def __init__(self) -> None:
        self._begun = time.perf_counter()
        self.steps: list[Step] = []

    def note(self, best: int | None, bound: int | None) -> None:
        """Keep the step when it differs from the last one."""
        last = self.steps[-1] if self.steps else None
        if last is None or (last.best, last.bound) != (best, bound):
            self.steps.append(Step(round(time.perf_counter() - self._begun, 3), best, bound))


def _evenhand(asked: Asked) -> Answer:
    from solver.allocation.allocate import by_size
    from solver.allocation.optimising import Search

    _warm_up()
    stop = Stop()
    trace = Trace()

    def watch(best: int | None, bound: int | None) -> None:
        trace.note(best, bound)
        gap = None if best is None else gap_of(best, bound, asked.fixed)
        if asked.until is not None and gap is not None and gap <= asked.until:
            stop.request()

    begun = time.perf_counter()
    found = by_size(
        Search(
            problem=asked.problem,
            start=asked.start,
            hint=asked.start,
            skip_budget=asked.skip_budget,
            fixed=asked.fixed,
            limits=asked.limits,
            stop=stop,
            watch=watch,
        )
    )
    seconds = time.perf_counter() - begun
    total = asked.problem.total(found.assignment)
    trace.note(total, found.bound)
    status = "OPTIMAL" if found.bound is not None and total <= found.bound else "FEASIBLE"
    return Answer(status, found.assignment, found.bound, seconds, tuple(trace.steps))


def _warm_up() -> None:
    """Load compiled code and libraries before the clock starts, as in a running service."""
    from solver.assignment.kernel import warm_up

    importlib.import_module("ortools.sat.python.cp_model")
    warm_up()


def _cp_sat(asked: Asked) -> Answer:
    from solver.assignment.full_model import solve_full

    trace = Trace()
    begun = time.perf_counter()
    run, found = solve_full(
        asked.problem, asked.limits, skip_budget=asked.skip_budget, start=asked.start, watch=trace.note
    )
    seconds = time.perf_counter() - begun
    bounds = [run.bound, *(step.bound for step in trace.steps)]
    known = [bound for bound in bounds if bound is not None]
    return Answer(run.status.value, found, max(known, default=None), seconds, tuple(trace.steps))


def _rounded_up(bound: float | None, constant: int) -> int | None:
    """A float bound on a whole total, rounded to the next whole number."""
    if bound is None or not math.isfinite(bound) or abs(bound) > 2**50:
        return None
    return math.ceil(bound - ROUNDING) + constant


def _highs(asked: Asked) -> Answer:
    from scipy.optimize import Bounds, LinearConstraint, milp

    begun = time.perf_counter()
    model = milp_of(asked.problem, asked.skip_budget)
    found = milp(
        model.price,
        integrality=model.whole,
        bounds=Bounds(np.zeros(len(model.most)), model.most),
        constraints=[LinearConstraint(model.rows, model.lower, model.upper)],
        options={"time_limit": asked.limits.seconds or math.inf, "mip_rel_gap": 0.0},
    )
    seconds = time.perf_counter() - begun
    if found.status == 2:
        return Answer("INFEASIBLE", None, None, seconds)
    plan = None if found.x is None else model.assignment(found.x)
    status = "OPTIMAL" if found.status == 0 else "UNKNOWN" if plan is None else "FEASIBLE"
    return Answer(status, plan, _rounded_up(found.mip_dual_bound, model.constant), seconds)


def _scip(asked: Asked) -> Answer:
    scip = importlib.import_module("pyscipopt")
    begun = time.perf_counter()
    form = milp_of(asked.problem, asked.skip_budget)
    model, columns = _scip_model(scip, form)
    model.setParam("randomization/randomseedshift", asked.limits.seed)
    if asked.limits.seconds is not None:
        model.setParam("limits/time", asked.limits.seconds)
    start = model.createPartialSol()
    for column, (task, agent) in enumerate(zip(form.tasks.tolist(), form.agents.tolist(), strict=True)):
        model.setSolVal(start, columns[column], float(asked.start[task] == agent))
    model.addSol(start)
    model.optimize()
    seconds = time.perf_counter() - begun
    bound = _rounded_up(model.getDualbound(), form.constant)
    if model.getStatus() == "infeasible":
        return Answer("INFEASIBLE", None, None, seconds)
    if model.getNSols() == 0:
        return Answer("UNKNOWN", None, bound, seconds)
    best = model.getBestSol()
    plan = form.assignment(np.array([best[column] for column in columns]))
    return Answer("OPTIMAL" if model.getStatus() == "optimal" else "FEASIBLE", plan, bound, seconds)


def _scip_model(scip: Any, form: Milp) -> tuple[Any, list[Any]]:
    """The programme as a SCIP model, and its columns in order."""
    model = scip.Model()
    model.hideOutput()
    columns = [
        model.addVar(vtype="I" if whole else "C", lb=0.0, ub=most, obj=price)
        for whole, most, price in zip(
            form.whole.tolist(), form.most.tolist(), form.price.tolist(), strict=True
        )
    ]
    rows = form.rows
    for number, (lower, upper) in enumerate(zip(form.lower.tolist(), form.upper.tolist(), strict=True)):
        part = slice(int(rows.indptr[number]), int(rows.indptr[number + 1]))
        line = scip.quicksum(
            value * columns[column]
            for value, column in zip(rows.data[part].tolist(), rows.indices[part].tolist(), strict=True)
        )
        if lower == upper:
            model.addCons(line == lower)
        elif math.isfinite(lower):
            model.addCons(line >= lower)
        else:
            model.addCons(line <= upper)
    return model, columns


def _timefold(asked: Asked, *, tabu: bool) -> Answer:
    from benchmarks.timefold_peer import solve_by_timefold

    begun = time.perf_counter()
    found = solve_by_timefold(
        asked.problem,
        start=asked.start,
        skip_budget=asked.skip_budget,
        seconds=asked.limits.seconds or 60.0,
        seed=asked.limits.seed,
        tabu=tabu,
    )
    seconds = time.perf_counter() - begun
    return Answer("FEASIBLE" if found is not None else "UNKNOWN", found, None, seconds)


SOLVERS: dict[str, Callable[[Asked], Answer]] = {
    "evenhand": _evenhand,
    "cpsat": _cp_sat,
    "highs": _highs,
    "scip": _scip,
    "timefold": lambda asked: _timefold(asked, tabu=False),
    "timefold-tabu": lambda asked: _timefold(asked, tabu=True),
}
"""Every solver that answers an assignment problem."""


def ask(solver: str, asked: Asked) -> Answer:
    """The answer of `solver`, from a process of its own; one that fails or hangs is an answer FAILED."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        save_problem(folder / "problem.npz", asked.problem, asked.start)
        question = {
            "solver": solver,
            "skip_budget": asked.skip_budget,
            "fixed": asked.fixed,
            "until": asked.until,
            "seconds": asked.limits.seconds,
            "work": asked.limits.work,
            "seed": asked.limits.seed,
            "threads": asked.limits.threads,
        }
        (folder / "question.json").write_text(json.dumps(question), encoding="utf-8")
        limit = None if asked.limits.seconds is None else asked.limits.seconds + GRACE
        try:
            ran = subprocess.run(
                [sys.executable, "-m", "benchmarks.banded_peers", name],
                capture_output=True,
                text=True,
                check=False,
                timeout=limit,
            )
        except subprocess.TimeoutExpired:
            return Answer("FAILED: no answer in time", None, None, limit or 0.0)
        if ran.returncode != 0:
            words = ran.stderr.strip().splitlines()[-1:] or ["no words"]
            return Answer(f"FAILED: {words[0][:200]}", None, None, 0.0)
        return _answer_of(json.loads((folder / "answer.json").read_text(encoding="utf-8")))


def _answer_of(told: dict[str, Any]) -> Answer:
    plan = None if told["assignment"] is None else np.array(told["assignment"], np.int64)
    trace = tuple(Step(*step) for step in told["trace"])
    return Answer(told["status"], plan, told["bound"], told["seconds"], trace)


def main(folder: Path) -> None:
    """Answer the question that lies in `folder`; the process of a solver."""
    question = json.loads((folder / "question.json").read_text(encoding="utf-8"))
    problem, start = load_problem(folder / "problem.npz")
    limits = Limits(**{name: question[name] for name in ("seconds", "work", "seed", "threads")})
    home = problem.home if start is None else start
    skip_budget, fixed, until = (question[name] for name in ("skip_budget", "fixed", "until"))
    asked = Asked(problem, home, skip_budget, fixed, limits, until)
    answer = SOLVERS[question["solver"]](asked)
    told = {
        "status": answer.status,
        "assignment": None if answer.assignment is None else answer.assignment.tolist(),
        "bound": answer.bound,
        "seconds": answer.seconds,
        "trace": [(step.seconds, step.best, step.bound) for step in answer.trace],
    }
    (folder / "answer.json").write_text(json.dumps(told), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
