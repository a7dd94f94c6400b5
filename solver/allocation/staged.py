"""The kernel in stages, for everything that is not small, and HiGHS on what they leave in doubt.

Where cases must go together each stage's multipliers tell how to share the linked cases' prices in the next, which
lifts the bound, and linked cases are moved whole between them. The multipliers of a plan in hand do so from the first
stage on; when they turn out not to suit, the second begins afresh.

With two threads and a limit in seconds the stages soon leave one core to HiGHS, which branches on the pairs that cost
least by the multipliers, links and limits and all. A plan that uses another pair costs at least what the multipliers
say of that pair, so the lesser of that and HiGHS's bound holds for every plan. The stages go on beside it and raise
the former.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from models.allocation.plan import gap_of
from solver.allocation.adoption import adopted
from solver.allocation.optimising import Optimised, Search, better, seconds_left
from solver.allocation.proof import Proof
from solver.assignment.arrays import UNBOUNDED
from solver.assignment.bound import BoundProof
from solver.assignment.branching import Branched, Branching, LinkedStop
from solver.assignment.fixing import cheapest, least_with
from solver.assignment.kernel import CLIMB, Solution
from solver.assignment.kernel import solve as solve_by_kernel
from solver.assignment.problem import NOWHERE, AssignmentProblem, Bools, Ints
from solver.assignment.sharing import Share, regrouped, shared, shares_by, ties_of, worth_after
from solver.engine import Clock, Progress, ProgressCallback, Stop, Watcher

STAGES = (0.2, 0.3, 0.5)
"""Shares of the limits of the kernel's stages, where it is alone."""

SOON = 0.03
"""The share of the limits of the only stage before HiGHS begins, where the prices of a plan in hand suit."""

FIRST_STAGES = (0.12, 0.2)
"""Shares of the limits of the stages before HiGHS begins without such prices, and"""
STAGE_BESIDE = 0.15
"""of those beside it."""

PAIRS_PER_TASK = 4
"""Measured: of 3 to 4 pairs per task HiGHS finds better plans in a few seconds at 2,300 x 100 than of 6."""

FAR = 0.01
"""The gap beyond which prices taken over from a plan in hand are given up."""


def kernel(search: Search) -> Optimised:
    """The kernel in stages, and HiGHS beside it where there is a core for it."""
    run = _Stages(search)
    for share in run.shares_of_time:
        run.stage(share, last=share == run.shares_of_time[-1] and not run.may_branch)
        if run.ended:
            return run.optimised
        if run.suits and run.may_branch:
            break
    if run.may_branch:
        run.branch()
    return run.optimised


