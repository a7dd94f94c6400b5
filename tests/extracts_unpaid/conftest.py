"""A small sound unpaid work problem in every form, and ways of breaking it."""

from __future__ import annotations

import copy
import csv
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from models.errors import InputError
from models.extracts import read_unpaid_work
from models.extracts.limits import LIMITS, Limits
from models.extracts.unpaid_write import write_unpaid_work
from models.record import reader
from models.unpaid_work.problem import UnpaidWorkProblem

Place = tuple[str | None, int | None, str | None]
"""File, row and column (or JSON path) of a fault."""

TUESDAY = {"dayOfWeek": "TUESDAY", "startTime": "09:00", "endTime": "16:00"}
SOUND: dict[str, Any] = {
    "from": "2026-11-23",
    "weeks": 6,
    "nonWorkingDays": ["2026-12-25", "2026-12-28"],
    "people": [
        {
            "crn": "X100001",
            "requiredMinutes": 7200,
            "sentenceDate": "2026-10-01",
            "completeBy": "2027-10-01",
            "availability": ["TUESDAY_MORNING", "TUESDAY_AFTERNOON"],
        },
        {
            "crn": "X100002",
            "eventNumber": 2,
            "requiredMinutes": 4800,
            "adjustmentMinutes": -120,
            "creditedMinutes": 840,
            "creditedEteMinutes": 60,
            "sentenceDate": "2026-09-01",
            "completeBy": "2027-03-01",
            "availability": ["TUESDAY_MORNING", "TUESDAY_AFTERNOON", "SATURDAY_MORNING"],
            "inductionDone": True,
            "unavailable": [
                {"from": "2026-12-21", "to": "2027-01-01"},
                {"from": "2027-02-15", "to": "2027-02-19"},
            ],
            "weeklyMinutesMin": 420,
            "weeklyMinutesMax": 1260,
            "attendanceProbability": 0.65,
            "riskInGroup": True,
            "sex": "FEMALE",
            "placementPreference": "FEMALE_ONLY_GROUP",
            "noMaleSupervisor": True,
            "restrictions": ["CHILDREN", "ALCOHOL"],
            "needs": ["STEP_FREE"],
            "excludedProjectCodes": ["P09"],
            "excludedSupervisorCodes": ["N03U009"],
            "keepApartCrns": ["X100001"],
            "travelMode": "PICK_UP",
            "maxTravelMinutes": 60,
            "travelMinutes": 25,
            "location": {"easting": 435300, "northing": 336100},
            "allocations": [
                TUESDAY
                | {"projectCode": "P01", "frequency": "FORTNIGHTLY", "startDateInclusive": "2026-10-06"},
                {
                    "projectCode": "P02",
                    "dayOfWeek": "SATURDAY",
                    "frequency": "WEEKLY",
                    "startTime": "09:30",
                    "endTime": "12:30",
                    "startDateInclusive": "2026-10-03",
                    "endDateInclusive": "2026-12-19",
                },
            ],
            "appointments": [
                {"projectCode": "P01", "date": "2026-11-24", "startTime": "09:00", "endTime": "16:00"},
                {"projectCode": "P02", "date": "2026-11-28", "startTime": "09:30", "endTime": "12:30"},
            ],
        },
        {
            "crn": "X100002",
            "eventNumber": 1,
            "requiredMinutes": 2400,
            "sentenceDate": "2026-01-01",
            "completeBy": "2027-01-01",
            "availability": [],
            "inductionDone": False,
            "appointments": [
                {"projectCode": "P01", "date": "2026-12-01", "startTime": "09:00", "endTime": "24:00"}
            ],
        },
    ],
    "projects": [
        {
            "projectCode": "P01",
            "projectType": "GROUP",
            "places": 10,
            "teamCode": "N03U01",
            "location": {"easting": 431300, "northing": 339900},
            "minPeople": 3,
            "riskLimit": 2,
            "tags": ["PARK"],
            "features": ["STEP_FREE", "TOILETS"],
            "femaleOnly": True,
            "requiredSkills": ["CHAINSAW"],
            "supervisorNeeded": True,
            "vehicleSeats": 8,
            "commitmentSessionsPerWeek": 1,
            "startDateInclusive": "2026-04-01",
            "endDateExclusive": "2027-04-01",
            "availability": [
                TUESDAY | {"startDateInclusive": "2026-04-01", "frequency": "WEEKLY"},
                {
                    "dayOfWeek": "SATURDAY",
                    "startDateInclusive": "2026-10-01",
                    "startTime": "09:30",
                    "endTime": "12:30",
                    "frequency": "FORTNIGHTLY",
                    "endDateExclusive": "2027-01-01",
                },
            ],
        },
        {"projectCode": "P02", "projectType": "INDIVIDUAL", "places": 1, "supervisorNeeded": False},
    ],
    "supervisors": [
        {
            "staffCode": "N03U007",
            "availability": ["TUESDAY_MORNING", "TUESDAY_AFTERNOON"],
            "sex": "FEMALE",
            "skills": ["CHAINSAW", "DRIVING"],
            "unavailable": [{"from": "2026-12-01", "to": "2026-12-01"}],
            "weeklyMinutesMax": 1800,
            "maxGroup": 8,
            "location": {"easting": 433000, "northing": 337000},
        },
        {"staffCode": "N03U008", "availability": []},
    ],
    "attendanceHistory": [
        {"crn": "X100002", "projectCode": "P01", "date": "2026-10-06", "attended": True},
        {"crn": "X100009", "projectCode": "P07", "date": "2026-10-10", "attended": False},
    ],
}
"""A sound problem in which every field of every record is used."""


