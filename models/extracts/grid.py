"""A grid: what every kind of table is read as, rows of text with the numbers that a spreadsheet gives them."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from models.errors import InputError
from models.faults import Fault

Row = tuple[int, Sequence[str]]
"""The row's number, counted as a spreadsheet counts, and its cells as text."""


@dataclass(frozen=True, slots=True)
class Grid:
    """One table as text. Taking a row may raise InputError where the file breaks off.

    file: how faults name it. rows: every row that is not blank, the headings first. broken: what is wrong with a
    cell as such (problem and expected), by row number and position in the row.
    """

    file: str
    rows: Iterator[Row]
    broken: Mapping[int, Mapping[int, tuple[str, str]]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Source:
    """The tables of one input, each opened when it is asked for.

    files: how faults name each table, by table name, also where it is missing. openers: by table name; an opener
    raises InputError when its table cannot be read. An optional table that is not there has no opener.
    """

    files: Mapping[str, str]
    openers: Mapping[str, Callable[[], Grid]]


def refuse(
    problem: str, expected: str, file: str, row: int | None = None, column: str | None = None
) -> InputError:
    """The error that says why a file cannot be read, or not beyond this row."""
    return InputError([Fault(problem, expected, file=file, row=row, column=column)])


@contextlib.contextmanager
def whole(file: str, problem: str, expected: str, row: int | None = None) -> Iterator[None]:
    """Within it, whatever a reader of a binary format raises about a broken file is an InputError.

    Such readers panic on some broken files, which Python sees as an exception beside Exception.
    """
    try:
        yield
    except BaseException as error:
        if not isinstance(error, Exception) and type(error).__name__ != "PanicException":
            raise
        raise refuse(problem, expected, file, row) from None


def is_blank(cells: Sequence[str]) -> bool:
    """Whether no cell holds anything but blanks."""
    return not any(cells) or not any(cell.strip() for cell in cells)


_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")


def is_formula(text: str) -> bool:
    """Whether a spreadsheet would take a cell of this text for a formula.

    That is text that begins with = or @, or with + or - without being a number. A sign alone is none.
    """
    if len(text) < 2 or text[0] not in "=@+-":
        return False
    return text[0] in "=@" or not _NUMBER.fullmatch(text)


def shown(text: str) -> str:
    """A value as a fault shows it: in quotes, and only its beginning when it is long."""
    plain = "".join(character if character.isprintable() else "?" for character in text[:41])
    return f"'{plain}'" if len(plain) <= 40 else f"'{plain[:37]}...'"
