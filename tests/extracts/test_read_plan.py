"""Plans that come back: as plan.json, or as a table edited by hand."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from models.allocation.plan import Plan
from models.errors import InputError
from models.extracts import EditedPlan, read_plan

BALANCE = {
    "maxWorkload": 100.0,
    "minWorkload": None,
    "meanWorkload": None,
    "spread": None,
    "standardDeviation": None,
    "gini": None,
    "officersOver100": 0,
    "officersOver110": 0,
    "meanCases": None,
    "maxCases": 0,
}
PLAN: dict[str, Any] = {
    "status": "OPTIMAL",
    "objective": {
        "unallocatedWeight": 4,
        "pressure": 10,
        "changeOfOfficer": 0,
        "fit": 2,
        "total": 12,
        "fixed": 0,
    },
    "bound": 12,
    "gap": 0.0,
    "unallocatedProven": True,
    "wallSeconds": 0.1,
    "question": {"kind": "ALLOCATE", "moves": 0, "released": [], "strategy": "optimise"},
    "findings": [],
    "assignments": [{"crn": "X100001", "staffCode": "N03A001", "teamCode": "N03F01"}],
    "unallocated": [{"crn": "X100002", "rules": ["authorised"], "sentence": "nobody may"}],
    "officers": [],
    "balance": {"before": BALANCE, "after": BALANCE},
    "provenance": {
        "inputHash": "a",
        "policyHash": "b",
        "policyVersion": "c",
        "engineVersion": "d",
        "seed": 1,
        "timeLimit": None,
    },
}


def write(path: Path, text: str) -> Path:
    """A file of text."""
    path.write_text(text, encoding="utf-8")
    return path


def faults(path: Path) -> list[tuple[str | None, int | None, str | None]]:
    """Where the faults of a refused plan stand."""
    with pytest.raises(InputError) as caught:
        read_plan(path)
    return [(fault.file, fault.row, fault.column or fault.path) for fault in caught.value.faults]


def test_a_plan_file_gives_the_plan_that_was_written(tmp_path: Path) -> None:
    plan = read_plan(write(tmp_path / "plan.json", json.dumps(PLAN)))
    assert isinstance(plan, Plan)
    assert plan.assignments[0].staff_code == "N03A001"
    again = read_plan(write(tmp_path / "again.json", json.dumps(plan.as_json())))
    assert again == plan


def test_every_fault_of_a_plan_file_is_named(tmp_path: Path) -> None:
    broken = json.loads(json.dumps(PLAN))
    broken["bound"] = "about 12"
    broken["assignments"][0]["staffcode"] = broken["assignments"][0].pop("staffCode")
    text = json.dumps(broken).replace('"status"', '"status": "X", "status"')
    assert sorted(faults(write(tmp_path / "plan.json", text)), key=str) == [
        ("plan.json", None, "assignments[0].staffCode"),
        ("plan.json", None, "assignments[0].staffcode"),
        ("plan.json", None, "bound"),
        ("plan.json", None, "status"),
    ]


def test_a_repeated_key_alone_refuses_a_plan(tmp_path: Path) -> None:
    text = json.dumps(PLAN).replace('"status"', '"status": "X", "status"')
    assert faults(write(tmp_path / "plan.json", text)) == [("plan.json", None, "status")]


TABLE = (
    "CRN,Staff Code,team_code,Tier,reason,,reason\n"
    "x100001,N03A001,N03F01,B2,=SUM(A1),9,\n"
    "X100002,,N03F01,,,,\n"
    "\n"
    "X100003,N03A002,,,,,,extra\n"
)
EDITED = EditedPlan(
    (
        ("X100001", "N03A001", "N03F01"),
        ("X100002", None, None),
        ("X100003", "N03A002", None),
    )
)


def test_a_table_edited_by_hand_is_read_by_its_three_columns(tmp_path: Path) -> None:
    assert read_plan(write(tmp_path / "plan.csv", TABLE)) == EDITED


def test_the_column_of_teams_may_be_missing(tmp_path: Path) -> None:
    plan = read_plan(write(tmp_path / "plan.csv", "crn,staffCode\nX100001,N03A001\nX100001,\n"))
    assert plan == EditedPlan((("X100001", "N03A001", None), ("X100001", None, None)))


def test_parquet_is_read_too(tmp_path: Path) -> None:
    frame = pl.DataFrame({"crn": ["X100001"], "staffCode": ["N03A001"], "teamCode": [None]})
    frame.with_columns(pl.col("teamCode").cast(pl.String)).write_parquet(tmp_path / "plan.parquet")
    assert read_plan(tmp_path / "plan.parquet") == EditedPlan((("X100001", "N03A001", None),))


SHEET = [line.split(",")[:5] for line in TABLE.replace("reason,,reason", "reason").splitlines()]


@pytest.mark.parametrize("names", [["Assignments", "Summary"], ["Summary", "plan"], ["Sheet1"]])
def test_a_workbook_is_read_at_the_sheet_of_assignments(
    names: list[str], workbook: Callable[..., Path]
) -> None:
    sheets = {name: [["crn"], ["other"]] if name == "Summary" else SHEET for name in names}
    assert read_plan(workbook(sheets)) == EDITED


def test_a_workbook_without_such_a_sheet_is_refused(workbook: Callable[..., Path]) -> None:
    assert faults(workbook({"one": SHEET, "two": SHEET})) == [("pdu.xlsx", None, None)]


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("plan.csv", "crn,teamCode\nX100001,N03F01\n", [("plan.csv", 1, "staffCode")]),
        (
            "plan.csv",
            "crn,staffCode\n1,N03A001\nX100001,a b\n",
            [("plan.csv", 2, "crn"), ("plan.csv", 3, "staffCode")],
        ),
        ("plan.csv", "crn,staffCode\n,N03A001\n", [("plan.csv", 2, "crn")]),
        ("plan.csv", "crn,staffCode\nX100001,=A1\n", [("plan.csv", 2, "staffCode")]),
        ("plan.csv", "", [("plan.csv", None, None)]),
        ("plan.json", "[]", [("plan.json", None, None)]),
        ("plan.txt", "crn,staffCode\n", [("plan.txt", None, None)]),
    ],
)
def test_each_fault_of_a_plan_is_named(
    name: str, text: str, expected: list[tuple[str, int | None, str | None]], tmp_path: Path
) -> None:
    assert faults(write(tmp_path / name, text)) == expected


def test_a_plan_that_is_not_there_is_a_fault(tmp_path: Path) -> None:
    assert faults(tmp_path / "nothing.csv") == [("nothing.csv", None, None)]
