"""CSV: comma or tab between the columns, quotes as spreadsheets write them, everything bounded."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

from models.extracts.grid import Grid, Row, is_blank, refuse
from models.extracts.limits import Limits
from models.extracts.text_file import bounded_lines, checked_size, encoding_of


def csv_grid(path: Path, limits: Limits) -> Grid:
    """The rows of a CSV file. Raises InputError when it is none; taking rows may raise it too."""
    file = path.name
    checked_size(path, file, limits.file_bytes)
    encoding = encoding_of(path, file, "a CSV file")
    return Grid(file, _rows(path, file, encoding, limits))


class _Lines:
    """The lines that csv takes, counted in characters since the last whole row.

    csv's own limit of a cell is one for the whole process, so it is not touched: a quote that is never closed
    would swallow the rest of the file, and this stops it at the longest row.
    """

    def __init__(self, path: Path, encoding: str, longest: int) -> None:
        self._lines = bounded_lines(path, encoding, longest)
        self._longest = longest
        self.taken = 0

    def __iter__(self) -> Iterator[str]:
        for line in self._lines:
            self.taken += len(line)
            if self.taken > self._longest:
                raise ValueError("a row is too long")
            yield line


def _rows(path: Path, file: str, encoding: str, limits: Limits) -> Iterator[Row]:
    number = 0
    try:
        delimiter = _delimiter(path, file, encoding, limits)
        lines = _Lines(path, encoding, limits.line_characters)
        for number, cells in enumerate(csv.reader(lines, delimiter=delimiter, strict=True), start=1):
            if number > limits.rows + 1:
                raise refuse("there are too many rows", f"at most {limits.rows:,}", file, number)
            lines.taken = 0
            if not is_blank(cells):
                yield number, cells
    except UnicodeDecodeError:
        raise refuse("the file changed while it was read", "a file at rest", file, number + 1) from None
    except (ValueError, csv.Error) as error:
        problem, expected = _clauses(str(error), limits)
        raise refuse(f"{problem}; nothing from here on was read", expected, file, number + 1) from None
    except OSError:
        raise refuse("this file cannot be read", "a file that can be read", file, number + 1) from None


def _clauses(error: str, limits: Limits) -> tuple[str, str]:
    if "too long" in error or "field larger" in error:
        return (
            "this row, or a cell of it, is far too long (or a quote is never closed)",
            f"at most {limits.cell_characters:,} characters in a cell",
        )
    if "unexpected end of data" in error:
        return "a quote is opened and never closed", "a closing quote"
    return "the quotes do not match", "quotes around whole cells, doubled inside"


def _delimiter(path: Path, file: str, encoding: str, limits: Limits) -> str:
    """Comma, or tab when the headings have tabs and no commas."""
    for line in bounded_lines(path, encoding, limits.line_characters):
        heading = line.strip(" \r\n,")
        if not heading.strip():
            continue
        if "," not in heading and "\t" in heading:
            return "\t"
        if "," not in heading and ";" in heading:
            raise refuse(
                "the columns are separated by semicolons, which separate the items of a list here",
                "columns separated by commas or tabs",
                file,
                1,
            )
        break
    return ","
