"""What a roster says of recurring slots: that they are the person's, and can be."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterator

from models.rules import Violation
from models.unpaid_work.terms import Frequency, ProjectType, Weekday
from solver.verify.unpaid_work.bookings import BOOKING_RULES, Booking, available, missing_half_days
from solver.verify.unpaid_work.diaries import diary_of, is_induction, one_place_at_a_time, weekly_limit
from solver.verify.unpaid_work.facts import Kept, RosterFacts, person_violation
from solver.verify.unpaid_work.objective import counted_allocations, recurring, runs_on
from solver.verify.unpaid_work.situation import RosterSituation, Slot, fits, monday, recurrence


def placement_faults(facts: RosterFacts) -> Iterator[Violation]:
    """Every placement that cannot be meant, under claimed_appointments."""
    for kept in facts.placements:
        person = facts.situation.problem.people[kept.number]
        for sentence in (*_standing(facts, kept), *_use(facts, kept), *_afterwards(facts.situation, kept)):
            yield person_violation("claimed_appointments", f"{_name(kept)}: {sentence}", person)
    yield from _too_many_at_a_time(facts)
    yield from _promised(facts)


def _name(kept: Kept) -> str:
    return (
        f"the {kept.placement.day_of_week.title()} of {kept.placement.crn} at {kept.placement.project_code}"
    )


def follows(booking: Booking, kept: Kept) -> bool:
    """Whether an appointment lies on a date of the placement, at its start, and ends no later."""
    placement, slot = kept.placement, booking.slot
    same = kept.number == booking.number and kept.project_number == booking.project_number
    times = placement.start_time == slot.start and slot.end <= placement.end_time
    return same and times and recurrence(placement).open_on(slot.date)


def _slot_on(kept: Kept, day: dt.date) -> Slot:
    placement = kept.placement
    return Slot(placement.project_code, day, placement.start_time, placement.end_time)


def _standing(facts: RosterFacts, kept: Kept) -> Iterator[str]:
    """The rules that forbid the person the recurring slot, whatever the date."""
    day = _first_after(kept, facts.situation.problem.first)
    booking = Booking(facts.situation, kept.number, kept.project_number, _slot_on(kept, day))
    missing = missing_half_days(booking.person.availability, booking.slot)
    if missing:
        yield f"{booking.person.crn} is not available on {missing}"
    for rule_id, rule in BOOKING_RULES.items():
        sentence = None if rule_id == "available" else rule(booking)
        if sentence is not None:
            yield sentence
    if is_induction(booking) and facts.situation.inducted[kept.number]:
        yield "the induction is done"
    if booking.project.project_type is ProjectType.ETE:
        yield f"{booking.project.project_code} is education, training or employment, which is not rostered"


def _first_after(kept: Kept, day: dt.date) -> dt.date:
    """The first date on or after `day` that falls on the placement's weekday."""
    ahead = (kept.placement.day_of_week.number - Weekday.of(day).number) % 7
    return day + dt.timedelta(days=ahead)


def _use(facts: RosterFacts, kept: Kept) -> Iterator[str]:
    """A placement has an appointment in the horizon, and one that runs on was kept up; or an allocation rests."""
    situation = facts.situation
    if kept.placement.start_date_inclusive >= situation.problem.end:
        yield "it begins after the horizon"
        return
    goes_on = kept.placement.frequency is not Frequency.ONCE and runs_on(kept.placement, situation)
    since = situation.problem.first
    if goes_on:
        lately = situation.rules.limits.kept_up(kept.placement.frequency)
        since = situation.problem.end - dt.timedelta(days=lately)
    there = {recurring(each) for each in counted_allocations(situation, kept.number)}
    if recurring(kept.placement) in there and not _could_come(situation, kept, since):
        return
    mine = facts.of_requirement.get(kept.number, ())
    dates = [booking.slot.date for booking in mine if follows(booking, kept)]
    done = facts.booked(kept.number) >= situation.remaining[kept.number]
    if not dates:
        yield "no appointment follows from it"
    elif goes_on and not done and max(dates) < since:
        yield f"it runs on after the horizon, and no appointment follows from it since {since}"


