"""The XML of a worksheet looked through before it is read: its extent, formulas, errors, merged cells.

The spreadsheet reader lays a sheet out as a full rectangle, shows a formula's last value as if it were typed in,
and an error as a blank. So the text is searched first, piece by piece, and what cannot be read safely is refused:
cells too far out, cells that do not say where they stand, document types and entities, other encodings.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from models.extracts.grid import refuse, shown
from models.extracts.limits import Limits

_LONGEST_TEXT = 1 << 20
_CONTEXT = 1 << 12
_CELL = re.compile(rb"<(?:\w+:)?c[\s/>]")
_PLACED_CELL = re.compile(rb"""<(?:\w+:)?c\s(?:[^>]*?\s)?r=["']([A-Z]{1,3})([1-9][0-9]{0,6})["']""")
_ODD = re.compile(rb"""<(?:\w+:)?(?:f[\s/>]|c\s[^>]*?\bt=["']e["'])""")
_PART = re.compile(rb"""<(?:\w+:)?(c|f)(?=[\s/>])([^>]*)>""")
_REFERENCE = re.compile(rb"""(?:^|\s)r=["']([A-Z]{1,2})([1-9][0-9]{0,6})["']""")
_FILLED = re.compile(rb"""<(?:\w+:)?c\s(?:[^>]*?\s)?r=["']([A-Z]{1,2})[0-9]+["'][^>]*?(?<!/)>(?!</)""")
_ERROR = re.compile(rb"""\bt=["']e["']""")
_MERGED = re.compile(rb"""<(?:\w+:)?mergeCell\s[^>]*?ref=["']([^"']{1,40})["']""")
_DOCTYPE = re.compile(rb"<!DOCTYPE|<!ENTITY")
_ENCODING = re.compile(rb"""^<\?xml[^>]*?encoding=["']([^"']*)["']""")

FORMULA = ("holds a formula", "the value itself (paste as values)")
ERROR = ("holds an error such as #N/A", "a value, or a blank cell")


@dataclass(frozen=True, slots=True)
class Scan:
    """What stands in a worksheet beside plain values.

    odd: cells with a formula or an error, (row, column from 0) to problem and expected. merged: merged ranges.
    first_column: the leftmost column with a value, from 0; None when there is none.
    """

    odd: dict[tuple[int, int], tuple[str, str]]
    merged: tuple[str, ...]
    first_column: int | None


def checked_text(chunks: Iterable[bytes], part: str, file: str) -> Iterator[bytes]:
    """The XML in pieces, none of which ends within a tag.

    Raises InputError at a document type or an entity, at a text without end, and when it is not UTF-8.
    """
    rest = b""
    for number, chunk in enumerate(chunks):
        rest += chunk
        if number == 0:
            _check_encoding(rest, part, file)
        cut = rest.rfind(b"<")
        if len(rest) - max(cut, 0) > _LONGEST_TEXT:
            raise refuse(
                "a cell of the workbook is far too long", "at most 32,767 characters in a cell", file
            )
        if cut > 0:
            yield _checked_piece(rest[:cut], part, file)
            rest = rest[cut:]
    yield _checked_piece(rest, part, file)


def _check_encoding(start: bytes, part: str, file: str) -> None:
    match = _ENCODING.match(start.removeprefix(b"\xef\xbb\xbf"))
    other = match is not None and match[1].lower() not in (b"utf-8", b"us-ascii")
    if other or start.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in start[:64]:
        raise refuse(f"{shown(part)} in the workbook is not UTF-8", "a workbook saved as usual", file)


def _checked_piece(piece: bytes, part: str, file: str) -> bytes:
    if _DOCTYPE.search(piece):
        raise refuse(
            f"{shown(part)} in the workbook declares a document type or entities",
            "a workbook without them",
            file,
        )
    return piece


def scan_sheet(text: Callable[[], Iterator[bytes]], file: str, limits: Limits) -> Scan:
    """Looks through a worksheet's XML; `text` gives its pieces, afresh each time.

    Raises InputError when its cells reach too far, or do not say where they stand.
    """
    odd: dict[tuple[int, int], tuple[str, str]] = {}
    merged: list[str] = []
    before = b""
    for piece in text():
        _check_extent(piece, file, limits)
        if _ODD.search(piece):
            _note_odd(before, piece, odd)
        merged += [reference.decode("ascii", "replace") for reference in _MERGED.findall(piece)]
        if len(odd) > limits.faults or len(merged) > limits.faults:
            raise refuse(
                "there are too many formulas, errors or merged cells", f"at most {limits.faults:,}", file
            )
        before = piece[-_CONTEXT:]
    return Scan(odd, tuple(merged), _first_column(text()) if odd else None)


def _check_extent(piece: bytes, file: str, limits: Limits) -> None:
    places = _PLACED_CELL.findall(piece)
    if len(places) != len(_CELL.findall(piece)):
        raise refuse("there are cells that do not say where they stand", "a workbook saved as usual", file)
    for letters in {letters for letters, _ in places}:
        if _column_number(letters) >= limits.columns:
            problem = f"there is a cell in column {letters.decode()}"
            raise refuse(problem, f"at most {limits.columns} columns", file)
    last = max(map(int, {row for _, row in places}), default=0)
    if last > limits.workbook_rows + 1:
        raise refuse("there are too many rows", f"at most {limits.workbook_rows:,}", file, last)


def _note_odd(before: bytes, piece: bytes, odd: dict[tuple[int, int], tuple[str, str]]) -> None:
    """Adds the formulas and errors of `piece`; a formula's cell may stand at the end of the piece before."""
    place: tuple[int, int] | None = None
    name = ""
    for match in _PART.finditer(before + piece):
        if match[1] == b"c":
            reference = _REFERENCE.search(match[2])
            if reference is None:
                continue
            name = (reference[1] + reference[2]).decode()
            place = (int(reference[2]), _column_number(reference[1]))
            what = ERROR if _ERROR.search(match[2]) else None
        else:
            what = FORMULA
        if what is not None and place is not None and match.start() >= len(before):
            odd[place] = (f"cell {name} {what[0]}", what[1])


def _first_column(text: Iterator[bytes]) -> int | None:
    """The leftmost column in which a cell has content."""
    letters = {letter for piece in text for letter in set(_FILLED.findall(piece))}
    return min(map(_column_number, letters), default=None)


def _column_number(letters: bytes) -> int:
    """A is 0, B is 1, AA is 26."""
    number = 0
    for letter in letters:
        number = number * 26 + letter - ord("A") + 1
    return number - 1
