"""`evenhand roster` and `evenhand repair` on a small team: files, grid, calendar, what went wrong, exit codes."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from api.cli.repairing import Trouble, disruption_of
from models.errors import UsageError
from models.extracts.unpaid_write import write_unpaid_work
from models.unpaid_work.terms import Weekday
from tests.cli.conftest import Run
from tests.support.unpaid import ANN, BOB, X, Y, Z, day, open_on, person, problem, project, supervisor

QUICK = ("--threads", "1", "--time-limit", "2")


def small_team() -> Any:
    """Three people, a group on Tuesdays and one on Thursdays, two supervisors."""
    return problem(
        [person(X), person(Y), person(Z)],
        [project("P01"), project("P02", open_on(Weekday.THURSDAY))],
        [supervisor(ANN), supervisor(BOB)],
        weeks=2,
    )


@pytest.fixture
def team(tmp_path: Path) -> Path:
    folder = tmp_path / "team"
    write_unpaid_work(small_team(), folder)
    return folder


@pytest.fixture
def roster(run: Run, team: Path, tmp_path: Path) -> Path:
    """A roster of the small team."""
    out = tmp_path / "roster.json"
    result = run("roster", team, "--out", out, *QUICK)
    assert result.exit_code == 0, result.stderr
    return out


def test_a_roster_is_written_shown_and_passes_the_checker(run: Run, team: Path, tmp_path: Path) -> None:
    out, report, calendar = tmp_path / "r.json", tmp_path / "r.xlsx", tmp_path / "r.ics"
    result = run(
        "roster",
        team,
        "--out",
        out,
        "--report",
        report,
        "--calendar",
        calendar,
        "--calendar-for",
        ANN,
        *QUICK,
    )
    assert result.exit_code == 0, result.stderr
    assert "3 of 3 requirements with minutes left are placed" in result.stdout
    assert "Week of 23 November 2026" in result.stdout
    made = json.loads(out.read_text(encoding="utf-8"))
    assert {each["crn"] for each in made["appointments"]} == {X, Y, Z}
    assert made["objective"]["total"] >= (made["bound"] or 0)
    assert "Placements" in openpyxl.load_workbook(report).sheetnames
    assert calendar.read_bytes().startswith(b"BEGIN:VCALENDAR")
    assert run("verify", team, out).exit_code == 0


def test_one_model_of_everything_is_no_worse(run: Run, team: Path, roster: Path, tmp_path: Path) -> None:
    out = tmp_path / "whole.json"
    result = run(
        "roster", team, "--strategy", "full_model", "--out", out, "--threads", "1", "--time-limit", "10"
    )
    assert result.exit_code == 0, result.stderr
    whole, quick = (json.loads(each.read_text(encoding="utf-8")) for each in (out, roster))
    assert whole["objective"]["total"] <= quick["objective"]["total"]
    assert run("verify", team, out).exit_code == 0


def test_tables_without_a_first_day_are_checked_and_repaired_from_the_roster_s(
    run: Run, team: Path, tmp_path: Path
) -> None:
    (team / "problem.csv").write_text("weeks,nonWorkingDays\n2,2027-01-01\n", encoding="utf-8")
    out, repaired = tmp_path / "r.json", tmp_path / "repaired.json"
    assert run("roster", team, "--from", "2026-11-30", "--out", out, *QUICK).exit_code == 0
    assert run("verify", team, out).exit_code == 0
    result = run(
        "repair", team, out, "--close-project", "P01", "--on", "2026-12-01", "--out", repaired, *QUICK
    )
    assert result.exit_code == 0, result.stderr
    assert run("verify", team, repaired).exit_code == 0


def test_json_alone_goes_to_stdout(run: Run, team: Path) -> None:
    result = run("roster", team, "--json", *QUICK)
    assert result.exit_code == 0
    assert json.loads(result.stdout)["question"]["kind"] == "ROSTER"


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ((), "--out is missing"),
        (("--out", "TEAM/people.csv"), "part of the problem"),
        (("--out", "r.json", "--calendar-for", "N03U001"), "--calendar-for needs --calendar"),
        (("--out", "r.json", "--report", "r.txt"), "ends in .xlsx"),
        (("--out", "r.json", "--calendar", "r.json"), "ends in .ics"),
    ],
)
def test_misuse_is_said_before_anything_is_made(
    run: Run, team: Path, options: tuple[str, ...], complaint: str
) -> None:
    result = run("roster", team, *(each.replace("TEAM", str(team)) for each in options))
    assert result.exit_code == 2
    assert complaint in " ".join(result.stderr.split())


def test_a_calendar_for_a_stranger_writes_nothing(run: Run, team: Path, tmp_path: Path) -> None:
    out = tmp_path / "r.json"
    result = run(
        "roster", team, "--out", out, "--calendar", tmp_path / "r.ics", "--calendar-for", "N03U999", *QUICK
    )
    assert result.exit_code == 2
    assert not out.exists()


def test_faults_of_the_extracts_are_all_told(run: Run, team: Path, tmp_path: Path) -> None:
    people = team / "people.csv"
    people.write_text(people.read_text(encoding="utf-8").replace("7200", "many"), encoding="utf-8")
    result = run("roster", team, "--out", tmp_path / "r.json")
    assert result.exit_code == 2
    assert result.stderr.count("people.csv") == 3


def test_an_ill_supervisor_is_replaced_and_nobody_needs_to_be_told(
    run: Run, team: Path, roster: Path, tmp_path: Path
) -> None:
    made = json.loads(roster.read_text(encoding="utf-8"))
    session = made["sessions"][0]
    out = tmp_path / "repaired.json"
    result = run(
        "repair", team, roster, "--without-supervisor", session["supervisorCode"], "--on", session["date"],
        "--out", out, *QUICK,
    )  # fmt: skip # as it is typed
    assert result.exit_code == 0, result.stderr
    assert "Whom to tell" in result.stdout
    repaired = json.loads(out.read_text(encoding="utf-8"))
    assert repaired["question"]["kind"] == "REPAIR"
    there = [each["supervisorCode"] for each in repaired["sessions"] if each["date"] == session["date"]]
    assert session["supervisorCode"] not in there
    assert len(repaired["appointments"]) == len(made["appointments"])
    assert run("verify", team, out).exit_code == 0


def test_a_repair_does_not_overwrite_the_roster_in_hand(run: Run, team: Path, roster: Path) -> None:
    before = roster.read_bytes()
    result = run("repair", team, roster, "--close-project", "P01", "--out", roster)
    assert result.exit_code == 2
    assert roster.read_bytes() == before


def test_what_went_wrong_is_read_day_by_day() -> None:
    trouble = Trouble(
        supervisors=(ANN,),
        projects=("P01",),
        vehicles=("P02:3", "P01"),
        days=("2026-11-24..2026-11-25",),
        absent=(f"{X.lower()}:2026-12-01",),
        first_day="2026-11-24",
    )
    found = disruption_of(small_team(), trouble)
    assert [(each.staff_code, each.date) for each in found.supervisors_away] == [(ANN, day(1)), (ANN, day(2))]
    assert found.is_closed("P01", day(2))
    assert not found.is_closed("P01", day(3))
    assert {(each.project_code, each.seats) for each in found.vehicles_off} == {("P02", 3), ("P01", 0)}
    assert found.is_absent(X, day(8))
    assert found.is_past(day(0))


def test_without_a_day_it_is_every_day_that_may_change() -> None:
    found = disruption_of(small_team(), Trouble(projects=("P01",), first_day="2026-12-05"))
    assert [each.date for each in found.projects_closed] == [dt.date(2026, 12, 5), dt.date(2026, 12, 6)]


@pytest.mark.parametrize(
    ("trouble", "complaint"),
    [
        (Trouble(supervisors=("N03U999",)), "--without-supervisor: the problem has no N03U999"),
        (Trouble(projects=("P99",)), "--close-project: the problem has no P99"),
        (Trouble(vehicles=("P01:many",)), "--vehicle-off"),
        (Trouble(absent=(X,)), "says no day"),
        (Trouble(absent=("X999999:2026-11-24",)), "--absent: the problem has no X999999"),
        (Trouble(absent=(f"{X}:2027-12-01",)), f"--absent: {X}:2027-12-01 is not within the roster's days"),
        (Trouble(days=("2026-11-25..2026-11-24",)), "ends before it begins"),
        (Trouble(days=("2027-01-01",)), "not within the roster's days, 2026-11-23 to 2026-12-06"),
        (Trouble(days=("tomorrow",)), "--on"),
    ],
)
def test_a_slip_of_the_pen_repairs_nothing_in_silence(trouble: Trouble, complaint: str) -> None:
    with pytest.raises(UsageError) as raised:
        disruption_of(small_team(), trouble)
    assert complaint in str(raised.value)