def _could_come(situation: RosterSituation, kept: Kept, since: dt.date) -> bool:
    """Whether the project is open and the person there on a date of the placement from `since` to the horizon's end.

    It may have begun earlier or later: whoever rests has not just begun.
    """
    anchor = _first_after(kept, kept.placement.start_date_inclusive)
    for day in (each for each in situation.problem.days if each >= since):
        apart = (day - anchor).days
        if not {
            Frequency.ONCE: apart == 0,
            Frequency.WEEKLY: apart % 7 == 0,
            Frequency.FORTNIGHTLY: apart % 14 == 0,
        }[kept.placement.frequency]:
            continue
        slot = _slot_on(kept, day)
        booking = Booking(situation, kept.number, kept.project_number, slot)
        if available(booking) is None and not any(True for _ in situation.why_closed(booking.project, slot)):
            return True
    return False


def _afterwards(situation: RosterSituation, kept: Kept) -> Iterator[str]:
    """A placement that runs on after the horizon meets an open project on its next date.

    One that counts then recurs no more often than the project is open, as long as that slot lasts.
    """
    day, last = _next_date(situation, kept), situation.problem.people[kept.number].complete_by
    if day is None or day > last:
        return
    project, slot = situation.problem.projects[kept.project_number], _slot_on(kept, day)
    meets = any(fits(slot, each) for each in project.availability)
    if not meets or not project.open_between(day):
        yield f"it runs on after the horizon, and {project.project_code} is not open then on {day}"
        return
    weeks = 1 if kept.placement.frequency is Frequency.WEEKLY else 2
    after = _slot_on(kept, day + dt.timedelta(weeks=weeks))
    lasting = [
        dataclasses.replace(each, end_date_exclusive=None)
        for each in project.availability
        if each.end_date_exclusive is None or day < each.end_date_exclusive
    ]
    counts = situation.problem.end + dt.timedelta(days=7) <= last
    if counts and not any(fits(after, each) for each in lasting):
        yield f"it runs on after the horizon, more often than {project.project_code} is open then"


def _next_date(situation: RosterSituation, kept: Kept) -> dt.date | None:
    """Its first date after the horizon, None when it does not run on."""
    if not runs_on(kept.placement, situation) or kept.placement.frequency is Frequency.ONCE:
        return None
    first, slot = _first_after(kept, situation.problem.end), recurrence(kept.placement)
    dates = (first, first + dt.timedelta(days=7))
    return next((day for day in dates if slot.open_on(day)), None)


def _too_many_at_a_time(facts: RosterFacts) -> Iterator[Violation]:
    most = facts.situation.rules.limits.slots_a_week
    for number, person in enumerate(facts.situation.problem.people):
        mine = [kept.placement for kept in facts.placements if kept.number == number]
        for placement in mine:
            day = placement.start_date_inclusive
            count = sum(
                each.start_date_inclusive <= day
                and (each.end_date_inclusive is None or day <= each.end_date_inclusive)
                for each in mine
            )
            if count > most:
                sentence = f"{person.key} has {count} placements on {day}; at most {most} are allowed"
                yield person_violation("claimed_appointments", sentence, person)
                break


def _promised(facts: RosterFacts) -> Iterator[Violation]:
    """What runs on after the horizon keeps the rules of one person's diary in the first two full weeks.

    Of an order that ends before, what counts for a full week all the same is checked in both: a fortnight has two.
    """
    situation = facts.situation
    counted = situation.problem.end + dt.timedelta(days=7)
    first = monday(situation.problem.end + dt.timedelta(days=6))
    promised: dict[str, list[Booking]] = {}
    for kept in facts.placements:
        person, slot = situation.problem.people[kept.number], recurrence(kept.placement)
        if not runs_on(kept.placement, situation) or kept.placement.frequency is Frequency.ONCE:
            continue
        for ahead in range(14):
            day = first + dt.timedelta(days=ahead)
            if slot.open_on(day) and (day <= person.complete_by or counted <= person.complete_by):
                booking = Booking(situation, kept.number, kept.project_number, _slot_on(kept, day))
                promised.setdefault(person.crn, []).append(booking)
    for crn, bookings in promised.items():
        diary = diary_of(situation, crn, bookings)
        for sentence in (*one_place_at_a_time(diary), *weekly_limit(diary)):
            yield Violation("claimed_appointments", f"after the horizon: {sentence}", crn)
