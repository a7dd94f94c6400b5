"""Workbooks that are broken, hostile or merely not what they should be."""

from __future__ import annotations

import re
import struct
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from models.extracts.limits import LIMITS, Limits

if TYPE_CHECKING:
    from tests.extracts.conftest import Place, Refused

    Sheets = dict[str, list[list[Any]]]
    Make = Callable[..., Path]

OFFICERS = "pdu.xlsx, sheet officers"
CASES = "pdu.xlsx, sheet cases"
BOOK = ("pdu.xlsx", None, None)
CASES_XML = "xl/worksheets/sheet2.xml"


def rewritten(path: Path, part: str, edit: Callable[[bytes], bytes]) -> None:
    """Changes one part of a workbook, which must change by it."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    before = parts.get(part, b"")
    parts[part] = edit(before)
    assert parts[part] != before
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)


def text(part: str, old: str, new: str) -> Callable[[Path], None]:
    """Replaces text in a part."""
    return lambda path: rewritten(path, part, lambda data: data.replace(old.encode(), new.encode()))


def content(data: bytes) -> Callable[[Path], None]:
    """Replaces the whole file."""

    def spoil(path: Path) -> None:
        path.write_bytes(data)

    return spoil


def cut(path: Path) -> None:
    """Leaves the first half of the file."""
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])


def garbled(path: Path) -> None:
    """Spoils the packed bytes of the sheet of cases, and nothing of the directory."""
    with zipfile.ZipFile(path) as archive:
        part = archive.getinfo(CASES_XML)
    data = bytearray(path.read_bytes())
    start = part.header_offset + 30 + len(CASES_XML)
    data[start : start + 40] = b"\xff" * 40
    path.write_bytes(bytes(data))


def claimed_size(change: int) -> Callable[[Path], None]:
    """Lets the directory claim another size of the unpacked sheet of cases."""

    def spoil(path: Path) -> None:
        data = bytearray(path.read_bytes())
        at = data.rfind(CASES_XML.encode()) - 46
        assert data[at : at + 4] == b"PK\x01\x02"
        size = struct.unpack_from("<I", data, at + 24)[0]
        struct.pack_into("<I", data, at + 24, size + change)
        path.write_bytes(bytes(data))

    return spoil


def flagged(path: Path) -> None:
    """Marks every part as encrypted."""
    data = bytearray(path.read_bytes())
    at = -1
    while (at := data.find(b"PK\x01\x02", at + 1)) >= 0:
        data[at + 8] |= 1
    path.write_bytes(bytes(data))


def added(name: str, data: bytes, method: int = zipfile.ZIP_DEFLATED) -> Callable[[Path], None]:
    """Adds a part."""

    def spoil(path: Path) -> None:
        with zipfile.ZipFile(path, "a", method) as archive:
            archive.writestr(name, data)

    return spoil


def only(name: str) -> Callable[[Path], None]:
    """A zip file of one part."""

    def spoil(path: Path) -> None:
        path.unlink()
        added(name, b"x")(path)

    return spoil


def error_in_b2(path: Path) -> None:
    """Makes cell B2 an error, as a spreadsheet keeps it when formulas were pasted as values."""
    cell = rb'<c r="B2" t="s"><v>\d+</v>'
    rewritten(path, CASES_XML, lambda data: re.sub(cell, b'<c r="B2" t="e"><v>#N/A</v>', data))


def many_parts(path: Path) -> None:
    """Adds 1,000 parts."""
    with zipfile.ZipFile(path, "a") as archive:
        for number in range(1_000):
            archive.writestr(f"xl/media/{number}", b"")


def nothing(_: object) -> None:
    """Leaves all as it is."""


@dataclass(frozen=True)
class Broken:
    """One kind of broken workbook: cells first, then the file."""

    name: str
    expected: tuple[tuple[Place, str], ...]
    cells: Callable[[Sheets], object] = nothing
    spoil: Callable[[Path], object] = nothing
    limits: Limits = LIMITS


def with_cell(sheet: str, row: int, column: int, value: Any) -> Callable[[Sheets], None]:
    """One cell changed, counted from 0; the rows grow as they must."""

    def change(sheets: Sheets) -> None:
        rows = sheets[sheet]
        rows.extend([] for _ in range(row + 1 - len(rows)))
        rows[row].extend([""] * (column + 1 - len(rows[row])))
        rows[row][column] = value

    return change


def cell(name: str, row: int, column: int, value: Any, place: Place, clause: str) -> Broken:
    """One cell of the cases changed, with one fault."""
    return Broken(name, ((place, clause),), cells=with_cell("cases", row, column, value))


def spoilt(
    name: str, spoil: Callable[[Path], object], place: Place, clause: str, limits: Limits = LIMITS
) -> Broken:
    """A workbook spoilt afterwards, with one fault."""
    return Broken(name, ((place, clause),), spoil=spoil, limits=limits)


ENTITIES = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><worksheet'

CELLS = [
    Broken(
        "both sheets missing",
        (
            (BOOK, "the sheet officers is missing (there are: 'problem', 'people')"),
            (BOOK, "the sheet cases is missing"),
        ),
        cells=lambda sheets: (
            sheets.update(people=sheets.pop("officers")),
            sheets.pop("cases"),
        ),
    ),
    Broken(
        "an empty sheet",
        (((CASES, None, None), "no headings"),),
        cells=lambda sheets: sheets["cases"].clear(),
    ),
    cell("a formula with a value", 1, 1, "=B3", (CASES, 2, "tier"), "cell B2 holds a formula"),
    Broken(
        "a formula in an empty row",
        (
            ((CASES, 6, "points"), "cell G6 holds a formula"),
            ((CASES, 6, "crn"), "this is missing"),
            ((CASES, 6, "tier"), "this is missing"),
            ((CASES, 6, "caseType"), "this is missing"),
        ),
        cells=with_cell("cases", 5, 6, "=1+1"),
        spoil=text(CASES_XML, "<v>0</v>", ""),
    ),
    cell("a number that is not whole", 1, 6, 3.5, (CASES, 2, "points"), "'3.5' is not a whole number"),
    cell("a time of day", 1, 4, "2026-02-01 10:30", (CASES, 2, "heldSince"), "not a date"),
    cell("a cell far to the right", 1, 100, "x", (CASES, None, None), "column CW"),
    cell("a value beside the table", 1, 8, "x", (CASES, 2, None), "'x' in column 9 stands under no heading"),
    cell("a heading with a formula", 0, 6, '="points"', (CASES, 1, None), "cell G1 holds a formula"),
    Broken(
        "a row far down",
        (((CASES, 12, None), "too many rows"),),
        cells=with_cell("cases", 11, 0, "X100003"),
        limits=Limits(workbook_rows=10),
    ),
    Broken(
        "formulas without end",
        (((CASES, None, None), "too many formulas"),),
        cells=lambda sheets: sheets["cases"].extend([["=1"]] * 4),
        limits=Limits(faults=3),
    ),
]

PARTS = [
    spoilt(
        "an error",
        error_in_b2,
        (CASES, 2, "tier"),
        "such as #N/A",
    ),
    spoilt(
        "merged cells",
        text(CASES_XML, "</sheetData>", '</sheetData><mergeCells><mergeCell ref="A2:A3"/></mergeCells>'),
        (CASES, None, None),
        "merged (A2:A3)",
    ),
    spoilt(
        "a hidden sheet",
        text("xl/workbook.xml", 'name="cases"', 'name="cases" state="hidden"'),
        BOOK,
        "hidden",
    ),
    Broken(
        "two sheets of one name",
        (
            (BOOK, "two sheets for cases: 'cases' and 'CASES'"),
            (("pdu.xlsx, sheet problem", None, "asOf"), "no plan date"),
        ),
        spoil=text("xl/workbook.xml", 'name="problem"', 'name="CASES"'),
    ),
    spoilt("entities in a sheet", text(CASES_XML, "<worksheet", ENTITIES), (CASES, None, None), "entities"),
    spoilt(
        "entities in the book",
        text("xl/workbook.xml", "<workbook", ENTITIES.replace("worksheet", "workbook")),
        BOOK,
        "entities",
    ),
    spoilt(
        "entities in the texts",
        text("xl/sharedStrings.xml", "<sst", ENTITIES.replace("worksheet", "sst")),
        BOOK,
        "entities",
    ),
    spoilt("another encoding", text(CASES_XML, "UTF-8", "UTF-7"), (CASES, None, None), "not UTF-8"),
    spoilt("cells without places", text(CASES_XML, 'r="B2" ', ""), (CASES, None, None), "do not say where"),
    spoilt("a list of sheets that is no XML", text("xl/workbook.xml", "</sheets>", ""), BOOK, "is no XML"),
    spoilt(
        "a sheet that is no XML",
        text(CASES_XML, "</sheetData>", "</sheetDat>"),
        (CASES, None, None),
        "cannot be read",
    ),
    spoilt(
        "a sheet that is not there",
        text("xl/_rels/workbook.xml.rels", "sheet2.xml", "sheet9.xml"),
        BOOK,
        "'xl/worksheets/sheet9.xml' is missing",
    ),
    spoilt(
        "a text without end",
        lambda path: rewritten(
            path,
            "xl/sharedStrings.xml",
            lambda data: data.replace(b"COMMUNITY", bytes(range(65, 91)) * 150_000),
        ),
        BOOK,
        "far too long",
        Limits(unpacked_ratio=100_000),
    ),
    spoilt(
        "a huge list of sheets",
        lambda path: rewritten(path, "xl/workbook.xml", lambda data: data + bytes(range(32, 60)) * 40_000),
        BOOK,
        "far too large",
        Limits(unpacked_ratio=100_000),
    ),
]

ZIPS = [
    spoilt("an old workbook", content(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)), BOOK, "old .xls"),
    spoilt("a CSV named .xlsx", content(b"crn,tier\n"), BOOK, "not a workbook"),
    spoilt("an empty workbook file", content(b""), BOOK, "is empty"),
    spoilt("half a file", cut, BOOK, "its end is missing"),
    spoilt("packed bytes that are none", garbled, BOOK, "cannot be unpacked"),
    spoilt("more than the directory says", claimed_size(-50), BOOK, "cannot be unpacked"),
    spoilt("less than the directory says", claimed_size(50), BOOK, "cannot be unpacked"),
    spoilt("a password", flagged, BOOK, "has a password"),
    spoilt(
        "a zip that is no workbook",
        only("a.txt"),
        BOOK,
        "no workbook",
    ),
    spoilt(
        "a binary workbook",
        only("xl/workbook.bin"),
        BOOK,
        "binary",
    ),
    spoilt("a bomb", added("xl/media/bomb", bytes(300_000_000)), BOOK, "unpacks from"),
    spoilt(
        "a bomb in a sheet",
        lambda path: rewritten(path, CASES_XML, lambda data: data + b" " * 50_000_000),
        BOOK,
        "to 50,0",
    ),
    spoilt("an odd way of packing", added("xl/media/a", b"x", zipfile.ZIP_BZIP2), BOOK, "unusual way"),
    spoilt("a thousand parts", many_parts, BOOK, "too many parts"),
    Broken("a large file", ((BOOK, "at most 0 MB"),), limits=Limits(workbook_bytes=1_000)),
    Broken("much in many parts", ((BOOK, "unpacks to far too much"),), limits=Limits(unpacked_bytes=8_000)),
]

ALL = [*CELLS, *PARTS, *ZIPS]


@pytest.mark.parametrize("broken", ALL, ids=lambda broken: broken.name)
def test_each_fault_of_a_workbook_is_named(
    broken: Broken, sound_sheets: Sheets, workbook: Make, refused: Refused
) -> None:
    broken.cells(sound_sheets)
    path = workbook(sound_sheets)
    broken.spoil(path)
    found = refused(path, broken.limits)
    assert [place for place, _ in found] == [place for place, _ in broken.expected], found
    for (_, sentence), (_, clause) in zip(found, broken.expected, strict=True):
        assert clause in sentence


@pytest.mark.filterwarnings("ignore:Duplicate name:UserWarning")  # zipfile warns of what this test needs
def test_two_parts_of_one_name_are_refused(sound_sheets: Sheets, workbook: Make, refused: Refused) -> None:
    path = workbook(sound_sheets)
    added(CASES_XML, b"<worksheet/>")(path)
    assert [place for place, _ in refused(path)] == [BOOK]


def test_the_workbook_that_they_spoil_is_sound(sound_sheets: Sheets, workbook: Make) -> None:
    from models.extracts import read_allocation

    assert len(read_allocation(workbook(sound_sheets)).cases) == 2
