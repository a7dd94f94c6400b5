"""From dated bookings to what recurs: placements, and which of them go on after the horizon.

A slot that somebody has more than once, or goes on with, or had before, is a placement; what is left is one-offs. A
placement goes on after the horizon when it was kept up to its end: the person is booked in it within the last
fortnight (four weeks where it recurs fortnightly) or has booked all that remains. What goes on together keeps the
weekly limit of the body and one slot a weekday, and no more than the policy's number of slots.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from itertools import islice, permutations

import numpy as np

from models.unpaid_work.person import ExistingAllocation, RequirementKey
from models.unpaid_work.project import OpenSlot
from models.unpaid_work.roster import Placement
from models.unpaid_work.terms import WEEK, Frequency
from solver.unpaid_work.draft import Booking
from solver.unpaid_work.facts import RosterFacts
from solver.unpaid_work.slots import NO_SLOT, Bools

KEPT_UP = 14
"""Days before the horizon's end within which a weekly placement that goes on has its last booking."""


@dataclass(frozen=True)
class Habit:
    """The bookings of a requirement in one slot, by date. goes_on: they were kept up to the end of the horizon."""

    slot: int
    bookings: tuple[Booking, ...]
    before: ExistingAllocation | None
    minutes: int
    goes_on: bool


def goes_on_after(facts: RosterFacts) -> Bools:
    """Which slots are open on their first date after the horizon: bool (slots,). Non-working days are not foreseen."""
    end, projects, slots = facts.problem.end, facts.problem.projects, facts.slots
    found = [False] * len(slots)
    for slot, record in enumerate(slots.records):
        day = _first_date(record, end)
        found[slot] = (
            record.frequency is not Frequency.ONCE
            and (record.end_date_exclusive is None or day < record.end_date_exclusive)
            and projects[int(slots.project[slot])].open_between(day)
        )
    return np.array(found, dtype=np.bool_)


