"""From dated bookings to what recurs: placements, and which of them go on after the horizon.

A slot that somebody has more than once, or goes on with, or had before, is a placement; what is left is one-offs. A
placement goes on after the horizon when it was kept up to its end: the person is booked in it within the last
fortnight (four weeks where it recurs fortnightly) or has booked all that remains. What goes on together keeps the
weekly limit of the body and one slot a weekday, and no more than the policy's number of slots.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

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
        left = int(facts.weekly_most[facts.body[numbers[0]]])
        weekdays: set[int] = set()
        for number in numbers:
            habits = [
                habit for habit in _habits(facts, number, mine.get(number, ())) if _recurs(facts, habit)
            ]
            kept: list[Placement] = []
            for habit in sorted(habits, key=_rank):
                weekday = int(facts.slots.weekday[habit.slot])
                on = habit.goes_on and bool(open_after[habit.slot])
                on = on and weekday not in weekdays and habit.minutes <= left
                regular = on or len(habit.bookings) > 1 or habit.before is not None
                placement = _placement(facts, habit, on=on)
                if not regular or _crowded([*kept, placement], facts.rules.limits.slots_a_week):
                    continue
                kept.append(placement)
                if on:
                    left -= habit.minutes
                    weekdays.add(weekday)
            found += kept
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
