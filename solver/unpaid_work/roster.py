"""`make_roster`: who goes where on which regular day, which sessions run under whom."""

from __future__ import annotations

import numpy as np

from models.policy.policy import Policy
from models.unpaid_work.problem import UnpaidWorkProblem
from models.unpaid_work.roster import Roster, RosterQuestion
from solver.engine import Clock, Limits, Progress, ProgressCallback, Stop
from solver.unpaid_work.assigning import assign
from solver.unpaid_work.board import Board, board_of
from solver.unpaid_work.draft import Booking, Draft
from solver.unpaid_work.facts import RosterFacts
from solver.unpaid_work.mend import draft_from, mended
from solver.unpaid_work.moves import improve
from solver.unpaid_work.reckoning import Reckoning
from solver.unpaid_work.regular import placements_of
from solver.unpaid_work.roster_making import finished
from solver.unpaid_work.slots import Ints
from solver.unpaid_work.start import alone, begun, worth_of
from solver.unpaid_work.table import HAVE, LONG, SIZE, TOTAL, UNDER_WHOM, WHERE, Table
from solver.verify.unpaid_work import broken_by

TRIES = 100
"""Tries between two looks at the clock and the stop."""
TRY_WORK = 0.002
"""Work units of one try; a unit is about one second of one core."""
RESERVE = 0.3
"""Seconds kept for writing the roster out and checking it."""


def make_roster(
    problem: UnpaidWorkProblem,
    policy: Policy,
    limits: Limits,
    *,
    stop: Stop | None = None,
    watch: ProgressCallback | None = None,
    start: Roster | None = None,
    strategy: str = "optimise",
) -> Roster:
    """A verified roster for the horizon.

    limits: seconds or deterministic work. start: a roster than which the answer is no dearer, if it is sound. stop:
    ends the search with the best roster so far. watch: told how it stands about twice a second. Raises
    PlanRefusedError when the checker refuses what was found.
    """
    clock = Clock(limits.seconds)
    facts = RosterFacts(problem, policy, RosterQuestion(strategy=strategy))
    board = board_of(facts)
    floor = alone(facts, board)
    assigned = assign(facts, worth_of(facts), seed=limits.seed)
    table = begun(facts, board, assigned, floor, limits.seed)
    draft = mended(facts, search(facts, board, table, floor, limits, clock, stop, watch))
    best = better_of(facts, draft, start)
    return finished(facts, best, bound=None, own_best=None, limits=limits, seconds=clock.elapsed)


def better_of(facts: RosterFacts, draft: Draft, start: Roster | None) -> Draft:
    """The draft, or what a sound roster that was given already has, when that is no dearer."""
    given = None if start is None else draft_from(facts, start)
    if start is None or given is None or broken_by(facts.problem, start, facts.policy):
        return draft
    return (
        given if Reckoning(facts, given).objective.total <= Reckoning(facts, draft).objective.total else draft
    )


def search(
    facts: RosterFacts,
    board: Board,
    table: Table,
    floor: Ints,
    limits: Limits,
    clock: Clock,
    stop: Stop | None,
    watch: ProgressCallback | None,
) -> Draft:
    """Improve the table until the limit, and return the best draft."""
    best, best_total = draft_of(facts, table), int(table.state[TOTAL])
    used, told = 0.0, 0.0
    while True:
        share = 0.0
        if limits.seconds is not None:
            share = clock.elapsed / max(1e-9, limits.seconds - RESERVE)
        if limits.work is not None:
            share = max(share, used / limits.work)
        if share >= 1 or (stop is not None and stop.requested):
            break
        slack = 3000.0 * (1 - share) ** 2
        improve(board, table, floor, TRIES, slack)
        used += TRIES * TRY_WORK
        if table.state[TOTAL] < best_total:
            best, best_total = draft_of(facts, table), int(table.state[TOTAL])
        if watch is not None and clock.elapsed - told > 0.5:
            told = clock.elapsed
            watch(Progress(clock.elapsed, best_total, None, None, "improve"))
    return best


def draft_of(facts: RosterFacts, table: Table) -> Draft:
    """What the table says, as a draft."""
    bookings = tuple(
        Booking(number, int(table.mine[number, place, WHERE]), int(table.mine[number, place, LONG]))
        for number in range(len(table.people))
        for place in range(int(table.people[number, HAVE]))
    )
    none = len(facts.problem.supervisors)
    supervisor = {
        int(session): None
        if table.sessions[session, UNDER_WHOM] == none
        else int(table.sessions[session, UNDER_WHOM])
        for session in np.flatnonzero(table.sessions[:, SIZE] > 0)
    }
    return Draft(supervisor, bookings, placements_of(facts, bookings))
