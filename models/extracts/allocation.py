"""`read_allocation`: an allocation problem from a folder of extracts, a workbook or JSON."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models.allocation.case import Case
from models.allocation.officer import Officer
from models.allocation.problem import AllocationProblem
from models.errors import InputError
from models.extracts.assemble import Gathered, problem_of
from models.extracts.columns import CASES, OFFICERS, PROBLEM, Sheet
from models.extracts.grid import Source, refuse
from models.extracts.header import Header
from models.extracts.json_problem import read_json_problem
from models.extracts.limits import LIMITS, Limits
from models.extracts.records import (
    FaultList,
    Records,
    RecordT,
    add_case_stand_in,
    add_officer_stand_in,
)
from models.extracts.sources import source_of
from models.extracts.table import validated_rows
from models.faults import Fault
from models.record import reader


def read_allocation(
    path: Path,
    *,
    as_of: dt.date | None = None,
    default_as_of: dt.date | None = None,
    limits: Limits = LIMITS,
) -> AllocationProblem:
    """The allocation problem at `path`.

    path: a folder with officers, cases and optionally problem as CSV or Parquet; one XLSX with those sheets; or a
    JSON file of the contract's allocation problem. as_of: the plan date, whatever the input says. default_as_of:
    the plan date of tables that state none (JSON must state its own).

    Raises InputError with every fault of every file.
    """
    if path.suffix.casefold() == ".json" and not path.is_dir():
        return read_json_problem(path, as_of=as_of, limits=limits)
    source = source_of(path, (OFFICERS, CASES, PROBLEM), limits)
    faults: list[Fault] = []
    officers = _records(source, OFFICERS, Officer, add_officer_stand_in, limits, faults)
    cases = _records(source, CASES, Case, add_case_stand_in, limits, faults)
    header = _header(source, limits, faults)
    places = TablePlaces(source.files, officers.numbers, cases.numbers)
    day = as_of or (header.as_of if header is not None else None) or default_as_of
    gathered = Gathered(officers, cases, header, tuple(faults))
    return problem_of(gathered, places, as_of=day, most=limits.faults)


def _records(
    source: Source,
    sheet: Sheet,
    kind: type[RecordT],
    add_stand_in: Callable[[Records[RecordT], int, Mapping[str, Any], Set[str]], None],
    limits: Limits,
    faults: list[Fault],
) -> Records[RecordT]:
    found: Records[RecordT] = Records()
    listed = FaultList(source.files[sheet.name], limits.faults)
    try:
        grid = source.openers[sheet.name]()
        for row in validated_rows(grid, sheet, reader(kind).validate_python, limits, listed):
            if row.record is not None:
                found.add(row.record, row.number)
            else:
                add_stand_in(found, row.number, row.values, row.bad)
    except InputError as error:
        listed.add(*error.faults)
        found.known = False
    faults += listed.faults
    return found


def _header(source: Source, limits: Limits, faults: list[Fault]) -> Header | None:
    """What the table `problem` says; None when it has faults."""
    if PROBLEM.name not in source.openers:
        return Header()
    listed = FaultList(source.files[PROBLEM.name], limits.faults)
    found: list[Header | None] = []
    try:
        grid = source.openers[PROBLEM.name]()
        for row in validated_rows(grid, PROBLEM, reader(Header).validate_python, limits, listed):
            found.append(row.record)
            if len(found) > 1:
                raise refuse("there is more than one row", "one row", grid.file, row.number)
    except InputError as error:
        listed.add(*error.faults)
    faults += listed.faults
    if listed.faults:
        return None
    return found[0] if found else Header()


@dataclass(frozen=True, slots=True)
class TablePlaces:
    """Places in tables. files: by table name. officer_rows, case_rows: each record's row."""

    files: Mapping[str, str]
    officer_rows: list[int]
    case_rows: list[int]

    def officer(self, number: int, field: str | None) -> Fault:
        """The row and column of an officer's field."""
        return _place(self.files, OFFICERS, self.officer_rows, number, field)

    def case(self, number: int, field: str | None) -> Fault:
        """The row and column of a case's field."""
        return _place(self.files, CASES, self.case_rows, number, field)

    def problem(self, field: str | None) -> Fault:
        """The table that says this about the problem: its officers, its cases, or the one row of `problem`."""
        if field is not None and field in self.files:
            return Fault("", "", file=self.files[field])
        return Fault("", "", file=self.files[PROBLEM.name], column=field)


def _place(files: Mapping[str, str], sheet: Sheet, rows: list[int], number: int, field: str | None) -> Fault:
    row = rows[number] if number < len(rows) else None
    return Fault("", "", file=files[sheet.name], row=row, column=field)
