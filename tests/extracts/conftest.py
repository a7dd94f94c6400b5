"""A small sound input in every form, and ways of breaking it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from models.errors import InputError
from models.extracts import read_allocation
from models.extracts.limits import LIMITS, Limits

OFFICER_HEADINGS = (
    "staffCode",
    "teamCode",
    "grade",
    "contractedHours",
    "reductionHours",
    "active",
    "lastDay",
)
OFFICER_ROWS = (
    ("N03A001", "N03F01", "PO", "37", "0", "yes", ""),
    ("N03A002", "N03F01", "PSO", "30", "7.5", "yes", "2027-03-31"),
)
CASE_HEADINGS = ("crn", "tier", "caseType", "currentStaffCode", "heldSince", "pinnedStaffCode", "points")
CASE_ROWS = (
    ("X100001", "B2", "COMMUNITY", "N03A001", "2026-02-01", "", ""),
    ("X100002", "D1", "LICENSE", "", "", "", ""),
)

Place = tuple[str | None, int | None, str | None]
"""File, row and column (or JSON path) of a fault."""


@dataclass(frozen=True)
class Input:
    """A folder with a sound input that a test breaks."""

    folder: Path

    def write(self, name: str, content: str | bytes) -> None:
        """A file as it is given."""
        data = content.encode() if isinstance(content, str) else content
        (self.folder / name).write_bytes(data)

    def table(self, name: str, headings: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
        """A CSV file of plain cells."""
        self.write(name, "\n".join(",".join(row) for row in (headings, *rows)) + "\n")

    def officers(self, *rows: Sequence[str], headings: Sequence[str] = OFFICER_HEADINGS) -> None:
        """officers.csv with these rows below the sound ones."""
        self.table("officers.csv", headings, (*OFFICER_ROWS, *rows))

    def cases(self, *rows: Sequence[str], headings: Sequence[str] = CASE_HEADINGS) -> None:
        """cases.csv with these rows below the sound ones."""
        self.table("cases.csv", headings, (*CASE_ROWS, *rows))

    def without(self, name: str, column: str) -> None:
        """The table without one of its columns."""
        lines = [line.split(",") for line in (self.folder / name).read_text(encoding="utf-8").splitlines()]
        position = lines[0].index(column)
        self.write(name, "\n".join(",".join(line[:position] + line[position + 1 :]) for line in lines) + "\n")


@pytest.fixture
def sound(tmp_path: Path) -> Input:
    """A folder of sound extracts with a plan date."""
    folder = tmp_path / "pdu"
    folder.mkdir()
    found = Input(folder)
    found.officers()
    found.cases()
    found.write("problem.csv", "asOf\n2026-11-23\n")
    return found


@pytest.fixture
def workbook(tmp_path: Path) -> Callable[..., Path]:
    """Makes a workbook of sheets of rows; text that begins with = becomes a formula."""

    def make(sheets: dict[str, Sequence[Sequence[Any]]], name: str = "pdu.xlsx") -> Path:
        with xlsxwriter.Workbook(tmp_path / name) as book:
            day = book.add_format({"num_format": "dd/mm/yyyy"})
            for title, rows in sheets.items():
                sheet = book.add_worksheet(title)
                for row, cells in enumerate(rows):
                    for column, value in enumerate(cells):
                        if hasattr(value, "isoformat"):
                            sheet.write_datetime(row, column, value, day)
                        elif value != "":
                            sheet.write(row, column, value)
        return tmp_path / name

    return make


@pytest.fixture
def sound_sheets() -> dict[str, list[list[Any]]]:
    """The sound input as rows of sheets."""
    return {
        "officers": [list(OFFICER_HEADINGS), *(list(row) for row in OFFICER_ROWS)],
        "cases": [list(CASE_HEADINGS), *(list(row) for row in CASE_ROWS)],
        "problem": [["asOf"], ["2026-11-23"]],
    }


@pytest.fixture
def sound_json() -> dict[str, Any]:
    """The sound input as the contract's JSON."""
    return {
        "asOf": "2026-11-23",
        "officers": [
            {"staffCode": "N03A001", "teamCode": "N03F01", "grade": "PO", "contractedHours": 37},
            {
                "staffCode": "N03A002",
                "teamCode": "N03F01",
                "grade": "PSO",
                "contractedHours": 30,
                "reductionHours": 7.5,
                "lastDay": "2027-03-31",
            },
        ],
        "cases": [
            {
                "crn": "X100001",
                "tier": "B2",
                "caseType": "COMMUNITY",
                "currentStaffCode": "N03A001",
                "heldSince": "2026-02-01",
            },
            {"crn": "X100002", "tier": "D1", "caseType": "LICENSE"},
        ],
    }


@pytest.fixture
def json_file(tmp_path: Path) -> Callable[[Any], Path]:
    """Writes JSON data, or text as it is, to a file."""

    def write(content: Any) -> Path:
        path = tmp_path / "pdu.json"
        path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
        return path

    return write


Refused = Callable[..., list[tuple[Place, str]]]


@pytest.fixture
def refused() -> Refused:
    """Reads what must be refused, and gives each fault's place and sentence."""

    def read(path: Path, limits: Limits = LIMITS) -> list[tuple[Place, str]]:
        with pytest.raises(InputError) as caught:
            read_allocation(path, limits=limits)
        return [
            ((fault.file, fault.row, fault.path if fault.column is None else fault.column), fault.sentence)
            for fault in caught.value.faults
        ]

    return read
