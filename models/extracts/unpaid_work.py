"""`read_unpaid_work`: an unpaid work problem from a folder of extracts, a workbook or JSON."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from models.extracts.columns import ALLOCATION
from models.extracts.gather import header_of_table, records_of_table, table_place
from models.extracts.grid import Source
from models.extracts.limits import LIMITS, Limits
from models.extracts.records import FaultList, Records
from models.extracts.sources import source_of
from models.extracts.unpaid_assemble import UnpaidGathered, UnpaidHeader, unpaid_problem_of
from models.extracts.unpaid_columns import (
    ALLOCATIONS,
    APPOINTMENTS,
    ATTENDANCE_HISTORY,
    DEFAULT_WEEKS,
    PEOPLE,
    PROJECT_AVAILABILITY,
    PROJECTS,
    SUPERVISORS,
    UNPAID_PROBLEM,
    UNPAID_WORK,
)
from models.extracts.unpaid_json import read_unpaid_json
from models.extracts.unpaid_rows import (
    AllocationRow,
    AppointmentRow,
    Children,
    SlotRow,
    joined,
    leave_out,
    requirement_of,
    unknown_project,
    unknown_requirement,
)
from models.extracts.unpaid_stand_ins import (
    add_person_stand_in,
    add_project_stand_in,
    add_supervisor_stand_in,
)
from models.faults import Fault
from models.unpaid_work.person import ExistingAllocation, Person, ToldAppointment
from models.unpaid_work.problem import AttendanceRecord, UnpaidWorkProblem
from models.unpaid_work.project import OpenSlot, Project
from models.unpaid_work.supervisor import Supervisor


def read_unpaid_work(
    path: Path,
    *,
    start: dt.date | None = None,
    default_start: dt.date | None = None,
    limits: Limits = LIMITS,
) -> UnpaidWorkProblem:
    """The unpaid work problem at `path`.

    path: a folder with people, projects, project_availability, supervisors and optionally allocations, appointments,
    attendance_history and problem as CSV or Parquet; one XLSX with those sheets; or a JSON file of the contract's
    unpaid work problem.
    start: the first day, whatever the input says. default_start: the first day of tables that state none (JSON must
    state its own). Tables that state no number of weeks have DEFAULT_WEEKS.

    Raises InputError with every fault of every file.
    """
    if path.suffix.casefold() == ".json" and not path.is_dir():
        return read_unpaid_json(path, start=start, limits=limits)
    source = source_of(path, UNPAID_WORK, ALLOCATION, limits)
    faults: list[Fault] = []
    people = records_of_table(source, PEOPLE, Person, add_person_stand_in, limits, faults)
    projects = records_of_table(source, PROJECTS, Project, add_project_stand_in, limits, faults)
    slots = _with_slots(source, projects, limits, faults)
    supervisors = records_of_table(source, SUPERVISORS, Supervisor, add_supervisor_stand_in, limits, faults)
    allocations, appointments = _with_bookings(source, people, limits, faults)
    history = records_of_table(source, ATTENDANCE_HISTORY, AttendanceRecord, leave_out, limits, faults)
    header = header_of_table(source, UNPAID_PROBLEM, UnpaidHeader, limits, faults)
    places = UnpaidTablePlaces(
        source.files,
        people.numbers,
        projects.numbers,
        supervisors.numbers,
        slots.rows,
        allocations.rows,
        appointments.rows,
    )
    stated = header or UnpaidHeader()
    return unpaid_problem_of(
        UnpaidGathered(people, projects, supervisors, history, header, tuple(faults)),
        places,
        first=start or stated.first or default_start,
        weeks=stated.weeks or DEFAULT_WEEKS,
        most=limits.faults,
    )


def _with_slots(
    source: Source, projects: Records[Project], limits: Limits, faults: list[Fault]
) -> Children[OpenSlot]:
    """Gives every project its slots."""
    rows = records_of_table(source, PROJECT_AVAILABILITY, SlotRow, leave_out, limits, faults)
    file = source.files[PROJECT_AVAILABILITY.name]
    listed = FaultList(file, limits.faults)
    slots = joined(
        [project.project_code for project in projects.records],
        rows,
        OpenSlot,
        lambda row: row.project_code,
        unknown_project if projects.known else None,
        listed,
        file,
    )
    faults += listed.faults
    projects.records = [
        dataclasses.replace(project, availability=entries)
        for project, entries in zip(projects.records, slots.entries, strict=True)
    ]
    return slots


def _with_bookings(
    source: Source, people: Records[Person], limits: Limits, faults: list[Fault]
) -> tuple[Children[ExistingAllocation], Children[ToldAppointment]]:
    """Gives every requirement its allocations and told appointments."""
    keys = [person.key for person in people.records]
    events: dict[str, list[int]] = {}
    for person in people.records:
        events.setdefault(person.crn, []).append(person.event_number)
    stranger = unknown_requirement(events) if people.known else None
    allocation_rows = records_of_table(source, ALLOCATIONS, AllocationRow, leave_out, limits, faults)
    file = source.files[ALLOCATIONS.name]
    listed = FaultList(file, limits.faults)
    allocations = joined(keys, allocation_rows, ExistingAllocation, requirement_of, stranger, listed, file)
    faults += listed.faults
    appointment_rows = records_of_table(source, APPOINTMENTS, AppointmentRow, leave_out, limits, faults)
    file = source.files[APPOINTMENTS.name]
    listed = FaultList(file, limits.faults)
    appointments = joined(keys, appointment_rows, ToldAppointment, requirement_of, stranger, listed, file)
    faults += listed.faults
    people.records = [
        dataclasses.replace(person, allocations=placed, appointments=told)
        for person, placed, told in zip(
            people.records, allocations.entries, appointments.entries, strict=True
        )
    ]
    return allocations, appointments


Rows = tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True)
class UnpaidTablePlaces:
    """Places in tables. files: by table name. *_rows: each record's row, or the rows of what belongs to it."""

    files: Mapping[str, str]
    people_rows: list[int]
    project_rows: list[int]
    supervisor_rows: list[int]
    slot_rows: Rows
    allocation_rows: Rows
    appointment_rows: Rows

    def person(self, number: int, field: str | None) -> Fault:
        """The row and column of a requirement's field."""
        return table_place(self.files, PEOPLE, self.people_rows, number, field)

    def allocation(self, number: int, entry: int, field: str | None) -> Fault:
        """The row and column of an allocation's field."""
        return table_place(self.files, ALLOCATIONS, self.allocation_rows[number], entry, field)

    def appointment(self, number: int, entry: int, field: str | None) -> Fault:
        """The row and column of an appointment's field."""
        return table_place(self.files, APPOINTMENTS, self.appointment_rows[number], entry, field)

    def project(self, number: int, field: str | None) -> Fault:
        """The row and column of a project's field."""
        return table_place(self.files, PROJECTS, self.project_rows, number, field)

    def slot(self, number: int, entry: int, field: str | None) -> Fault:
        """The row and column of a slot's field."""
        return table_place(self.files, PROJECT_AVAILABILITY, self.slot_rows[number], entry, field)

    def supervisor(self, number: int, field: str | None) -> Fault:
        """The row and column of a supervisor's field."""
        return table_place(self.files, SUPERVISORS, self.supervisor_rows, number, field)

    def problem(self, field: str | None) -> Fault:
        """The table that says this about the problem: its people, its projects, or the one row of `problem`."""
        if field is not None and field in self.files:
            return Fault("", "", file=self.files[field])
        return Fault("", "", file=self.files[UNPAID_PROBLEM.name], column=field)
