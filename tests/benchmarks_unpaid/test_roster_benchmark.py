"""The roster command end to end on a tiny team, and what its lines say."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks import roster_growth
from benchmarks.__main__ import main
from benchmarks.ledger import read_rows
from benchmarks.plots import kind_of
from benchmarks.roster import COLUMNS, gap_at, row_of, summary, with_best_bounds
from benchmarks.roster_peers import Answer, Step
from tests.support.unpaid import Book, X, Y, drawn, person, problem

TINY = ["--people", "10", "--projects", "3", "--weeks", "2", "--seeds", "3", "--time-limit", "2"]
KEY: dict[str, object] = {"instance": "team", "solver": "cpsat", "time_limit": 1.0, "seed": 1, "threads": 2}


def test_every_answer_is_repriced_and_an_interrupted_run_goes_on(tmp_path: Path) -> None:
    out = tmp_path / "rosters.csv"
    assert main(["roster", *TINY, "--solver", "cpsat,today", "--out", str(out)]) == 0
    assert main(["roster", *TINY, "--solver", "cpsat,highs,today", "--out", str(out)]) == 0
    rows = {row["solver"]: row for row in read_rows(out)}
    assert set(rows) == {"cpsat", "today", "highs"}
    assert not rows["cpsat"]["broken"]
    assert not rows["highs"]["broken"]
    assert rows["highs"]["status"] == "OPTIMAL"
    assert int(rows["cpsat"]["total"]) >= int(rows["highs"]["total"]) >= int(rows["highs"]["bound"])
    assert rows["today"]["broken"]


def test_an_unknown_solver_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["roster", "--solver", "nobody", "--out", str(tmp_path / "o.csv")]) == 2
    assert "there is no solver nobody" in capsys.readouterr().err


def test_a_bound_above_the_total_is_a_false_claim_and_no_bound() -> None:
    asked = problem([person(X)])
    honest = row_of(KEY, asked, Answer("FEASIBLE", drawn(Book(X)), 1, 0.5))
    total = honest["total"]
    assert isinstance(total, int)
    false = row_of(KEY, asked, Answer("FEASIBLE", drawn(Book(X)), total + 1, 0.5))
    assert (honest["claims"], false["claims"]) == ("", "bound_above_total")
    told = with_best_bounds([{name: str(each[name]) for name in honest} for each in (honest, false)])
    assert {row["best_bound_of_all"] for row in told} == {"1"}
    assert float(told[0]["gap_to_best_bound"]) == pytest.approx((total - 1) / total)


def test_a_roster_that_breaks_rules_is_counted_by_rule() -> None:
    found = row_of(
        KEY, problem([person(X), person(Y)]), Answer("FEASIBLE", drawn(Book(X, under=None)), None, 0.1)
    )
    assert "supervised:1" in str(found["broken"])
    assert found["gap"] is None


def test_nothing_found_leaves_the_figures_blank() -> None:
    found = row_of(KEY, problem([person(X)]), Answer("UNKNOWN", None, None, 9.0))
    assert "total" not in found
    assert found["seconds"] == "9.00"


def test_the_gap_at_a_second_is_the_one_that_stood() -> None:
    trace = (Step(1.0, None, None), Step(2.0, 200, 100), Step(5.0, 200, 190))
    assert [gap_at(trace, at) for at in (0.5, 1.0, 4.9, 5.0)] == [None, None, 0.5, 0.05]


def test_the_summary_has_a_line_for_each_solver() -> None:
    blank = dict.fromkeys(("gap", "gap_net", "gap_to_best_bound", "minutes_at_risk", "stand_down_rate"), "")
    rows = [
        {**blank, "solver": "evenhand", "gap": "0.01", "seconds": "10", "broken": ""},
        {**blank, "solver": "evenhand", "gap": "0.03", "seconds": "20", "broken": ""},
        {**blank, "solver": "today", "seconds": "1", "broken": "supervised:3"},
    ]
    assert summary(rows) == [
        "evenhand: 2 teams, gap 2.00 %, seconds 15.00 s, 0 rosters that break a rule",
        "today: 1 teams, seconds 1.00 s, 1 rosters that break a rule",
    ]


def test_the_plots_of_allocation_pass_over_figures_of_rosters() -> None:
    assert kind_of([dict.fromkeys(COLUMNS, "")]) == "other"
    assert kind_of([dict.fromkeys(roster_growth.COLUMNS, "")]) == "other"
