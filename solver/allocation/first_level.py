"""The first level: how little has to be left unallocated, before any price counts."""

from __future__ import annotations

from dataclasses import replace

from solver.allocation.baselines import one_at_a_time
from solver.allocation.instance import Instance
from solver.assignment.fold import hold_at_home, linked_with_new
from solver.assignment.full_model import least_skipped
from solver.assignment.joining import never_placed
from solver.assignment.kernel import minimise_skipped
from solver.assignment.problem import AssignmentProblem, Ints
from solver.engine import Clock, Limits, Status, Stop

FIRST_SECONDS = 2.0
"""The most that the kernel may take to look for plans that leave less unallocated, and"""
FIRST_PAIR_SECONDS = 4e-6
"""so much more for each pair."""
MOST_PAIRS = 25_000
"""Pairs up to which the complete model is tried at last over everything."""
LEAST_WORK = 0.1
"""Work units that a step may always take, where there are as many."""
_HOUR = 3600.0


def impossible(problem: AssignmentProblem) -> int:
    """The weight of tasks that nobody can take: no plan leaves less unallocated."""
    return int(problem.skip_weight[never_placed(problem)].sum())


def least_unallocated(
    instance: Instance, limits: Limits, clock: Clock, stop: Stop | None, hint: Ints | None
) -> tuple[Ints, bool]:
    """An assignment with the least unallocated weight found, and whether it is proven least.

    Each step is tried only while the one before leaves more than what nobody can take: the plan in hand; one case at a
    time; the complete model over waiting cases and those that belong with them; then, where held cases may move, the
    kernel over everything, and the complete model again where that is not too large.
    """
    kernel = instance.kernel
    least = impossible(kernel)
    if hint is not None and kernel.skipped_weight(hint) == least:
        return hint, True
    others = (one_at_a_time(instance, previous_first=previous) for previous in (False, True))
    start = min(
        [*others, *([] if hint is None else [hint])],
        key=lambda found: (kernel.skipped_weight(found), kernel.total(found)),
    )
    if kernel.skipped_weight(start) == least:
        return start, True
    if stop is not None and stop.requested:
        return start, False
    nearest, left = hold_at_home(kernel, linked_with_new(kernel))
    run, found = least_skipped(nearest, _share(limits, clock, 0.2), start=start[left], stop=stop)
    if found is not None and nearest.skipped_weight(found) < kernel.skipped_weight(start):
        start = instance.start()
        start[left] = found
    if kernel.skipped_weight(start) == least or left.size == kernel.tasks:
        return start, kernel.skipped_weight(start) == least or run.status is Status.OPTIMAL
    if stop is not None and stop.requested:
        return start, False
    pairs = int(kernel.eligible.sum())
    patience = _share(limits, clock, 0.15, FIRST_SECONDS + pairs * FIRST_PAIR_SECONDS)
    searched = minimise_skipped(kernel, limits=patience, stop=stop, start=start, least=least)
    if searched.assignment is not None and kernel.skipped_weight(searched.assignment) < kernel.skipped_weight(
        start
    ):
        start = searched.assignment
    if searched.bound == kernel.skipped_weight(start):
        return start, True
    if pairs > MOST_PAIRS or (stop is not None and stop.requested):
        return start, False
    run, found = least_skipped(kernel, _share(limits, clock, 0.3), start=start, stop=stop)
    if found is not None and kernel.skipped_weight(found) < kernel.skipped_weight(start):
        start = found
    return start, run.status is Status.OPTIMAL


def _share(limits: Limits, clock: Clock, share: float, most: float = _HOUR) -> Limits:
    """A share of the wall time that is left, at most so many seconds, and of the work."""
    if limits.work is not None:
        limits = replace(limits, work=min(limits.work, max(LEAST_WORK, limits.work * share)))
    return limits if clock.left is None else limits.with_seconds(max(0.2, min(clock.left * share, most)))
