"""The pictures and the summary of the figures in results: gap over time, time over size, one table of medians.

Everything is made again from the CSV files of `rebalance`, `growth` and `nation`, which are told apart by their
columns; lines of several files are put together first.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from statistics import median

from benchmarks.growth import exponent
from benchmarks.ledger import read_rows
from benchmarks.merge import with_best_bounds
from benchmarks.setting import RESULTS
from benchmarks.svg import Axis, line_plot

Row = Mapping[str, str]
GRID = tuple(0.25 * 2 ** (step / 2) for step in range(19))
"""Seconds at which gaps over time are read: a quarter to two minutes."""

SMALLEST_GAP = 1e-4
"""In percent: what a closed gap is drawn as, as 0 has no place on a logarithmic axis."""


def kind_of(rows: Sequence[Row]) -> str:
    """Which command wrote these rows; "other" for files of other benchmarks."""
    if not rows:
        return "other"
    names = set(rows[0])
    for kind, telling in (
        ("trace", {"elapsed", "best"}),
        ("growth", {"seconds_to_target", "pairs"}),
        ("nation", {"unit", "peak_megabytes"}),
        ("rebalance", {"best_bound_of_all", "moves"}),
    ):
        if telling <= names:
            return kind
    return "other"


def gather(folder: Path) -> dict[str, list[Row]]:
    """The rows of every CSV in a folder, by kind, in the order of the files' names."""
    found: dict[str, list[Row]] = {}
    for path in sorted(folder.glob("*.csv")):
        rows = read_rows(path)
        found.setdefault(kind_of(rows), []).extend(rows)
    return found


def task_of(row: Row) -> str:
    """What was asked, in words: the question, the size and the moves."""
    size = re.sub(r"pdu-(\d+x\d+)-.*", r"\1", row["instance"])
    moves = f", {row['moves']} moves" if row["moves"] else ""
    return f"{row['question']} {size}{moves}"


def _by(rows: Iterable[Row], key: Callable[[Row], str]) -> dict[str, list[Row]]:
    groups: dict[str, list[Row]] = {}
    for row in rows:
        groups.setdefault(key(row), []).append(row)
    return groups


def gap_over_time(rows: Sequence[Row]) -> dict[str, list[tuple[float, float]]]:
    """Solver: (seconds, median gap in percent) over the runs of one task, from when half of them have a gap."""
    lines: dict[str, list[tuple[float, float]]] = {}
    for solver, mine in _by(rows, lambda row: row["solver"]).items():
        runs = list(_by(mine, lambda row: f"{row['instance']} {row['seed']} {row['time_limit']}").values())
        last = max(float(row["elapsed"]) for row in mine)
        points = []
        for at in (*(second for second in GRID if second < last), last):
            known = [gap for run in runs if (gap := _standing(run, at)) is not None]
            if 2 * len(known) >= len(runs):
                points.append((at, max(SMALLEST_GAP, 100 * median(known))))
        if points:
            lines[solver] = points
    return lines


def _standing(run: Sequence[Row], at: float) -> float | None:
    seen = [row for row in run if float(row["elapsed"]) <= at]
    return float(seen[-1]["gap"]) if seen and seen[-1]["gap"] else None


def time_over_size(rows: Sequence[Row]) -> list[tuple[float, float]]:
    """(median eligible pairs, median seconds to the target) of each size, by size."""
    points = []
    for group in _by(rows, lambda row: row["instance"].split("-")[1]).values():
        reached = [float(row["seconds_to_target"]) for row in group if row["seconds_to_target"]]
        if len(reached) == len(group):
            points.append((float(median(int(row["pairs"]) for row in group)), median(reached)))
    return sorted(points)


def _percent(values: Sequence[float], digits: int = 3) -> str:
    return f"{100 * median(values):.{digits}f} / {100 * max(values):.{digits}f}" if values else "-"


