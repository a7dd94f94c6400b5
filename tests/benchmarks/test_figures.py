"""From figures to what is shown: merged bounds, exponents, medians over time, pictures and the summary."""

from __future__ import annotations

import csv
import dataclasses
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from benchmarks.__main__ import main
from benchmarks.banded_peers import Step
from benchmarks.growth import exponent, seconds_to
from benchmarks.ledger import read_rows
from benchmarks.merge import with_best_bounds
from benchmarks.nation import Job, rebalanced, summary, worth
from benchmarks.plots import gap_over_time, time_over_size
from models.synthetic import allocation_parameters, nation
from solver.engine import Limits

SETTING = {"date": "2026-11-23", "machine": "2 cores", "versions": "evenhand 0.1.0"}


def row(solver: str, total: int | None, bound: int | None, **fields: str) -> dict[str, str]:
    return {
        "instance": "pdu-40x5-fill110-normal-s1",
        "question": "rebalance",
        "moves": "",
        "solver": solver,
        "time_limit": "10",
        "status": "FEASIBLE",
        "total": "" if total is None else str(total),
        "fixed": "100",
        "skip_budget": "0",
        "bound": "" if bound is None else str(bound),
        "best_bound_of_all": "",
        "gap": "",
        "gap_to_best_bound": "",
        "seconds": "9.5",
        "faults": "",
        **fields,
        **SETTING,
    }


