"""XLSX: the wanted sheets of a workbook as grids, after everything in it has been looked through."""

from __future__ import annotations

import functools
import posixpath
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.parsers import expat

from models.extracts.grid import Grid, Row, Source, is_blank, refuse, shown, whole
from models.extracts.limits import Limits
from models.extracts.register import Sheet, folded
from models.extracts.workbook_scan import Scan, checked_text, scan_sheet
from models.extracts.workbook_zip import Package, open_package

_BOOK = "xl/workbook.xml"
_LINKS = "xl/_rels/workbook.xml.rels"


@dataclass(frozen=True, slots=True)
class Tab:
    """One sheet of a workbook: its name, its part in the zip, and whether it is shown."""

    name: str
    part: str
    hidden: bool


@dataclass(frozen=True, slots=True)
class Workbook:
    """A workbook whose directory and list of sheets are in order."""

    package: Package
    tabs: tuple[Tab, ...]

    def grid(self, tab: Tab, *, merged_allowed: bool = False) -> Grid:
        """The rows of a sheet. Raises InputError when it cannot be read as a table."""
        package = self.package
        file = f"{package.file}, sheet {tab.name}"
        scan = scan_sheet(
            lambda: checked_text(package.chunks(tab.part), tab.part, file), file, package.limits
        )
        if scan.merged and not merged_allowed:
            raise refuse(
                f"cells are merged ({', '.join(scan.merged[:5])})",
                "one value in each cell, none merged",
                file,
            )
        broken = _broken(scan)
        return Grid(file, _rows(package, tab.name, file, broken, max(broken, default=0)), broken)


def open_workbook(path: Path, limits: Limits) -> Workbook:
    """The workbook at `path`. Raises InputError when it is none, is broken, or holds what is not safe to read."""
    package = open_package(path, limits)
    for name in ("xl/sharedStrings.xml", "xl/styles.xml"):
        if name in package.parts:
            for _ in checked_text(package.chunks(name), name, package.file):
                pass
    targets = {
        link["Id"]: posixpath.normpath(posixpath.join("/xl", link["Target"])).lstrip("/")
        for link in _elements(package, _LINKS, "Relationship")
        if "Id" in link and "Target" in link
    }
    tabs = []
    for sheet in _elements(package, _BOOK, "sheet"):
        link = next((value for key, value in sheet.items() if key.rpartition(":")[2] == "id"), "")
        hidden = sheet.get("state", "visible") != "visible"
        tabs.append(Tab(sheet.get("name", ""), targets.get(link, ""), hidden))
    return Workbook(package, tuple(tabs))


def workbook_source(path: Path, sheets: Sequence[Sheet], limits: Limits) -> Source:
    """The tables in the workbook at `path`. Raises InputError when it cannot be opened."""
    book = open_workbook(path, limits)
    files = {sheet.name: f"{path.name}, sheet {sheet.name}" for sheet in sheets}
    openers: dict[str, Callable[[], Grid]] = {}
    for sheet in sheets:
        mine = [tab for tab in book.tabs if folded(tab.name) == folded(sheet.name)]
        if mine:
            files[sheet.name] = f"{path.name}, sheet {mine[0].name}"
        if mine or sheet.required:
            openers[sheet.name] = functools.partial(_open, book, sheet, mine)
    return Source(files, openers)


def _open(book: Workbook, sheet: Sheet, mine: Sequence[Tab]) -> Grid:
    file = book.package.file
    if not mine:
        there = ", ".join(shown(tab.name) for tab in book.tabs[:10])
        raise refuse(f"the sheet {sheet.name} is missing (there are: {there})", f"a sheet {sheet.name}", file)
    if len(mine) > 1:
        names = " and ".join(shown(tab.name) for tab in mine)
        raise refuse(f"there are two sheets for {sheet.name}: {names}", "one of them", file)
    if mine[0].hidden:
        raise refuse(f"the sheet {shown(mine[0].name)} is hidden", "sheets that can be seen", file)
    return book.grid(mine[0])


def _elements(package: Package, part: str, name: str) -> list[Mapping[str, str]]:
    """The attributes of every element of this name in a small part."""
    found: list[Mapping[str, str]] = []

    def on_start(tag: str, attributes: dict[str, str]) -> None:
        if tag.rpartition(":")[2] == name:
            found.append(attributes)

    def on_doctype(*_: Any) -> None:
        raise refuse(
            f"{shown(part)} in the workbook declares a document type or entities",
            "a workbook without them",
            package.file,
        )

    parser = expat.ParserCreate()
    parser.StartElementHandler = on_start
    parser.StartDoctypeDeclHandler = on_doctype
    try:
        parser.Parse(package.small(part), True)
    except expat.ExpatError:
        raise refuse(
            f"this workbook is broken: {shown(part)} is no XML", "a whole workbook", package.file
        ) from None
    return found


def _broken(scan: Scan) -> dict[int, dict[int, tuple[str, str]]]:
    found: dict[int, dict[int, tuple[str, str]]] = {}
    for (row, column), clauses in scan.odd.items():
        found.setdefault(row, {})[column - (scan.first_column or 0)] = clauses
    return found


def _rows(package: Package, name: str, file: str, broken: Container[int], last: int) -> Iterator[Row]:
    """The rows that are not blank, and those up to `last` that are `broken`, which may look blank."""
    import fastexcel  # large imports, only for those who bring workbooks

    with whole(file, "this sheet cannot be read", "a whole workbook"):
        reader = fastexcel.read_excel(package.path)
        frame = reader.load_sheet(name, header_row=None, skip_rows=0, dtypes="string").to_polars()
    number = 0
    for number, cells in enumerate(frame.iter_rows(), start=1):
        row = [cell or "" for cell in cells]
        if number in broken or not is_blank(row):
            yield number, row
    yield from ((further, []) for further in range(number + 1, last + 1) if further in broken)
