"""`evenhand frontier`: a point for each budget of moves, none worse than the one before."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from typer.testing import Result

from api.cli.curve import budgets_of, no_worse_with_more
from models.allocation.plan import Plan, Question, QuestionKind
from models.extracts.write import write_allocation
from models.policy.policy import default_policy
from solver.allocation.allocate import plan
from solver.engine import Limits
from tests.support.problems import held, officer, problem

QUICK = ("--threads", "1", "--time-limit", "20")
Run = Callable[..., Result]


@pytest.fixture
def uneven(tmp_path: Path) -> Path:
    """One officer with eight A3 cases, one with none."""
    full, empty = officer("N03A001"), officer("N03A002")
    folder = tmp_path / "unit"
    cases = [held(f"X00000{number}", "A3", full) for number in range(8)]
    write_allocation(problem([full, empty], cases), folder)
    return folder


def test_points_have_the_names_of_the_contract_and_fall(uneven: Path, run: Run, tmp_path: Path) -> None:
    out = tmp_path / "frontier.json"
    result = run("frontier", uneven, "--moves", "2, 0,1,1", "--out", out, *QUICK)
    assert result.exit_code == 0, result.stderr
    points: list[dict[str, Any]] = json.loads(out.read_text(encoding="utf-8"))["points"]
    assert [point["moves"] for point in points] == [0, 1, 2]
    assert all(set(point) >= {"moves", "objective", "bound", "gap", "balance"} for point in points)
    totals = [point["objective"]["total"] for point in points]
    assert totals == sorted(totals, reverse=True)
    assert len(set(totals)) == 3
    assert "moves" in result.stdout
    assert "\x1b" not in result.stdout


def test_json_is_the_points_alone(uneven: Path, run: Run) -> None:
    result = run("frontier", uneven, "--moves", "0", "--json", *QUICK)
    assert set(json.loads(result.stdout)) == {"points"}
    assert result.stderr == ""


def test_budgets_ascend_each_once() -> None:
    assert budgets_of("10,0, 5,5") == (0, 5, 10)


@pytest.fixture(scope="module")
def two_plans() -> list[Plan]:
    """Plans of the same problem with a budget of 1 and of 2."""
    full, empty = officer("N03A001"), officer("N03A002")
    made = problem([full, empty], [held(f"X00000{number}", "A3", full) for number in range(8)])
    return [
        plan(made, default_policy(), Question(QuestionKind.REBALANCE, moves), Limits(20.0, threads=1))
        for moves in (1, 2)
    ]


def test_a_worse_point_gives_way_to_the_plan_of_a_smaller_budget(two_plans: list[Plan]) -> None:
    small, large = two_plans
    objective = replace(large.objective, total=small.objective.total + 7)
    worse = replace(large, objective=objective, bound=100, gap=0.5, status="FEASIBLE")
    first, second = no_worse_with_more([small, worse])
    assert first == small
    assert second.question.moves == 2
    assert second.assignments == small.assignments
    assert second.bound == 100
    total, fixed = small.objective.total, small.objective.fixed
    assert second.gap == (total - 100) / (total - fixed)
    assert second.status == "FEASIBLE"


def test_a_better_point_stays_as_it_is(two_plans: list[Plan]) -> None:
    assert no_worse_with_more(two_plans) == two_plans


def test_a_bound_about_other_unallocated_work_is_not_taken_over(two_plans: list[Plan]) -> None:
    small, large = two_plans
    worse = replace(large, objective=replace(large.objective, unallocated_weight=4), bound=100)
    _, second = no_worse_with_more([small, worse])
    assert (second.bound, second.gap, second.unallocated_proven) == (None, None, False)
