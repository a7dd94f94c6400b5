"""Rosters come back from their file as they were, and faults in them are named by path."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest

from models.errors import InputError
from models.extracts import read_roster
from models.unpaid_work.roster import (
    Appointment,
    Change,
    Forecast,
    Placement,
    Roster,
    RosterFinding,
    RosterKind,
    RosterObjective,
    RosterProvenance,
    RosterQuestion,
    Session,
    Unplaced,
)
from models.unpaid_work.terms import Frequency, Weekday

DAY = dt.date(2026, 11, 24)
ROSTER = Roster(
    status="FEASIBLE",
    objective=RosterObjective(1, 20, 30, 420, 100, 0, 0, 0, 4_009_600),
    bound=4_000_000,
    gap=0.0024,
    gap_net=0.5,
    own_best=3_990_400,
    wall_seconds=1.25,
    question=RosterQuestion(
        RosterKind.REPAIR, without_supervisors=("N03U007",), dates=(DAY,), repaired_from="ab12"
    ),
    findings=(RosterFinding("pinned", "X100001", "P01", DAY, "told and no longer possible"),),
    placements=(
        Placement("X100001", 1, "P01", Weekday.TUESDAY, Frequency.WEEKLY, 540, 960, DAY, None, ("near",)),
    ),
    sessions=(Session("P01", DAY, 540, 960, "N03U007", 8, 5, 3.75, 0.0),),
    appointments=(Appointment("X100001", 1, "P01", DAY, 540, 960, "N03U007", 420),),
    unplaced=(Unplaced("X100002", 2, ("available",), "nothing runs when they can come"),),
    forecast=(Forecast("X100001", 1, 840, 420, None, 20),),
    provenance=RosterProvenance("ab", "cd", "2026-11", "0.1", 7, 10.0),
    changes=(Change("X100001", "MOVED", "P01 on Monday", None),),
)


def written(tmp_path: Path, text: str, name: str = "roster.json") -> Path:
    (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path / name


def test_a_roster_comes_back_as_it_was(tmp_path: Path) -> None:
    assert read_roster(written(tmp_path, json.dumps(ROSTER.as_json()))) == ROSTER


def test_every_fault_of_a_roster_is_named(tmp_path: Path) -> None:
    data = ROSTER.as_json()
    data["bound"] = "about nought"
    data["sessions"][0]["startTime"] = "nine"
    del data["appointments"][0]["crn"]
    text = json.dumps(data).replace('"gapNet"', '"gap": 0.0, "gapNet"')
    with pytest.raises(InputError) as caught:
        read_roster(written(tmp_path, text))
    assert {(fault.file, fault.path) for fault in caught.value.faults} == {
        ("roster.json", "gap"),
        ("roster.json", "bound"),
        ("roster.json", "sessions[0].startTime"),
        ("roster.json", "appointments[0].crn"),
    }


@pytest.mark.parametrize(
    ("name", "clause"),
    [("roster.csv", "cannot be read from 'roster.csv'"), ("roster.json", "the JSON is a list")],
)
def test_what_is_no_roster_is_refused(name: str, clause: str, tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        read_roster(written(tmp_path, "[]", name))
    assert clause in caught.value.faults[0].sentence
