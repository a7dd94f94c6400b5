"""`read_allocation`: an allocation problem from a folder of extracts, a workbook or JSON."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from models.allocation.case import Case
from models.allocation.officer import Officer
from models.allocation.problem import AllocationProblem
from models.extracts.assemble import Gathered, problem_of
from models.extracts.columns import ALLOCATION, CASES, OFFICERS, PROBLEM
from models.extracts.gather import header_of_table, records_of_table, table_place
from models.extracts.header import Header
from models.extracts.json_problem import read_json_problem
from models.extracts.limits import LIMITS, Limits
from models.extracts.records import add_case_stand_in, add_officer_stand_in
from models.extracts.sources import source_of
from models.extracts.unpaid_columns import UNPAID_WORK
from models.faults import Fault


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
    source = source_of(path, ALLOCATION, UNPAID_WORK, limits)
    faults: list[Fault] = []
    officers = records_of_table(source, OFFICERS, Officer, add_officer_stand_in, limits, faults)
    cases = records_of_table(source, CASES, Case, add_case_stand_in, limits, faults)
    header = header_of_table(source, PROBLEM, Header, limits, faults)
    places = TablePlaces(source.files, officers.numbers, cases.numbers)
    day = as_of or (header.as_of if header is not None else None) or default_as_of
    gathered = Gathered(officers, cases, header, tuple(faults))
    return problem_of(gathered, places, as_of=day, most=limits.faults)


@dataclass(frozen=True, slots=True)
class TablePlaces:
    """Places in tables. files: by table name. officer_rows, case_rows: each record's row."""

    files: Mapping[str, str]
    officer_rows: list[int]
    case_rows: list[int]

    def officer(self, number: int, field: str | None) -> Fault:
        """The row and column of an officer's field."""
        return table_place(self.files, OFFICERS, self.officer_rows, number, field)

    def case(self, number: int, field: str | None) -> Fault:
        """The row and column of a case's field."""
        return table_place(self.files, CASES, self.case_rows, number, field)

    def problem(self, field: str | None) -> Fault:
        """The table that says this about the problem: its officers, its cases, or the one row of `problem`."""
        if field is not None and field in self.files:
            return Fault("", "", file=self.files[field])
        return Fault("", "", file=self.files[PROBLEM.name], column=field)
