"""The kernel: arrays in, an assignment and a proven bound out, progress on the way.

The linear relaxation gives prices; rounding it and local search over the pairs that its prices leave in doubt
give plans; the Lagrangian relaxation, climbed from the same prices, gives the bound. Plans and bound improve
in turns until they meet or the limit is reached.
"""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

import numpy as np

from solver.assignment.arrays import Instance, prepare, prices_of
from solver.assignment.bound import BoundProof, Lagrangian, scale_for
from solver.assignment.climb import Answer, guessed, known, sift
from solver.assignment.columns import Pool
from solver.assignment.dual import Dual, Plan
from solver.assignment.feasible import breaches
from solver.assignment.forcing import doubt_at
from solver.assignment.primal import Primal
from solver.assignment.problem import NOWHERE, AssignmentProblem, Bands, Ints, Link
from solver.assignment.relaxation import Duals, Tables, reduced, tables
from solver.engine import Clock, Limits, Progress, ProgressCallback, Status, Stop

T = TypeVar("T")

WATCH = 0.02
"""Seconds between looks at the clock and the stop while a long step runs."""
STEPS = 100_000
"""Tries of local search between two looks at the clock, a few hundredths of a second."""
STEP_WORK = 6e-7
"""Work units of one try; a unit is about one second of one core."""
PAIR_WORK = 1.5e-7
"""Work units per pair before the search begins: arrays made, prices guessed."""
MOST_PAIRS = 8_000_000
"""Pairs beyond which there is no linear programme, only prices guessed from the first plan."""
MOST_TASKS = 100_000
"""Tasks beyond which there is none either."""
GUESSES = 3
"""Times that prices are guessed from loads and loads improved by them before the linear programme."""
CLIMB = "climb"
"""The stage that progress tells of once there is no linear programme left to solve."""
PATIENCE = 150
"""Rounds without a better plan after which, the bound being settled too, the search ends."""


@dataclass(frozen=True)
class Solution:
    """What the kernel found.

    assignment: int64 (n,), NOWHERE where skipped, None when no plan keeps to the skip
    budget as far as the search could see. total, bound: second level, None when unknown. status: OPTIMAL when
    total = bound. seconds: wall time. climbed: whether the linear programme was solved to its end, so that the proof's
    multipliers are worth beginning from again.
    """

    assignment: Ints | None
    total: int | None
    bound: int | None
    proof: BoundProof | None
    status: Status
    seconds: float
    climbed: bool = False


class Background(Generic[T]):
    """A step on a thread of its own, so that the caller can watch clock and stop meanwhile."""

    def __init__(self, step: Callable[[], T]) -> None:
        self._step = step
        self._results: list[T] = []
        self._faults: list[Exception] = []
        self._thread = threading.Thread(target=self._run)  # no daemon: ending the process under C++ aborts it
        self._thread.start()

    def _run(self) -> None:
        try:
            self._results.append(self._step())
        except Exception as fault:  # noqa: BLE001  carried to the thread that asks for the result
            self._faults.append(fault)

    def finished(self, seconds: float) -> bool:
        """Whether the step has ended, after waiting for that at most so long."""
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def result(self) -> T:
        """The result of a finished step; raises what the step raised."""
        if self._faults:
            raise self._faults[0]
        return self._results[0]


class _Run:
    """One solve: the clock, the stop, the work done, and who is told."""

    def __init__(
        self, limits: Limits, stop: Stop | None, fixed: int, on_progress: ProgressCallback | None
    ) -> None:
        self.limits, self.stop, self.fixed, self.on_progress = limits, stop or Stop(), fixed, on_progress
        self.ended = Stop()  # tells a turn that is still under way that nobody waits for it
        self.clock = Clock(limits.seconds)
        self.work = 0.0
        self.dual_work = 0.0
        self.best: int | None = None
        self.bound: int | None = None
        self.least: int | None = None
        self.climbing = False
        self._told = -1.0

    @property
    def over(self) -> bool:
        spent = self.limits.work is not None and self.work >= self.limits.work
        return spent or self.clock.over or self.stop.requested

    @property
    def closed(self) -> bool:
        """Whether the plan is as good as the bound, or as what is known to be the least."""
        known = [some for some in (self.bound, self.least) if some is not None]
        return self.best is not None and bool(known) and self.best <= max(known)

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

    def await_result(self, stage: str, step: Background[T]) -> T | None:
        """The result of a step under way; None when time is up or a stop comes first."""
        while not step.finished(WATCH):
            self.tell(stage)
            if self.clock.over or self.stop.requested:
                return None
        return step.result()


