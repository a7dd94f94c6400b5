"""What a register of columns is made of: kinds of cells, columns, tables, and all tables of one kind of problem.

Readers, writers, the templates and the documentation all use registers and nothing else.
"""

from __future__ import annotations

import difflib
import enum
import functools
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass


class Kind(enum.Enum):
    """How a cell is written; the value is how the documentation says it."""

    CRN = "a letter and six digits"
    CODE = "a code"
    TEXT = "text"
    CHOICE = "one of the words"
    WHOLE = "a whole number"
    NUMBER = "a number"
    YES_NO = "yes or no"
    DAY = "a date, 2026-11-23 or 23/11/2026"
    METRES = "whole metres"
    CODES = "codes separated by ;"
    SKILLS = "names separated by ;"
    LIMITS = "pairs such as A=10;B=20"
    LEAVE = "spans of days separated by ;"
    DAYS = "dates separated by ;, or none"
    HALF_DAYS = "half-days separated by ;, such as TUESDAY_MORNING, or none"
    TIME = "a time of day such as 09:30"


@dataclass(frozen=True, slots=True)
class Column:
    """One column. `name` is the contract's; `path` is the field of the record that it fills, outer first."""

    name: str
    kind: Kind
    meaning: str
    example: str
    required: bool = False
    words: tuple[str, ...] = ()
    path: tuple[str, ...] = ()
    also: tuple[str, ...] = ()

    @property
    def field(self) -> str:
        """The field of the record, outermost, in the contract's spelling."""
        return self.path[0] if self.path else self.name

    @property
    def allowed(self) -> str:
        """What a cell may hold, in words."""
        return ", ".join(self.words) if self.words else self.kind.value


@dataclass(frozen=True, slots=True)
class Sheet:
    """One table of extracts: its name (of the file and of the sheet) and its columns in order."""

    name: str
    columns: tuple[Column, ...]
    required: bool = True
    one_row: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """The headings, in order."""
        return tuple(column.name for column in self.columns)

    def column(self, name: str) -> Column | None:
        """The column that a heading means, whatever its case, blanks, underscores and hyphens."""
        return _folded(self).get(folded(name))

    def nearest(self, name: str) -> str | None:
        """The known heading most like an unknown one, if any is like it."""
        near = difflib.get_close_matches(folded(name)[:60], _folded(self), n=1, cutoff=0.7)
        return _folded(self)[near[0]].name if near else None

    def of_field(self, location: Iterable[int | str]) -> str | None:
        """The heading of a field given as a pydantic location: ("location", "easting") is easting."""
        parts = tuple(part for part in location if isinstance(part, str))
        for column in self.columns:
            if column.path and column.path == parts[:2]:
                return column.name
        for column in self.columns:
            if parts and column.field == parts[0]:
                return column.name
        return None


@functools.cache
def _folded(sheet: Sheet) -> Mapping[str, Column]:
    return {folded(name): column for column in sheet.columns for name in (column.name, *column.also)}


def folded(heading: str) -> str:
    """A heading without case, blanks, underscores and hyphens: "Staff Code" and STAFF-CODE are one."""
    return re.sub(r"[\s_\-\u2010-\u2015\u200b\ufeff]+", "", heading).casefold()


SEXES = ("FEMALE", "MALE")
LOCATION = (
    Column(
        "easting",
        Kind.METRES,
        "where, on the Ordnance Survey National Grid; with northing",
        "435300",
        path=("location", "easting"),
        also=("locationEasting",),
    ),
    Column(
        "northing",
        Kind.METRES,
        "where, on the Ordnance Survey National Grid; with easting",
        "336100",
        path=("location", "northing"),
        also=("locationNorthing",),
    ),
)


def must(name: str, kind: Kind, meaning: str, example: str, *words: str) -> Column:
    """A column that must be there and filled."""
    return Column(name, kind, meaning, example, required=True, words=words)


def may(name: str, kind: Kind, meaning: str, example: str, *words: str) -> Column:
    """A column that may be left out or blank."""
    return Column(name, kind, meaning, example, words=words)


@dataclass(frozen=True, slots=True)
class Register:
    """All tables of one kind of problem.

    problem: what it is called. needed: the files that it cannot do without, in words. own: the names of tables and
    of lists in JSON that no other kind of problem has.
    """

    problem: str
    needed: str
    sheets: tuple[Sheet, ...]
    own: frozenset[str]

    def markdown(self) -> str:
        """The register as Markdown: a heading and a table for each extract."""
        return "\n\n".join(map(_sheet_markdown, self.sheets)) + "\n"


def _sheet_markdown(sheet: Sheet) -> str:
    optional = "" if sheet.required else " (optional, one row)" if sheet.one_row else " (optional)"
    lines = [
        f"### {sheet.name}{optional}",
        "",
        "| column | required | meaning | allowed | example |",
        "|---|---|---|---|---|",
    ]
    lines += [
        f"| `{column.name}` | {'yes' if column.required else 'no'} | {column.meaning} "
        f"| {column.allowed} | `{column.example}` |"
        for column in sheet.columns
    ]
    return "\n".join(lines)
