"""`evenhand policy`: what is shown can be copied, changed, checked and used."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from typer.testing import Result

from models.policy.policy import default_policy, parse_policy

Run = Callable[..., Result]


def test_what_is_shown_is_the_policy_with_comments_and_hash(run: Run) -> None:
    shown = run("policy", "show")
    assert shown.exit_code == 0
    assert "# Pressure:" in shown.stdout
    assert default_policy().policy_hash in shown.stdout.splitlines()[-1]
    assert parse_policy(shown.stdout, file="shown.toml") == default_policy()
    assert run("policy", "show", "--version", "2026-11").stdout == shown.stdout


def test_json_holds_every_value(run: Run) -> None:
    said = json.loads(run("policy", "show", "--json").stdout)
    assert said.pop("hash") == default_policy().policy_hash
    assert said == default_policy().model_dump(mode="json")


def test_a_copy_is_checked_and_shown(run: Run, tmp_path: Path) -> None:
    mine = tmp_path / "mine.toml"
    mine.write_text(run("policy", "show").stdout.replace("new_cases = 5", "new_cases = 4"), encoding="utf-8")
    checked = run("policy", "check", mine)
    assert checked.exit_code == 0
    assert default_policy().policy_hash not in checked.stdout
    assert "new_cases = 4" in run("policy", "show", "--policy", mine).stdout
    assert json.loads(run("policy", "check", mine, "--json").stdout)["version"] == "2026-11"


def test_every_fault_of_a_policy_is_named(run: Run, tmp_path: Path) -> None:
    mine = tmp_path / "mine.toml"
    text = run("policy", "show").stdout
    text = text.replace("new_cases = 5", "new_cases = -1").replace("full_time_points", "points_full_time", 2)
    mine.write_text(text, encoding="utf-8")
    result = run("policy", "check", mine)
    assert result.exit_code == 2
    for place in ("limits.new_cases", "workload.full_time_points", "workload.points_full_time"):
        assert place in result.stderr


def test_a_policy_decides(run: Run, unit: Path, tmp_path: Path) -> None:
    mine = tmp_path / "mine.toml"
    mine.write_text(run("policy", "show").stdout.replace("new_cases = 5", "new_cases = 0"), encoding="utf-8")
    result = run("allocate", unit, "--policy", mine, "--json", "--threads", "1")
    plan = json.loads(result.stdout)
    assert len(plan["unallocated"]) == 3
    assert plan["provenance"]["policyHash"] != default_policy().policy_hash