def solve(  # noqa: PLR0913  every one of them by name, and most runs give few
    problem: AssignmentProblem,
    *,
    limits: Limits | None = None,
    stop: Stop | None = None,
    start: Ints | None = None,
    skip_budget: int = 0,
    fixed: int = 0,
    prices: BoundProof | None = None,
    plain: AssignmentProblem | None = None,
    on_progress: ProgressCallback | None = None,
) -> Solution:
    """A plan of least total that skips at most `skip_budget` by weight, and a bound on every such plan.

    start: int64 (n,), a plan to begin from; what of it breaks a limit is left out. fixed: the part of the total
    that is given, for the gap in progress reports. prices: multipliers of a problem much like this one, with as many
    tasks, agents, owners and counted limits, to begin from instead of the linear programme's. plain: the same problem
    with the pair prices that plans are costed by, where those of `problem` are no higher for any plan; the bound is on
    both.
    Under a work limit the result depends on seed and work only.
    """
    warm_up()
    run = _Run(limits or Limits(), stop, fixed, on_progress)
    if not problem.tasks or not problem.agents:
        return _nothing_to_place(problem, run, skip_budget)
    whole = start is not None and not breaches(problem, start, skip_budget)
    inst = prepare(problem, skip_budget)
    if start is not None and whole and run.stop.requested:
        return _as_given(plain or problem, run, start)
    costed = inst if plain is None else inst._replace(price=prices_of(plain))
    primal = Primal(costed, run.limits.seed)
    if start is not None:
        _begin_from(primal, inst, start, whole=whole)
    proof = _improve(run, inst, primal, skip_budget, prices)
    primal.polish()
    return _solution(plain or problem, run, primal, proof)


def repaired(problem: AssignmentProblem, start: Ints) -> Ints:
    """A plan near `start`, int64 (n,): itself when it is a plan, else what of it the limits allow, the rest placed."""
    everything = int(problem.skip_weight[problem.home == NOWHERE].sum())
    if not problem.tasks or not problem.agents or not breaches(problem, start, everything):
        return start
    primal = Primal(prepare(problem, everything), 0)
    if primal.mend(np.where(start == NOWHERE, problem.agents, start)):
        primal.place()
        primal.crowd_in(within=0)
        mended = np.where(primal.state.assign == problem.agents, NOWHERE, primal.state.assign)
        if not breaches(problem, mended, everything):
            return mended
    _begin_from(primal, primal.inst, start, whole=False)
    primal.place()
    return _found(problem, primal)


def _found(problem: AssignmentProblem, primal: Primal) -> Ints:
    """The best plan as an assignment; everything at home or skipped where there is none."""
    best = problem.home if primal.best is None else primal.best
    return np.where(best == problem.agents, NOWHERE, best)


def minimise_skipped(
    problem: AssignmentProblem,
    *,
    limits: Limits | None = None,
    stop: Stop | None = None,
    start: Ints | None = None,
    least: int = 0,
) -> Solution:
    """The first level: a plan that skips least by weight. total and bound are skip weights; there is no proof.

    least: a weight known to be skipped by every plan, at which the search ends. It is the same search with skipping as
    the only price, so it is quick where little has to be skipped.
    """
    warm_up()
    run = _Run(limits or Limits(), stop, 0, None)
    everything = int(problem.skip_weight[problem.home == NOWHERE].sum())
    if not problem.tasks or not problem.agents:
        alone = _nothing_to_place(problem, run, everything)
        return replace(alone, total=everything, bound=everything)
    inst = _priced_by_skipping(prepare(problem, everything))
    primal = Primal(inst, run.limits.seed)
    if start is not None:
        _begin_from(primal, inst, start, whole=not breaches(problem, start, everything))
    primal.place()
    primal.crowd_in(within=0)
    run.best, run.least = primal.best_total, least
    proof = None if run.closed else _improve(run, inst, primal, everything, proven=False)
    primal.polish()
    found = _solution(problem, run, primal, proof)
    bound = max(found.bound or 0, least)
    if found.assignment is None:
        return replace(found, total=None, bound=bound, proof=None)
    total = problem.skipped_weight(found.assignment)
    status = Status.OPTIMAL if total <= bound else Status.FEASIBLE
    return replace(found, total=total, bound=bound, proof=None, status=status)