@dataclass(frozen=True)
class Tables:
    """A folder of sound extracts that a test breaks."""

    folder: Path

    def rows(self, name: str) -> list[list[str]]:
        """A table's rows, the headings first."""
        with (self.folder / f"{name}.csv").open(encoding="utf-8", newline="") as stream:
            return list(csv.reader(stream))

    def write(self, name: str, rows: list[list[str]]) -> None:
        """A table of these rows."""
        with (self.folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as stream:
            csv.writer(stream, lineterminator="\n").writerows(rows)

    def put(self, name: str, row: int, **cells: str) -> None:
        """Other cells in a row, counted as a spreadsheet counts."""
        rows = self.rows(name)
        for column, value in cells.items():
            rows[row - 1][rows[0].index(column)] = value
        self.write(name, rows)

    def drop(self, name: str, column: str) -> None:
        """The table without a column."""
        rows = self.rows(name)
        position = rows[0].index(column)
        self.write(name, [row[:position] + row[position + 1 :] for row in rows])


@pytest.fixture
def sound_json() -> dict[str, Any]:
    """The sound problem as the contract's JSON."""
    return copy.deepcopy(SOUND)


@pytest.fixture
def sound_problem() -> UnpaidWorkProblem:
    """The sound problem."""
    return reader(UnpaidWorkProblem).validate_python(SOUND)


@pytest.fixture
def sound(tmp_path: Path, sound_problem: UnpaidWorkProblem) -> Tables:
    """The sound problem as a folder of extracts."""
    write_unpaid_work(sound_problem, tmp_path / "upw")
    return Tables(tmp_path / "upw")


@pytest.fixture
def json_file(tmp_path: Path) -> Callable[[Any], Path]:
    """Writes JSON data, or text as it is, to a file."""

    def write(content: Any) -> Path:
        path = tmp_path / "upw.json"
        path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
        return path

    return write


Refused = Callable[..., list[tuple[Place, str]]]


@pytest.fixture
def refused() -> Refused:
    """Reads what must be refused, and gives each fault's place and sentence."""

    def read(path: Path, limits: Limits = LIMITS) -> list[tuple[Place, str]]:
        with pytest.raises(InputError) as caught:
            read_unpaid_work(path, limits=limits)
        return [
            ((fault.file, fault.row, fault.path if fault.column is None else fault.column), fault.sentence)
            for fault in caught.value.faults
        ]

    return read
