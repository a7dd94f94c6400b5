"""What goes on after the horizon, as rows of the dated model, and the placements read off its values.

The same reading as in solver.unpaid_work.regular, as decisions: a slot goes on when it is kept up to the horizon's end
or all that remains is booked; what goes on together keeps one slot a weekday and the weekly limit of the body, and a
requirement has no more placements than the policy's slots a week.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from models.unpaid_work.person import ExistingAllocation
from models.unpaid_work.roster import Placement
from models.unpaid_work.terms import WEEK, Frequency
from solver.unpaid_work.dated_model import DatedModel
from solver.unpaid_work.draft import Booking
from solver.unpaid_work.facts import RosterFacts
from solver.unpaid_work.regular import goes_on_after
from solver.unpaid_work.slots import NO_SLOT, Ints

if TYPE_CHECKING:
    from ortools.sat.python import cp_model


@dataclass(frozen=True)
class Promise:
    """A placement that may be made. minutes: its length. going_on, ended: Booleans, None where it cannot be that."""

    number: int
    slot: int
    minutes: int
    continues: ExistingAllocation | None
    going_on: cp_model.IntVar | None
    ended: cp_model.IntVar | None

    @property
    def variables(self) -> list[cp_model.IntVar]:
        """Those there are: at most one of them holds."""
        return [each for each in (self.going_on, self.ended) if each is not None]


class Promises:
    """The placements of a dated model."""

    def __init__(self, model: DatedModel) -> None:
        self._model = model
        self._open_after = goes_on_after(model.facts)
        self._done: dict[int, cp_model.IntVar] = {}
        self.of_requirement: dict[int, list[Promise]] = {}
        for number, sessions in enumerate(model.of_requirement):
            for slot, there in self._by_slot(sessions).items():
                self._add(number, slot, there)
        for number in range(len(model.facts.problem.people)):
            self._no_more_than_slots_a_week(number)
        for numbers in model.facts.bodies:
            self._limits_after_the_horizon(numbers)

    def _by_slot(self, sessions: Iterable[int]) -> dict[int, list[int]]:
        facts = self._model.facts
        found: dict[int, list[int]] = {}
        for session in sessions:
            slot = int(facts.sessions.slot[session])
            if slot == NO_SLOT or facts.slots.records[slot].frequency is Frequency.ONCE:
                continue
            if not facts.induction[facts.slots.project[slot]]:
                found.setdefault(slot, []).append(session)
        return found

    def _add(self, number: int, slot: int, sessions: list[int]) -> None:
        """Every length that a placement in the slot may have: the longest stay, and that of an allocation."""
        facts = self._model.facts
        stay = int(facts.recurring_minutes[number, slot])
        before = {each.end_time - each.start_time: each for each in continued(facts, number, slot)}
        found = []
        for minutes in sorted({stay, *before} - {0}):
            credited = facts.full_weeks[number] > 0 or minutes in before
            going_on = self._going_on(number, slot, sessions) if credited and self._open_after[slot] else None
            ended = self._ended(number, sessions) if minutes in before else None
            promise = Promise(number, slot, minutes, before.get(minutes), going_on, ended)
            if promise.variables and self._keeps_to(promise, sessions):
                found.append(promise)
        variables = [each for promise in found for each in promise.variables]
        if len(variables) > 1:
            self._model.model.add_at_most_one(variables)
        if found:
            self.of_requirement.setdefault(number, []).extend(found)

    def _going_on(self, number: int, slot: int, sessions: list[int]) -> cp_model.IntVar:
        model, facts = self._model, self._model.facts
        variable = self._ended(number, sessions)
        lately = facts.rules.limits.kept_up(facts.slots.records[slot].frequency)
        begins = len(facts.problem.days) - lately
        late = [model.booked[number, each] for each in sessions if facts.sessions.day[each] >= begins]
        model.model.add_bool_or([variable.negated(), *late, self._all_booked(number)])
        return variable

    def _ended(self, number: int, sessions: list[int]) -> cp_model.IntVar:
        model = self._model
        variable = model.model.new_bool_var("")
        model.model.add_bool_or([variable.negated(), *(model.booked[number, each] for each in sessions)])
        return variable

    def _all_booked(self, number: int) -> cp_model.IntVar:
        """A Boolean that holds only when all that remains of the requirement is booked."""
        if number not in self._done:
            model = self._model
            done = self._done[number] = model.model.new_bool_var("")
            pairs = [(number, session) for session in model.of_requirement[number]]
            variables, coefficients, constant = model.minutes(pairs)
            left = int(model.facts.remaining[number]) - constant
            model.model.add(model.weighted(variables, coefficients) >= left).only_enforce_if(done)
        return self._done[number]

    def _keeps_to(self, promise: Promise, sessions: list[int]) -> bool:
        """Nobody stays longer than the placement says; False where they cannot be made to leave in time."""
        model = self._model
        longer = [
            (promise.number, each)
            for each in sessions
            if model.outline.stay[promise.number, each] - model.fixed_cut.get((promise.number, each), 0)
            > promise.minutes
        ]
        if any(pair not in model.cut for pair in longer):
            return False
        for pair in longer:
            for variable in promise.variables:
                short = int(model.outline.stay[pair]) - promise.minutes
                row = model.model.add(model.cut[pair] >= short)
                row.only_enforce_if([variable, model.booked[pair]])
        return True

    def _no_more_than_slots_a_week(self, number: int) -> None:
        variables = [each for promise in self.of_requirement.get(number, ()) for each in promise.variables]
        most = self._model.facts.rules.limits.slots_a_week
        if len(variables) > most:
            self._model.model.add(self._model.sum(variables) <= most)

    def _limits_after_the_horizon(self, numbers: tuple[int, ...]) -> None:
        model, facts = self._model, self._model.facts
        days: dict[int, list[cp_model.IntVar]] = {}
        variables, lengths = [], []
        for number in numbers:
            for promise in self.of_requirement.get(number, ()):
                if promise.going_on is not None:
                    days.setdefault(int(facts.slots.weekday[promise.slot]), []).append(promise.going_on)
                    variables.append(promise.going_on)
                    lengths.append(promise.minutes)
        for those in days.values():
            model.model.add_at_most_one(those)
        most = int(facts.weekly_most[facts.body[numbers[0]]])
        if sum(lengths) > most:
            model.model.add(model.weighted(variables, lengths) <= most)

    def weekly_halves(self, number: int) -> tuple[list[cp_model.IntVar], list[int]]:
        """The minutes a fortnight of what goes on: Booleans and coefficients."""
        variables, coefficients = [], []
        for promise in self.of_requirement.get(number, ()):
            if promise.going_on is not None:
                halves = int(self._model.facts.slots.times_a_week_halves[promise.slot])
                variables.append(promise.going_on)
                coefficients.append(halves * promise.minutes)
        return variables, coefficients

    def continuing(self, number: int, allocation: ExistingAllocation) -> list[cp_model.IntVar]:
        """The Booleans of the placements that continue an existing allocation."""
        return [
            each
            for promise in self.of_requirement.get(number, ())
            if promise.continues is not None and _same(promise.continues, allocation)
            for each in promise.variables
        ]

    def placements(self, values: Ints, bookings: Sequence[Booking]) -> tuple[Placement, ...]:
        """The placements in these values, and other slots that somebody has twice or more, as far as there may be."""
        facts = self._model.facts
        found: list[Placement] = []
        for number, mine in _by_requirement_and_slot(facts, bookings).items():
            promised = {
                promise.slot: (promise, promise.going_on is not None and values[promise.going_on.index] == 1)
                for promise in self.of_requirement.get(number, ())
                if any(values[each.index] for each in promise.variables)
            }
            most = facts.rules.limits.slots_a_week
            others = [slot for slot, those in mine.items() if slot not in promised and len(those) > 1]
            for slot in [*promised, *others[: max(0, most - len(promised))]]:
                promise, on = promised.get(slot, (None, False))
                minutes = int(facts.recurring_minutes[number, slot]) if promise is None else promise.minutes
                before = None if promise is None else promise.continues
                found.append(placement_of(facts, slot, mine[slot], minutes, before, on=on))
        return tuple(found)


def continued(facts: RosterFacts, number: int, slot: int) -> list[ExistingAllocation]:
    """The existing allocations that a placement in the slot continues: same days and start, no longer than it."""
    record = facts.slots.records[slot]
    code = facts.problem.projects[int(facts.slots.project[slot])].project_code
    stay = int(facts.recurring_minutes[number, slot])
    return [
        each
        for each in facts.counted_allocations(number)
        if (each.project_code, each.day_of_week, each.frequency, each.start_time)
        == (code, record.day_of_week, record.frequency, record.start_time)
        and each.end_time - each.start_time <= stay
    ]


def _same(one: ExistingAllocation, other: ExistingAllocation) -> bool:
    return (one.project_code, one.day_of_week, one.frequency, one.start_time, one.end_time) == (
        other.project_code,
        other.day_of_week,
        other.frequency,
        other.start_time,
        other.end_time,
    )


def _by_requirement_and_slot(
    facts: RosterFacts, bookings: Sequence[Booking]
) -> dict[int, dict[int, list[Booking]]]:
    """The bookings of each requirement in recurring slots other than inductions, by date."""
    found: dict[int, dict[int, list[Booking]]] = {}
    for booking in sorted(bookings):
        slot = int(facts.sessions.slot[booking.session])
        if slot == NO_SLOT or facts.slots.records[slot].frequency is Frequency.ONCE:
            continue
        if not facts.induction[facts.slots.project[slot]]:
            found.setdefault(booking.requirement, {}).setdefault(slot, []).append(booking)
    return found


def placement_of(
    facts: RosterFacts,
    slot: int,
    bookings: Sequence[Booking],
    minutes: int,
    before: ExistingAllocation | None,
    *,
    on: bool,
) -> Placement:
    """The placement of somebody in a slot, from their first booking (or an allocation's start) to the last, or on."""
    person = facts.problem.people[bookings[0].requirement]
    record = facts.slots.records[slot]
    days = np.sort(facts.sessions.day[[booking.session for booking in bookings]])
    first, last = (facts.problem.days[int(days[place])] for place in (0, -1))
    if before is not None and _in_step(before, first):
        first = min(first, before.start_date_inclusive)
    return Placement(
        crn=person.crn,
        delius_event_number=person.event_number,
        project_code=facts.problem.projects[int(facts.slots.project[slot])].project_code,
        day_of_week=WEEK[int(facts.slots.weekday[slot])],
        frequency=record.frequency,
        start_time=record.start_time,
        end_time=record.start_time + minutes,
        start_date_inclusive=first,
        end_date_inclusive=None if on else last,
    )


def _in_step(before: ExistingAllocation, day: dt.date) -> bool:
    """Whether the day is one of the allocation's weeks: a fortnight may have changed its week."""
    ahead = (before.day_of_week.number - before.start_date_inclusive.weekday()) % 7
    anchor = before.start_date_inclusive + dt.timedelta(days=ahead)
    return before.frequency is Frequency.WEEKLY or (day - anchor).days % 14 == 0
