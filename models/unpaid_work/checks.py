"""Faults between records of unpaid work: duplicates, times and dates upside down, records that contradict each other.

What is merely the untidiness of real data (an allocation to a project that is gone, a CRN or a code of another unit,
an order that has run out) is no fault; the checker reports it as a finding.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol

from models.allocation.terms import Sex
from models.faults import Fault
from models.unpaid_work.person import Person, RequirementKey
from models.unpaid_work.problem import UnpaidWorkProblem
from models.unpaid_work.project import Project
from models.unpaid_work.terms import Absence, ProjectType

FIRST_YEAR, LAST_YEAR = 1950, 2150
"""Dates outside these years are slips of the pen."""


class Places(Protocol):
    """Where a record of the problem stood in the input; each gives a fault whose clauses are still empty."""

    def person(self, number: int, field: str | None) -> Fault:
        """At this field of the requirement with this position."""

    def allocation(self, number: int, entry: int, field: str | None) -> Fault:
        """At this field of an existing allocation of the requirement."""

    def appointment(self, number: int, entry: int, field: str | None) -> Fault:
        """At this field of a told appointment of the requirement."""

    def project(self, number: int, field: str | None) -> Fault:
        """At this field of the project with this position."""

    def slot(self, number: int, entry: int, field: str | None) -> Fault:
        """At this field of a slot in the project's availability."""

    def supervisor(self, number: int, field: str | None) -> Fault:
        """At this field of the supervisor with this position."""

    def problem(self, field: str | None) -> Fault:
        """At this field of the problem itself."""


@dataclass(frozen=True)
class JsonPlaces:
    """Places in a JSON problem, as paths."""

    file: str | None = None

    def _at(self, path: str, field: str | None) -> Fault:
        return Fault("", "", file=self.file, path=path + (f".{field}" if field else ""))

    def person(self, number: int, field: str | None) -> Fault:
        """The path of a requirement's field."""
        return self._at(f"people[{number}]", field)

    def allocation(self, number: int, entry: int, field: str | None) -> Fault:
        """The path of an allocation's field."""
        return self._at(f"people[{number}].allocations[{entry}]", field)

    def appointment(self, number: int, entry: int, field: str | None) -> Fault:
        """The path of an appointment's field."""
        return self._at(f"people[{number}].appointments[{entry}]", field)

    def project(self, number: int, field: str | None) -> Fault:
        """The path of a project's field."""
        return self._at(f"projects[{number}]", field)

    def slot(self, number: int, entry: int, field: str | None) -> Fault:
        """The path of a slot's field."""
        return self._at(f"projects[{number}].availability[{entry}]", field)

    def supervisor(self, number: int, field: str | None) -> Fault:
        """The path of a supervisor's field."""
        return self._at(f"supervisors[{number}]", field)

    def problem(self, field: str | None) -> Fault:
        """The path of a field of the problem."""
        return Fault("", "", file=self.file, path=field)


def _fault(place: Fault, problem: str, expected: str) -> Fault:
    return Fault(problem, expected, place.file, place.row, place.column, place.path)


def unpaid_work_faults(problem: UnpaidWorkProblem, places: Places) -> list[Fault]:
    """Every fault between the records of `problem`: of the problem itself, people, projects, supervisors."""
    return [
        *_own_faults(problem, places),
        *_people_faults(problem, places),
        *_project_faults(problem.projects, places),
        *_supervisor_faults(problem, places),
    ]


def _own_faults(problem: UnpaidWorkProblem, places: Places) -> Iterator[Fault]:
    yield from _year_fault(problem.first, places.problem("from"))
    if not problem.people:
        yield _fault(places.problem("people"), "there is nobody with unpaid work", "at least one person")
    if not problem.projects:
        yield _fault(places.problem("projects"), "there is no project", "at least one project")


def _year_fault(day: dt.date, place: Fault) -> Iterator[Fault]:
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        yield _fault(place, f"{day} is in the year {day.year}", f"a day from {FIRST_YEAR} to {LAST_YEAR}")


def _people_faults(problem: UnpaidWorkProblem, places: Places) -> Iterator[Fault]:
    seen: dict[RequirementKey, int] = {}
    sexes: dict[str, tuple[Sex, int]] = {}
    for number, person in enumerate(problem.people):
        if person.key in seen:
            first = places.person(seen[person.key], None)
            yield _fault(
                places.person(number, "eventNumber"),
                f"{person.key} is there twice (first at {first.where})",
                "each event of a person once",
            )
        seen.setdefault(person.key, number)
        yield from _person_faults(number, person, places)
        if person.sex is None:
            continue
        sex, other = sexes.setdefault(person.crn, (person.sex, number))
        if sex != person.sex:
            yield _fault(
                places.person(number, "sex"),
                f"{person.crn} is {sex.lower()} at {places.person(other, None).where} and {person.sex.lower()} here",
                "the same for every event of a person",
            )


