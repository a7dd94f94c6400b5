"""`evenhand verify` for rosters of unpaid work."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import Result

from models.extracts.rosters import states_sessions
from models.extracts.unpaid_write import write_unpaid_work
from tests.support.unpaid import BOB, Book, X, Y, drawn, every_day, honest_roster, person, problem, supervisor

Run = Callable[..., Result]

TEAM = problem([person(), person(Y)], [every_day()], [supervisor(), supervisor(BOB)])
ROSTER = honest_roster(TEAM, drawn(Book(X), Book(Y)))


@pytest.fixture
def team(tmp_path: Path) -> Path:
    """A small team as JSON."""
    path = tmp_path / "team.json"
    path.write_text(json.dumps(TEAM.as_json()), encoding="utf-8")
    return path


@pytest.fixture
def roster(tmp_path: Path) -> Callable[..., Path]:
    """A roster as JSON: roster(appointments=[...]) with some of it replaced."""

    def written(**change: Any) -> Path:
        path = tmp_path / "roster.json"
        path.write_text(json.dumps({**ROSTER.as_json(), **change}), encoding="utf-8")
        return path

    return written


def test_a_sound_roster_is_clean(team: Path, roster: Callable[..., Path], run: Run) -> None:
    result = run("verify", team, roster())
    assert result.exit_code == 0
    assert "every rule holds and every claim is so (2 appointments)" in result.stdout
    assert result.stderr == ""


def test_extracts_give_the_same_problem(tmp_path: Path, roster: Callable[..., Path], run: Run) -> None:
    write_unpaid_work(TEAM, tmp_path / "team")
    result = run("verify", tmp_path / "team", roster(), "--json")
    assert json.loads(result.stdout)["violations"] == []
    assert result.exit_code == 0


def test_a_broken_roster_says_what_is_broken(team: Path, roster: Callable[..., Path], run: Run) -> None:
    sessions = [{**ROSTER.as_json()["sessions"][0], "supervisorCode": "N03U077"}]
    result = run("verify", team, roster(sessions=sessions), "--json")
    assert result.exit_code == 1
    said = json.loads(result.stdout)
    assert [each["rule"] for each in said["violations"]] == ["supervised", *["claimed_appointments"] * 2]
    plain = run("verify", team, roster(sessions=sessions))
    assert plain.exit_code == 1
    assert "3 violations" in plain.stdout
    assert "supervised: N03U077 is not among the supervisors" in plain.stdout


def test_a_roster_of_another_team_is_warned_of(tmp_path: Path, roster: Callable[..., Path], run: Run) -> None:
    other = tmp_path / "other.json"
    other.write_text(json.dumps(problem([person(), person(Y)]).as_json()), encoding="utf-8")
    assert "made from another input" in run("verify", other, roster()).stderr


def test_bad_input_is_exit_code_2(team: Path, roster: Callable[..., Path], unit: Path, run: Run) -> None:
    assert run("verify", unit, roster()).exit_code == 2  # a unit of officers and cases
    assert run("verify", team, roster(status=7)).exit_code == 2
    moves = run("verify", team, roster(), "--kind", "rebalance", "--moves", "3")
    assert moves.exit_code == 2
    assert "a roster states its own question" in moves.stderr


def test_what_states_sessions(tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    for text, expected in (
        ('{"sessions": []}', True),
        ('{"sessions" : []}', True),
        ('{"text": "the \\"sessions\\": none"}', False),
        ('{"assignments": []}', False),
        ("", False),
    ):
        path.write_text(text, encoding="utf-8")
        assert states_sessions(path) is expected, text
    assert not states_sessions(tmp_path / "missing.json")
    assert not states_sessions(tmp_path)
