"""A plan in hand as a start: taken up, or refused with a sentence."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

QUICK = ("--threads", "1", "--time-limit", "20")


def test_a_plan_in_hand_is_a_start_and_the_answer_is_no_worse(unit: Path, run: Callable[..., Any]) -> None:
    first, second = unit.parent / "first.json", unit.parent / "second.json"
    assert run("rebalance", unit, "--moves", "2", "--out", first, *QUICK).exit_code == 0
    assert run("rebalance", unit, "--moves", "2", "--start", first, "--out", second, *QUICK).exit_code == 0
    totals = [json.loads(path.read_text())["objective"]["total"] for path in (first, second)]
    assert totals[1] <= totals[0]


def test_a_start_from_another_question_leaves_out_what_no_longer_holds(
    unit: Path, run: Callable[..., Any]
) -> None:
    moved, out = unit.parent / "moved.json", unit.parent / "out.json"
    assert run("rebalance", unit, "--moves", "2", "--out", moved, *QUICK).exit_code == 0
    assert run("allocate", unit, "--start", moved, "--out", out, *QUICK).exit_code == 0
    made = json.loads(out.read_text())
    assert made["objective"]["changeOfOfficer"] == 0


def test_a_table_is_no_start(unit: Path, run: Callable[..., Any]) -> None:
    table = unit.parent / "plan.csv"
    table.write_text("crn,staffCode,teamCode\nX000011,N03A002,N03F01\n")
    out = unit.parent / "out.json"
    refused = run("allocate", unit, "--start", table, "--out", out, *QUICK)
    assert refused.exit_code == 2
    assert "expected a plan.json" in refused.stderr
    assert not out.exists()
