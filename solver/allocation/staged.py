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

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from models.allocation.plan import gap_of
from solver.allocation.adoption import adopted
from solver.allocation.optimising import Optimised, Search, better, seconds_left
from solver.allocation.proof import Proof
from solver.assignment.arrays import prepare
from solver.assignment.bound import BoundProof
from solver.assignment.branching import Branched, Branching, LinkedStop
from solver.assignment.deciding import Deciding
from solver.assignment.fixing import least_with, level_of
from solver.assignment.forcing import Doubt, doubt_at
from solver.assignment.kernel import CLIMB, Solution
from solver.assignment.kernel import solve as solve_by_kernel
from solver.assignment.problem import NOWHERE, AssignmentProblem, Bools, Ints
from solver.assignment.regrouping import TRY_WORK, regrouped_by_search
from solver.assignment.relaxation import tables
from solver.assignment.sharing import Share, regrouped, shared, shares_by, ties_of, worth_after
from solver.engine import Clock, Progress, Stop, Watcher

STAGES = (0.2, 0.3, 0.44)
"""Shares of the limits of the kernel's stages, where it is alone."""

SOON = 0.03
"""The share of the limits of the first stage where the plan in hand is far from what its prices prove."""

FIRST_STAGES = (0.12, 0.2)
"""Shares of the limits of the stages before HiGHS begins without such prices, and"""
STAGE_BESIDE = 0.15
"""of those beside it."""

PAIRS_PER_TASK = 4
"""Pairs in doubt per task beyond which groups are decided before HiGHS begins, where the prices in hand suit."""

MORE_PAIRS = 0.5
"""Pairs per task, beyond one each, that HiGHS begins with; twice as many when it begins again."""
RUN = 0.08
"""The share of the limits that it has for those, and twice that when it begins again, while a doubt would be left."""

NARROWER = 0.5
"""HiGHS begins again where less than this part of the pairs that it has, beyond one per task, is still in doubt."""

REGROUPINGS = 12
"""Places for groups that are tried after a stage, and"""
REGROUPING_SHARE = 0.02
"""the share of the work for that, each time, where work is limited."""

KEPT_PARTS = 60
"""Parts of a tree over groups beyond which it is not kept as a proof: each takes 0.03 s to check at 2,300 x 100."""

OFTEN = 0.25
"""Seconds after which progress is told again."""

FAR = 0.01
"""The gap beyond which prices taken over from a plan in hand are given up."""