def _priced_by_skipping(inst: Instance) -> Instance:
    """The same limits with no price but that of skipping, which is a task's weight in the pool."""
    price = np.zeros_like(inst.price)
    price[:, -1] = np.where(inst.allowed[:, -1], inst.weight[:, -1], 0)
    return inst._replace(price=price, prices=np.zeros_like(inst.prices), cost_at=np.zeros_like(inst.cost_at))


@functools.cache
def warm_up() -> None:
    """Load the compiled code, or compile it where it is not on disk yet (half a minute, once per machine).

    `solve` calls it before it starts its clock.
    """
    none = np.zeros(0, dtype=np.int64)
    two = np.array([0, 1], dtype=np.int64)
    problem = AssignmentProblem(
        pair_price=np.zeros((2, 2), dtype=np.int64),
        weight=two + 2,
        eligible=np.ones((2, 2), dtype=np.bool_),
        base_load=np.zeros(2, dtype=np.int64),
        bands=Bands(np.array([[0, 4], [0, 4]]), np.array([[1], [3]])),
        home=two - 1,
        owner=two,
        skip_weight=two,
        together=(Link(two, none),),
    )
    run = _Run(Limits(seconds=None, work=0.2), None, 0, None)
    inst = prepare(problem, 0)
    primal = Primal(inst, 0)
    _improve(run, inst, primal, 0)
    primal.round(2)
    primal.polish()
    primal.bring(two, two)
    primal.load(inst.home)
    primal.crowd_in(within=-1)
    primal.load(inst.home)
    primal.place()
    primal.put_whole(two, 0)
    table = tables(inst)
    relaxation = Lagrangian(inst, table, 0, 1)
    Pool(relaxation).add_plan(primal.state.assign)
    doubt_at(inst, table, relaxation.start(guessed(inst, table, primal.state.load)), 100)


def _nothing_to_place(problem: AssignmentProblem, run: _Run, skip_budget: int) -> Solution:
    """The only plan where there is no task or no agent: everything skipped."""
    assignment = np.full(problem.tasks, NOWHERE, dtype=np.int64)
    if problem.skipped_weight(assignment) > skip_budget or (problem.tasks and not problem.may_skip):
        return Solution(None, None, None, None, Status.UNKNOWN, run.clock.elapsed)
    total = problem.total(assignment)
    return Solution(assignment, total, total, None, Status.OPTIMAL, run.clock.elapsed)


def _as_given(problem: AssignmentProblem, run: _Run, start: Ints) -> Solution:
    """A start that is a plan, for whoever stops before the search has begun."""
    return Solution(start, problem.total(start), None, None, Status.FEASIBLE, run.clock.elapsed)


def _begin_from(primal: Primal, inst: Instance, start: Ints, *, whole: bool) -> None:
    """Take up a start: as it is when it is a plan, else as much of it as the limits allow."""
    pool = len(inst.base) - 1
    wanted = np.where(start == NOWHERE, pool, start)
    if whole:
        primal.load(wanted)
        primal.keep()
        return
    away = np.flatnonzero(wanted != inst.home)
    primal.bring(np.concatenate([away, away]), np.concatenate([wanted[away], wanted[away]]))
    primal.keep()