def _first_date(record: OpenSlot, end: dt.date) -> dt.date:
    """The first date of a slot on or after `end`, by weekday and frequency."""
    step = 14 if record.frequency is Frequency.FORTNIGHTLY else 7
    first = record.first_date
    if first >= end:
        return first
    return first + dt.timedelta(days=-(-(end - first).days // step) * step)


def placements_of(facts: RosterFacts, bookings: Iterable[Booking]) -> tuple[Placement, ...]:
    """The placements behind these bookings, in the order of requirements and slots, without reasons."""
    mine: dict[int, list[Booking]] = {}
    for booking in bookings:
        mine.setdefault(booking.requirement, []).append(booking)
    open_after = goes_on_after(facts)
    found: list[Placement] = []
    for numbers in facts.bodies:
        habits = {
            number: [each for each in _habits(facts, number, mine.get(number, ())) if _recurs(facts, each)]
            for number in numbers
        }
        ways = (
            _going_on(facts, order, habits, mine, open_after) for order in islice(permutations(numbers), 24)
        )
        on = min(ways, key=lambda way: way[0])[1]
        for number in numbers:
            found += _kept(facts, habits[number], on)
    order = facts.problem.person_numbers
    return tuple(
        sorted(
            found,
            key=lambda each: (
                order[RequirementKey(each.crn, each.delius_event_number)],
                each.start_date_inclusive,
                each.day_of_week.number,
                each.start_time,
            ),
        )
    )


def _going_on(
    facts: RosterFacts,
    order: Sequence[int],
    habits: Mapping[int, Sequence[Habit]],
    mine: Mapping[int, Sequence[Booking]],
    open_after: Bools,
) -> tuple[int, set[tuple[int, int]]]:
    """Which habits of a body go on when its requirements choose in this order, and the minutes lost then.

    First each takes what it needs, then whatever is left.
    """
    left, weekdays = int(facts.weekly_most[facts.body[order[0]]]), set[int]()
    on: set[tuple[int, int]] = set()
    for needed in (True, False):
        for number in order:
            for habit in sorted(habits[number], key=_rank):
                lost = _lost(facts, number, mine.get(number, ()), habits[number], on)
                weekday = int(facts.slots.weekday[habit.slot])
                may = habit.goes_on and bool(open_after[habit.slot]) and (number, habit.slot) not in on
                many = sum(requirement == number for requirement, _ in on)
                if (
                    may
                    and (lost > 0 or not needed)
                    and weekday not in weekdays
                    and habit.minutes <= left
                    and many < facts.rules.limits.slots_a_week
                ):
                    on.add((number, habit.slot))
                    left -= habit.minutes
                    weekdays.add(weekday)
    return sum(_lost(facts, number, mine.get(number, ()), habits[number], on) for number in order), on


def _lost(
    facts: RosterFacts,
    number: int,
    bookings: Sequence[Booking],
    habits: Sequence[Habit],
    on: AbstractSet[tuple[int, int]],
) -> int:
    """Minutes expected to be lost when these habits go on, rounded up."""
    halves = sum(
        int(facts.slots.times_a_week_halves[habit.slot]) * habit.minutes
        for habit in habits
        if (number, habit.slot) in on
    )
    offered = sum(each.minutes for each in bookings) + halves * int(facts.full_weeks[number]) / 2
    return max(0, math.ceil(int(facts.remaining[number]) - float(facts.chance[number]) * offered - 1e-7))


def _kept(facts: RosterFacts, habits: Sequence[Habit], on: AbstractSet[tuple[int, int]]) -> list[Placement]:
    """The placements of a requirement: what goes on, what it has more than once, what it had before."""
    kept: list[Placement] = []
    for habit in sorted(habits, key=_rank):
        goes_on = (habit.bookings[0].requirement, habit.slot) in on
        placement = _placement(facts, habit, on=goes_on)
        regular = goes_on or len(habit.bookings) > 1 or habit.before is not None
        if regular and not _crowded([*kept, placement], facts.rules.limits.slots_a_week):
            kept.append(placement)
    return kept


def _crowded(placements: Sequence[Placement], most: int) -> bool:
    """Whether on some day more than so many of them run."""
    return any(
        sum(
            each.start_date_inclusive <= one.start_date_inclusive
            and (each.end_date_inclusive is None or one.start_date_inclusive <= each.end_date_inclusive)
            for each in placements
        )
        > most
        for one in placements
    )


def _recurs(facts: RosterFacts, habit: Habit) -> bool:
    return facts.slots.records[habit.slot].frequency is not Frequency.ONCE


def _rank(habit: Habit) -> tuple[object, ...]:
    """Those that go on first, the longest and most used of them first."""
    return not habit.goes_on, -habit.minutes, -len(habit.bookings), habit.slot


def _habits(facts: RosterFacts, number: int, bookings: Sequence[Booking]) -> list[Habit]:
    """The bookings of a requirement, slot by slot; inductions and what is no whole slot are one-offs."""
    sessions = facts.sessions
    by_slot: dict[int, list[Booking]] = {}
    for booking in bookings:
        slot = int(sessions.slot[booking.session])
        if slot != NO_SLOT and not facts.induction[facts.slots.project[slot]]:
            by_slot.setdefault(slot, []).append(booking)
    done = sum(booking.minutes for booking in bookings) >= int(facts.remaining[number])
    found = []
    for slot, those in sorted(by_slot.items()):
        those.sort(key=lambda each: int(sessions.day[each.session]))
        record = facts.slots.records[slot]
        last = len(facts.problem.days) - 1 - int(sessions.day[those[-1].session])
        lately = KEPT_UP * (2 if record.frequency is Frequency.FORTNIGHTLY else 1)
        before = _had_before(facts, number, slot, max(each.minutes for each in those))
        stay = int(facts.recurring_minutes[number, slot])
        minutes = stay if before is None else before.end_time - before.start_time
        found.append(Habit(slot, tuple(those), before, minutes, done or last < lately))
    return found


def _had_before(facts: RosterFacts, number: int, slot: int, longest: int) -> ExistingAllocation | None:
    """The allocation that bookings in a slot continue: same project, weekday, frequency and start, as long at least."""
    project = facts.problem.projects[int(facts.slots.project[slot])].project_code
    record, stay = facts.slots.records[slot], int(facts.recurring_minutes[number, slot])
    for each in facts.counted_allocations(number):
        same = (each.project_code, each.day_of_week, each.frequency, each.start_time) == (
            project,
            record.day_of_week,
            record.frequency,
            record.start_time,
        )
        if same and longest <= each.end_time - each.start_time <= stay:
            return each
    return None


def _placement(facts: RosterFacts, habit: Habit, *, on: bool) -> Placement:
    number, slot = habit.bookings[0].requirement, habit.slot
    person, record = facts.problem.people[number], facts.slots.records[slot]
    first, last = (facts.date(habit.bookings[place].session) for place in (0, -1))
    if habit.before is not None and _in_step(habit.before, first):
        first = min(first, habit.before.start_date_inclusive)
    return Placement(
        crn=person.crn,
        delius_event_number=person.event_number,
        project_code=facts.problem.projects[int(facts.slots.project[slot])].project_code,
        day_of_week=WEEK[int(facts.slots.weekday[slot])],
        frequency=record.frequency,
        start_time=record.start_time,
        end_time=record.start_time + habit.minutes,
        start_date_inclusive=first,
        end_date_inclusive=None if on else last,
    )


def _in_step(before: ExistingAllocation, first: dt.date) -> bool:
    """Whether the first booking lies on a date of the allocation: a fortnight may have changed its week."""
    ahead = (before.day_of_week.number - before.start_date_inclusive.weekday()) % 7
    anchor = before.start_date_inclusive + dt.timedelta(days=ahead)
    return before.frequency is Frequency.WEEKLY or (first - anchor).days % 14 == 0
