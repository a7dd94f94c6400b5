"""From a problem and a question to a verified plan.

First the least unallocated weight, proven where time allows; then the least total among plans that leave no more
unallocated. The second level goes to an `Optimiser`: the complete CP-SAT model for small problems, the kernel for
the rest. No plan leaves here that the checker has not passed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from models.allocation.plan import BoundProof as ProofOfPlan
from models.allocation.plan import Plan, Question, gap_of
from models.allocation.problem import AllocationProblem
from models.errors import PlanRefusedError
from models.policy.policy import Policy
from solver.allocation.adoption import adopted
from solver.allocation.baselines import Strategy, one_at_a_time
from solver.allocation.first_level import impossible, least_unallocated
from solver.allocation.instance import Instance, compile_instance
from solver.allocation.plan_making import Outcome, make_plan
from solver.allocation.proof import Proof, proof_of, unproven_in
from solver.assignment.bound import BoundProof
from solver.assignment.branching import Branching, LinkedStop
from solver.assignment.fixing import in_doubt
from solver.assignment.full_model import solve_full
from solver.assignment.joining import joined
from solver.assignment.kernel import CLIMB, Solution, repaired, warm_up
from solver.assignment.kernel import solve as solve_by_kernel
from solver.assignment.problem import NOWHERE, AssignmentProblem, Ints
from solver.assignment.sharing import Share, Tie, regrouped, shared, shares_by, ties_of, worth_after
from solver.engine import Clock, Limits, Progress, ProgressCallback, Stop, Watcher
from solver.verify import verify


@dataclass(frozen=True)
class Optimised:
    """The second level's answer. assignment: int64 (k,). bound: None when unknown. proof: where bound comes from."""

    assignment: Ints
    bound: int | None
    proof: Proof | None = None


@dataclass(frozen=True)
class Search:
    """What an optimiser is given: a feasible start, how much may be skipped, and how to run.

    hint: int64 (k,), a plan in hand to begin from, whatever of it still holds; the start where there is none.
    prices: the proof of the plan in hand, whose prices are a start for the bound; they need not fit.
    """

    problem: AssignmentProblem
    start: Ints
    hint: Ints
    skip_budget: int
    fixed: int
    limits: Limits
    stop: Stop | None
    watch: Watcher | None
    prices: ProofOfPlan | None = None


Optimiser = Callable[[Search], Optimised]
"""Solves the second level of an assignment problem. Its answer is never worse than the start."""


def full_model(search: Search) -> Optimised:
    """The complete CP-SAT model: exact on small problems."""
    run, found = solve_full(
        search.problem,
        search.limits,
        skip_budget=search.skip_budget,
        start=search.hint,
        stop=search.stop,
        watch=search.watch,
    )
    return Optimised(_better(search, found), run.bound)


