"""`evenhand explain`: rosters and plans, for people and as JSON."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from api.cli.app import app
from models.allocation.terms import Sex
from models.extracts.unpaid_write import write_unpaid_work
from models.extracts.write import write_allocation
from models.unpaid_work.terms import Weekday
from tests.support.plans import honest_plan
from tests.support.problems import case, officer
from tests.support.problems import problem as cases_problem
from tests.support.unpaid import (
    ANN,
    BOB,
    Book,
    X,
    Y,
    drawn,
    honest_roster,
    open_on,
    person,
    placement,
    problem,
    project,
    supervisor,
)

Run = Callable[..., Result]


def invoke(*args: object) -> Result:
    result = CliRunner().invoke(app, ["explain", *map(str, args)])
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result


@pytest.fixture
def of_roster(tmp_path: Path) -> Run:
    """Explains a roster in which X is on Tuesdays and Y, who lives too far away, is nowhere."""
    team = problem(
        [person(X), person(Y, travel_minutes=100)],
        [project(), project("P02", open_on(Weekday.THURSDAY))],
        [supervisor(ANN), supervisor(BOB, skills=("DRIVING",))],
    )
    lines = drawn(*[Book(X, on) for on in (1, 8, 15, 22)], placements=[placement(X)])
    write_unpaid_work(team, tmp_path / "team")
    roster = tmp_path / "roster.json"
    roster.write_text(json.dumps(honest_roster(team, lines).as_json()), encoding="utf-8")
    return lambda *args: invoke(tmp_path / "team", roster, *args)


@pytest.fixture
def of_plan(tmp_path: Path) -> Run:
    """Explains a plan that leaves X000002, which needs a skill nobody has, and X000003 unallocated."""
    first = officer("N03A001", sex=Sex.FEMALE)
    unit = cases_problem(
        [first],
        [
            case("X000001"),
            case("X000002", required_skills=("WELSH",)),
            case("X000003", officer_sex=Sex.MALE),
        ],
    )
    write_allocation(unit, tmp_path / "unit")
    plan = tmp_path / "plan.json"
    plan.write_text(json.dumps(honest_plan(unit, {"X000001": first}).as_json()), encoding="utf-8")
    return lambda *args: invoke(tmp_path / "unit", plan, *args)


def test_why_somebody_is_where_they_are(of_roster: Run) -> None:
    result = of_roster("--crn", " x000001 ")
    assert result.exit_code == 0
    assert "X000001 goes to P01 Tuesday 09:00-16:00." in result.stdout
    assert "P02 Thursday 09:00-16:00 alone would cost as much" in " ".join(result.stdout.split())


def test_why_not(of_roster: Run) -> None:
    result = of_roster("--crn", Y, "--project", "P01")
    assert result.exit_code == 0
    words = " ".join(result.stdout.split())
    assert "would travel 100 minutes each way to P01; the limit is 90 (travel_limit)." in words
    dated = of_roster("--crn", Y, "--project", "P01", "--on", "2026-11-24", "--json")
    assert json.loads(dated.stdout)["reasons"][0]["rule"] == "travel_limit"


def test_why_a_session(of_roster: Run) -> None:
    result = of_roster("--project", "P01", "--on", "24/11/2026")
    assert "N03U001 supervises; N03U002 could too." in result.stdout
    other = of_roster("--project", "P01", "--on", "2026-11-24", "--supervisor", BOB)
    assert "No rule forbids it, beside what they do." in other.stdout


def test_what_would_fix_a_roster(of_roster: Run) -> None:
    result = of_roster("--levers", 3)
    assert result.exit_code == 0
    assert "As it is 120 hours are expected to be lost, and 1 people have nothing" in result.stdout
    words = " ".join(result.stdout.split())
    assert (
        "1 X000002 travelling up to 120 minutes each way: 120 hours saved from expiry, 1 more person" in words
    )
    assert "possible changes were solved again" in words
    said = json.loads(of_roster("--levers", 3, "--crn", Y, "--json").stdout)
    assert said["levers"][0]["kind"] == "TRAVEL"
    assert said["levers"][0]["peoplePlaced"] == 1


def test_what_would_fix_it_with_whole_rosters_made_anew(of_roster: Run) -> None:
    result = of_roster("--levers", 1, "--work-limit", 0.2, "--json")
    assert result.exit_code == 0
    assert json.loads(result.stdout)["levers"][0]["minutesSaved"] == 7200
    assert "differ by more than a small change saves" in result.stderr


def test_unallocated_cases(of_plan: Run) -> None:
    result = of_plan()
    assert result.exit_code == 0
    words = " ".join(result.stdout.split())
    assert "X000002 is unallocated" in words
    assert "N03A001 trained in welsh: costs 0 band-points, N03A001 at 3.8 % (required_skills)" in words
    assert "No single change was found that places it; 0 of 1 officer whom one rule alone stops" in words
    said = json.loads(of_plan("--crn", "X000002", "--json").stdout)
    assert [each["crn"] for each in said["cases"]] == ["X000002"]


def test_an_allocated_case_has_the_plans_reasons(of_plan: Run) -> None:
    result = of_plan("--crn", "X000001")
    assert result.stdout.splitlines() == ["X000001 goes to N03A001 (N03F01)", "  Level workload."]


@pytest.mark.parametrize(
    ("args", "words"),
    [
        ((), "say what to explain"),
        (("--project", "P01"), "say what to explain"),
        (("--crn", X, "--on", "2026-11-24"), "--on goes with --project"),
        (("--crn", X, "--supervisor", ANN), "--supervisor goes with"),
        (("--crn", "X999999"), "X999999"),
        (("--crn", "X999999", "--levers", 2), "X999999"),
    ],
)
def test_questions_about_rosters_that_cannot_be_asked(
    of_roster: Run, args: tuple[object, ...], words: str
) -> None:
    result = of_roster(*args)
    assert result.exit_code == 2
    assert words in result.stderr


def test_questions_about_plans_that_cannot_be_asked(of_plan: Run, tmp_path: Path) -> None:
    assert of_plan("--levers", 2).exit_code == 2
    unknown = of_plan("--crn", "X999999")
    assert unknown.exit_code == 2
    assert "the plan does not have the case X999999" in unknown.stderr
    table = tmp_path / "plan.csv"
    table.write_text("crn,staffCode,teamCode\nX000001,N03A001,N03F01\n", encoding="utf-8")
    assert invoke(tmp_path / "unit", table).exit_code == 2
