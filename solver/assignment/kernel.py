"""The kernel: arrays in, an assignment and a proven bound out, progress on the way.

The linear relaxation gives prices; rounding it and local search over the pairs that its prices leave in doubt
give plans; the Lagrangian relaxation, climbed from the same prices, gives the bound. Plans and bound improve
in turns until they meet or the limit is reached.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from solver.assignment.arrays import Instance, prepare
from solver.assignment.bound import BoundProof, Lagrangian, scale_for
from solver.assignment.climb import Climb, sift
from solver.assignment.primal import Primal
from solver.assignment.problem import NOWHERE, AssignmentProblem, Ints
from solver.assignment.relaxation import Duals, Floats, LinearProgramme, Tables, reduced, tables
from solver.engine import Clock, Limits, Progress, ProgressCallback, Status, Stop

T = TypeVar("T")

WATCH = 0.05
"""Seconds between looks at the clock and the stop while a long step runs."""
STEPS = (2_000, 100_000)
"""Tries of local search between two looks at the clock, least and most; else fifty for each pair in doubt."""
STEP_WORK = 5e-7
"""Work units of one try; a unit is about one second of one core."""
PAIR_WORK = 5e-7
"""Work units per allowed pair of one look at the bound."""


@dataclass(frozen=True)
class Solution:
    """What the kernel found.

    assignment: int64 (n,), NOWHERE where skipped, None when no plan keeps to the skip
    budget as far as the search could see. total, bound: second level, None when unknown. status: OPTIMAL when
    total = bound. seconds: wall time.
    """

    assignment: Ints | None
    total: int | None
    bound: int | None
    proof: BoundProof | None
    status: Status
    seconds: float


class _Run:
    """One solve: the clock, the stop, the work done, and who is told."""

    def __init__(
        self, limits: Limits, stop: Stop | None, fixed: int, on_progress: ProgressCallback | None
    ) -> None:
        self.limits, self.stop, self.fixed, self.on_progress = limits, stop or Stop(), fixed, on_progress
        self.clock = Clock(limits.seconds)
        self.work = 0.0
        self.best: int | None = None
        self.bound: int | None = None
        self._told = -1.0

    @property
    def over(self) -> bool:
        spent = self.limits.work is not None and self.work >= self.limits.work
        return spent or self.clock.over or self.stop.requested

    def tell(self, stage: str, *, now: bool = False) -> None:
        """Report how things stand, at most every quarter of a second."""
        seconds = self.clock.elapsed
        if self.on_progress is None or (not now and seconds - self._told < 0.25):
            return
        self._told = seconds
        gap = None
        if self.best is not None and self.bound is not None:
            span = self.best - self.fixed
            gap = 0.0 if self.best <= self.bound else (self.best - self.bound) / span if span > 0 else None
        self.on_progress(Progress(seconds, self.best, self.bound, gap, stage))

    def watched(self, stage: str, step: Callable[[], T]) -> T | None:
        """The result of `step`, run on a thread of its own; None when time is up or a stop comes first."""
        results: list[T] = []
        faults: list[BaseException] = []

        def run() -> None:
            try:
                results.append(step())
            except Exception as fault:  # noqa: BLE001  carried to the caller's thread and raised there
                faults.append(fault)

        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        while thread.is_alive():
            thread.join(WATCH)
            self.tell(stage)
            if thread.is_alive() and (self.clock.over or self.stop.requested):
                return None
        if faults:
            raise faults[0]
        return results[0]


def solve(
    problem: AssignmentProblem,
    *,
    limits: Limits | None = None,
    stop: Stop | None = None,
    start: Ints | None = None,
    skip_budget: int = 0,
    fixed: int = 0,
    on_progress: ProgressCallback | None = None,
) -> Solution:
    """A plan of least total that skips at most `skip_budget` by weight, and a bound on every such plan.

    start: int64 (n,), a plan to begin from; what of it breaks a limit is left out. fixed: the part of the total
    that is given, for the gap in progress reports. Under a work limit the result depends on seed and work only.
    """
    run = _Run(limits or Limits(), stop, fixed, on_progress)
    inst = prepare(problem, skip_budget)
    primal = Primal(inst, run.limits.seed)
    if start is not None:
        _begin_from(primal, inst, start)
    proof = _improve(run, inst, primal, skip_budget)
    primal.polish()
    return _solution(problem, run, primal, proof)


def _begin_from(primal: Primal, inst: Instance, start: Ints) -> None:
    pool = len(inst.base) - 1
    wanted = np.where(start == NOWHERE, pool, start)
    away = np.flatnonzero(wanted != inst.home)
    primal.bring(np.concatenate([away, away]), np.concatenate([wanted[away], wanted[away]]))
    primal.keep()


def _improve(run: _Run, inst: Instance, primal: Primal, skip_budget: int) -> BoundProof | None:
    table = tables(inst)
    warm = primal.best
    run.best = primal.best_total if warm is not None else None
    run.tell("relaxation", now=True)
    answer = _relax(run, inst, table, primal)
    if answer is None:
        return None
    duals, task, agent, value = answer
    cost = reduced(inst, table, duals)
    primal.near(cost, 8)
    primal.follow(task, agent, value)
    primal.keep()
    scale = scale_for(inst)
    climb = Climb(Lagrangian(inst, table, skip_budget, scale), duals) if scale else None
    return _take_turns(run, inst, primal, climb)


def _relax(
    run: _Run, inst: Instance, table: Tables, primal: Primal
) -> tuple[Duals, Ints, Ints, Floats] | None:
    def answer(programme: LinearProgramme, task: Ints, agent: Ints) -> tuple[Duals, Floats] | None:
        run.work += 2e-5 * len(task)
        left = run.clock.left if run.limits.work is None else None
        return run.watched("relaxation", lambda: programme.solve(task, agent, left))

    return sift(inst, table, primal.state.load, answer)


def _take_turns(run: _Run, inst: Instance, primal: Primal, climb: Climb | None) -> BoundProof | None:
    pairs = float(inst.allowed.sum())
    doubtful = 0 if primal.pairs is None else len(primal.pairs.task)
    steps = min(max(50 * doubtful, STEPS[0]), STEPS[1])
    while not run.over:
        if climb is not None:
            climb.step(run.best)
            run.work += pairs * PAIR_WORK
            run.bound = climb.best.bound if climb.best is not None else None
        primal.round(steps)
        run.work += steps * STEP_WORK
        if primal.best is not None:
            run.best = primal.best_total
        run.tell("search")
        if run.best is not None and run.bound is not None and run.best <= run.bound:
            break
    return climb.best if climb is not None else None


def _solution(problem: AssignmentProblem, run: _Run, primal: Primal, proof: BoundProof | None) -> Solution:
    bound = proof.bound if proof is not None else None
    if primal.best is None:
        run.tell("done", now=True)
        return Solution(None, None, bound, proof, Status.UNKNOWN, run.clock.elapsed)
    assignment = np.where(primal.best == problem.agents, NOWHERE, primal.best)
    total = problem.total(assignment)
    run.best = total
    run.tell("done", now=True)
    status = Status.OPTIMAL if bound is not None and total <= bound else Status.FEASIBLE
    return Solution(assignment, total, bound, proof, status, run.clock.elapsed)