def kernel(search: Search) -> Optimised:
    """The kernel: relaxation, rounding and search with a bound of its own, for everything that is not small.

    Where cases must go together it runs in stages: each stage's multipliers tell how to share the linked cases' prices
    in the next, which lifts the bound, and linked cases are moved whole between them. The multipliers of a plan in hand
    do so from the first stage on; when they turn out not to suit, the second begins afresh.
    """
    ties = list(ties_of(search.problem, search.skip_budget))
    clock = Clock(search.limits.seconds)
    problem, shares = search.problem, tuple[Share, ...]()
    best, bound, proof = search.start, None, None
    hint, prices = search.hint, adopted(search.problem, search.skip_budget, search.prices)
    if prices is not None:
        shares = shares_by(problem, ties, prices)
        problem = shared(problem, shares, ties)
        prices = replace(prices, task=worth_after(search.problem, problem, ties, prices, prices.task))
    stages = STAGES if ties or prices is not None else (1.0,)
    if search.limits.work is None and search.limits.threads > 1:
        stages = STAGES
    for stage in stages:
        if stage == stages[-1] and proof is not None and bound is not None:
            left = _left_in_doubt(search, ties, proof, best)
            if left is not None:
                told = replace(search, problem=problem, start=best, hint=best)
                return _finish(search, told, left, Known(bound, proof, prices), clock)
        told = replace(search, problem=problem, hint=hint)
        found = _kernel_stage(told, clock, stage, bound, prices)
        if found.assignment is not None:
            whole = regrouped(search.problem, found.assignment, search.skip_budget)
            best = _better(replace(search, start=best), whole)
        if found.bound is not None and found.proof is not None and (bound is None or found.bound > bound):
            bound, proof = found.bound, Proof(found.proof, shares)
        done = bound is not None and search.problem.total(best) <= bound
        if done or clock.over or found.proof is None or (search.stop is not None and search.stop.requested):
            break
        shares = shares_by(search.problem, ties, found.proof)
        before, problem, hint = problem, shared(search.problem, shares, ties), best
        worth = worth_after(before, problem, ties, found.proof, found.proof.task)
        prices = replace(found.proof, task=worth)
        if not found.climbed or (
            stage == stages[0] and search.prices is not None and _far(search, best, bound)
        ):
            prices = None
    return Optimised(best, bound if bound is not None else found.bound, proof)


def _left_in_doubt(search: Search, ties: Sequence[Tie], proof: Proof, best: Ints) -> AssignmentProblem | None:
    """The problem with no more than the pairs that a plan better than `best` may use; None while it is too large."""
    if (
        search.limits.work is not None
        or search.limits.threads < 2
        or not isinstance(proof.multipliers, BoundProof)
    ):
        return None
    problem = search.problem
    pairs = in_doubt(shared(problem, proof.shares, ties), proof.multipliers, problem.total(best))
    placed = np.flatnonzero(best != NOWHERE)
    pairs[placed, best[placed]] = True
    if int(pairs.sum()) > MOST_PAIRS_IN_DOUBT:
        return None
    return replace(problem, eligible=pairs & problem.eligible)


@dataclass(frozen=True)
class Known:
    """What is proven before the last stage, and the prices that it begins from."""

    bound: int
    proof: Proof
    prices: BoundProof | None


def _finish(search: Search, told: Search, left: AssignmentProblem, known: Known, clock: Clock) -> Optimised:
    """HiGHS branching on what is left in doubt, and the kernel's last stage beside it on the other core.

    told: the search with linked cases' prices shared; its start is the plan in hand.
    """
    seconds = _HOUR if clock.left is None else clock.left
    branching = Branching(left, search.skip_budget, seconds * HIGHS_SHARE, search.stop)
    last = replace(told, limits=replace(search.limits, threads=1), stop=branching.done)
    found = _kernel_stage(last, clock, STAGES[-1], known.bound, known.prices)
    best, total = told.start, search.problem.total(told.start)
    if found.assignment is not None:
        whole = regrouped(search.problem, found.assignment, search.skip_budget)
        best = _better(replace(search, start=best), whole)
    second = branching.result(_HOUR if clock.left is None else clock.left)
    best = _better(replace(search, start=best), second.assignment)
    if second.bound is None:
        return Optimised(best, known.bound, known.proof)
    # A plan that uses another pair costs at least as much as the plan that was in hand.
    return Optimised(best, max(known.bound, min(second.bound, total)), known.proof)


MOST_PAIRS_IN_DOUBT = 50_000
"""Measured: with more left in doubt HiGHS does not get beyond its first linear programme in time."""

HIGHS_SHARE = 0.9
"""HiGHS overruns its limit a little: it gets this share of the time that is left."""


def _far(search: Search, best: Ints, bound: int | None) -> bool:
    """Whether plan and bound are so far apart that prices taken over cannot be right."""
    gap = gap_of(search.problem.total(best), bound, search.fixed)
    return gap is None or gap > FAR


FAR = 0.01
"""The gap beyond which prices taken over from a plan in hand are given up."""

