"""Headings to columns: what stands where in a table, and every fault of the headings."""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass

from models.extracts.grid import shown
from models.extracts.register import Column, Sheet
from models.faults import Fault


@dataclass(frozen=True, slots=True)
class Layout:
    """Which column stands at which position.

    columns: one for each position, None where nothing is read. blank: positions without a heading.
    missing: required columns that are not there. faults: of the headings.
    """

    columns: tuple[Column | None, ...]
    blank: frozenset[int]
    missing: frozenset[str]
    faults: tuple[Fault, ...]


def layout_of(
    headings: Sequence[str],
    sheet: Sheet,
    file: str,
    row: int,
    *,
    others_ignored: bool = False,
    unread: Container[int] = (),
) -> Layout:
    """The layout that the headings (at this row) state.

    others_ignored: unknown columns pass. unread: positions of headings that have a fault of their own already.
    """
    faults: list[Fault] = []
    columns: list[Column | None] = []
    first: dict[str, str] = {}
    for position, heading in enumerate(headings):
        column = sheet.column(heading)
        if column is None and heading and position not in unread and not others_ignored:
            faults.append(_unknown(heading, sheet, file, row))
        if column is not None and column.name in first:
            faults.append(
                Fault(
                    f"two columns are {column.name}: {shown(first[column.name])} and {shown(heading)}",
                    "each column once",
                    file=file,
                    row=row,
                    column=column.name,
                )
            )
            column = None
        elif column is not None:
            first[column.name] = heading
        columns.append(column)
    missing = [column.name for column in sheet.columns if column.required and column.name not in first]
    faults += [
        Fault("this column is missing", f"a column {name}", file=file, row=row, column=name)
        for name in missing
    ]
    return Layout(
        tuple(columns),
        frozenset(
            position for position, heading in enumerate(headings) if not heading and position not in unread
        ),
        frozenset(missing),
        tuple(faults),
    )


def _unknown(heading: str, sheet: Sheet, file: str, row: int) -> Fault:
    nearest = sheet.nearest(heading)
    expected = f"perhaps {nearest}" if nearest else f"only the columns {', '.join(sheet.names)}"
    return Fault(f"the column {shown(heading)} is unknown", expected, file=file, row=row, column=heading[:60])