def write(path: Path, rows: list[dict[str, Any]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def test_every_row_is_set_against_the_best_bound_of_its_question() -> None:
    rows = with_best_bounds(
        [
            row("evenhand", 300, 290),
            row("highs", 350, 280),
            row("scip", None, 295, status="UNKNOWN"),
            row("timefold", 400, None),
            row("evenhand", 300, 250, moves="20"),
            row("broken", None, 900, status="FAILED: gone"),
        ]
    )
    assert [each["best_bound_of_all"] for each in rows] == ["295", "295", "295", "295", "250", "295"]
    # 5 / 200, 55 / 250, none, 105 / 300, 50 / 200
    assert [each["gap_to_best_bound"] for each in rows] == ["0.025", "0.22", "", "0.35", "0.25", ""]


def test_files_are_merged(tmp_path: Path) -> None:
    write(tmp_path / "a.csv", [row("evenhand", 300, 290, gap_at_1s="0.2")])
    write(tmp_path / "b.csv", [row("highs", 350, 295)])
    out = tmp_path / "both.csv"
    assert main(["merge", str(tmp_path / "a.csv"), str(tmp_path / "b.csv"), "--out", str(out)]) == 0
    rows = read_rows(out)
    assert [each["solver"] for each in rows] == ["evenhand", "highs"]
    assert [each["gap_at_1s"] for each in rows] == ["0.2", ""]
    assert {each["best_bound_of_all"] for each in rows} == {"295"}


def test_the_exponent_of_a_power_law_is_found() -> None:
    assert exponent([(10.0**k, 3.0 * 10.0 ** (1.3 * k)) for k in range(4)]) == pytest.approx(1.3)
    assert exponent([(100.0, 1.0), (100.0, 2.0)]) is None
    assert exponent([]) is None


def test_when_a_gap_was_reached() -> None:
    trace = [Step(0.5, None, 120), Step(1.0, 200, 150), Step(2.0, 190, 181)]  # gaps 0.5 and 0.1
    assert seconds_to(trace, 0.5, 100) == 1.0
    assert seconds_to(trace, 0.2, 100) == 2.0
    assert seconds_to(trace, 0.05, 100) is None


def traced(instance: str, elapsed: float, gap: str) -> dict[str, str]:
    return {
        "instance": instance,
        "question": "rebalance",
        "moves": "",
        "solver": "evenhand",
        "time_limit": "4",
        "seed": "1",
        "elapsed": str(elapsed),
        "best": "200",
        "bound": "150",
        "gap": gap,
        **SETTING,
    }


def test_the_line_over_time_is_the_median_of_what_stands() -> None:
    one = [traced("pdu-40x5-fill110-normal-s1", at, gap) for at, gap in ((0.2, ""), (0.9, "0.04"))]
    two = [traced("pdu-40x5-fill110-normal-s2", at, gap) for at, gap in ((0.3, "0.02"), (4.0, "0"))]
    line = dict(gap_over_time([*one, *two])["evenhand"])
    assert min(line) > 0.3  # only then has half of them a gap
    assert line[0.5] == pytest.approx(2.0)
    assert line[1.0] == pytest.approx(3.0)
    assert line[4.0] == pytest.approx(2.0)


def grown(size: str, pairs: int, seconds: str) -> dict[str, str]:
    return {
        "instance": f"pdu-{size}-fill118-normal-s1",
        "target": "0.005",
        "pairs": str(pairs),
        "seconds_to_target": seconds,
        **SETTING,
    }


def test_a_size_that_did_not_reach_the_gap_is_left_out() -> None:
    rows = [grown("40x5", 100, "1"), grown("40x5", 120, "3"), grown("60x6", 300, "9"), grown("60x6", 300, "")]
    assert time_over_size(rows) == [(110.0, 2.0)]


def test_pictures_and_summary_from_a_folder(tmp_path: Path) -> None:
    write(tmp_path / "rows.csv", [row("evenhand", 300, 290, gap="0.05"), row("highs", 350, 280, faults="x")])
    write(
        tmp_path / "rows-trace.csv",
        [traced("pdu-40x5-fill110-normal-s1", at, "0.01") for at in (1.0, 2.0, 4.0)],
    )
    write(tmp_path / "growth.csv", [grown("40x5", 100, "1"), grown("60x6", 1000, "10")])
    write(
        tmp_path / "nation.csv",
        [{"unit": "N01PDU01", "cases": "2300", "gap": "0.004", "peak_megabytes": "300", **SETTING}],
    )
    write(tmp_path / "gap.csv", [{"instance": "e201600", "excess": "0.001"}])
    assert main(["plots", "--results", str(tmp_path)]) == 0
    pictures = sorted(tmp_path.glob("*.svg"))
    assert [path.name for path in pictures] == ["gap-over-time-rebalance-40x5.svg", "time-over-size.svg"]
    for path in pictures:
        root = ElementTree.fromstring(path.read_text(encoding="utf-8"))  # noqa: S314  our own file
        assert root.tag.endswith("svg")
    text = (tmp_path / "summary.md").read_text(encoding="utf-8")
    # (300 - 290) / (300 - 100) is 5 % to the best bound; the plan with a fault is counted as none.
    assert "| rebalance 40x5 | evenhand | 10 | 1 | 1 | 5.000 / 5.000 | 5.000 / 5.000 | 9.5 |" in text
    assert "| rebalance 40x5 | highs | 10 | 1 | 0 | - | - | 9.5 |" in text
    assert "size^1.00" in text
    assert "1 units, 2,300 cases; gap 0.400 / 0.400 %" in text


def test_a_unit_of_the_nation_ends_at_its_target() -> None:
    units = nation(allocation_parameters(), seed=1, pdus=1, cases=60, officers=8)
    name, problem = next(iter(units))
    job = Job(name, problem, Limits(seconds=20.0, threads=1), target=0.05)
    figures, made = rebalanced(job)
    assert (figures["unit"], figures["turn"]) == (name, 1)
    again, better = rebalanced(dataclasses.replace(job, start=made, turn=2))
    assert again["turn"] == 2
    assert worth(better) <= worth(made)
    assert made.gap == figures["gap"]
    assert figures["cases"] == 60
    assert isinstance(figures["gap"], float)
    assert 0.0 <= figures["gap"] <= 0.05


def test_the_worst_units_of_a_nation_have_what_time_is_left(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "nation.csv"
    # Too little for a proof at first, and twelve seconds in all, of which nine are gone however busy the machine is.
    monkeypatch.setattr("benchmarks.nation._Run.seconds", 9.0)
    asked = [
        "nation",
        "--pdus",
        "2",
        "--cases",
        "700",
        "--officers",
        "40",
        "--budget",
        "660",
        "--target",
        "0",
    ]
    assert main([*asked, "--processes", "1", "--out", str(out)]) == 0
    with out.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["turn"] for row in rows[:2]] == ["1", "1"]
    assert len(rows) > 2 or all(row["gap"] == "0.0" for row in rows)
    for unit in {row["unit"] for row in rows}:
        mine = [row for row in rows if row["unit"] == unit]
        turns = [int(row["turn"]) for row in mine]
        assert turns == sorted(set(turns))
        totals = [int(row["total"]) for row in mine]
        assert totals == sorted(totals, reverse=True)
    assert "2 units in" in capsys.readouterr().out


def test_the_nation_in_a_line() -> None:
    line = summary([0.001, 0.004, None], 12.0, 700, 0.0025)
    assert "3 units in 12 s, peak 700 MB in all processes" in line
    assert "0.400 % at worst, 1 unknown; 1 within 0.25 %, 2 within 0.5 %" in line
