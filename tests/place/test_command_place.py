"""`evenhand place`: ranked slots for people and as JSON, with and without a roster in hand."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from api.cli.app import app
from models.extracts.unpaid_write import write_unpaid_work
from models.unpaid_work.terms import Weekday
from tests.support.unpaid import (
    Book,
    X,
    Y,
    Z,
    drawn,
    honest_roster,
    open_on,
    person,
    placement,
    problem,
    project,
    told,
)

Run = Callable[..., Result]
TEAM = problem(
    [person(X), person(Y, appointments=(told(),)), person(Z, travel_minutes=200)],
    [project(), project("P02", open_on(Weekday.FRIDAY), tags=("CHILDREN",))],
)


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Runs `evenhand place` on the team's extracts."""
    write_unpaid_work(TEAM, tmp_path / "team")

    def invoke(*args: object) -> Result:
        result = CliRunner().invoke(app, ["place", str(tmp_path / "team"), *map(str, args)])
        assert result.exception is None or isinstance(result.exception, SystemExit)
        return result

    return invoke


def test_people_get_slots_and_sentences(run: Run) -> None:
    result = run("--crn", " x000001 ")
    assert result.exit_code == 0
    said = result.stdout
    assert "X000001, event 1, from 2026-11-23" in said
    assert "2 slots can take them, the best first" in said
    assert "P01 Tuesday 09:00-16:00 from 2026-11-24 under N03U001: finished by 2027-04-27" in said
    assert "4 appointments: 24 Nov, 01 Dec, 08 Dec, 15 Dec" in said
    assert "-1 left with nothing, -7,200 minutes lost" in said
    assert "3 sessions would run for this alone" in said
    assert "\x1b" not in said


def test_json_alone_on_stdout(run: Run) -> None:
    result = run("--crn", X, "--json")
    assert result.exit_code == 0
    said = json.loads(result.stdout)
    assert [option["rank"] for option in said["options"]] == [1, 2]
    assert said["options"][0]["slot"]["projectCode"] == "P01"


def test_nothing_for_somebody_too_far_away(run: Run) -> None:
    result = run("--crn", Z)
    assert result.exit_code == 1
    assert "No slot can take them." in result.stdout
    assert "X000003 would travel 200 minutes each way to P01; the limit is 90" in " ".join(
        result.stdout.split()
    )


def test_a_roster_in_hand_is_what_runs(run: Run, tmp_path: Path) -> None:
    fridays = [Book(Y, on, at="P02") for on in (4, 11, 18, 25)]
    lines = drawn(Book(Y, 1), *fridays, placements=[placement(Y, "P02", Weekday.FRIDAY)])
    roster = tmp_path / "roster.json"
    roster.write_text(json.dumps(honest_roster(TEAM, lines).as_json()), encoding="utf-8")
    result = run("--crn", X, "--roster", roster, "--json")
    assert result.exit_code == 0
    assert json.loads(result.stdout)["options"][0]["slot"]["projectCode"] == "P02"
    assert result.stderr == ""
    later = run("--crn", X, "--roster", roster, "--from", "2026-11-30")
    assert "made from another input" in later.stderr


def test_unknown_people_are_bad_usage(run: Run) -> None:
    result = run("--crn", "X999999")
    assert result.exit_code == 2
    assert "X999999" in result.stderr
    assert run("--crn", X, "--event", 2).exit_code == 2
