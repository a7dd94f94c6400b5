"""An allocation problem as extracts: the folder that `read_allocation` reads back to an equal problem."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from models.allocation.problem import AllocationProblem
from models.extracts.cells import NONE
from models.extracts.columns import CASES, OFFICERS, PROBLEM
from models.extracts.register import Column, Kind, Sheet
from models.record import as_json

_WRITERS: Mapping[Kind, Callable[[Any], str]] = {
    Kind.CODES: ";".join,
    Kind.SKILLS: ";".join,
    Kind.LIMITS: lambda limits: ";".join(f"{name}={most}" for name, most in limits.items()),
    Kind.DAYS: lambda days: ";".join(days) or NONE,
    Kind.HALF_DAYS: lambda half_days: ";".join(half_days) or NONE,
    Kind.LEAVE: lambda spans: ";".join(f"{span['from']}/{span['to']}" for span in spans),
    Kind.YES_NO: lambda value: "yes" if value else "no",
    Kind.NUMBER: lambda number: repr(number).removesuffix(".0"),
}


def cell_of(column: Column, values: Mapping[str, Any]) -> str:
    """The cell of a column, from the record's JSON."""
    value: Any = values
    for name in column.path or (column.name,):
        value = None if value is None else value.get(name)
    return "" if value is None else _WRITERS.get(column.kind, str)(value)


def write_allocation(problem: AllocationProblem, folder: Path) -> None:
    """Writes officers.csv, cases.csv and problem.csv into `folder`, which is made when it is missing.

    The problem must be one that reading accepts. Raises OSError as writing does.
    """
    folder.mkdir(parents=True, exist_ok=True)
    write_table(OFFICERS, folder, map(as_json, problem.officers))
    write_table(CASES, folder, map(as_json, problem.cases))
    header = {
        "asOf": dt.date.isoformat(problem.as_of),
        "tierScheme": problem.tier_scheme,
        "oversightLimits": problem.oversight_limits,
    }
    write_table(PROBLEM, folder, [header])


def write_table(sheet: Sheet, folder: Path, records: Iterable[Mapping[str, Any]]) -> None:
    """Writes one table into `folder` from the JSON of its records."""
    with (folder / f"{sheet.name}.csv").open("w", encoding="utf-8", newline="") as stream:
        stream.write(_line(sheet.names))
        stream.writelines(_line(cell_of(column, values) for column in sheet.columns) for values in records)


_QUOTE = '"'
_QUOTED = re.compile(r'[",\r\n]')


def _line(cells: Iterable[str]) -> str:
    """A row of CSV. A carriage return is quoted, which csv.writer leaves bare and no reader then keeps."""
    return (
        ",".join(f'"{cell.replace(_QUOTE, 2 * _QUOTE)}"' if _QUOTED.search(cell) else cell for cell in cells)
        + "\n"
    )
