"""Rules over all that one person does: at one place at a time, within limits, induction first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from types import MappingProxyType

from models.unpaid_work.terms import ProjectType
from solver.verify.unpaid_work.bookings import Booking
from solver.verify.unpaid_work.situation import RosterSituation, monday


@dataclass(frozen=True, slots=True)
class Diary:
    """The bookings of one body (a CRN with all its requirements), by date and time."""

    situation: RosterSituation
    crn: str
    bookings: tuple[Booking, ...]

    def of(self, number: int) -> tuple[Booking, ...]:
        """Those of one requirement."""
        return tuple(booking for booking in self.bookings if booking.number == number)


def diary_of(situation: RosterSituation, crn: str, bookings: Sequence[Booking]) -> Diary:
    """The diary of a body, put in order."""
    return Diary(situation, crn, tuple(sorted(bookings, key=lambda each: each.slot[1:])))


DiaryRule = Callable[[Diary], Iterator[str]]


def one_place_at_a_time(diary: Diary) -> Iterator[str]:
    """Nobody, person or supervisor, is in two places at once, and travel between projects fits."""
    for earlier, later in pairwise(diary.bookings):
        if earlier.slot.overlaps(later.slot):
            yield f"{diary.crn} is booked at {earlier.slot} and at {later.slot}"
    projects: dict[object, set[str]] = {}
    for booking in diary.bookings:
        projects.setdefault(booking.slot.date, set()).add(booking.slot.project_code)
    for day, codes in projects.items():
        if len(codes) > 1:
            yield f"{diary.crn} is at {' and '.join(sorted(codes))} on {day}; one project a day"


def weekly_limit(diary: Diary) -> Iterator[str]:
    """No one works more minutes in a week than their limit, nor in a day than the policy's limit."""
    days, weeks = Counter[object](), Counter[object]()
    for booking in diary.bookings:
        days[booking.slot.date] += booking.slot.minutes
        weeks[monday(booking.slot.date)] += booking.slot.minutes
    most = diary.situation.weekly_limits[diary.crn]
    for week, minutes in weeks.items():
        if minutes > most:
            yield f"{diary.crn} has {minutes} minutes in the week of {week}; the limit is {most}"
    for day, minutes in days.items():
        if minutes > diary.situation.rules.limits.day_minutes:
            limit = diary.situation.rules.limits.day_minutes
            yield f"{diary.crn} has {minutes} minutes on {day}; the limit is {limit}"


def never_beyond_requirement(diary: Diary) -> Iterator[str]:
    """Nobody is booked beyond what remains of the requirement after credit."""
    for number in diary.situation.bodies[diary.crn]:
        booked = sum(booking.slot.minutes for booking in diary.of(number))
        remaining = diary.situation.remaining[number]
        if booked > remaining:
            key = diary.situation.problem.people[number].key
            yield f"{key} is booked for {booked} minutes; {remaining} remain"


def induction_first(diary: Diary) -> Iterator[str]:
    """Until induction is done the first appointment is at an induction project, and others do not go there."""
    for number in diary.situation.bodies[diary.crn]:
        key, bookings = diary.situation.problem.people[number].key, diary.of(number)
        inductions = [each for each in bookings if is_induction(each)]
        if diary.situation.inducted[number]:
            if inductions:
                yield f"the induction of {key} is done, and {inductions[0].slot} is an induction"
        elif bookings and not is_induction(bookings[0]):
            yield f"{key} has no induction before {bookings[0].slot}"
        elif len(inductions) > 1:
            yield f"{key} has {len(inductions)} inductions"


def is_induction(booking: Booking) -> bool:
    """Whether the booking is at an induction project."""
    return booking.project.project_type is ProjectType.INDUCTION


DIARY_RULES: Mapping[str, DiaryRule] = MappingProxyType(
    {
        "one_place_at_a_time": one_place_at_a_time,
        "weekly_limit": weekly_limit,
        "never_beyond_requirement": never_beyond_requirement,
        "induction_first": induction_first,
    }
)
"""What all bookings of a person decide together, by rule id, in the register's order."""
