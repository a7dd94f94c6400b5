"""Rules that look at one person and one slot alone. Each says in a sentence what is broken, or None."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from models.allocation.terms import Sex
from models.unpaid_work.defaults import max_travel_minutes
from models.unpaid_work.person import Person
from models.unpaid_work.project import Project
from models.unpaid_work.reckoning import travel_minutes_each_way
from models.unpaid_work.supervisor import Supervisor
from models.unpaid_work.terms import HalfDay, PlacementPreference, ProjectType
from solver.verify.unpaid_work.situation import RosterSituation, Slot


@dataclass(frozen=True, slots=True)
class Booking:
    """A requirement (by number) at a project (by number) for a slot, made or thought of."""

    situation: RosterSituation
    number: int
    project_number: int
    slot: Slot

    @property
    def person(self) -> Person:
        return self.situation.problem.people[self.number]

    @property
    def project(self) -> Project:
        return self.situation.problem.projects[self.project_number]


BookingRule = Callable[[Booking], str | None]


def available(booking: Booking) -> str | None:
    """A person is booked only when available, from the sentence date to the date to complete by."""
    person, slot = booking.person, booking.slot
    if slot.date < person.sentence_date:
        return f"{slot.date} is before the sentence of {person.key}, {person.sentence_date}"
    if slot.date > person.complete_by:
        return f"{slot.date} is after {person.complete_by}, by when {person.key} is to be complete"
    if person.away(slot.date) or booking.situation.question.disruption.is_absent(person.crn, slot.date):
        return f"{person.crn} is away on {slot.date}"
    missing = missing_half_days(person.availability, slot)
    return f"{person.crn} is not available on {missing}" if missing else None


def missing_half_days(availability: Iterable[HalfDay], slot: Slot) -> str | None:
    """The half-days that the slot touches and that are not there, in words; None when all are."""
    there = set(availability)
    missing = [each.replace("_", " ").lower() for each in slot.half_days if each not in there]
    return " and ".join(missing) or None


def suitable_project(booking: Booking) -> str | None:
    """No one goes where a restriction, an exclusion or a need forbids."""
    person, project = booking.person, booking.project
    if project.project_code in person.excluded_project_codes:
        return f"{person.crn} is excluded from {project.project_code}"
    met = [tag for tag in project.tags if tag in person.restrictions]
    if met:
        return f"{person.crn} is to avoid {', '.join(met)}, which {project.project_code} has"
    lacking = [need for need in person.needs if need not in project.features]
    if lacking:
        return f"{person.crn} needs {', '.join(lacking)}, which {project.project_code} lacks"
    return None


def group_preference(booking: Booking) -> str | None:
    """Needs for female-only groups and individual placements are met, and men join no female-only project."""
    person, project = booking.person, booking.project
    if project.female_only and person.sex is not Sex.FEMALE:
        known = "whose sex is not recorded" if person.sex is None else "who is male"
        return f"{project.project_code} is for women only, not for {person.crn}, {known}"
    if project.project_type in {ProjectType.INDUCTION, ProjectType.INDIVIDUAL}:
        return None
    if person.placement_preference is PlacementPreference.INDIVIDUAL:
        return f"{person.crn} needs an individual placement, which {project.project_code} is not"
    if person.placement_preference is PlacementPreference.FEMALE_ONLY_GROUP and not project.female_only:
        return f"{person.crn} needs a female-only group, which {project.project_code} is not"
    return None


def travel_limit(booking: Booking) -> str | None:
    """Nobody travels longer than their limit each way."""
    rules = booking.situation.rules
    journey = travel_minutes_each_way(booking.person, booking.project, rules)
    most = max_travel_minutes(booking.person, rules)
    if journey <= most:
        return None
    return (
        f"{booking.person.crn} would travel {journey} minutes each way to "
        f"{booking.project.project_code}; the limit is {most}"
    )


BOOKING_RULES: Mapping[str, BookingRule] = MappingProxyType(
    {
        "available": available,
        "suitable_project": suitable_project,
        "group_preference": group_preference,
        "travel_limit": travel_limit,
    }
)
"""What a person and a slot decide alone, by rule id, in the register's order."""


def unacceptable(person: Person, supervisor: Supervisor) -> str | None:
    """Why the person may not be under this supervisor; None when they may."""
    code = supervisor.staff_code
    if code in person.excluded_supervisor_codes:
        return f"{person.crn} may not be under {code}"
    if person.no_male_supervisor and supervisor.sex is not Sex.FEMALE:
        return f"{person.crn} must have no male supervisor, and {code} is {_known(supervisor)}"
    if person.no_female_supervisor and supervisor.sex is not Sex.MALE:
        return f"{person.crn} must have no female supervisor, and {code} is {_known(supervisor)}"
    return None


def _known(supervisor: Supervisor) -> str:
    return "of unrecorded sex" if supervisor.sex is None else supervisor.sex.lower()