class _Stages:
    """Stages one after the other, each from the plan, the prices and the shares that the last one left."""

    def __init__(self, search: Search) -> None:
        self.search = search
        self.clock = Clock(search.limits.seconds)
        self.ties = list(ties_of(search.problem, search.skip_budget))
        self.best, self.hint = search.start, search.hint
        self.bound: int | None = None
        self.proof: Proof | None = None
        self.multipliers: BoundProof | None = None
        self._broken = False
        self._shares: tuple[Share, ...] = ()
        self._problem = search.problem
        self._first = True
        self._prices = adopted(search.problem, search.skip_budget, search.prices)
        if self._prices is not None:
            self._share_by(self._prices)
        limits = search.limits
        self.may_branch = limits.work is None and limits.threads > 1 and limits.seconds is not None
        alone = STAGES if self.ties or self._prices is not None else (1.0,)
        first = FIRST_STAGES if self._prices is None else (SOON, *FIRST_STAGES)
        self.shares_of_time = first if self.may_branch else alone
        self.suits = False

    @property
    def optimised(self) -> Optimised:
        """What has been found."""
        return Optimised(self.best, self.bound, self.proof)

    @property
    def total(self) -> int:
        """The total of the best plan so far."""
        return self.search.problem.total(self.best)

    @property
    def proven(self) -> bool:
        """Whether the best plan so far is proven to be the best of all."""
        return self.bound is not None and self.total <= self.bound

    @property
    def ended(self) -> bool:
        """Whether another stage has nothing to do, no time or nothing to begin from."""
        stop = self.search.stop
        return self.proven or self.clock.over or self._broken or (stop is not None and stop.requested)

    def stage(self, share: float, *, last: bool, beside: Stop | None = None) -> None:
        """One stage of the kernel. last: it may use the time to its end. beside: ends it, and leaves it one thread."""
        search = self.search
        limits = search.limits if beside is None else replace(search.limits, threads=1)
        told = replace(search, problem=self._problem, hint=self.hint, limits=limits)
        found = _kernel_stage(
            replace(told, stop=beside or search.stop), self.clock, share, self.bound, self._prices, last=last
        )
        if found.assignment is not None:
            self.take(regrouped(search.problem, found.assignment, search.skip_budget))
        self.hint = self.best
        if found.proof is None:
            self._broken = self.proof is None
            if self.bound is None:
                self.bound = found.bound
            return
        if found.bound is not None and (self.multipliers is None or found.bound > self.multipliers.bound):
            self.multipliers, self.proof = found.proof, Proof(found.proof, self._shares)
            self.bound = max(found.bound, self.bound or found.bound)
        if self.ended:
            return
        self._share_by(found.proof)
        if not found.climbed or (self._first and search.prices is not None and self._far):
            self._prices = None
        self.suits = self._first and search.prices is not None and self._prices is not None
        self._first = False

    def take(self, assignment: Ints | None) -> None:
        """Keep a plan when it is the best so far."""
        self.best = better(replace(self.search, start=self.best), assignment)

    @property
    def _far(self) -> bool:
        """Whether plan and bound are so far apart that prices taken over cannot be right."""
        gap = gap_of(self.total, self.bound, self.search.fixed)
        return gap is None or gap > FAR

    def _share_by(self, multipliers: BoundProof) -> None:
        """Share linked cases' prices as these multipliers tell, and begin the next stage from them."""
        before = self._problem
        self._shares = shares_by(self.search.problem, self.ties, multipliers)
        self._problem = shared(self.search.problem, self._shares, self.ties)
        worth = worth_after(before, self._problem, self.ties, multipliers, multipliers.task)
        self._prices = replace(multipliers, task=worth)

    def branch(self) -> None:
        """HiGHS on the pairs that cost least, stages beside it; again on more of them while that leaves a doubt."""
        most = PAIRS_PER_TASK * self.search.problem.tasks
        while not self.ended:
            least = self._least_with()
            if least is None:
                return
            if self._branch_on(cheapest(least, self.total, most)) is None:
                self.stage(1.0, last=True)
                return
            most *= 2

    def _branch_on(self, pairs: Bools) -> int | None:
        """HiGHS's bound for plans with these pairs alone, None when it has none."""
        search = self.search
        left = _only(search.problem, pairs, self.best)
        branching = Branching(left, search.skip_budget, seconds_left(self.clock), search.stop, self.best)
        while not branching.ended and not self.ended:
            self.stage(STAGE_BESIDE, last=False, beside=branching.done)
            self._believe(branching.latest, left.eligible)
        found = branching.result(seconds_left(self.clock))
        self._believe(found, left.eligible)
        return found.bound

    def _least_with(self) -> Ints | None:
        """int64 (n, m): what every plan with a pair costs at least; None while there are no multipliers."""
        if self.multipliers is None or self.proof is None:
            return None
        priced = shared(self.search.problem, self.proof.shares, self.ties)
        return least_with(priced, self.multipliers)

    def _believe(self, found: Branched, pairs: Bools) -> None:
        """Take over HiGHS's plan, and its bound as far as no plan with another pair is below it."""
        self.take(found.assignment)
        if found.bound is not None and (self.bound is None or found.bound > self.bound):
            least = self._least_with()
            if least is not None:
                elsewhere = int(np.where(pairs, UNBOUNDED, least).min(initial=UNBOUNDED))
                self.bound = max(min(found.bound, elsewhere), self.bound or found.bound)
                self.bound = min(self.bound, self.total)
        if self.search.watch is not None:
            self.search.watch(self.total, self.bound)


def _only(problem: AssignmentProblem, pairs: Bools, best: Ints) -> AssignmentProblem:
    """The problem with no more than these pairs, those of a plan in hand, and every home that must be one."""
    pairs = pairs.copy()
    for assignment in (best, problem.home):
        placed = np.flatnonzero(assignment != NOWHERE)
        pairs[placed, assignment[placed]] = True
    return replace(problem, eligible=pairs & problem.eligible)


def _kernel_stage(
    search: Search, clock: Clock, stage: float, bound: int | None, prices: BoundProof | None, *, last: bool
) -> Solution:
    # A stage that is not the last ends when its time is up and its prices are good: else it would be for nothing.
    enough = None if last or search.limits.seconds is None else stage * search.limits.seconds
    stop = LinkedStop(search.stop)
    tell = _telling(search.watch, bound)

    def on_progress(progress: Progress) -> None:
        if enough is not None and progress.stage == CLIMB and progress.seconds >= enough:
            stop.request()
        if tell is not None:
            tell(progress)

    return solve_by_kernel(
        search.problem,
        limits=search.limits.share(stage).with_seconds(clock.left),
        stop=stop,
        start=search.hint,
        skip_budget=search.skip_budget,
        fixed=search.fixed,
        prices=prices,
        on_progress=on_progress,
    )


def _telling(watch: Watcher | None, bound: int | None) -> ProgressCallback | None:
    """Progress of a stage, which never tells a lower bound than an earlier stage proved."""
    if watch is None:
        return None

    def tell(progress: Progress) -> None:
        known = [each for each in (bound, progress.bound) if each is not None]
        watch(progress.best, max(known, default=None))

    return tell
