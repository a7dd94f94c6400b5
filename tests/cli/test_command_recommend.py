"""`evenhand recommend`: every officer ranked, each price item, and the rules that forbid the others."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from typer.testing import Result

Run = Callable[..., Result]


def test_json_has_the_names_of_the_contract(unit: Path, run: Run) -> None:
    result = run("recommend", unit, "--crn", "X000012", "--json")
    assert result.exit_code == 0
    said = json.loads(result.stdout)
    assert said["crn"] == "X000012"
    first, *_, last = said["options"]
    assert set(first) == {
        "rank",
        "staffCode",
        "teamCode",
        "eligible",
        "current",
        "before",
        "after",
        "price",
        "rules",
    }
    # B2 in the community is 115 points of 2176: 5.3 %
    assert (first["rank"], first["staffCode"], first["before"], first["after"]) == (1, "N03A002", 0.0, 5.3)
    assert first["price"]["total"] == sum(value for item, value in first["price"].items() if item != "total")
    assert (last["rank"], last["staffCode"], last["eligible"]) == (None, "N03A003", False)
    assert [refusal["rule"] for refusal in last["rules"]] == ["grade_may_hold_tier"]


def test_people_get_a_table_and_sentences(unit: Path, run: Run) -> None:
    result = run("recommend", unit, "--crn", " x000012 ")
    assert result.exit_code == 0
    shown = result.stdout
    assert "X000012, B2 COMMUNITY, as of 2026-11-23" in shown
    assert "2 officers may take it" in shown
    assert shown.index("N03A002 (N03F01)") < shown.index("N03A001 (N03F01)")
    assert "0.0 to   5.3" in shown
    assert "1 officer may not take it" in shown
    assert "PSO" in shown[shown.index("may not take it") :]
    assert "\x1b" not in shown


def test_a_held_case_may_be_asked_about(unit: Path, run: Run) -> None:
    result = run("recommend", unit, "--crn", "X000001")
    assert "holds it now" in result.stdout
    assert "change" in result.stdout


def test_nobody_may_take_it(unit: Path, run: Run) -> None:
    result = run("recommend", unit, "--crn", "X000013")
    assert result.exit_code == 1
    assert "No officer may take it" in result.stdout
    assert run("recommend", unit, "--crn", "X000013", "--json").exit_code == 1


def test_a_case_whose_holder_has_left_is_asked_about_once_released(unit: Path, run: Run) -> None:
    result = run("recommend", unit, "--crn", "X000005")
    assert result.exit_code == 2
    assert "--release findings" in result.stderr
    assert run("recommend", unit, "--crn", "X000005", "--release", "findings").exit_code == 0


def test_an_unknown_case_is_bad_usage(unit: Path, run: Run) -> None:
    result = run("recommend", unit, "--crn", "X999999")
    assert result.exit_code == 2
    assert "X999999" in result.stderr