def table_of_solvers(rows: Sequence[Row]) -> list[str]:
    """Markdown lines: a task, a solver and a time limit a line, with medians and the worst."""
    lines = [
        "| question | solver | limit, s | runs | plans | own gap, % (median / worst) "
        "| gap to best bound, % (median / worst) | seconds (median) |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for task, mine in _by(rows, task_of).items():
        for how, group in _by(mine, lambda row: f"{row['solver']} | {row['time_limit']}").items():
            sound = [row for row in group if row["total"] and not row["faults"]]
            own = [float(row["gap"]) for row in sound if row["gap"]]
            best = [float(row["gap_to_best_bound"]) for row in sound if row["gap_to_best_bound"]]
            seconds = median(float(row["seconds"]) for row in group)
            lines.append(
                f"| {task} | {how} | {len(group)} | {len(sound)} | {_percent(own)} | {_percent(best)} "
                f"| {seconds:.1f} |"
            )
    return lines


def summary(found: Mapping[str, Sequence[Row]]) -> str:
    """The summary in Markdown: the table, the growth and the nation, each with dates and machines."""
    parts = [
        "# Summary of the figures",
        "",
        "Made by `python -m benchmarks plots` from the CSV files here.",
        "",
    ]
    if rows := found.get("rebalance"):
        parts += [*table_of_solvers(with_best_bounds(rows)), "", *_settings(rows)]
    if rows := found.get("growth"):
        points = time_over_size(rows)
        slope = exponent(points)
        target = 100 * float(rows[0]["target"])
        parts += [f"| eligible pairs | seconds to a gap of {target:g} % (median) |", "|---|---|"]
        parts += [f"| {size:,.0f} | {seconds:.2f} |" for size, seconds in points]
        parts += ["", "" if slope is None else f"Time to the gap grows as size^{slope:.2f}.", ""]
        parts += _settings(rows)
    if rows := list({row["unit"]: row for row in found.get("nation", ())}.values()):  # each unit's last plan
        gaps = [float(row["gap"]) for row in rows if row["gap"]]
        cases = sum(int(row["cases"]) for row in rows)
        within = sum(gap <= 0.005 for gap in gaps)
        peak = max(int(row["peak_megabytes"]) for row in rows)
        parts += [
            f"The nation: {len(rows)} units, {cases:,} cases; gap {_percent(gaps)} % (median / worst), {within} units "
            f"within 0.5 %, at most {peak} MB in a process.",
            "",
            *_settings(rows),
        ]
    return "\n".join(parts).rstrip() + "\n"


def _settings(rows: Sequence[Row]) -> list[str]:
    """Where and when, each combination once."""
    settings = dict.fromkeys(f"{row['date']}, {row['machine']}, {row['versions']}." for row in rows)
    return [*settings, ""]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument("--results", type=Path, default=RESULTS, help="the folder of the CSV files")


def main(arguments: argparse.Namespace) -> int:
    """Write the pictures and summary.md beside the figures."""
    folder: Path = arguments.results
    found = gather(folder)
    written = []
    seconds, percent = Axis("seconds", logarithmic=True), Axis("proven gap, %", logarithmic=True)
    for task, rows in _by(found.get("trace", []), task_of).items():
        lines = gap_over_time(rows)
        if lines:
            name = f"gap-over-time-{re.sub(r'[^a-z0-9]+', '-', task)}.svg"
            written.append((name, line_plot(f"Gap over time: {task}, median", seconds, percent, lines)))
    points = time_over_size(found.get("growth", []))
    if points:
        across, up = Axis("eligible pairs", logarithmic=True), Axis("seconds to the gap", logarithmic=True)
        written.append(("time-over-size.svg", line_plot("Time over size", across, up, {"evenhand": points})))
    written.append(("summary.md", summary(found)))
    for name, text in written:
        (folder / name).write_text(text, encoding="utf-8")
        print(folder / name)
    return 0
