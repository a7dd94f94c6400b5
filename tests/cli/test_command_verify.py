"""`evenhand verify`: plans of ours, plans that were changed, tables that came back from a spreadsheet."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from typer.testing import Result

QUICK = ("--threads", "1", "--time-limit", "20")
Run = Callable[..., Result]


@pytest.fixture
def plan(unit: Path, run: Run, tmp_path: Path) -> Path:
    """The small unit's plan, with its spreadsheet beside it."""
    out = tmp_path / "plan.json"
    result = run("allocate", unit, "--out", out, "--report", tmp_path / "plan.xlsx", "--no-compare", *QUICK)
    assert result.exit_code == 0, result.stderr
    return out


def edited_csv(report: Path, changes: dict[str, tuple[str, str]]) -> Path:
    """The Assignments sheet as a person saves it: some officers changed, as CSV."""
    sheet = openpyxl.load_workbook(report)["Assignments"]
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    path = report.with_suffix(".csv")
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(rows[0])
        for row in rows[1:]:
            writer.writerow([row[0], *changes.get(str(row[0]), row[1:3]), *row[3:]])
    return path


def broken_rules(result: Result) -> list[str]:
    """The rules that verify names with --json."""
    assert result.exit_code == 1
    said = json.loads(result.stdout)
    assert said["clean"] is False
    assert all(
        set(violation) == {"rule", "crn", "staffCode", "teamCode", "sentence"}
        for violation in said["violations"]
    )
    return [violation["rule"] for violation in said["violations"]]


def test_a_sound_plan_is_clean(unit: Path, plan: Path, run: Run) -> None:
    result = run("verify", unit, plan)
    assert result.exit_code == 0
    assert "every rule holds and every claim is so" in result.stdout
    assert result.stderr == ""
    result = run("verify", unit, plan, "--json")
    assert json.loads(result.stdout) == {"clean": True, "violations": [], "warnings": []}


def test_a_changed_assignment_is_found(unit: Path, plan: Path, run: Run) -> None:
    data: dict[str, Any] = json.loads(plan.read_text(encoding="utf-8"))
    line = next(line for line in data["assignments"] if line["crn"] == "X000012")
    line["staffCode"] = "N03A003"  # a PSO, and the case is B2
    plan.write_text(json.dumps(data), encoding="utf-8")
    rules = broken_rules(run("verify", unit, plan, "--json"))
    assert rules[0] == "grade_may_hold_tier"
    assert "claimed_objective" in rules
    shown = run("verify", unit, plan)
    assert shown.exit_code == 1
    line = next(line for line in shown.stdout.splitlines() if "grade_may_hold_tier" in line)
    assert "X000012" in line
    assert "N03A003" in line
    assert line.count("X000012") == 1


def test_spreadsheet_itself_is_checked(unit: Path, plan: Path, run: Run) -> None:
    result = run("verify", unit, plan.with_suffix(".xlsx"))
    assert result.exit_code == 0, result.output


def test_spreadsheet_saved_as_csv_is_clean(unit: Path, plan: Path, run: Run) -> None:
    result = run("verify", unit, edited_csv(plan.with_suffix(".xlsx"), {}))
    assert result.exit_code == 0, result.output


@pytest.mark.parametrize(
    ("crn", "officer", "rule"),
    [
        ("X000012", ("N03A003", "N03F01"), "grade_may_hold_tier"),
        ("X000013", ("N03A001", "N03F01"), "officer_sex"),
        ("X000001", ("N03A002", "N03F01"), "move_budget"),
        ("X000011", ("N03A077", "N03F01"), "one_officer"),
        ("X000001", ("", ""), "one_officer"),
    ],
)
def test_a_change_by_hand_is_found_by_its_rule(
    unit: Path, plan: Path, run: Run, crn: str, officer: tuple[str, str], rule: str
) -> None:
    table = edited_csv(plan.with_suffix(".xlsx"), {crn: officer})
    assert broken_rules(run("verify", unit, table, "--json")) == [rule]


def test_a_table_may_answer_another_question(unit: Path, plan: Path, run: Run) -> None:
    table = edited_csv(plan.with_suffix(".xlsx"), {"X000001": ("N03A002", "N03F01")})
    assert run("verify", unit, table, "--kind", "rebalance", "--moves", "1").exit_code == 0
    assert broken_rules(run("verify", unit, table, "--kind", "rebalance", "--json")) == ["move_budget"]


def test_a_released_case_is_missing_from_a_table_that_leaves_it_out(unit: Path, plan: Path, run: Run) -> None:
    table = edited_csv(plan.with_suffix(".xlsx"), {})
    result = run("verify", unit, table, "--release", "N03A099", "--json")
    assert broken_rules(result) == ["one_officer"]


def test_a_plan_states_its_own_question(unit: Path, plan: Path, run: Run) -> None:
    result = run("verify", unit, plan, "--kind", "rebalance", "--moves", "1")
    assert result.exit_code == 2
    assert "states its own question" in result.stderr


def test_extracts_without_a_date_are_read_as_of_the_plan(unit: Path, plan: Path, run: Run) -> None:
    (unit / "problem.csv").unlink()
    result = run("verify", unit, plan)
    assert result.exit_code == 0, result.output
    assert result.stderr == ""


def test_another_input_is_warned_of(unit: Path, plan: Path, run: Run) -> None:
    result = run("verify", unit, plan, "--as-of", "2026-11-24")
    assert "warning: the plan was made from another input" in result.stderr
    assert "warning" not in result.stdout


def test_another_policy_is_warned_of(unit: Path, plan: Path, run: Run, tmp_path: Path) -> None:
    text = run("policy", "show").stdout
    mine = tmp_path / "mine.toml"
    mine.write_text(
        text.replace("base = 8", "base = 9").replace('version = "2026-11"', 'version = "mine"'),
        encoding="utf-8",
    )
    result = run("verify", unit, plan, "--policy", mine, "--json")
    assert json.loads(result.stdout)["warnings"] != []
    assert "mine" in result.stderr


def test_a_broken_plan_is_bad_input(unit: Path, plan: Path, run: Run) -> None:
    data = json.loads(plan.read_text(encoding="utf-8"))
    del data["objective"]["fit"]
    data["assignments"][0]["crn"] = 7
    plan.write_text(json.dumps(data), encoding="utf-8")
    result = run("verify", unit, plan, "--json")
    assert result.exit_code == 2
    assert [fault["path"] for fault in json.loads(result.stdout)["faults"]] == [
        "objective.fit",
        "assignments[0].crn",
    ]
