"""Rows of the tables that belong to a person or a project, and their joining to it."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Hashable, Iterable, Mapping, Set
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, TypeVar

from pydantic import ConfigDict

from models.extracts.records import FaultList, Records, RecordT
from models.faults import Fault
from models.record import CAMEL, Code, Crn
from models.unpaid_work.person import EventNumber, ExistingAllocation, RequirementKey, ToldAppointment
from models.unpaid_work.project import OpenSlot

ChildT = TypeVar("ChildT", ExistingAllocation, ToldAppointment, OpenSlot)
Stranger = tuple[str, str, str]
"""What a row is told that belongs to nothing: the column, what is wrong, what was expected."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AllocationRow(ExistingAllocation):
    """A row of allocations: the allocation, and whose it is."""

    __pydantic_config__: ClassVar[ConfigDict] = CAMEL

    crn: Crn
    event_number: EventNumber = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class AppointmentRow(ToldAppointment):
    """A row of appointments: the appointment, and whose it is."""

    __pydantic_config__: ClassVar[ConfigDict] = CAMEL

    crn: Crn
    event_number: EventNumber = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotRow(OpenSlot):
    """A row of project_availability: the slot, and the project's code."""

    __pydantic_config__: ClassVar[ConfigDict] = CAMEL

    project_code: Code


def leave_out(records: Records[RecordT], _number: int, _values: Mapping[str, Any], _bad: Set[str]) -> None:
    """A faulty row that belongs to another record is left out: nothing else hangs on it."""
    records.known = False


@dataclass(frozen=True, slots=True)
class Children(Generic[ChildT]):
    """What belongs to each record, by its position: the entries, and the rows they stand in."""

    entries: tuple[tuple[ChildT, ...], ...]
    rows: tuple[tuple[int, ...], ...]


def joined(
    parents: Iterable[Hashable],
    rows: Records[RecordT],
    kind: type[ChildT],
    key: Callable[[RecordT], Hashable],
    stranger: Callable[[RecordT], Stranger] | None,
    listed: FaultList,
    file: str,
) -> Children[ChildT]:
    """Each row, as a record of `kind` without the columns of its key, with the first parent that has its key.

    stranger: what is wrong with a row that belongs to nothing; None when the parents are not all known.
    """
    keys = list(parents)
    positions: dict[Hashable, int] = {}
    for position, parent in enumerate(keys):
        positions.setdefault(parent, position)
    names = [each.name for each in dataclasses.fields(kind)]
    entries: list[list[ChildT]] = [[] for _ in keys]
    numbers: list[list[int]] = [[] for _ in keys]
    for row, number in zip(rows.records, rows.numbers, strict=True):
        found = positions.get(key(row))
        if found is not None:
            entries[found].append(kind(**{name: getattr(row, name) for name in names}))
            numbers[found].append(number)
        elif stranger is not None:
            column, problem, expected = stranger(row)
            listed.add(Fault(problem, expected, file=file, row=number, column=column))
    return Children(tuple(map(tuple, entries)), tuple(map(tuple, numbers)))


def requirement_of(row: AllocationRow | AppointmentRow) -> RequirementKey:
    """Whose the row is."""
    return RequirementKey(row.crn, row.event_number)


def unknown_requirement(
    events: Mapping[str, list[int]],
) -> Callable[[AllocationRow | AppointmentRow], Stranger]:
    """What is wrong with a row of nobody; events: the event numbers of every CRN in people."""

    def clauses(row: AllocationRow | AppointmentRow) -> Stranger:
        mine = sorted(events.get(row.crn, ()))
        if not mine:
            return "crn", f"{row.crn} is not among the people", "a CRN of people"
        there = " or ".join(map(str, mine[:5]))
        return "eventNumber", f"{row.crn} has no event {row.event_number} among the people", there

    return clauses


def unknown_project(row: SlotRow) -> Stranger:
    """What is wrong with a slot of no project."""
    return "projectCode", f"{row.project_code} is not among the projects", "a project code of projects"
