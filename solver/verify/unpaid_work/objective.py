"""The objective from its definition: every item in its own unit, and the weighted sum in tenths of a minute."""

from __future__ import annotations

import datetime as dt
import math
from collections import Counter
from collections.abc import Iterable
from fractions import Fraction

from models.unpaid_work.defaults import weekly_minutes_min
from models.unpaid_work.person import ExistingAllocation
from models.unpaid_work.reckoning import travel_minutes_each_way
from models.unpaid_work.roster import Placement, RosterObjective
from models.unpaid_work.terms import Frequency
from solver.verify.unpaid_work.facts import RosterFacts
from solver.verify.unpaid_work.situation import RosterSituation, monday
from solver.verify.unpaid_work.told import ToldFacts

_TIMES_A_WEEK = {
    Frequency.WEEKLY: Fraction(1),
    Frequency.FORTNIGHTLY: Fraction(1, 2),
    Frequency.ONCE: Fraction(0),
}


def objective_of(told: ToldFacts) -> RosterObjective:
    """The items and their sum by the policy's prices."""
    facts, prices = told.facts, told.situation.rules.prices
    everyone = range(len(facts.situation.problem.people))
    items = {
        "unplaced_people": len(facts.left_out),
        "lost_minutes": sum(lost_minutes(facts, number) for number in everyone),
        "short_of_offer_minutes": sum(_short_of_offer(facts, number) for number in everyone),
        "supervised_minutes": sum(
            session.slot.minutes for session in facts.sessions if session.supervisor_code is not None
        ),
        "travel_minutes": sum(
            2 * travel_minutes_each_way(booking.person, booking.project, facts.situation.rules)
            for booking in facts.bookings
        ),
        "allocations_changed": sum(_allocations_changed(facts, number) for number in everyone),
        "appointments_dropped": len(told.dropped),
        "commitment_minutes_unmet": _commitment_unmet(facts),
    }
    weights = {
        "unplaced_people": prices.unplaced_person,
        "lost_minutes": prices.lost_minute,
        "short_of_offer_minutes": prices.short_of_offer_minute,
        "supervised_minutes": prices.supervised_minute,
        "travel_minutes": prices.travel_minute,
        "allocations_changed": prices.allocation_changed,
        "appointments_dropped": prices.appointment_dropped,
        "commitment_minutes_unmet": prices.commitment_minute_unmet,
    }
    return RosterObjective(**items, total=sum(weights[name] * count for name, count in items.items()))


def runs_on(placement: Placement, situation: RosterSituation) -> bool:
    """Whether the placement still runs when the horizon ends."""
    last = placement.end_date_inclusive
    return last is None or last >= situation.problem.end


def running(facts: RosterFacts, number: int) -> tuple[Placement, ...]:
    """The placements of a requirement that still run when the horizon ends."""
    return tuple(
        kept.placement
        for kept in facts.placements
        if kept.number == number and runs_on(kept.placement, facts.situation)
    )


def lost_minutes(facts: RosterFacts, number: int) -> int:
    """The minutes of a requirement expected to be lost when it is to be complete, rounded up.

    max(0, remaining - q * booked - q * weekly * full weeks from the horizon's end to complete_by), q and weekly exact.
    """
    situation = facts.situation
    placements = running(facts, number)
    weekly = sum(
        (
            _TIMES_A_WEEK[placement.frequency] * (placement.end_time - placement.start_time)
            for placement in placements
        ),
        Fraction(0),
    )
    weeks = max(0, (situation.problem.people[number].complete_by - situation.problem.end).days // 7)
    expected = situation.chances[number] * (facts.booked(number) + weekly * weeks)
    return math.ceil(max(Fraction(0), situation.remaining[number] - expected))


def _short_of_offer(facts: RosterFacts, number: int) -> int:
    """Minutes by which the weeks of the horizon fall short of the weekly minimum, until enough is booked."""
    situation, person = facts.situation, facts.situation.problem.people[number]
    least, remaining = weekly_minutes_min(person, situation.rules), situation.remaining[number]
    booked = Counter[dt.date]()
    for booking in facts.of_requirement.get(number, ()):
        booked[monday(booking.slot.date)] += booking.slot.minutes
    short = before = 0
    for week in situation.weeks:
        if person.sentence_date <= week + dt.timedelta(days=6) and week <= person.complete_by:
            short += max(0, min(least, remaining - before) - booked[week])
        before += booked[week]
    return short


def _allocations_changed(facts: RosterFacts, number: int) -> int:
    """Existing allocations that count and that no placement of the requirement continues."""
    continued = {recurring(kept.placement) for kept in facts.placements if kept.number == number}
    return sum(recurring(each) not in continued for each in counted_allocations(facts.situation, number))


def counted_allocations(situation: RosterSituation, number: int) -> Iterable[ExistingAllocation]:
    """The allocations of a requirement with minutes left that have not ended before the horizon."""
    if situation.remaining[number] <= 0:
        return
    for allocation in situation.problem.people[number].allocations:
        last = allocation.end_date_inclusive
        if last is None or last >= situation.problem.first:
            yield allocation


def recurring(of: Placement | ExistingAllocation) -> tuple[object, ...]:
    """What makes two of them the same recurring slot: project, weekday, frequency and times."""
    return of.project_code, of.day_of_week, of.frequency, of.start_time, of.end_time


def _commitment_unmet(facts: RosterFacts) -> int:
    """Per project and calendar week: sessions short of the commitment, each as long as the first listed slot."""
    ran = Counter((session.project_number, monday(session.slot.date)) for session in facts.sessions)
    unmet = 0
    for number, project in enumerate(facts.situation.problem.projects):
        if not project.availability:
            continue
        length = project.availability[0].end_time - project.availability[0].start_time
        for week in facts.situation.weeks:
            unmet += length * max(0, project.commitment_sessions_per_week - ran[number, week])
    return unmet
