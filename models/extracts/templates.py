"""Empty extracts with their headings, and beside them what each column means."""

from __future__ import annotations

import csv
from pathlib import Path

from models.extracts.columns import ALLOCATION
from models.extracts.register import Register

_INTRODUCTION = """# The columns of the extracts

Needed: {needed}. Not needed: {others}. Each begins with its headings; the columns may stand
in any order, and columns that are not required may be left out. Headings match whatever their case, blanks,
underscores and hyphens: "Staff Code" is `staffCode`. A column that is not listed here is an error.

Save as CSV (UTF-8) with commas or tabs between the columns. Items of a list are separated by `;`. Dates are
2026-11-23 or 23/11/2026. A blank cell is the value that the table states for it. The same tables may be the sheets
of one XLSX workbook, or Parquet files of the same names.

"""


def _introduction(register: Register) -> str:
    named = {
        wanted: ", ".join(f"`{sheet.name}.csv`" for sheet in register.sheets if sheet.required is wanted)
        for wanted in (True, False)
    }
    return _INTRODUCTION.format(needed=named[True], others=named[False])


def write_templates(folder: Path, register: Register = ALLOCATION) -> list[Path]:
    """Writes every extract of the register with headings only, and columns.md, into `folder`.

    The folder is made when it is missing; files that are there already are never replaced (FileExistsError).
    Returns what was written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for sheet in register.sheets:
        path = folder / f"{sheet.name}.csv"
        with path.open("x", encoding="utf-8", newline="") as stream:
            csv.writer(stream, lineterminator="\n").writerow(sheet.names)
        written.append(path)
    path = folder / "columns.md"
    with path.open("x", encoding="utf-8") as stream:
        stream.write(_introduction(register) + register.markdown())
    return [*written, path]
