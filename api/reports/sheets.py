"""Tables as sheets of an XLSX: headings frozen, filters on, every text written as text.

Nothing in a record becomes a formula, a link or a number.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import xlsxwriter

Cell = str | int | float | None
Rows = Iterable[Sequence[Cell]]

WIDEST = 80
"""The widest column, in characters."""

_OPTIONS = {
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "nan_inf_to_errors": False,
    "in_memory": True,
}


@contextlib.contextmanager
def workbook(path: Path) -> Iterator[SheetWriter]:
    """A workbook that is written to `path` when the block ends. Raises OSError as writing does."""
    book = xlsxwriter.Workbook(str(path), _OPTIONS)
    try:
        yield SheetWriter(book)
    finally:
        book.close()


class SheetWriter:
    """Writes tables, one a sheet, with the headings frozen and filters on them."""

    def __init__(self, book: Any) -> None:
        self._book = book
        self._heading = book.add_format({"bold": True, "bg_color": "#DDE6ED", "bottom": 1, "text_wrap": True})
        self._whole = book.add_format({"num_format": "#,##0"})
        self._decimal = book.add_format({"num_format": "#,##0.0##"})
        self._text = book.add_format({"num_format": "@"})  # so that codes stay text when edited

    def sheet(self, name: str, headings: Sequence[str], rows: Rows) -> Any:
        """One table."""
        sheet = self._book.add_worksheet(name)
        widths = [len(heading) + 3 for heading in headings]
        for column, heading in enumerate(headings):
            sheet.write_string(0, column, heading, self._heading)
        last = 0
        for last, row in enumerate(rows, start=1):
            for column, cell in enumerate(row):
                self._cell(sheet, last, column, cell)
                widths[column] = max(widths[column], min(WIDEST, len(str(cell)) + 1))
        for column, width in enumerate(widths):
            sheet.set_column(column, column, width)
        sheet.freeze_panes(1, 1)
        sheet.autofilter(0, 0, max(last, 1), len(headings) - 1)
        return sheet

    def _cell(self, sheet: Any, row: int, column: int, cell: Cell) -> None:
        if cell is None:
            return
        if isinstance(cell, str):
            sheet.write_string(row, column, cell, self._text)
        else:
            sheet.write_number(row, column, cell, self._decimal if isinstance(cell, float) else self._whole)