STAGES = (0.2, 0.3, 0.5)
"""Shares of the limits of the kernel's stages where cases must go together."""


def _kernel_stage(
    search: Search, clock: Clock, stage: float, bound: int | None, prices: BoundProof | None
) -> Solution:
    last = stage == STAGES[-1] or stage == 1.0
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


def both(search: Search) -> Optimised:
    """The kernel first, and where it leaves a gap the complete model from there, to close it from both sides."""
    clock = Clock(search.limits.seconds)
    first = kernel(replace(search, limits=search.limits.share(KERNEL_SHARE)))
    if first.bound == search.problem.total(first.assignment) or (search.stop and search.stop.requested):
        return first
    left = search.limits.share(1 - KERNEL_SHARE).with_seconds(clock.left)
    watch = _keeping(search.watch, search.problem.total(first.assignment), first.bound)
    second = full_model(
        replace(search, start=first.assignment, hint=first.assignment, limits=left, watch=watch)
    )
    if first.bound is None or (second.bound is not None and second.bound > first.bound):
        return Optimised(second.assignment, second.bound, first.proof)
    return Optimised(second.assignment, first.bound, first.proof)


def beside(search: Search) -> Optimised:
    """The kernel, and HiGHS branching beside it on a core of its own: whichever is first to prove, ends both."""
    clock = Clock(search.limits.seconds)
    branching = Branching(
        search.problem, search.skip_budget, _HOUR if clock.left is None else clock.left, search.stop
    )
    first = kernel(replace(search, limits=replace(search.limits, threads=1), stop=branching.done))
    if first.bound == search.problem.total(first.assignment):
        return first
    second = branching.result(_HOUR if clock.left is None else clock.left)
    plan_of_both = _better(replace(search, start=first.assignment), second.assignment)
    if first.bound is None or (second.bound is not None and second.bound > first.bound):
        return Optimised(plan_of_both, second.bound, first.proof)
    return Optimised(plan_of_both, first.bound, first.proof)


def by_size(search: Search) -> Optimised:
    """The complete model where it proves its optimum at once, the kernel where it is large, and between them both.

    HiGHS has no deterministic limit, so under a work limit the complete model takes its place.
    """
    pairs = int(search.problem.eligible.sum())
    if pairs <= MOST_PAIRS_FOR_FULL_MODEL:
        return full_model(search)
    if search.limits.work is not None:
        return both(search) if pairs <= MOST_PAIRS_FOR_BOTH else kernel(search)
    stopped = search.stop is not None and search.stop.requested
    if pairs <= MOST_PAIRS_FOR_BRANCHING and search.limits.threads > 1 and not stopped:
        return beside(search)
    return both(search) if pairs <= MOST_PAIRS_FOR_BOTH else kernel(search)


MOST_PAIRS_FOR_FULL_MODEL = 300
"""Measured: below this the complete model proves its optimum in well under a second."""

MOST_PAIRS_FOR_BOTH = 6000
"""Measured: waiting cases of one unit; above this the complete model no longer helps."""

MOST_PAIRS_FOR_BRANCHING = 25_000
"""Measured: units of up to about 600 cases, and the waiting cases of larger ones; above this HiGHS no longer helps."""

KERNEL_SHARE = 0.3
"""The kernel's share of the limits where the complete model follows: it is nearly done by then."""

_HOUR = 3600.0


def _keeping(watch: Watcher | None, best: int, bound: int | None) -> Watcher | None:
    """A watcher that never tells worse than what is already known."""
    if watch is None:
        return None

    def tell(found: int | None, proven: int | None) -> None:
        known = [each for each in (bound, proven) if each is not None]
        watch(best if found is None else min(best, found), max(known, default=None))

    return tell


def _better(search: Search, found: Ints | None) -> Ints:
    """The better of the start and what was found."""
    if found is None or search.problem.total(found) > search.problem.total(search.start):
        return search.start
    return found


