"""When each person is expected to finish, going on after the horizon with the placements that still run."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from fractions import Fraction
from heapq import merge

from models.unpaid_work.roster import Forecast, Placement
from models.unpaid_work.terms import Frequency
from solver.verify.unpaid_work.facts import RosterFacts
from solver.verify.unpaid_work.objective import lost_minutes, running
from solver.verify.unpaid_work.situation import recurrence


def forecast_of(facts: RosterFacts) -> tuple[Forecast, ...]:
    """A forecast for every requirement with minutes left, in the input's order."""
    return tuple(
        Forecast(
            person.crn,
            person.event_number,
            facts.situation.remaining[number],
            facts.booked(number),
            _finish(facts, number),
            lost_minutes(facts, number),
        )
        for number, person in enumerate(facts.situation.problem.people)
        if facts.situation.remaining[number] > 0
    )


def _finish(facts: RosterFacts, number: int) -> dt.date | None:
    """The first date by which the expected minutes reach what remains, None when not by complete_by."""
    chance, last = facts.situation.chances[number], facts.situation.problem.people[number].complete_by
    if chance == 0:
        return None
    missing = Fraction(facts.situation.remaining[number]) / chance  # minutes to be offered
    for day, minutes in _offered(facts, number, last):
        missing -= minutes
        if missing <= 0:
            return day if day <= last else None
    return None


def _offered(facts: RosterFacts, number: int, last: dt.date) -> Iterator[tuple[dt.date, int]]:
    """The minutes offered by date: what is booked, then the running placements on each of their dates."""
    for booking in facts.of_requirement.get(number, ()):
        yield booking.slot.date, booking.slot.minutes
    end = facts.situation.problem.end
    yield from merge(*(_dates(placement, end, last) for placement in running(facts, number)))


def _dates(placement: Placement, first: dt.date, last: dt.date) -> Iterator[tuple[dt.date, int]]:
    """The dates of a placement from `first` to `last`, with its minutes. Non-working days are not foreseen."""
    if placement.frequency is Frequency.ONCE:
        return
    slot = recurrence(placement)
    for day in range(
        first.toordinal() + (placement.day_of_week.number - first.weekday()) % 7, last.toordinal() + 1, 7
    ):
        if slot.open_on(dt.date.fromordinal(day)):
            yield dt.date.fromordinal(day), placement.end_time - placement.start_time
