"""Fewest supervisors for duties with fixed times: a search for the bound's number, and the whole model beside it.

The bound is the most duties at one moment, or what CP-SAT proves on the whole model when that is more. A search for
exactly that many people mostly ends at once; where it does not, the number grows until all duties have someone, and
is then lowered again for as long as there is time.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass

import numpy as np

from solver.engine import Clock, Limits, Status, Stop
from solver.unpaid_work.supervising.duties import Duties, Ints, faults_of
from solver.unpaid_work.supervising.exact import Exact, solve_exactly
from solver.unpaid_work.supervising.search import STEP_WORK, Budget, begin, complete

LARGEST_MODEL = 150_000
"""Able pairs up to which the whole model is worth its memory."""

FIRST_SHARE, NEXT_SHARE = 0.5, 0.25
"""Of the time left: for the bound's number of people, and for each number after it."""

SEARCH_SHARE = 0.6
"""The search's share of the limits when there is one thread for both."""

STOP_SECONDS = 0.05
"""How often a request to end is looked for while the whole model is waited for."""

SMALL_MODEL = 1_000
"""Able pairs up to which the whole model answers at once."""


@dataclass(frozen=True)
class Supervising:
    """holder: int64 (n,), the person of each duty, None when nothing was found. value: people used.

    bound: a proven least number of people, None when no plan is possible at all.
    """

    status: Status
    holder: Ints | None
    value: int | None
    bound: int | None
    seconds: float


def supervise(duties: Duties, limits: Limits, *, stop: Stop | None = None) -> Supervising:
    """All duties to fewest people, each qualified, nobody in two places at once.

    With a limit of work one thread is used and the same input, seed and work give the same answer. With more threads
    than one, the whole model is solved beside the search, and each ends the other when it is done.
    """
    clock = Clock(limits.seconds)
    least = duties.most_at_once()
    if not duties.qualified.any(axis=1).all():
        return Supervising(Status.INFEASIBLE, None, None, None, clock.elapsed)
    together = limits.threads > 1 and limits.work is None and duties.qualified.sum() <= LARGEST_MODEL
    found = (
        _beside(duties, least, limits, clock, stop)
        if together
        else _alone(duties, least, limits, clock, stop)
    )
    return _answer(duties, least, found, clock)


def _answer(duties: Duties, least: int, found: list[Exact], clock: Clock) -> Supervising:
    """The best of what was found, with the best bound."""
    plans = [each.holder for each in found if each.holder is not None and not faults_of(duties, each.holder)]
    if not plans:
        none = any(each.status is Status.INFEASIBLE for each in found)
        status = Status.INFEASIBLE if none else Status.UNKNOWN
        return Supervising(status, None, None, None if none else least, clock.elapsed)
    best = min(plans, key=lambda plan: len(np.unique(plan)))
    value = len(np.unique(best))
    bound = max([least, *(each.bound for each in found if each.bound is not None)])
    status = Status.OPTIMAL if value == bound else Status.FEASIBLE
    return Supervising(status, best, value, bound, clock.elapsed)


def _alone(duties: Duties, least: int, limits: Limits, clock: Clock, stop: Stop | None) -> list[Exact]:
    """One thread: small questions as one model; else the search first, and the model with what remains."""
    if duties.qualified.sum() <= SMALL_MODEL or (limits.seconds is None and limits.work is None):
        return [solve_exactly(duties, limits, stop=stop, workers=1)]
    found = _searched(duties, least, limits.share(SEARCH_SHARE), clock, () if stop is None else (stop,))
    stopped = stop is not None and stop.requested
    if any(_people(each) == least for each in found) or duties.qualified.sum() > LARGEST_MODEL or stopped:
        return found
    rest = limits.share(1 - SEARCH_SHARE).with_seconds(clock.left)
    hint = found[-1].holder if found else None
    return [*found, solve_exactly(duties, rest, hint=hint, stop=stop, workers=1)]


def _beside(duties: Duties, least: int, limits: Limits, clock: Clock, stop: Stop | None) -> list[Exact]:
    """The search here, the whole model in a thread of its own."""
    done = Stop()
    told: list[Exact] = []

    def whole() -> None:
        inner = limits.with_seconds(clock.left)
        told.append(solve_exactly(duties, inner, stop=done, workers=max(1, limits.threads - 1)))
        if told[-1].status in (Status.OPTIMAL, Status.INFEASIBLE):
            done.request()

    thread = threading.Thread(target=whole, name="evenhand-supervising", daemon=True)
    thread.start()
    found: list[Exact] = []
    try:
        found = _searched(duties, least, limits, clock, (done,) if stop is None else (done, stop))
        while thread.is_alive() and not any(_people(each) == least for each in found):
            thread.join(STOP_SECONDS)
            if stop is not None and stop.requested:
                break
    finally:
        done.request()
        thread.join()
    return found + told


def _people(found: Exact) -> int | None:
    """How many people a plan uses."""
    return None if found.holder is None else len(np.unique(found.holder))


def _searched(
    duties: Duties, least: int, limits: Limits, clock: Clock, stops: tuple[Stop, ...]
) -> list[Exact]:
    """Plans of the search, each with fewer people than the one before; empty when none was complete."""
    steps = None if limits.work is None else max(1, round(limits.work / STEP_WORK))
    budget = Budget(limits, clock, limits.seconds, steps, stops)
    search = begin(duties, least, np.random.default_rng(limits.seed))
    part = FIRST_SHARE
    while not complete(search, budget.part(part)):
        if budget.spent or search.target >= duties.people:
            return []
        search.target += 1
        part = NEXT_SHARE
    found = [Exact(Status.FEASIBLE, search.holder.copy(), None)]
    while len(search.active) > least and not budget.spent:
        search.retire()
        if complete(search, budget):
            found.append(Exact(Status.FEASIBLE, search.holder.copy(), None))
    return found
