"""`read_plan`: a plan to be checked, from a plan file or from a spreadsheet edited by hand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from pydantic import ConfigDict

from models.allocation.plan import Plan
from models.errors import InputError
from models.extracts.csv_table import csv_grid
from models.extracts.grid import Grid, refuse, shown
from models.extracts.json_text import record_of_json
from models.extracts.limits import LIMITS, Limits
from models.extracts.parquet_table import parquet_grid
from models.extracts.records import FaultList
from models.extracts.register import Column, Kind, Sheet
from models.extracts.table import validated_rows
from models.extracts.workbook import Workbook, open_workbook
from models.record import CAMEL, Crn, OptionalCode, reader

PLAN = Sheet(
    "assignments",
    (
        Column("crn", Kind.CRN, "the case reference number", "X123456", required=True),
        Column("staffCode", Kind.CODE, "who is to have it; blank when nobody", "N03A019", required=True),
        Column("teamCode", Kind.CODE, "the team in which; blank when the person has one", "N03F01"),
    ),
)
"""The columns of a plan as a table; any others are ignored."""


@dataclass(frozen=True, slots=True)
class _Line:
    __pydantic_config__: ClassVar[ConfigDict] = CAMEL

    crn: Crn
    staff_code: OptionalCode = None
    team_code: OptionalCode = None


@dataclass(frozen=True, slots=True)
class EditedPlan:
    """A plan as a table states it.

    assignments: (crn, staff code, team code) in the table's order. The staff code is None for a case that nobody
    gets; the team code is None when the table names no team. A CRN may be there twice: the checker says so.
    """

    assignments: tuple[tuple[str, str | None, str | None], ...]


def read_plan(path: Path, *, limits: Limits = LIMITS) -> Plan | EditedPlan:
    """The plan at `path`: plan.json as `allocate` writes it, or CSV, XLSX or Parquet with the columns of PLAN.

    An XLSX with several sheets is read at the sheet named assignments, or plan. Raises InputError with every fault.
    """
    kind = path.suffix.casefold()
    if kind == ".json":
        return record_of_json(path, Plan, limits)
    openers: dict[str, Callable[[], Grid]] = {
        ".csv": lambda: csv_grid(path, limits),
        ".parquet": lambda: parquet_grid(path, limits),
        ".xlsx": lambda: _sheet(open_workbook(path, limits)),
    }
    if kind not in openers:
        raise refuse(
            f"a plan cannot be read from {shown(path.name)}",
            "plan.json, or a CSV, XLSX or Parquet file",
            path.name,
        )
    return _plan_of_table(openers[kind](), limits)


def _plan_of_table(grid: Grid, limits: Limits) -> EditedPlan:
    listed = FaultList(grid.file, limits.faults)
    found: list[tuple[str, str | None, str | None]] = []
    try:
        for row in validated_rows(
            grid, PLAN, reader(_Line).validate_python, limits, listed, others_ignored=True
        ):
            if row.record is not None:
                line = row.record
                team = None if line.staff_code is None else line.team_code
                found.append((line.crn, line.staff_code, team))
    except InputError as error:
        listed.add(*error.faults)
    if listed.faults:
        raise InputError(listed.faults)
    return EditedPlan(tuple(found))


def _sheet(book: Workbook) -> Grid:
    names = {"assignments", "plan"}
    mine = [tab for tab in book.tabs if tab.name.strip().casefold() in names]
    tabs = mine if len(book.tabs) > 1 else list(book.tabs)
    if len(tabs) != 1:
        there = ", ".join(shown(tab.name) for tab in book.tabs[:10])
        raise refuse(
            f"which sheet holds the plan is not clear (there are: {there})",
            "one sheet named assignments",
            book.package.file,
        )
    return book.grid(tabs[0], merged_allowed=True)
