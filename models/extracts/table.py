"""A table's rows validated one by one, every fault with its row and column."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from models.errors import InputError
from models.extracts.cells import Convert, converter
from models.extracts.grid import Grid, is_formula, refuse, shown
from models.extracts.limits import Limits
from models.extracts.records import FaultList
from models.extracts.register import Column, Sheet
from models.extracts.sheet_layout import Layout, layout_of
from models.faults import Fault, clauses

T = TypeVar("T")
Slot = tuple[Column, Convert | None] | None


@dataclass(frozen=True, slots=True)
class Outcome(Generic[T]):
    """One row. record: None when it has faults; `bad` are then the fields that do, `values` what it said."""

    number: int
    record: T | None
    values: Mapping[str, Any]
    bad: Set[str]


def validated_rows(
    grid: Grid,
    sheet: Sheet,
    validate: Callable[[dict[str, Any]], T],
    limits: Limits,
    faults: FaultList,
    *,
    others_ignored: bool = False,
) -> Iterator[Outcome[T]]:
    """Every row below the headings; what is wrong is added to `faults`.

    Raises InputError where the file breaks off or has no headings, and when `faults` is full: the rest is then
    unread.
    """
    headings = next(grid.rows, None)
    if headings is None:
        raise refuse("there are no headings", f"the columns {', '.join(sheet.names)}", grid.file)
    if len(headings[1]) > limits.columns:
        raise refuse(
            f"there are {len(headings[1])} columns", f"at most {limits.columns}", grid.file, headings[0]
        )
    names = [heading.strip().strip("\ufeff") for heading in headings[1]]
    broken = {} if others_ignored else grid.broken.get(headings[0], {})
    faults.add(
        *(
            Fault(problem, expected, file=grid.file, row=headings[0])
            for _, (problem, expected) in sorted(broken.items())
        )
    )
    layout = layout_of(names, sheet, grid.file, headings[0], others_ignored=others_ignored, unread=broken)
    faults.add(*layout.faults)
    slots: list[Slot] = [None if column is None else (column, converter(column)) for column in layout.columns]
    row = _RowReader(grid, sheet, layout, slots, limits, strict=not others_ignored)
    for number, cells in grid.rows:
        found, values = row.values(number, cells)
        try:
            record = validate(values)
        except ValidationError as error:
            row.note(error, number, found)
        else:
            if not found:
                yield Outcome(number, record, values, frozenset())
                continue
        faults.add(*dict.fromkeys(fault for _, fault in found if fault is not None))
        if faults.full:
            raise InputError([])
        yield Outcome(number, None, values, {name for name, _ in found})


Found = list[tuple[str, Fault | None]]
"""The fields of a row that have faults, and the faults; None where the fault is told elsewhere."""


class _RowReader:
    """What is the same for all rows of one table."""

    def __init__(
        self, grid: Grid, sheet: Sheet, layout: Layout, slots: Sequence[Slot], limits: Limits, *, strict: bool
    ) -> None:
        self._file = grid.file
        self._broken = grid.broken
        self._sheet = sheet
        self._missing = layout.missing
        self._blank = layout.blank if strict else frozenset[int]()
        self._slots = slots
        self._longest = limits.cell_characters
        self._strict = strict

    def values(self, number: int, cells: Sequence[str]) -> tuple[Found, dict[str, Any]]:
        """The row's values by field, and the faults of its cells as such."""
        found: Found = []
        values: dict[str, Any] = {}
        if number in self._broken:
            cells = self._without_broken(number, cells, found)
        for slot, cell in zip(self._slots, cells, strict=False):
            if not cell or slot is None:
                continue
            text = cell.strip()
            if not text:
                continue
            column, convert = slot
            value: Any = text
            try:
                if len(text) > self._longest:
                    raise ValueError(
                        f"this cell has {len(text):,} characters; expected at most {self._longest:,}"
                    )
                if text[0] in "=@+-" and is_formula(text):
                    raise ValueError(f"{shown(text)} looks like a formula; expected the value itself")
                if convert is not None:
                    value = convert(text)
            except ValueError as error:
                problem, _, expected = str(error).partition("; expected ")
                found.append((column.field, self._fault(number, column.name, problem, expected)))
                continue
            if column.path:
                values.setdefault(column.path[0], {})[column.path[1]] = value
            else:
                values[column.name] = value
        if self._strict and (self._blank or len(cells) > len(self._slots)):
            found += self._outside(number, cells)
        return found, values

    def _without_broken(self, number: int, cells: Sequence[str], found: Found) -> Sequence[str]:
        kept = list(cells)
        for position, (problem, expected) in sorted(self._broken[number].items()):
            slot = self._slots[position] if position < len(self._slots) else None
            if slot is not None:
                found.append((slot[0].field, self._fault(number, slot[0].name, problem, expected)))
            elif self._strict:
                found.append(("", self._fault(number, None, problem, expected)))
            if position < len(kept):
                kept[position] = ""
        return kept

    def _outside(self, number: int, cells: Sequence[str]) -> Found:
        for position, text in enumerate(map(str.strip, cells)):
            if text and (position >= len(self._slots) or position in self._blank):
                problem = f"the value {shown(text)} in column {position + 1} stands under no heading"
                return [("", self._fault(number, None, problem, "as many cells as headings"))]
        return []

    def note(self, error: ValidationError, number: int, found: Found) -> None:
        """Adds every fault that pydantic found in the row, by its column."""
        told = {name for name, _ in found} | self._missing
        for details in error.errors(include_url=False):
            field = str(details["loc"][0]) if details["loc"] else ""
            name = self._sheet.of_field(details["loc"])
            if details["type"] == "missing" and field in told:
                found.append((field, None))
                continue
            problem, expected = self._clauses(details, name)
            found.append((field, self._fault(number, name, problem, expected)))

    def _clauses(self, details: ErrorDetails, name: str | None) -> tuple[str, str]:
        if details["type"] != "missing":
            return clauses(details)
        if len(details["loc"]) > 1:
            return "half of a location is missing", "easting and northing, or neither"
        column = None if name is None else self._sheet.column(name)
        return "this is missing", "a value" if column is None else column.allowed

    def _fault(self, number: int, name: str | None, problem: str, expected: str) -> Fault:
        return Fault(problem, expected, file=self._file, row=number, column=name)
