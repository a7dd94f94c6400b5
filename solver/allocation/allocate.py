"""From a problem and a question to a verified plan.

First the least unallocated weight, proven where time allows; then the least total among plans that leave no more
unallocated. The second level goes to an `Optimiser`: the complete CP-SAT model for small problems, the kernel for
the rest. No plan leaves here that the checker has not passed.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from models.allocation.plan import Plan, Question, gap_of
from models.allocation.problem import AllocationProblem
from models.errors import PlanRefusedError
from models.policy.policy import Policy
from solver.allocation.baselines import Strategy, one_at_a_time
from solver.allocation.first_level import impossible, least_unallocated
from solver.allocation.instance import Instance, compile_instance
from solver.allocation.optimising import Optimised, Optimiser, Search, better, seconds_left
from solver.allocation.plan_making import Outcome, make_plan
from solver.allocation.proof import proof_of, unproven_in
from solver.allocation.staged import kernel
from solver.assignment.branching import Branching
from solver.assignment.full_model import solve_full
from solver.assignment.joining import joined
from solver.assignment.kernel import repaired, warm_up
from solver.engine import Clock, Limits, Progress, ProgressCallback, Stop, Watcher


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
    return Optimised(better(search, found), run.bound)


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
        search.problem, search.skip_budget, seconds_left(clock), search.stop, start=search.start
    )
    first = kernel(replace(search, limits=replace(search.limits, threads=1), stop=branching.done))
    if first.bound == search.problem.total(first.assignment):
        branching.done.request()
        return first
    second = branching.result(seconds_left(clock))
    plan_of_both = better(replace(search, start=first.assignment), second.assignment)
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


def _keeping(watch: Watcher | None, best: int, bound: int | None) -> Watcher | None:
    """A watcher that never tells worse than what is already known."""
    if watch is None:
        return None

    def tell(found: int | None, proven: int | None) -> None:
        known = [each for each in (bound, proven) if each is not None]
        watch(best if found is None else min(best, found), max(known, default=None))

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
    violations = (*instance.checker.verify(made), *unproven_in(instance, made))
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
        instance.look_ahead()  # so that a plan is made and checked at once when the search is stopped
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
