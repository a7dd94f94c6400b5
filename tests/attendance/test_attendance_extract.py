"""The optional extract attendance_history: read, written, and refused with every fault at once."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from models.errors import InputError
from models.extracts import read_unpaid_work
from models.extracts.unpaid_write import write_unpaid_work
from models.unpaid_work.problem import AttendanceRecord
from tests.support.unpaid import X, Y, day, every_day, person, problem

TEAM = problem(
    [person()],
    [every_day()],
    attendance_history=(
        AttendanceRecord(X, "P01", day(-7), True),
        AttendanceRecord(Y, "P09", day(-6), False),
    ),
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The extracts of a team with a history."""
    write_unpaid_work(TEAM, tmp_path)
    return tmp_path


def faults(path: Path) -> list[tuple[str | None, int | None, str | None, str | None]]:
    with pytest.raises(InputError) as caught:
        read_unpaid_work(path)
    return [(fault.file, fault.row, fault.column, fault.path) for fault in caught.value.faults]


def test_a_history_comes_back_as_it_was_written(folder: Path) -> None:
    assert read_unpaid_work(folder) == TEAM
    assert (folder / "attendance_history.csv").read_text(encoding="utf-8").splitlines() == [
        "crn,projectCode,date,attended",
        "X000001,P01,2026-11-16,yes",
        "X000002,P09,2026-11-17,no",
    ]


def test_a_team_without_a_history_has_no_such_file(folder: Path) -> None:
    (folder / "attendance_history.csv").unlink()
    without = read_unpaid_work(folder)
    assert without.attendance_history == ()
    write_unpaid_work(without, folder)
    assert not (folder / "attendance_history.csv").exists()


def test_json_may_have_one_and_need_not(tmp_path: Path) -> None:
    path = tmp_path / "team.json"
    data = TEAM.as_json()
    path.write_text(json.dumps(data), encoding="utf-8")
    assert read_unpaid_work(path) == TEAM
    del data["attendanceHistory"]
    path.write_text(json.dumps(data), encoding="utf-8")
    assert read_unpaid_work(path).attendance_history == ()


def test_every_fault_is_told_at_once(folder: Path) -> None:
    history = folder / "attendance_history.csv"
    history.write_text(
        "crn,projectCode,date,attended\nX1,P01,2026-11-16,yes\nX000002,P01,31/11/2026,perhaps\n",
        encoding="utf-8",
    )
    people = folder / "people.csv"
    people.write_text(people.read_text(encoding="utf-8").replace("7200", "many"), encoding="utf-8")
    assert faults(folder) == [
        ("people.csv", 2, "requiredMinutes", None),
        ("attendance_history.csv", 2, "crn", None),
        ("attendance_history.csv", 3, "date", None),
        ("attendance_history.csv", 3, "attended", None),
    ]


def test_faults_in_json_have_paths(tmp_path: Path) -> None:
    path = tmp_path / "team.json"
    data = TEAM.as_json()
    data["attendanceHistory"][1]["attended"] = "perhaps"
    data["attendanceHistory"][0]["place"] = "P01"
    path.write_text(json.dumps(data), encoding="utf-8")
    assert [fault[3] for fault in faults(path)] == [
        "attendanceHistory[0].place",
        "attendanceHistory[1].attended",
    ]