def kernel(search: Search) -> Optimised:
    """The kernel in stages, and HiGHS beside it where there is a core for it."""
    run = _Stages(search)
    run.take_over()
    for share in () if run.suits else run.shares_of_time:
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
        self._regrouped: int | None = None
        self._tree: Deciding | None = None
        self._shares_of_tree: tuple[Share, ...] = ()
        self._least: Ints | None = None
        self._told = 0.0
        self._beside: Callable[[], tuple[Branched, int]] | None = None
        self._shares: tuple[Share, ...] = ()
        self._problem = search.problem
        self._first = True
        self.suits = False
        self._prices: BoundProof | None = None
        self._taken = taken = adopted(search.problem, search.skip_budget, search.prices, self.ties)
        if taken is not None:
            self._prices, self._shares = taken.multipliers, taken.shares
            self._problem = shared(search.problem, taken.shares, self.ties)
        limits = search.limits
        self.may_branch = limits.work is None and limits.threads > 1 and limits.seconds is not None
        alone = STAGES if self.ties or self._prices is not None else (1.0,)
        first = FIRST_STAGES if self._prices is None else (SOON, *FIRST_STAGES)
        self.shares_of_time = first if self.may_branch else alone

    @property
    def optimised(self) -> Optimised:
        """What has been found."""
        if self._stopped:  # whoever stops us waits, and a tree takes longer to check than its root
            return Optimised(self.best, self.bound, self.proof)
        return Optimised(self.best, self.bound, self._best_proof())

    def _best_proof(self) -> Proof | None:
        """The proof that comes to most: that of the tree over groups where it proves more than multipliers alone."""
        tree, known = self._tree, self.proof
        proven = 0 if tree is None else tree.bound(self.total)
        if tree is None or known is None or not tree.decided or proven <= known.multipliers.bound:
            return known
        if sum(len(each.parts) for each in tree.decided) > KEPT_PARTS:
            return known
        return Proof(replace(tree.root, bound=proven), self._shares_of_tree, tree.decided)

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
        return self.proven or self.clock.over or self._broken or self._stopped

    @property
    def _stopped(self) -> bool:
        return self.search.stop is not None and self.search.stop.requested

    def take_over(self) -> None:
        """The bound that the multipliers of a plan in hand prove here, and where groups were decided for it."""
        taken = self._taken
        if taken is None or not self.may_branch:
            return
        tree = Deciding.regrown(
            self._problem,
            taken.multipliers,
            taken.decided,
            lambda: self.total,
            lambda: self.ended,
            self.search.limits.threads,
        )
        if tree is None:
            return
        self.multipliers, self.proof = tree.root, Proof(tree.root, taken.shares)
        self._raise(tree.bound(self.total))
        self.suits = not self._far
        if self.suits and tree.decided:
            self._tree, self._shares_of_tree = tree, taken.shares

    def stage(self, share: float, *, last: bool, beside: Stop | None = None) -> None:
        """One stage of the kernel. last: it may use the time to its end. beside: ends it, and leaves it one thread."""
        search = self.search
        limits = search.limits if beside is None else replace(search.limits, threads=1)
        told = replace(search, problem=self._problem, hint=self.hint, limits=limits)
        found = _kernel_stage(
            replace(told, stop=beside or search.stop),
            self.clock,
            share,
            self._prices,
            self._tell if beside is None else self._tell_of_both,
            plain=search.problem,
            last=last,
        )
        if found.assignment is not None:
            self.take(found.assignment)
            self.take(regrouped(search.problem, self.best, search.skip_budget, lambda: self._stopped))
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
        if beside is not None or not self.may_branch:  # else HiGHS begins first
            self._regroup()
        self._share_by(found.proof)
        if not found.climbed or (self._first and search.prices is not None and self._far):
            self._prices = None
        self.suits = self._first and search.prices is not None and self._prices is not None
        self._first = False

    def take(self, assignment: Ints | None) -> None:
        """Keep a plan when it is the best so far."""
        self.best = better(replace(self.search, start=self.best), assignment)

    def _regroup(self) -> None:
        """Try groups elsewhere, once for each best plan."""
        decided = self._tree is not None or self.total == self._regrouped
        if self.multipliers is None or self.proof is None or decided or self.ended:
            return
        search, limits = self.search, self.search.limits
        tries = (
            REGROUPINGS
            if limits.work is None
            else min(REGROUPINGS, int(limits.work * REGROUPING_SHARE / TRY_WORK))
        )
        priced = shared(search.problem, self.proof.shares, self.ties)
        found = regrouped_by_search(
            search.problem,
            self.best,
            (priced, self.multipliers),
            search.skip_budget,
            limits.seed,
            tries,
            lambda: self.ended,
        )
        self.take(found)
        self._tell(self.total, self.bound)
        self.hint, self._regrouped = self.best, self.total

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
        """HiGHS on the pairs that cost least, the rest beside it; again on more of them while that leaves a doubt."""
        tasks, more = self.search.problem.tasks, MORE_PAIRS
        while not self.ended:
            least = self._least_with()
            if least is None or self.ended:
                return
            doubtful = int((least < self.total).sum())
            if self.suits and self._tree is None and self.ties and doubtful > PAIRS_PER_TASK * tasks:
                self._decide_at_once()
                continue
            level = level_of(least, self.total, round((1 + more) * tasks))
            level = level if self.bound is None else max(level, self.bound + 1)
            spare = int((least < level).sum()) - tasks
            found = self._branch_below(level, RUN * more / MORE_PAIRS, spare)
            if found is None:
                continue
            if found.bound is None:
                if not self.ended:
                    self.stage(1.0, last=True)
                return
            more *= 2

    def _branch_below(self, level: int, share: float, spare: int) -> Branched | None:
        """What HiGHS finds among plans below `level`; None when it is to begin again, as much less is in doubt.

        share: of the limits, for a level that leaves a doubt. spare: pairs below the level beyond one per task.
        """
        search, best = self.search, self.best
        left = seconds_left(self.clock)
        if level < self.total and search.limits.seconds is not None:
            left = min(left, share * search.limits.seconds)
        doubt = self._doubt(level)
        if doubt is None:
            return Branched(None, None)
        loads = search.problem.loads(best)
        branching = Branching(
            _only(search.problem, doubt.least < level, best),
            search.skip_budget,
            left,
            search.stop,
            best,
            (np.minimum(doubt.lowest, loads), np.maximum(doubt.highest, loads)),
        )
        self._beside = lambda: (branching.latest, level)
        self._regroup()
        while not branching.ended and not self.ended:
            if self._decide(branching):
                self._believe(branching.latest, level)
                branching.done.request()
                return None
            if not branching.ended:
                self.stage(STAGE_BESIDE, last=False, beside=branching.done)
            self._believe(branching.latest, level)
            if not self.ended and not branching.ended and self._narrower(spare):
                branching.done.request()
                return None
        found = branching.result(0.0 if self.ended else seconds_left(self.clock))
        self._believe(found, level)
        return found

    def _narrower(self, spare: int) -> bool:
        """Whether so few pairs are in doubt by now that HiGHS is done sooner with those alone."""
        least = self._least_with() if spare > 0 else None
        return least is not None and int((least < self.total).sum()) - len(least) < NARROWER * spare

    def _doubt(self, level: int) -> Doubt | None:
        """What plans below `level` may use; None while there are no multipliers."""
        if self.multipliers is None or self.proof is None:
            return None
        inst = prepare(
            shared(self.search.problem, self.proof.shares, self.ties), self.multipliers.skip_budget
        )
        doubt = doubt_at(inst, tables(inst), self.multipliers, level)
        decided = None if self._tree is None else self._tree.doubt(level)
        return doubt if decided is None else doubt.also(decided)

    def _decide_at_once(self) -> None:
        """Decide where groups are, on every core: HiGHS would see but a part of the pairs in doubt, to no avail."""
        tree = self._begun_tree()
        threads = self.search.limits.threads
        while tree is not None and tree.branch(lambda: self.total, lambda: self.ended, threads):
            self._raise(tree.bound(self.total))

    def _begun_tree(self) -> Deciding | None:
        """The tree over groups' owners, None where there is nothing to branch on."""
        if self._tree is None and self.multipliers is not None and self.proof is not None and self.ties:
            self._tree = Deciding(shared(self.search.problem, self.proof.shares, self.ties), self.multipliers)
            self._shares_of_tree = self.proof.shares
        return self._tree

    def _decide(self, branching: Branching) -> bool:
        """Decide where groups are; True when all that can be is decided, and less is left for HiGHS."""
        tree = self._begun_tree()
        if tree is None or tree.done:
            return False
        before = list(tree.leaves)

        def total() -> int:
            self.take(branching.latest.assignment)
            if self.clock.elapsed > self._told + OFTEN:
                self._tell(self.total, self.bound)
            return self.total

        while tree.branch(total, lambda: branching.ended or self.ended):
            self._raise(tree.bound(self.total))
        return tree.done and tree.leaves != before

    def _raise(self, bound: int) -> None:
        """Take over a bound that is no higher than the best total."""
        self.bound = bound if self.bound is None else max(self.bound, bound)
        self._tell(self.total, self.bound)

    def _least_with(self) -> Ints | None:
        """int64 (n, m): what every better plan with a pair costs at least; None while it is not known."""
        if self.multipliers is None or self.proof is None:
            return None
        if self._stopped:  # what was true stays true, and whoever stops us waits
            return self._least
        priced = shared(self.search.problem, self.proof.shares, self.ties)
        least = least_with(priced, self.multipliers)
        of_tree = least if self._tree is None else self._tree.least(lambda: self._stopped)
        if of_tree is not None:
            self._least = np.maximum(least, of_tree)
        return self._least

    def _believe(self, found: Branched, level: int) -> None:
        """Take over HiGHS's plan, and its bound as far as it has seen all plans, which is those below `level`."""
        self.take(found.assignment)
        if found.bound is not None:
            self._raise(min(found.bound, level, self.total))
        self._tell(self.total, self.bound)

    def _tell_of_both(self, best: int | None, bound: int | None) -> None:
        """Tell what HiGHS has found too, while a stage runs beside it."""
        if self._beside is not None:
            self._believe(*self._beside())
        self._tell(best, bound)

    def _tell(self, best: int | None, bound: int | None) -> None:
        """Tell who watches the best of what is known, so that it never seems to grow worse."""
        if self.search.watch is not None:
            bounds = [each for each in (bound, self.bound) if each is not None]
            self.search.watch(
                self.total if best is None else min(best, self.total), max(bounds, default=None)
            )


