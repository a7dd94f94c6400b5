"""The generalised assignment problem solved: prices, multipliers, dives and walks, in rounds of planned work.

A round gives each of two lanes one piece of work whose size is counted in steps, never in seconds; results
are exchanged between rounds. Under a work limit the plan therefore depends on the seed alone, on one thread as
on two. A time limit, or a request to stop, ends between rounds.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from functools import partial
from typing import TypeVar

import numpy as np

from solver.assignment.capacitated.ascent import Ascent
from solver.assignment.capacitated.bound import multiplier_bound
from solver.assignment.capacitated.dive import Dives
from solver.assignment.capacitated.greedy import greedy_plan
from solver.assignment.capacitated.instance import Bools, Instance, Ints, checked
from solver.assignment.capacitated.judge import judge
from solver.assignment.capacitated.linear import Prices, plain_prices, relaxed_prices
from solver.assignment.capacitated.neighbourhood import Neighbourhoods
from solver.assignment.capacitated.raising import Raising
from solver.assignment.capacitated.walk import Walk, WalkSettings
from solver.engine import Clock, Limits, Progress, ProgressCallback, Status, Stop

T = TypeVar("T")

STEPS = 1_000_000
"""Steps of one piece of work, about 0.03 s: the grain of cancelling and of the clock."""
WORK_UNIT = 50_000_000
"""Steps in a unit of the work limit, one to two seconds of one thread."""
LARGEST_LP = 200_000
"""Eligible pairs beyond which the linear relaxation takes longer than it is worth."""
HEARTBEAT = 0.05
SMALL = 3
"""Agents up to which the tree alone is the neighbourhood."""
LARGEST_STEP = 100_000
"""Work of one relaxation beyond which a node of the tree takes too long for the grain of cancelling."""
RAISING_TURN = 3
"""One round in so many raises the bound, on the second lane."""
TURNS = 8
"""Of so many rounds a lane gives one to neighbourhoods and the first lane one to its walk; the rest are dives."""
RETURN = 40
"""Rounds after which the first walk goes back to the best plan."""
PATIENCE_FOR_FIRST = 3
"""Rounds without any feasible plan before CP-SAT is asked whether there is one."""


@dataclass(frozen=True)
class GapSolution:
    """What was found, and what vouches for it.

    assignment: int64 (n,), each task's agent, None when no plan was found. value: its cost. bound: proven, no
    plan costs less; None where nothing is proven. multipliers: int64 (n,) in units of 1 / scale, from which
    `multiplier_bound` recomputes `multiplier_value` in whole numbers. status as in the engine.
    """

    assignment: Ints | None
    value: int | None
    bound: int | None
    multipliers: Ints
    scale: int
    multiplier_value: int | None
    seconds: float
    status: Status

    @property
    def gap(self) -> float | None:
        """(value - bound) / |value|, None where either is unknown."""
        if self.value is None or self.bound is None:
            return None
        return 0.0 if self.value == self.bound else (self.value - self.bound) / max(1, abs(self.value))


def solve_gap(
    cost: Ints,
    weight: Ints,
    capacity: Ints,
    *,
    eligible: Bools | None = None,
    limits: Limits | None = None,
    stop: Stop | None = None,
    start: Ints | None = None,
    on_progress: ProgressCallback | None = None,
) -> GapSolution:
    """Assign every task to one agent within capacities at least cost.

    cost, weight: int64 (n, m), weights not negative. capacity: int64 (m,). eligible: bool (n, m), all by default.
    limits: ten seconds on two threads by default. stop: ends the solve within 0.2 s with the best plan so far.
    start: int64 (n,), a plan to begin with; it is returned unless a better one is found, if it is feasible.
    on_progress: called at least once a second. Raises UsageError when the arrays make no problem.
    """
    instance = checked(cost, weight, capacity, eligible)
    run = _Run(instance, limits or Limits(), stop or Stop(), on_progress)
    if instance.plainly_infeasible:
        return run.solution(Status.INFEASIBLE)
    if instance.tasks == 0:
        run.offer(np.zeros(0, np.int64))
        return run.solution(Status.OPTIMAL)
    given = None if start is None else np.asarray(start, np.int64)
    if given is not None and instance.feasible(given):
        run.offer(given)
    else:
        given = None
    quick = greedy_plan(instance)
    if quick is not None:
        run.offer(quick)
    pool = ThreadPoolExecutor(max_workers=max(1, min(2, run.limits.threads)))
    try:
        return run.search(pool, given)
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


class _Run:
    """One solve: its limits, the best plan and bound so far."""

    def __init__(
        self, instance: Instance, limits: Limits, stop: Stop, on_progress: ProgressCallback | None
    ) -> None:
        self.instance = instance
        self.limits = limits
        self._stop = stop
        self._clock = Clock(limits.seconds)
        self._on_progress = on_progress
        self._reported: float | None = None
        self._steps = 0
        self._best: Ints | None = None
        self._value: int | None = None
        self._ascent: Ascent | None = None
        self._raising: Raising | None = None
        self._proven_by_tree: int | None = None
        self._rounds = 0
        self._neighbourhoods: list[Neighbourhoods] = []
        self._dives: list[Dives] = []
        self._rounds_without_plan = 0

    def offer(self, assignment: Ints) -> None:
        """Keep `assignment` if it is the best feasible plan so far; it is recosted here."""
        if not self.instance.feasible(assignment):
            return
        value = self.instance.value(assignment)
        if self._value is None or value < self._value:
            self._best, self._value = assignment.copy(), value

    @property
    def _bound(self) -> int | None:
        if self._ascent is None:
            return None
        return max(self._ascent.bound, self._proven_by_tree or self._ascent.bound)

    @property
    def _over(self) -> bool:
        used_up = self.limits.work is not None and self._steps >= self.limits.work * WORK_UNIT
        return used_up or self._clock.over or self._stop.requested

    def _proven(self) -> bool:
        return self._value is not None and self._bound is not None and self._bound >= self._value

    def _report(self, stage: str) -> None:
        if self._on_progress is None:
            return
        now = self._clock.elapsed
        if self._reported is not None and now - self._reported < 0.5:
            return
        self._reported = now
        gap = None
        if self._value is not None and self._bound is not None:
            gap = max(0.0, (self._value - self._bound) / max(1, abs(self._value)))
        self._on_progress(Progress(now, self._value, self._bound, gap, stage))

    def _apart(self, pool: ThreadPoolExecutor, stage: str, work: Callable[[], T]) -> T | None:
        """`work` in a thread of the pool; None when the clock or a request to stop comes first."""
        future = pool.submit(work)
        while not wait([future], HEARTBEAT).done:
            self._report(stage)
            if self._stop.requested or self._clock.over:
                return None
        return future.result()

    def search(self, pool: ThreadPoolExecutor, start: Ints | None) -> GapSolution:
        """Prices, then rounds until time, work or the gap is used up."""
        prices = self._prices(pool)
        # A start that was given is worth keeping near; the greedy plan only bridges the time until the rounding.
        first = prices.nearest if start is None else start
        ascent = self._apart(pool, "multipliers", lambda: Ascent(self.instance, prices.task))
        if ascent is None:
            return self._conclude()
        self._ascent = ascent
        settings = WalkSettings()
        walks: list[Walk] = []
        for lane in range(2):
            seed = self.limits.seed * 2 + lane

            def begin(seed: int = seed) -> Walk:
                return Walk(self.instance, prices.capacity, first, seed, settings)

            walk = self._apart(pool, "rounding", begin)
            if walk is None:
                return self._conclude()
            walks.append(walk)
            self._take(walk)
        while not (self._over or self._proven()):
            self._round(pool, ascent, walks, prices)
            if self._rounds_without_plan == PATIENCE_FOR_FIRST and self._infeasible(pool):
                return self.solution(Status.INFEASIBLE)
        return self._conclude()

    def _prices(self, pool: ThreadPoolExecutor) -> Prices:
        """Prices of the linear relaxation where it is affordable, else plain ones."""
        if int(self.instance.eligible.sum()) > LARGEST_LP:
            return plain_prices(self.instance)
        left = None if self._clock.left is None else max(0.01, self._clock.left)
        found = self._apart(pool, "relaxation", lambda: relaxed_prices(self.instance, left))
        return plain_prices(self.instance) if found is None else found

    def _round(self, pool: ThreadPoolExecutor, ascent: Ascent, walks: list[Walk], prices: Prices) -> None:
        """One piece of work for each lane, then the exchange."""
        self._rounds += 1
        target = self._target(ascent)
        raising = self._branching(ascent)
        pieces = self._pieces(ascent, raising, walks, prices, target)
        futures: list[Future[int]] = [pool.submit(piece) for piece in pieces]
        while wait(futures, HEARTBEAT).not_done:
            self._report("search")
        self._steps += sum(future.result() for future in futures)
        for walk in walks:
            self._take(walk)
        if ascent.plan is not None:
            self.offer(ascent.plan)
        searches: list[Neighbourhoods | Dives] = [*self._neighbourhoods, *self._dives]
        for search in searches:
            if search.plan is not None:
                self.offer(search.plan)
                search.plan = None
        if self._rounds % RETURN == 0 and self._best is not None:
            walks[0].restart(self._best)
        if raising is not None:
            self._harvest(raising)
        self._rounds_without_plan = 0 if self._value is not None else self._rounds_without_plan + 1
        self._report("search")

    def _pieces(
        self, ascent: Ascent, raising: Raising | None, walks: list[Walk], prices: Prices, target: int
    ) -> list[Callable[[], int]]:
        """What each lane does in this round."""
        first = partial(walks[0].work, STEPS)
        second = partial(walks[1].work, STEPS)
        if not ascent.finished:
            return [first, partial(ascent.work, STEPS, target)]
        best = self._best
        if best is not None and self.instance.agents > SMALL:
            if not self._neighbourhoods:
                start = ascent.multipliers / ascent.scale
                seeds = (self.limits.seed * 2, self.limits.seed * 2 + 1)
                self._neighbourhoods = [
                    Neighbourhoods(self.instance, start, prices.capacity, seed) for seed in seeds
                ]
                self._dives = [
                    Dives(
                        self.instance, ascent.multipliers, ascent.scale, ascent.bound, prices.capacity, seed
                    )
                    for seed in seeds
                ]
            turn = self._rounds % TURNS
            near, dives = self._neighbourhoods, self._dives
            second = partial(near[1].work if turn == TURNS // 4 else dives[1].work, STEPS, best)
            if turn:
                first = partial(near[0].work if turn == TURNS // 2 else dives[0].work, STEPS, best)
        if raising is not None and self._rounds % RAISING_TURN == 0:
            second = partial(raising.work, STEPS, target)
        return [first, second]

    def _branching(self, ascent: Ascent) -> Raising | None:
        """The bound's way up by branching, from when the multipliers are done and there is a plan to beat."""
        if self._raising is None and ascent.finished and self._value is not None:
            if ascent.last_step > LARGEST_STEP:
                return None
            self._raising = Raising(self.instance, ascent.multipliers, ascent.scale, ascent.bound)
        return None if self._raising is None or self._raising.full else self._raising

    def _harvest(self, raising: Raising) -> None:
        """A plan met on the way up, and the bound."""
        if raising.plan is not None:
            self.offer(raising.plan)
            raising.plan = None
        self._proven_by_tree = raising.bound

    def _target(self, ascent: Ascent) -> int:
        """What the bound may reach: the best value, or a guess a little above the bound."""
        return self._value if self._value is not None else ascent.bound + max(1, abs(ascent.bound) // 100)

    def _take(self, walk: Walk) -> None:
        best = walk.best
        if best is not None and (self._value is None or (walk.best_value or 0) < self._value):
            self.offer(best)

    def _infeasible(self, pool: ThreadPoolExecutor) -> bool:
        """Whether CP-SAT proves twice that there is no plan; a plan that it finds is kept."""
        limits = replace(self.limits, seconds=self._clock.left, threads=1)
        answer = self._apart(pool, "feasibility", lambda: judge(self.instance, limits, self._stop))
        if answer is None:
            return False
        if answer.values is not None:
            tasks, agents = np.nonzero(self.instance.eligible)
            plan = np.zeros(self.instance.tasks, np.int64)
            taken = answer.values[: len(tasks)] == 1
            plan[tasks[taken]] = agents[taken]
            self.offer(plan)
        return answer.status is Status.INFEASIBLE

    def _conclude(self) -> GapSolution:
        if self._value is None:
            return self.solution(Status.UNKNOWN)
        return self.solution(Status.OPTIMAL if self._proven() else Status.FEASIBLE)

    def solution(self, status: Status) -> GapSolution:
        """The solution as it stands, its bound recomputed in whole numbers."""
        multipliers, scale, proven = np.zeros(self.instance.tasks, np.int64), 1, None
        if self._ascent is not None:
            multipliers, scale = self._ascent.multipliers, self._ascent.scale
            whole = self.instance
            proven = multiplier_bound(
                whole.cost, whole.weight, whole.capacity, whole.eligible, multipliers, scale
            )
        elif self.instance.tasks == 0 and status is Status.OPTIMAL:
            proven = 0
        if status is Status.INFEASIBLE:
            proven = None
        bound = proven if proven is None else max(proven, self._proven_by_tree or proven)
        if status is Status.OPTIMAL and bound != self._value:
            status = Status.FEASIBLE
        return GapSolution(
            self._best, self._value, bound, multipliers, scale, proven, self._clock.elapsed, status
        )