def _improve(
    run: _Run,
    inst: Instance,
    primal: Primal,
    skip_budget: int,
    prices: BoundProof | None = None,
    *,
    proven: bool = True,
) -> BoundProof | None:
    """Plans and bound. proven: there shall be a bound, however short the run, unless a stop ends it."""
    run.work += inst.price.size * PAIR_WORK
    table = tables(inst)
    if primal.best is None and not primal.place():
        primal.crowd_in()
    run.best = None if primal.best is None else primal.best_total
    run.tell("start", now=True)
    if prices is None:
        guess = _guess(run, inst, table, primal)
    else:
        guess = known(inst, prices)
        primal.near(reduced(inst, table, guess))
    scale = scale_for(inst)
    if not scale:
        _search(run, inst, table, primal, None)
        return None
    sifting: Iterator[Answer] = iter(())
    if prices is None and inst.price.size <= MOST_PAIRS and len(inst.home) <= MOST_TASKS:
        timed = run.limits.work is None
        plan = primal.state.assign.copy()
        loads = primal.state.load.copy()
        sifting = sift(inst, table, plan, loads, lambda: run.clock.left if timed else None)
    dual = Dual(Lagrangian(inst, table, skip_budget, scale), sifting, guess, run.ended, prices)
    _search(run, inst, table, primal, dual)
    run.ended.request()
    if dual.best is None and proven and not run.stop.requested:
        dual.look(run.best)
        _harvest(run, primal, dual, None)
    return dual.best


def _guess(run: _Run, inst: Instance, table: Tables, primal: Primal) -> Duals:
    """Prices that the loads suggest, and plans by them, in turns, until the linear programme has better ones."""
    guess = guessed(inst, table, primal.state.load)
    steps = min(STEPS, 5_000 + 100 * len(inst.home))
    for _ in range(GUESSES):
        primal.near(reduced(inst, table, guess))
        for _ in range(2):
            if not run.over:
                primal.round(steps, lambda: run.clock.over or run.stop.requested)
                run.work += steps * STEP_WORK
        run.best = None if primal.best is None else primal.best_total
        run.tell("start")
        guess = guessed(inst, table, primal.state.load)
    primal.near(reduced(inst, table, guess))
    return guess


def _search(run: _Run, inst: Instance, table: Tables, primal: Primal, dual: Dual | None) -> None:
    """Plans and bound in turns, side by side where two threads are allowed."""
    turn: Background[Plan | None] | None = None
    stalled = 0
    seen: Answer | None = None
    while not run.over and not run.closed:
        if turn is None and dual is not None and not dual.done:
            turn = _next_turn(run, primal, dual)
        if run.limits.threads < 2 and turn is not None:
            run.await_result("bound", turn)
        better = primal.round(STEPS, lambda: run.clock.over or run.stop.requested)
        run.work += STEPS * STEP_WORK
        if primal.best is None:
            better |= primal.crowd_in()
        if run.limits.work is not None and turn is not None:
            run.await_result("bound", turn)
        if turn is not None and dual is not None and turn.finished(0.0):
            better |= _harvest(run, primal, dual, turn.result())
            turn = None
            if dual.answer is not None and dual.answer is not seen:
                seen = dual.answer
                better |= _follow(inst, table, primal, seen)
        run.best = None if primal.best is None else primal.best_total
        run.climbing = dual is not None and dual.climb is not None
        run.tell(CLIMB if run.climbing else "search")
        stalled = 0 if better else stalled + 1
        if stalled >= PATIENCE and turn is None and (dual is None or dual.done):
            break


def _follow(inst: Instance, table: Tables, primal: Primal, answer: Answer) -> bool:
    """Search where a linear programme sends us, from its rounded solution; True when that is the best plan."""
    primal.near(reduced(inst, table, answer.duals))
    primal.follow(answer.task, answer.agent, answer.value)
    return primal.keep()


def _next_turn(run: _Run, primal: Primal, dual: Dual) -> Background[Plan | None]:
    upper, plan, left = run.best, primal.best, run.clock.left
    return Background(lambda: dual.turn(upper, plan, left))


def _harvest(run: _Run, primal: Primal, dual: Dual, plan: Plan | None) -> bool:
    """Take over what a turn of the bound's side has brought; True when its plan is the best so far."""
    run.bound = dual.best.bound if dual.best is not None else None
    run.work += dual.work - run.dual_work
    run.dual_work = dual.work
    if plan is None:
        return False
    primal.bring(*plan)
    return primal.keep()


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
    return Solution(assignment, total, bound, proof, status, run.clock.elapsed, run.climbing)