def _only(problem: AssignmentProblem, pairs: Bools, best: Ints) -> AssignmentProblem:
    """The problem with no more than these pairs, those of a plan in hand, and every home that must be one."""
    pairs = pairs.copy()
    for assignment in (best, problem.home):
        placed = np.flatnonzero(assignment != NOWHERE)
        pairs[placed, assignment[placed]] = True
    return replace(problem, eligible=pairs & problem.eligible)


def _kernel_stage(
    search: Search,
    clock: Clock,
    stage: float,
    prices: BoundProof | None,
    tell: Watcher,
    *,
    plain: AssignmentProblem,
    last: bool,
) -> Solution:
    # A stage that is not the last ends when its time is up and its prices are good: else it would be for nothing.
    enough = None if last or search.limits.seconds is None else stage * search.limits.seconds
    stop = LinkedStop(search.stop)

    def on_progress(progress: Progress) -> None:
        if enough is not None and progress.stage == CLIMB and progress.seconds >= enough:
            stop.request()
        tell(progress.best, progress.bound)

    return solve_by_kernel(
        search.problem,
        plain=plain,
        limits=search.limits.share(stage).with_seconds(clock.left),
        stop=stop,
        start=search.hint,
        skip_budget=search.skip_budget,
        fixed=search.fixed,
        prices=prices,
        on_progress=on_progress,
    )