def _telling(watch: Watcher | None, bound: int | None) -> ProgressCallback | None:
    """Progress of a stage, which never tells a lower bound than an earlier stage proved."""
    if watch is None:
        return None

    def tell(progress: Progress) -> None:
        known = [each for each in (bound, progress.bound) if each is not None]
        watch(progress.best, max(known, default=None))

    return tell


def plan(
    problem: AllocationProblem,
    policy: Policy,
    question: Question,
    limits: Limits,
    *,
    start: Plan | None = None,
    stop: Stop | None = None,
    on_progress: ProgressCallback | None = None,
    optimiser: Optimiser = by_size,
) -> Plan:
    """Answer a question with a verified plan.

    start: a plan in hand to begin from; what of it no longer holds is left out.
    question.strategy names how (`Strategy`). Raises PlanRefusedError when the checker refuses the plan made here,
    which is an internal error; ValueError for an unknown strategy.
    """
    strategy = Strategy(question.strategy)
    if strategy is Strategy.OPTIMISE:
        warm_up()
    clock = Clock(limits.seconds)
    instance = compile_instance(problem, policy, question)
    if strategy is Strategy.OPTIMISE:
        outcome = _Optimisation(instance, limits, clock, start, stop, on_progress).run(optimiser)
    else:
        outcome = _one_at_a_time(instance, strategy)
    made = make_plan(instance, outcome, limits, clock.elapsed)
    violations = (*verify(problem, made, policy), *unproven_in(instance, made))
    if violations:
        raise PlanRefusedError(violations)
    return made


def _one_at_a_time(instance: Instance, strategy: Strategy) -> Outcome:
    assignment = one_at_a_time(instance, previous_first=strategy is Strategy.PREVIOUS_OFFICER)
    proven = instance.kernel.skipped_weight(assignment) == impossible(instance.kernel)
    return Outcome(assignment, bound=None, unallocated_proven=proven)


@dataclass(frozen=True)
class _Optimisation:
    """One run of both levels."""

    instance: Instance
    limits: Limits
    clock: Clock
    start: Plan | None
    stop: Stop | None
    on_progress: ProgressCallback | None

    @property
    def _stopped(self) -> bool:
        return self.stop is not None and self.stop.requested

    def run(self, optimiser: Optimiser) -> Outcome:
        """The least unallocated weight first, then the least total."""
        instance, kernel = self.instance, self.instance.kernel
        instance.findings  # noqa: B018  looked up now, so that a plan is made at once when the search is stopped
        hint = None if self.start is None else repaired(kernel, instance.assignment_of(self.start))
        start, proven = least_unallocated(instance, self.limits, self.clock, self.stop, hint)
        search = Search(
            problem=joined(kernel, kernel.skipped_weight(start)),
            start=start,
            hint=start if hint is None else hint,
            skip_budget=kernel.skipped_weight(start),
            fixed=instance.fixed - instance.settled_price,
            limits=self.limits.with_seconds(self.clock.left),
            stop=self.stop,
            watch=_watch(instance, self.clock, self.on_progress),
            prices=None if self.start is None else self.start.bound_proof,
        )
        if self._stopped:
            return Outcome(start, None, proven)
        found = optimiser(search)
        bound = None if found.bound is None else found.bound + instance.settled_price
        proof = None if found.proof is None else proof_of(found.proof, instance.settled_price)
        return Outcome(found.assignment, bound, proven, proof)


def _watch(instance: Instance, clock: Clock, on_progress: ProgressCallback | None) -> Watcher | None:
    if on_progress is None:
        return None

    def tell(best: int | None, bound: int | None) -> None:
        total = None if best is None else best + instance.settled_price
        lower = None if bound is None else bound + instance.settled_price
        gap = None if total is None else gap_of(total, lower, instance.fixed)
        on_progress(Progress(clock.elapsed, total, lower, gap, "balancing"))

    return tell
