"""One problem read from every form it may come in."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest

from models.allocation.terms import Grade, Location
from models.errors import InputError
from models.extracts import read_allocation
from models.extracts.write import write_allocation

OFFICERS = """staffCode,teamCode,grade,contractedHours,skills,leave,tierLimits,easting,northing,active
N03A001,N03F01,PO,37.0,domestic abuse;Welsh,2026-11-20/2026-11-27;23/12/2026 to 24/12/2026,A=10,435300,336100,Y
N03A002,N03F01,PSQ, 30 ,,,,,,no
"""
CASES = """crn,tier,caseType,currentStaffCode,heldSince
X123456,B2,COMMUNITY,N03A001,2026-02-01
X123457,A1S,CUSTODY,,
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "pdu").mkdir()
    (tmp_path / "pdu" / "officers.csv").write_text(OFFICERS, encoding="utf-8")
    (tmp_path / "pdu" / "cases.csv").write_text(CASES, encoding="utf-8")
    return tmp_path / "pdu"


def test_a_folder_of_csv_gives_the_problem(folder: Path) -> None:
    problem = read_allocation(folder, as_of=dt.date(2026, 11, 23))
    first, second = problem.officers
    assert first.skills == ("DOMESTIC_ABUSE", "WELSH")
    assert [(leave.first.day, leave.last.day) for leave in first.leave] == [(20, 27), (23, 24)]
    assert first.tier_limits == {"A": 10}
    assert first.location == Location(435300, 336100)
    assert (second.grade, second.contracted_hours, second.active) == (Grade.PSO, 30.0, False)
    assert [case.waiting for case in problem.cases] == [False, True]


def test_what_is_written_reads_back_equal(folder: Path, tmp_path: Path) -> None:
    problem = read_allocation(folder, as_of=dt.date(2026, 11, 23))
    write_allocation(problem, tmp_path / "again")
    assert read_allocation(tmp_path / "again") == problem


def test_json_of_the_same_facts_is_the_same_problem(folder: Path, tmp_path: Path) -> None:
    problem = read_allocation(folder, as_of=dt.date(2026, 11, 23))
    (tmp_path / "pdu.json").write_text(json.dumps(problem.as_json()), encoding="utf-8")
    again = read_allocation(tmp_path / "pdu.json")
    assert again == problem
    assert again.input_hash == problem.input_hash


def test_the_plan_date_is_the_callers_then_the_inputs_then_the_default(folder: Path) -> None:
    own, default = dt.date(2026, 11, 1), dt.date(2026, 11, 2)
    assert read_allocation(folder, default_as_of=default).as_of == default
    (folder / "problem.csv").write_text("As Of\n30/11/2026\n", encoding="utf-8")
    assert read_allocation(folder, default_as_of=default).as_of == dt.date(2026, 11, 30)
    assert read_allocation(folder, as_of=own, default_as_of=default).as_of == own


def test_a_plan_date_must_come_from_somewhere(folder: Path) -> None:
    with pytest.raises(InputError) as caught:
        read_allocation(folder)
    assert [(fault.file, fault.column) for fault in caught.value.faults] == [("problem.csv", "asOf")]
