"""Growth and a region: what is made of the answers, without making any roster."""

from __future__ import annotations

import argparse
from pathlib import Path

import pytest

from benchmarks import roster_growth, roster_region
from benchmarks.__main__ import main
from benchmarks.ledger import read_rows
from benchmarks.roster_peers import Answer, Asked, Step
from solver.verify.unpaid_work import Drawn


def test_the_time_to_a_gap_is_the_first_one() -> None:
    trace = (Step(1.0, 100, None), Step(2.0, 100, 90), Step(4.0, 100, 96), Step(6.0, 100, 99))
    assert roster_growth.seconds_to(trace, 0.05) == 4.0
    assert roster_growth.seconds_to(trace, 0.001) is None


def test_growth_goes_on_where_it_stopped_and_tells_the_exponent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked: list[str] = []

    def answer(_: str, question: Asked) -> Answer:
        asked.append(question.team.name)
        people = question.team.people
        step = Step(people**1.5 / 100, 1000, 990)
        return Answer("FEASIBLE", Drawn(), None, step.seconds, None, (), (step,))

    monkeypatch.setattr(roster_growth, "ask", answer)
    words = ["roster-growth", "--weeks", "2", "--seeds", "3", "--out", str(tmp_path / "growth.csv")]
    assert main([*words, "--people", "10"]) == 0
    assert "no exponent" in capsys.readouterr().out
    assert main([*words, "--people", "10,20"]) == 0
    assert asked == ["team-10x2x2-v1-s3", "team-20x2x2-v1-s3"]
    assert "people^1.50" in capsys.readouterr().out


def test_a_region_is_its_teams() -> None:
    words = ["--people", "40", "--team", "10", "--region-seed", "7", "--out", "x.csv"]
    parser = argparse.ArgumentParser()
    roster_region.add_arguments(parser)
    jobs = roster_region._jobs(parser.parse_args(words))
    assert [job.team.seed for job in jobs] == [7, 8, 9, 10]
    assert {job.team.people for job in jobs} == {10}


def test_a_small_region_goes_on_where_it_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def answer(_: str, question: Asked) -> Answer:
        asked.append(question.team.name)
        return Answer("FEASIBLE", Drawn(), 1, 0.1)

    monkeypatch.setattr(roster_region, "ask", answer)
    words = ["roster-region", "--team", "8", "--projects", "2", "--weeks", "2", "--processes", "1"]
    for people in ("8", "16"):
        main([*words, "--people", people, "--out", str(tmp_path / "region.csv")])
    assert asked == ["team-8x2x2-v1-s100", "team-8x2x2-v1-s101"]
    rows = read_rows(tmp_path / "region.csv")
    assert [row["bound"] for row in rows] == ["1", "1"]
    assert [row["unplaced_people"] for row in rows] == ["8", "8"]


def test_the_gap_of_a_region_is_that_of_the_sums() -> None:
    row = {"unplaced_people": "1", "days_planned": "50", "days_lost": "1"}
    rows = [{**row, "total": "100", "bound": "90"}, {**row, "total": "300", "bound": "290"}]
    assert "gap of the sum 5.00 %" in roster_region.summary(rows)
    assert "2.00 % of 100 days" in roster_region.summary(rows)
    assert "gap of the sum unknown" in roster_region.summary([*rows, {**rows[0], "bound": ""}])
