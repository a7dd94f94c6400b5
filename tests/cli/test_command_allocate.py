"""`evenhand allocate` and `evenhand rebalance`: the plan written, the summary shown, JSON alone when asked."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import Result

from api.cli import loading
from models.extracts.write import write_allocation
from tests.support.problems import case, held, officer, problem

QUICK = ("--threads", "1", "--time-limit", "20")
Run = Callable[..., Result]
PlanOf = Callable[..., dict[str, Any]]

PLAN_KEYS = {
    "status",
    "objective",
    "bound",
    "gap",
    "unallocatedProven",
    "wallSeconds",
    "question",
    "findings",
    "assignments",
    "unallocated",
    "officers",
    "balance",
    "provenance",
}
ADDED_KEYS = {"boundProof"}
"""What evenhand may say beyond the contract."""
PARTS = {
    "objective": {"unallocatedWeight", "pressure", "changeOfOfficer", "fit", "total", "fixed"},
    "question": {"kind", "moves", "released", "strategy"},
    "balance": {"before", "after"},
}
ROWS = {
    "findings": {"rule", "crn", "staffCode", "teamCode", "sentence"},
    "assignments": {
        "crn",
        "staffCode",
        "teamCode",
        "previousStaffCode",
        "reason",
        "overrideReason",
        "overrideText",
    },
    "unallocated": {"crn", "rules", "sentence"},
    "officers": {
        "staffCode",
        "teamCode",
        "availablePoints",
        "pointsBefore",
        "pointsAfter",
        "workloadBefore",
        "workloadAfter",
    },
}
PROVENANCE = {
    "inputHash",
    "policyHash",
    "policyVersion",
    "engineVersion",
    "seed",
    "timeLimit",
}


def placed(plan: dict[str, Any]) -> dict[str, str]:
    """The officer of each case."""
    return {line["crn"]: line["staffCode"] for line in plan["assignments"]}


def test_plan_has_the_names_of_the_contract(unit: Path, plan_of: PlanOf) -> None:
    plan = plan_of(unit)
    assert set(plan) - ADDED_KEYS == PLAN_KEYS
    for part, names in PARTS.items():
        assert set(plan[part]) == names
    for part, names in ROWS.items():
        assert plan[part], part
        assert all(set(row) == names for row in plan[part])
    assert set(plan["provenance"]) >= PROVENANCE


def test_plan_places_what_can_be_placed(unit: Path, plan_of: PlanOf) -> None:
    plan = plan_of(unit)
    assert plan["status"] == "OPTIMAL"
    assert plan["gap"] == 0.0
    assert plan["question"] == {"kind": "ALLOCATE", "moves": 0, "released": [], "strategy": "optimise"}
    assert [line["crn"] for line in plan["unallocated"]] == ["X000013"]
    where = placed(plan)
    assert {where[f"X00000{number}"] for number in range(1, 5)} == {"N03A001"}
    assert "X000005" not in where
    assert where["X000012"] == "N03A002"  # the PSO may not, and N03A001 has much already
    assert [finding["crn"] for finding in plan["findings"]] == ["X000005"]


def test_summary_says_what_a_manager_asks(unit: Path, run: Run, tmp_path: Path) -> None:
    result = run("allocate", unit, "--out", tmp_path / "plan.json", *QUICK)
    shown = result.stdout
    assert "Allocation as of 2026-11-23: proven optimal" in shown
    assert "2 of 3 waiting cases placed; 1 unallocated, proven least by weight" in shown
    assert "1 case left out: the holder is not among the officers" in shown
    assert "N03A002 (N03F01): X000012 B2" in shown
    assert "X000013 C1: " in shown
    assert "the officer is of that sex" in " ".join(shown.split())
    assert "one_officer (1)" in shown
    assert "least loaded first" in shown
    assert "\x1b" not in shown
    assert all(len(line) <= 100 for line in shown.splitlines())
    assert [line for line in shown.splitlines() if line != line.rstrip()] == []


def test_json_is_the_plan_alone(unit: Path, run: Run, tmp_path: Path) -> None:
    out = tmp_path / "plan.json"
    result = run("allocate", unit, "--out", out, "--json", *QUICK)
    assert result.exit_code == 0
    assert json.loads(result.stdout) == json.loads(out.read_text(encoding="utf-8"))
    assert result.stderr == ""


def test_json_needs_no_file(unit: Path, run: Run) -> None:
    result = run("allocate", unit, "--json", *QUICK)
    assert set(json.loads(result.stdout)) - ADDED_KEYS == PLAN_KEYS


def test_release_of_a_leaver_makes_their_cases_wait(unit: Path, plan_of: PlanOf) -> None:
    plan = plan_of(unit, "--release", "N03A099")
    assert plan["question"]["released"] == ["N03A099"]
    assert "X000005" in placed(plan)
    assert plan["findings"] == []


def test_release_of_findings(unit: Path, plan_of: PlanOf) -> None:
    assert "X000005" in placed(plan_of(unit, "--release", "findings"))


def test_release_of_nobody_known_is_a_slip_of_the_pen(unit: Path, run: Run, tmp_path: Path) -> None:
    out = tmp_path / "plan.json"
    result = run("allocate", unit, "--out", out, "--release", "N03A001,N03A0O2")
    assert result.exit_code == 2
    assert "N03A0O2" in result.stderr
    assert "N03A001," not in result.stderr
    assert not out.exists()


@pytest.mark.parametrize("strategy", ["least_loaded", "previous_officer"])
def test_strategies_of_today(unit: Path, plan_of: PlanOf, strategy: str) -> None:
    plan = plan_of(unit, "--strategy", strategy)
    assert plan["question"]["strategy"] == strategy
    assert plan["bound"] is None
    assert plan["gap"] is None
    assert placed(plan)["X000012"] == "N03A002"


def test_limits_and_seed_are_recorded(unit: Path, plan_of: PlanOf) -> None:
    made = plan_of(unit, "--seed", "5", "--time-limit", "7", "--threads", "1")["provenance"]
    assert (made["seed"], made["timeLimit"], made["threads"]) == (5, 7.0, 1)


def test_with_a_work_limit_alone_the_clock_has_no_say(unit: Path, run: Run) -> None:
    result = run("allocate", unit, "--json", "--work-limit", "5", "--threads", "1")
    made = json.loads(result.stdout)["provenance"]
    assert (made["timeLimit"], made["workLimit"]) == (None, 5.0)


def test_date_of_the_option_counts(unit: Path, plan_of: PlanOf) -> None:
    assert plan_of(unit, "--as-of", "24/11/2026")["provenance"]["asOf"] == "2026-11-24"


def test_extracts_without_a_date_are_as_of_today_and_say_so(
    unit: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    (unit / "problem.csv").unlink()
    monkeypatch.setattr(loading, "today", lambda: dt.date(2026, 12, 1))
    result = run("allocate", unit, "--json", *QUICK)
    assert json.loads(result.stdout)["provenance"]["asOf"] == "2026-12-01"
    assert "2026-12-01" in result.stderr


def test_comparison_can_be_left_out(unit: Path, run: Run, tmp_path: Path) -> None:
    result = run("allocate", unit, "--out", tmp_path / "plan.json", "--no-compare", *QUICK)
    assert "least loaded first" not in result.stdout


def test_rebalance_moves_within_its_budget(run: Run, tmp_path: Path) -> None:
    # N03A001 has 8 * 206 = 1648 of 2176 points, 75.7 %, N03A002 nothing: one A3 moved saves far more pressure
    # (206 points out of bands 13-15 into bands 0-1) than the change costs (8 band-points for each of 206 points).
    full, empty = officer("N03A001"), officer("N03A002")
    folder = tmp_path / "unit"
    cases = [held(f"X00000{number}", "A3", full) for number in range(8)]
    write_allocation(problem([full, empty], cases), folder)
    out = tmp_path / "plan.json"
    result = run("rebalance", folder, "--moves", "1", "--out", out, *QUICK)
    assert result.exit_code == 0, result.stderr
    plan = json.loads(out.read_text(encoding="utf-8"))
    assert plan["question"] == {"kind": "REBALANCE", "moves": 1, "released": [], "strategy": "optimise"}
    assert sorted(placed(plan).values()).count("N03A002") == 1
    assert "1 held case of at most 1 change officer" in result.stdout
    assert "What moves" in result.stdout
    assert "N03A001 (N03F01) to N03A002 (N03F01)" in result.stdout


def test_report_is_written_too(unit: Path, run: Run, tmp_path: Path) -> None:
    report = tmp_path / "new" / "plan.xlsx"
    result = run("allocate", unit, "--out", tmp_path / "plan.json", "--report", report, *QUICK)
    assert result.exit_code == 0
    assert report.read_bytes().startswith(b"PK")
    assert [path.name for path in report.parent.iterdir()] == ["plan.xlsx"]


def test_nothing_waiting_is_done(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "unit"
    only = officer()
    write_allocation(problem([only], [held("X000001", "A3", only)]), folder)
    result = run("allocate", folder, "--out", tmp_path / "plan.json", *QUICK)
    assert result.exit_code == 0
    assert "0 of 0 waiting cases placed" in result.stdout


def test_json_problem(run: Run, tmp_path: Path) -> None:
    source = tmp_path / "problem.json"
    made = problem([officer()], [case()])
    source.write_text(json.dumps(made.as_json()), encoding="utf-8")
    result = run("allocate", source, "--json", *QUICK)
    assert placed(json.loads(result.stdout)) == {"X000001": "N03A001"}
