"""`python -m benchmarks rebalance`: rows recosted and checked, resumable, set against the best bound."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from benchmarks.__main__ import main
from benchmarks.allocation_instances import instance as unit
from benchmarks.banded_peers import Answer, Step
from benchmarks.ledger import read_rows
from benchmarks.questions import Prepared, judged, prepare, question_of
from benchmarks.rebalance import gap_at, names_of
from solver.assignment.problem import NOWHERE
from solver.engine import Limits

NAME = "pdu-40x5-fill110-normal-s1"
LIMITS = Limits(seconds=5.0, threads=1)


def run(out: Path, *words: str) -> int:
    options = ["--sizes", "40x5", "--fills", "110", "--seeds", "1", "--time-limit", "20", "--threads", "1"]
    return main(["rebalance", *options, *words, "--out", str(out)])


@pytest.fixture(scope="module")
def prepared() -> Prepared:
    problem = unit(NAME)
    return prepare(problem, question_of("rebalance", problem, None), seed=1, threads=1)


@pytest.fixture
def settled(prepared: Prepared) -> Callable[..., Answer]:
    """The answer that leaves everything as the first level has it."""

    def make(**fields: object) -> Answer:
        return replace(Answer("FEASIBLE", prepared.search.start, None, 1.0), **fields)  # type: ignore[arg-type]  # fields of several types

    return make


def test_an_answer_is_recosted_and_its_gap_recomputed(
    prepared: Prepared, settled: Callable[..., Answer]
) -> None:
    total = prepared.search.problem.total(prepared.search.start)
    found = judged(prepared, settled(bound=total - 100), LIMITS)
    assert found.total == total
    assert found.faults == ()
    # The contract's gap, with all of the plan's prices: what is settled is in total, bound and fixed alike.
    whole = total + prepared.instance.settled_price
    assert found.gap == 100 / (whole - prepared.instance.fixed)


def test_a_bound_above_the_plan_is_a_fault(prepared: Prepared, settled: Callable[..., Answer]) -> None:
    total = prepared.search.problem.total(prepared.search.start)
    assert judged(prepared, settled(bound=total + 1), LIMITS).faults == ("bound_above_total",)
    assert judged(prepared, settled(bound=total), LIMITS).faults == ()


def test_a_plan_that_breaks_a_rule_is_a_fault_twice(
    prepared: Prepared, settled: Callable[..., Answer]
) -> None:
    # Everything that may goes to one officer: the arrays' checker and the project's verifier both see it.
    problem = prepared.search.problem
    crowd = int(problem.eligible.sum(axis=0).argmax())
    wrong = np.where(problem.eligible[:, crowd], crowd, prepared.search.start)
    faults = judged(prepared, settled(assignment=wrong), LIMITS).faults
    assert {"intake_limit", "new_case_limit"} <= set(faults)


def test_a_plan_that_places_a_task_where_it_may_not_be_has_no_total(
    prepared: Prepared, settled: Callable[..., Answer]
) -> None:
    problem = prepared.search.problem
    task, agent = np.argwhere(~problem.eligible)[0]
    wrong = prepared.search.start.copy()
    wrong[task] = agent
    found = judged(prepared, settled(assignment=wrong), LIMITS)
    assert found.total is None
    assert "eligible" in found.faults


def test_the_budget_of_skipped_weight_is_the_first_level(prepared: Prepared) -> None:
    search = prepared.search
    assert search.skip_budget == search.problem.skipped_weight(search.start)
    assert search.skip_budget <= int(search.problem.skip_weight[search.problem.home == NOWHERE].sum())


def test_rows_of_a_run(tmp_path: Path) -> None:
    out = tmp_path / "rows.csv"
    assert run(out, "--solver", "highs,least_loaded") == 0
    highs, practice = read_rows(out)
    assert (highs["instance"], highs["solver"], highs["status"]) == (NAME, "highs", "OPTIMAL")
    assert highs["total"] == highs["bound"] == highs["best_bound_of_all"] == practice["best_bound_of_all"]
    assert float(highs["gap_to_best_bound"]) == 0.0
    assert practice["bound"] == practice["gap"] == ""
    total, bound, fixed = int(practice["total"]), int(highs["bound"]), int(practice["fixed"])
    assert float(practice["gap_to_best_bound"]) == pytest.approx((total - bound) / (total - fixed), abs=1e-6)
    assert highs["date"]
    assert highs["machine"]
    assert "scipy" in highs["versions"]


def test_a_second_run_adds_only_what_is_missing(tmp_path: Path) -> None:
    out = tmp_path / "rows.csv"
    assert run(out, "--solver", "least_loaded") == 0
    first = read_rows(out)
    assert run(out, "--solver", "least_loaded") == 0
    assert read_rows(out) == first
    assert run(out, "--solver", "least_loaded,previous_officer") == 0
    assert [row["solver"] for row in read_rows(out)] == ["least_loaded", "previous_officer"]


def test_other_columns_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "rows.csv"
    assert run(out, "--solver", "least_loaded", "--checkpoints", "1") == 0
    assert run(out, "--solver", "least_loaded", "--checkpoints", "1,2") == 2
    assert "other columns" in capsys.readouterr().err


def test_an_unknown_solver_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(tmp_path / "rows.csv", "--solver", "highs,abacus") == 2
    assert "abacus" in capsys.readouterr().err
    assert not (tmp_path / "rows.csv").exists()


def test_allocate_and_a_budget_of_moves_are_other_questions() -> None:
    problem = unit(NAME)
    held = prepare(problem, question_of("allocate", problem, None), seed=1).search.problem
    assert (held.home == NOWHERE).all()
    few = prepare(problem, question_of("rebalance", problem, 3), seed=1).search.problem
    assert few.move_budget == 3


def test_the_gap_at_a_checkpoint_is_what_stood_then() -> None:
    # Fixed 100: gaps (200 - 150) / 100 = 0.5 at 1 s and (190 - 181) / 90 = 0.1 at 2 s.
    trace = [Step(0.5, None, 120), Step(1.0, 200, 150), Step(2.0, 190, 181)]
    assert gap_at(trace, 0.4, 100) is None
    assert gap_at(trace, 0.9, 100) is None
    assert gap_at(trace, 1.9, 100) == 0.5
    assert gap_at(trace, 60.0, 100) == 0.1


def test_names_of_the_instances() -> None:
    assert names_of(["40x5", "60x6"], [90], [1, 2], "scarce") == [
        "pdu-40x5-fill90-scarce-s1",
        "pdu-40x5-fill90-scarce-s2",
        "pdu-60x6-fill90-scarce-s1",
        "pdu-60x6-fill90-scarce-s2",
    ]
