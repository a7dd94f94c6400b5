"""The problem as the compiled search sees it: constants in flat arrays, in one tuple."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from solver.unpaid_work.facts import Floats, RosterFacts, recurring
from solver.unpaid_work.regular import goes_on_after, may_take_turns, turn_days
from solver.unpaid_work.slots import NO_SLOT, Bools, Ints

Small = npt.NDArray[np.int32]

UNLIMITED = 1 << 30
"""A limit that nothing reaches."""
MOST_PLACES = 60
"""Places beyond which no distribution is kept: such a session takes as many bookings as it has places."""
MOST_MEMBERS = 120
"""The most bookings of one session that the search makes."""


# Columns of Board.people.
REMAINING, LEAST, MOST, FULL_WEEKS, RISKY, COLLECTED, INDUCTED = range(7)
OPEN, OPEN_END, MATES, MATES_END, APART, APART_END, ALLOC, ALLOC_END = range(7, 15)
# Columns of Board.sessions.
SLOT, PROJECT, DAY, WEEK, START, MINUTES, INDUCTION, SUPERVISED = range(8)
LEAST_PEOPLE, RISK_LIMIT, SEATS, OPENING, WHO, WHO_END, CLASH, CLASH_END = range(8, 16)
# Columns of Board.slots.
WEEKDAY, RECURS, LATELY, IN_TURN = range(4)
# Entries of Board.numbers.
UNPLACED, LOST, SHORT, SUPERVISED_MINUTE, CHANGED, UNMET, BETWEEN, SLOTS_A_WEEK = range(8)


class Board(NamedTuple):
    """Constants, in few arrays, because every array of a tuple makes each compiled function longer to compile.

    people (n, 15), by column: REMAINING minutes, LEAST minutes due a week, MOST minutes a week of the body, FULL_WEEKS
    after the horizon, RISKY, COLLECTED, INDUCTED, then ranges of `links`: OPEN sessions in order of time, MATES (other
    requirements of the body), those to be kept APART, slots of counted ALLOCations (-1 for none).
    sessions (s, 16): SLOT (above all slots: no whole one), PROJECT, DAY, WEEK, START, MINUTES, INDUCTION, SUPERVISED,
    LEAST_PEOPLE, RISK_LIMIT, SEATS, OPENING (its price as such), ranges: WHO may come, sessions that CLASH.
    slots (k, 4): WEEKDAY, RECURS (times a week in halves, 0 where it is not open after the horizon), LATELY (bookings
    from this day on keep a placement up), IN_TURN (those from this day on keep one up that goes on every other week).
    chance (n). owed (n, weeks). stay (n, s): minutes that can be booked, 0 for none. usual (n, k): minutes of a
    placement. journey (n, projects): price of one booking. able (s, supervisors), acceptable (n, supervisors), room (s,
    supervisors + 1): places, the last without supervisor. duty (supervisors): minutes a week. promised (projects, 2):
    sessions a week, length. week_at (weeks + 1): where each week's sessions begin. numbers: prices, BETWEEN (minutes
    between two projects), SLOTS_A_WEEK. overflow: the limit of the chance rule, a little below.
    """

    people: Ints
    sessions: Ints
    slots: Ints
    links: Ints
    chance: Floats
    owed: Bools
    stay: Small
    usual: Small
    journey: Ints
    able: Bools
    acceptable: Bools
    room: Ints
    duty: Ints
    promised: Ints
    week_at: Ints
    numbers: Ints
    overflow: float


def board_of(facts: RosterFacts) -> Board:
    """The constants of a problem."""
    problem, sessions, slots = facts.problem, facts.sessions, facts.slots
    rules, prices = facts.rules, facts.rules.prices
    usual, allocated = _allocated(facts)
    stay = facts.open_minutes.astype(np.int32)
    for session, slot in enumerate(sessions.slot.tolist()):
        if slot != NO_SLOT:
            stay[:, session] = np.minimum(stay[:, session], usual[:, slot])
    own_slot = np.where(sessions.slot == NO_SLOT, len(slots) + np.arange(len(sessions)), sessions.slot)
    lately = [len(problem.days) - rules.limits.kept_up(each.frequency) for each in slots.records]
    apart = [
        [other for body in facts.apart[int(facts.body[number])] for other in facts.bodies[body]]
        for number in range(len(problem.people))
    ]
    mates = [
        [other for other in facts.bodies[int(facts.body[number])] if other != number]
        for number in range(len(problem.people))
    ]
    links = _Links()
    people: list[npt.ArrayLike] = [
        facts.remaining,
        facts.weekly_least,
        facts.weekly_most[facts.body],
        facts.full_weeks,
        facts.risky,
        facts.collected,
        facts.inducted,
        *links.add([np.flatnonzero(row) for row in stay > 0]),
        *links.add(mates),
        *links.add(apart),
        *links.add(allocated),
    ]
    dated: list[npt.ArrayLike] = [
        own_slot,
        sessions.project,
        sessions.day,
        sessions.week,
        sessions.start,
        sessions.minutes,
        facts.induction[sessions.project],
        facts.supervised[sessions.project],
        facts.least_people[sessions.project],
        _limits(problem.projects[number].risk_limit for number in sessions.project.tolist()),
        _limits(facts.seats(session) for session in range(len(sessions))),
        np.where(facts.supervised[sessions.project], prices.supervised_minute * sessions.minutes, 0),
        *links.add([np.flatnonzero(row) for row in (stay > 0).T]),
        *links.add(sessions.clashes),
    ]
    weekly = (slots.times_a_week_halves == 2) & may_take_turns(facts)
    in_turn = np.where(weekly, len(problem.days) - turn_days(facts), UNLIMITED)
    recurs = np.where(goes_on_after(facts), slots.times_a_week_halves, 0)
    return Board(
        people=_columns(people),
        sessions=_columns(dated),
        slots=_columns([slots.weekday, recurs, lately, in_turn]),
        links=links.all(),
        chance=facts.chance,
        owed=facts.owed,
        stay=stay,
        usual=usual.astype(np.int32),
        journey=2 * prices.travel_minute * facts.travel,
        able=facts.able,
        acceptable=facts.acceptable,
        room=_room(facts),
        duty=facts.supervisor_minutes,
        promised=_promised(facts),
        week_at=np.searchsorted(sessions.week, np.arange(facts.weeks + 1)).astype(np.int64),
        numbers=np.array(
            [
                prices.unplaced_person,
                prices.lost_minute,
                prices.short_of_offer_minute,
                prices.supervised_minute,
                prices.allocation_changed,
                prices.commitment_minute_unmet,
                rules.limits.minutes_between_projects,
                rules.limits.slots_a_week,
            ],
            dtype=np.int64,
        ),
        overflow=rules.limits.overflow - 1e-12,
    )


def _columns(columns: Sequence[npt.ArrayLike]) -> Ints:
    return np.ascontiguousarray(np.stack([np.asarray(each, dtype=np.int64) for each in columns], axis=1))


def _promised(facts: RosterFacts) -> Ints:
    """Sessions a week that each project was promised, and the length by which they count."""
    found = np.zeros((len(facts.problem.projects), 2), dtype=np.int64)
    for number, project in enumerate(facts.problem.projects):
        if project.availability:
            first = project.availability[0]
            found[number] = project.commitment_sessions_per_week, first.end_time - first.start_time
    return found


def _allocated(facts: RosterFacts) -> tuple[Ints, list[list[int]]]:
    """Minutes of a placement by requirement and slot, and the slots of each counted allocation (-1 for none)."""
    usual, found = facts.recurring_minutes.copy(), []
    slots, projects = facts.slots, facts.problem.projects
    where: dict[tuple[object, ...], list[int]] = {}
    for slot, record in enumerate(slots.records):
        code = projects[int(slots.project[slot])].project_code
        where.setdefault((code, int(slots.weekday[slot]), record.frequency, record.start_time), []).append(
            slot
        )
    for number in range(len(facts.problem.people)):
        mine: list[int] = []
        for each in facts.counted_allocations(number):
            key, length = recurring(each), each.end_time - each.start_time
            fitting = [slot for slot in where.get(key[:4], ()) if 0 < length <= usual[number, slot]]
            mine.append(fitting[0] if fitting else -1)
            for slot in fitting[:1]:
                usual[number, slot] = length
        found.append(mine)
    return usual, found


def _room(facts: RosterFacts) -> Ints:
    places = facts.places[facts.sessions.project]
    under = np.minimum(places[:, None], facts.max_group[None, :])
    return np.concatenate([under, places[:, None]], axis=1).astype(np.int64)


def _limits(limits: Iterable[int | None]) -> Ints:
    return np.array([UNLIMITED if each is None else each for each in limits], dtype=np.int64)


class _Links:
    """Rows of different lengths, end to end."""

    def __init__(self) -> None:
        self._parts: list[Ints] = [np.zeros(0, dtype=np.int64)]
        self._length = 0

    def add(self, rows: Sequence[Sequence[int] | Ints]) -> tuple[Ints, Ints]:
        """Add rows; returns where each begins and ends."""
        ends = self._length + np.cumsum([len(row) for row in rows], dtype=np.int64)
        begins = np.concatenate([[self._length], ends])[: len(rows)].astype(np.int64)
        self._parts += [np.asarray(row, dtype=np.int64) for row in rows]
        self._length += sum(len(row) for row in rows)
        return begins, ends

    def all(self) -> Ints:
        """Every entry."""
        return np.concatenate(self._parts)
