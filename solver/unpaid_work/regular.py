"""From dated bookings to what recurs: placements, and which of them go on after the horizon.

A slot that somebody has more than once, or goes on with, or had before, is a placement; what is left is one-offs. A
placement goes on after the horizon when it was kept up to its end: the person is booked in it within the last
fortnight (four weeks where it recurs fortnightly) or has booked all that remains. What goes on together keeps the
weekly limit of the body and one slot a weekday, and no more than the policy's number of slots. A weekly slot may go on
every other week, in the even or the odd calendar weeks: two people, or two events of one, can so take turns.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from models.unpaid_work.person import ExistingAllocation, RequirementKey
from models.unpaid_work.project import OpenSlot
from models.unpaid_work.roster import Placement
from models.unpaid_work.terms import WEEK, Frequency
from solver.unpaid_work.draft import Booking
from solver.unpaid_work.facts import RosterFacts
from solver.unpaid_work.going_on import EVERY_WEEK, TURNS, Candidate, GoingOn, going_on
from solver.unpaid_work.slots import NO_SLOT, Bools


@dataclass(frozen=True)
class Habit:
    """The bookings of a requirement in one slot, by date.

    goes_on: they were kept up to the end of the horizon. in_turn: the calendar weeks, 1 for even and 2 for odd ones, of
    which every other one was.
    """

    slot: int
    bookings: tuple[Booking, ...]
    before: ExistingAllocation | None
    minutes: int
    goes_on: bool
    in_turn: int


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


def turn_days(facts: RosterFacts) -> int:
    """Days before the horizon's end within which a weekly slot that goes on every other week has its last booking."""
    return facts.rules.limits.kept_up(Frequency.FORTNIGHTLY)


def may_take_turns(facts: RosterFacts) -> bool:
    """Whether the horizon is long enough to say that somebody comes every other week, and anybody goes on after it."""
    later = bool((facts.full_weeks[facts.remaining > 0] > 0).any())
    return later and len(facts.problem.days) >= turn_days(facts)


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
        booked = {number: sum(each.minutes for each in mine.get(number, ())) for number in numbers}
        on = going_on(facts, _candidates(facts, habits, open_after), booked)
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


def _candidates(
    facts: RosterFacts, habits: Mapping[int, Sequence[Habit]], open_after: Bools
) -> list[Candidate]:
    """What a body may go on with, the longest and most used first."""
    ranked = sorted(
        ((_rank(habit), number, habit) for number, those in habits.items() for habit in those),
        key=lambda each: each[:2],
    )
    found = []
    for _, number, habit in ranked:
        turns = [turn for turn in TURNS if turn & habit.in_turn]
        ways = (*([EVERY_WEEK] if habit.goes_on else []), *turns)
        if ways and open_after[habit.slot]:
            found.append(Candidate(number, habit.slot, habit.minutes, ways, _weeks_of(facts, habit)))
    return found


def _weeks_of(facts: RosterFacts, habit: Habit) -> int:
    """The calendar weeks in which a slot recurs."""
    if facts.slots.records[habit.slot].frequency is Frequency.WEEKLY:
        return EVERY_WEEK
    return 1 + int(facts.sessions.week[habit.bookings[0].session]) % 2


def _kept(facts: RosterFacts, habits: Sequence[Habit], on: GoingOn) -> list[Placement]:
    """The placements of a requirement: what goes on, what it has more than once, what it had before."""
    kept: list[Placement] = []
    ways = [
        (habit, on.get((habit.bookings[0].requirement, habit.slot), 0)) for habit in sorted(habits, key=_rank)
    ]
    kept += [_in_turn(facts, habit, turn) for habit, turn in ways if 0 < turn < EVERY_WEEK]
    # Only what goes on or continues an allocation counts; where four run already, the rest are one-offs.
    for whole, turn in sorted(ways, key=lambda each: (each[1] == 0, each[0].before is None)):
        habit = whole if turn in {0, EVERY_WEEK} else _before_turns(facts, whole, turn)
        goes_on = turn == EVERY_WEEK
        regular = goes_on or len(habit.bookings) > 1 or habit.before is not None
        placement = _placement(facts, habit, on=goes_on) if regular else None
        if placement is not None and not _crowded([*kept, placement], facts.rules.limits.slots_a_week):
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
        lately = facts.rules.limits.kept_up(record.frequency)
        before = _had_before(facts, number, slot, max(each.minutes for each in those))
        stay = int(facts.recurring_minutes[number, slot])
        minutes = stay if before is None else before.end_time - before.start_time
        weekly = record.frequency is Frequency.WEEKLY and before is None and may_take_turns(facts)
        in_turn = {
            1 + int(sessions.week[each.session]) % 2
            for each in those
            if weekly
            and (done or len(facts.problem.days) - 1 - int(sessions.day[each.session]) < turn_days(facts))
        }
        found.append(Habit(slot, tuple(those), before, minutes, done or last < lately, sum(in_turn)))
    return found


def _turns_begin(facts: RosterFacts, habit: Habit, turn: int) -> int:
    """The place of the last booking in such a calendar week, from which on a slot is held every other week."""
    return max(
        place
        for place, each in enumerate(habit.bookings)
        if 1 + int(facts.sessions.week[each.session]) % 2 == turn
    )


def _in_turn(facts: RosterFacts, habit: Habit, turn: int) -> Placement:
    """The placement that goes on every other week."""
    begin = _turns_begin(facts, habit, turn)
    last = dataclasses.replace(habit, bookings=habit.bookings[begin : begin + 1])
    return dataclasses.replace(_placement(facts, last, on=True), frequency=Frequency.FORTNIGHTLY)


def _before_turns(facts: RosterFacts, habit: Habit, turn: int) -> Habit:
    """What came before it."""
    return dataclasses.replace(habit, bookings=habit.bookings[: _turns_begin(facts, habit, turn)])


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