def _person_faults(number: int, person: Person, places: Places) -> Iterator[Fault]:
    yield from _year_fault(person.sentence_date, places.person(number, "sentenceDate"))
    yield from _year_fault(person.complete_by, places.person(number, "completeBy"))
    if person.complete_by < person.sentence_date:
        yield _fault(
            places.person(number, "completeBy"),
            f"the date to complete by, {person.complete_by}, is before the sentence",
            f"a date on or after {person.sentence_date}",
        )
    least, most = person.weekly_minutes_min, person.weekly_minutes_max
    if least is not None and most is not None and least > most:
        yield _fault(
            places.person(number, "weeklyMinutesMin"),
            f"the least minutes a week, {least}, are more than the most",
            f"at most weeklyMinutesMax, {most}",
        )
    if person.crn in person.keep_apart_crns:
        yield _fault(
            places.person(number, "keepApartCrns"), f"{person.crn} is to be kept apart from itself", "others"
        )
    yield from _absence_faults(person.unavailable, places.person(number, "unavailable"))
    for entry, allocation in enumerate(person.allocations):
        yield from _time_fault(
            allocation.start_time, allocation.end_time, places.allocation(number, entry, "endTime")
        )
        last = allocation.end_date_inclusive
        if last is not None and last < allocation.start_date_inclusive:
            yield _fault(
                places.allocation(number, entry, "endDateInclusive"),
                "the allocation ends before it begins",
                f"a date on or after {allocation.start_date_inclusive}",
            )
    yield from _appointment_faults(number, person, places)


def _appointment_faults(number: int, person: Person, places: Places) -> Iterator[Fault]:
    told = set()
    for entry, appointment in enumerate(person.appointments):
        yield from _time_fault(
            appointment.start_time, appointment.end_time, places.appointment(number, entry, "endTime")
        )
        if appointment in told:
            yield _fault(
                places.appointment(number, entry, "date"), "the appointment is there twice", "each once"
            )
        told.add(appointment)


def _time_fault(start: int, end: int, place: Fault) -> Iterator[Fault]:
    if end <= start:
        yield _fault(place, "this ends before it begins", "an end after the start, on the same day")


def _absence_faults(absences: Iterable[Absence], place: Fault) -> Iterator[Fault]:
    for absence in absences:
        if absence.last < absence.first:
            yield _fault(place, "an absence ends before it begins", "from on or before to")


def _project_faults(projects: Iterable[Project], places: Places) -> Iterator[Fault]:
    seen = set[str]()
    for number, project in enumerate(projects):
        if project.project_code in seen:
            yield _fault(
                places.project(number, "projectCode"),
                f"project {project.project_code} is there twice",
                "each project code once",
            )
        seen.add(project.project_code)
        if _ends_first(project.start_date_inclusive, project.end_date_exclusive):
            yield _fault(
                places.project(number, "endDateExclusive"),
                "the project ends before it begins",
                f"a date after {project.start_date_inclusive}",
            )
        least = project.min_people
        if project.project_type is ProjectType.GROUP and least is not None and least > project.places:
            yield _fault(
                places.project(number, "minPeople"),
                f"the group needs {least} people and has {project.places} places: it can never run",
                f"at most {project.places}",
            )
        for entry, slot in enumerate(project.availability):
            yield from _time_fault(slot.start_time, slot.end_time, places.slot(number, entry, "endTime"))
            if _ends_first(slot.start_date_inclusive, slot.end_date_exclusive):
                yield _fault(
                    places.slot(number, entry, "endDateExclusive"),
                    "the slot ends before it begins",
                    f"a date after {slot.start_date_inclusive}",
                )


def _ends_first(start: dt.date | None, end_exclusive: dt.date | None) -> bool:
    return start is not None and end_exclusive is not None and end_exclusive <= start


def _supervisor_faults(problem: UnpaidWorkProblem, places: Places) -> Iterator[Fault]:
    seen = set[str]()
    for number, supervisor in enumerate(problem.supervisors):
        if supervisor.staff_code in seen:
            yield _fault(
                places.supervisor(number, "staffCode"),
                f"supervisor {supervisor.staff_code} is there twice",
                "each staff code once",
            )
        seen.add(supervisor.staff_code)
        yield from _absence_faults(supervisor.unavailable, places.supervisor(number, "unavailable"))
