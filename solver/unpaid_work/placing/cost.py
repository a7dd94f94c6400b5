"""What one requirement's bookings and placements cost, item by item, and when the person is expected to finish."""

from __future__ import annotations

import datetime as dt
import math
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from heapq import merge

from models.unpaid_work.person import ExistingAllocation
from models.unpaid_work.roster import Forecast, Placement
from models.unpaid_work.terms import Frequency
from solver.unpaid_work.facts import RosterFacts, recurring
from solver.unpaid_work.placing.newcomer import Newcomer
from solver.unpaid_work.placing.team import Entry

_HALVES = {Frequency.WEEKLY: 2, Frequency.FORTNIGHTLY: 1, Frequency.ONCE: 0}


def runs_on(placement: Placement, facts: RosterFacts) -> bool:
    """Whether a placement goes on after the horizon."""
    last = placement.end_date_inclusive
    return last is None or last >= facts.problem.end


def lost_minutes(newcomer: Newcomer, diary: Sequence[Entry], placements: Iterable[Placement]) -> int:
    """Minutes expected to be lost at the date to complete by, rounded up."""
    facts = newcomer.facts
    halves = sum(
        _HALVES[each.frequency] * (each.end_time - each.start_time)
        for each in placements
        if runs_on(each, facts)
    )
    offered = sum(each.minutes for each in diary) + Fraction(halves, 2) * newcomer.full_weeks
    return max(0, math.ceil(newcomer.remaining - newcomer.chance * offered))


def short_of_offer(newcomer: Newcomer, diary: Sequence[Entry]) -> int:
    """Minutes by which the weeks of the horizon fall short of the weekly minimum."""
    booked = Counter[int]()
    for each in diary:
        booked[int(newcomer.facts.week_of_day[each.day])] += each.minutes
    short, left = 0, newcomer.remaining
    for week, owed in enumerate(newcomer.owed_weeks):
        if owed:
            short += max(0, min(newcomer.weekly_least, left) - booked[week])
        left -= booked[week]
    return short


def allocations_changed(newcomer: Newcomer, placements: Iterable[Placement]) -> int:
    """Existing allocations that count and that none of the placements continues."""
    kept = {
        (each.project_code, each.day_of_week.number, each.frequency, each.start_time, each.end_time)
        for each in placements
    }
    return sum(recurring(each) not in kept for each in counted_allocations(newcomer))


def counted_allocations(newcomer: Newcomer) -> tuple[ExistingAllocation, ...]:
    """The person's allocations that have not ended before the horizon, when minutes remain."""
    if newcomer.remaining <= 0:
        return ()
    first = newcomer.facts.problem.first
    return tuple(
        each
        for each in newcomer.person.allocations
        if each.end_date_inclusive is None or each.end_date_inclusive >= first
    )


def appointments_dropped(newcomer: Newcomer, diary: Sequence[Entry]) -> int:
    """Told appointments of the horizon that the diary does not have as told."""
    problem, there = newcomer.facts.problem, set(diary)
    dropped = 0
    for told in newcomer.person.appointments:
        if problem.first <= told.date < problem.end:
            project = problem.project_numbers.get(told.project_code, -1)
            day = (told.date - problem.first).days
            entry = Entry(day, project, told.start_time, told.end_time, newcomer.person.event_number)
            dropped += entry not in there
    return dropped


def forecast_of(newcomer: Newcomer, diary: Sequence[Entry], placements: Sequence[Placement]) -> Forecast:
    """What the person may expect of these bookings and placements."""
    return Forecast(
        newcomer.crn,
        newcomer.person.event_number,
        newcomer.remaining,
        sum(each.minutes for each in diary),
        _finish(newcomer, diary, placements),
        lost_minutes(newcomer, diary, placements),
    )


def _finish(newcomer: Newcomer, diary: Sequence[Entry], placements: Sequence[Placement]) -> dt.date | None:
    """The date by which chance times minutes reach what remains; None when not by the date to complete by."""
    if newcomer.chance == 0:
        return None
    last, facts = newcomer.person.complete_by, newcomer.facts
    missing = math.ceil(
        Fraction(newcomer.remaining) / newcomer.chance
    )  # minutes to be offered, which are whole
    later = merge(*(_dates(each, facts.problem.end, last) for each in placements if runs_on(each, facts)))
    booked = ((facts.problem.days[each.day], each.minutes) for each in sorted(diary))
    for source in (booked, later):
        for day, minutes in source:
            missing -= minutes
            if missing <= 0:
                return day if day <= last else None
    return None


def _dates(placement: Placement, end: dt.date, last: dt.date) -> Iterator[tuple[dt.date, int]]:
    """The dates of a placement from `end` to `last`, with its minutes."""
    if placement.frequency is Frequency.ONCE:
        return
    day, step = next_date(placement, end), 7 if placement.frequency is Frequency.WEEKLY else 14
    until = min(last, placement.end_date_inclusive or last)
    while day <= until:
        yield day, placement.end_time - placement.start_time
        if (dt.date.max - day).days < step:
            return
        day += dt.timedelta(days=step)


def next_date(placement: Placement, day: dt.date) -> dt.date:
    """The first date of a weekly or fortnightly placement on or after a day."""
    begun = placement.start_date_inclusive
    first = begun + dt.timedelta(days=(placement.day_of_week.number - begun.weekday()) % 7)
    step = 7 if placement.frequency is Frequency.WEEKLY else 14
    return first if first >= day else first + dt.timedelta(days=-(-(day - first).days // step) * step)
