"""Where the tables of an input lie: files of a folder, or sheets of a workbook."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from models.extracts.csv_table import csv_grid
from models.extracts.grid import Grid, Source, refuse, shown
from models.extracts.limits import Limits
from models.extracts.parquet_table import parquet_grid
from models.extracts.register import Register, Sheet
from models.extracts.workbook import workbook_source

_READERS: Mapping[str, Callable[[Path, Limits], Grid]] = {".csv": csv_grid, ".parquet": parquet_grid}


def source_of(path: Path, register: Register, other: Register, limits: Limits) -> Source:
    """The tables at `path`, a folder or a workbook. Raises InputError when it is neither.

    other: the kind of problem that it may be by mistake.
    """
    try:
        folder = path.is_dir()
        there = path.exists()
    except OSError:
        folder = there = False
    if not there:
        raise refuse(
            "this cannot be found", "a folder, an XLSX workbook or a JSON file", path.name or str(path)
        )
    if folder:
        return _folder_source(path, register, other, limits)
    if path.suffix.casefold() == ".xlsx":
        return workbook_source(path, register.sheets, limits)
    raise refuse(
        f"a file that ends in {shown(path.suffix)} cannot be a whole problem",
        f"a folder with {register.needed}, an XLSX workbook or a JSON file",
        path.name,
    )


def _folder_source(path: Path, register: Register, other: Register, limits: Limits) -> Source:
    entries = _entries(path)
    stems = {_stem(entry) for entry in entries}
    if stems & other.own and not stems & register.own:
        raise refuse(
            f"this folder holds the extracts of {other.problem}", register.needed, path.name or str(path)
        )
    files: dict[str, str] = {}
    openers: dict[str, Callable[[], Grid]] = {}
    for sheet in register.sheets:
        mine = [entry for entry in entries if _stem(entry) == sheet.name]
        files[sheet.name] = mine[0].name if len(mine) == 1 else f"{sheet.name}.csv"
        if len(mine) == 1:
            openers[sheet.name] = _file_opener(mine[0], limits)
        elif mine:
            openers[sheet.name] = _ambiguous(sheet, mine)
        elif sheet.required:
            openers[sheet.name] = _missing(sheet, entries)
    return Source(files, openers)


def _entries(path: Path) -> list[Path]:
    try:
        return sorted(path.iterdir())
    except OSError:
        raise refuse("this folder cannot be read", "a folder that can be read", path.name) from None


def _stem(entry: Path) -> str | None:
    """The table that a file is meant to be, None when it is no table."""
    return entry.stem.strip().casefold() if entry.suffix.casefold() in _READERS else None


def _file_opener(entry: Path, limits: Limits) -> Callable[[], Grid]:
    return lambda: _READERS[entry.suffix.casefold()](entry, limits)


def _ambiguous(sheet: Sheet, entries: Sequence[Path]) -> Callable[[], Grid]:
    def opener() -> Grid:
        names = " and ".join(entry.name for entry in entries)
        raise refuse(f"there are {names}", "only one of them", f"{sheet.name}.csv")

    return opener


def _missing(sheet: Sheet, entries: Sequence[Path]) -> Callable[[], Grid]:
    def opener() -> Grid:
        near = difflib.get_close_matches(
            f"{sheet.name}.csv", [entry.name for entry in entries], n=1, cutoff=0.6
        )
        problem = "this file is missing" + (f" (there is {shown(near[0])})" if near else "")
        raise refuse(problem, f"a file {sheet.name}.csv or {sheet.name}.parquet", f"{sheet.name}.csv")

    return opener
