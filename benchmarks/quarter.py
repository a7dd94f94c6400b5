"""A simulated quarter: rosters each week and repairs each morning, against today's practice on the same draws.

A line is a week of a team under one practice; benchmarks/quarter_run.py says what its columns count. Weeks that the
file already holds are not run again when a whole quarter of them is there.
"""

from __future__ import annotations

import argparse
import importlib
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks.ledger import Ledger, read_rows
from benchmarks.quarter_practices import Evenhand, Practice, Today
from benchmarks.quarter_run import Quarter
from benchmarks.quarter_world import world
from benchmarks.roster import whole, words
from benchmarks.roster_instances import PEOPLE_A_SUPERVISOR
from benchmarks.setting import add_run_arguments
from benchmarks.svg import Axis, line_plot
from models.policy.policy import Policy, default_policy
from solver.engine import Limits

KEY = ("seed", "practice", "people", "weeks", "week")
COLUMNS = (
    *KEY,
    "in_team",
    "days_planned",
    "lost_to_numbers",
    "lost_to_supervision",
    "days_worked",
    "hours_worked",
    "hours_expired",
    "people_finished",
    "appointments_changed",
    "seconds",
)
PRACTICES = ("evenhand", "today", "today-careful")


def practice_of(name: str, policy: Policy, arguments: argparse.Namespace) -> Practice:
    """The practice of a name."""
    if name != "evenhand":
        return Today(policy, careful=name == "today-careful")
    limits = Limits(seed=arguments.seed, threads=arguments.threads)
    return Evenhand(
        policy, limits.with_seconds(arguments.roster_seconds), limits.with_seconds(arguments.repair_seconds)
    )


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument("--seeds", type=whole, default=[21], help="seeds of the teams and of all draws")
    parser.add_argument("--practices", type=words, default=list(PRACTICES), help=", ".join(PRACTICES))
    parser.add_argument("--people", type=int, default=160)
    parser.add_argument("--projects", type=int, default=10)
    parser.add_argument("--supervisors", type=int, help="by default in proportion to the people")
    parser.add_argument("--weeks", type=int, default=13)
    parser.add_argument("--roster-seconds", type=float, default=5.0, help="for each Monday's roster")
    parser.add_argument("--repair-seconds", type=float, default=2.0, help="for each morning's repair")
    parser.add_argument(
        "--plot", type=Path, help="an SVG of hours worked and days lost, from all of the file"
    )
    add_run_arguments(parser)


def main(arguments: argparse.Namespace) -> int:
    """Run the quarters that the file does not hold yet, and print what they came to."""
    unknown = sorted(set(arguments.practices) - set(PRACTICES))
    if unknown:
        print(f"there is no practice {', '.join(unknown)}", file=sys.stderr)
        return 2
    ledger = Ledger(arguments.out, COLUMNS, KEY)
    importlib.import_module("ortools.sat.python.cp_model")
    for seed in arguments.seeds:
        for name in arguments.practices:
            _run(arguments, ledger, seed, name)
    rows = read_rows(arguments.out)
    print("\n".join(summary(rows)))
    if arguments.plot is not None:
        arguments.plot.write_text(plot(rows), encoding="utf-8")
    return 0


def _run(arguments: argparse.Namespace, ledger: Ledger, seed: int, name: str) -> None:
    """One quarter; its weeks are written down together, so that none stands alone."""
    shared = {"seed": seed, "practice": name, "people": arguments.people, "weeks": arguments.weeks}
    if ledger.has({**shared, "week": arguments.weeks}):
        return
    policy = default_policy()
    supervisors = arguments.supervisors or max(1, round(arguments.people / PEOPLE_A_SUPERVISOR))
    drawn = world(
        policy,
        seed=seed,
        people=arguments.people,
        projects=arguments.projects,
        supervisors=supervisors,
        weeks=arguments.weeks,
    )
    quarter = Quarter(drawn, practice_of(name, policy, arguments))
    rows: list[dict[str, object]] = []
    for week in range(arguments.weeks):
        begun = time.perf_counter()
        tally = quarter.week(week)
        rows.append(
            {
                **shared,
                "week": week + 1,
                "in_team": len(quarter.situation.people),
                "days_planned": tally.days_planned,
                "lost_to_numbers": tally.lost_to_numbers,
                "lost_to_supervision": tally.lost_to_supervision,
                "days_worked": tally.days_worked,
                "hours_worked": round(tally.minutes / 60, 1),
                "hours_expired": round(quarter.situation.minutes_lost / 60, 1),
                "people_finished": quarter.situation.finished,
                "appointments_changed": tally.changed,
                "seconds": round(time.perf_counter() - begun, 2),
            }
        )
        print("  ".join(str(value) for value in rows[-1].values()), flush=True)
    for row in rows:
        ledger.add(row)


def summary(rows: Sequence[Mapping[str, str]]) -> list[str]:
    """A line for each practice: sums over all quarters."""
    lines = []
    for name in dict.fromkeys(row["practice"] for row in rows):
        mine = [row for row in rows if row["practice"] == name]
        last = [row for row in mine if row["week"] == row["weeks"]]
        planned, lost = _sum(mine, "days_planned"), _sum(mine, "lost_to_numbers", "lost_to_supervision")
        people = sum(int(row["people"]) for row in last)
        lines.append(
            f"{name}: {len(last)} quarters, {_sum(mine, 'hours_worked'):.0f} hours worked, "
            f"{_sum(last, 'hours_expired'):.0f} expired, {planned:.0f} days planned, {lost:.0f} stood down "
            f"({100 * lost / max(1.0, planned):.2f} %), "
            f"{_sum(mine, 'appointments_changed') / max(1, people):.2f} appointments changed per person, "
            f"{_sum(last, 'people_finished'):.0f} people finished"
        )
    return lines


def _sum(rows: Sequence[Mapping[str, str]], *names: str) -> float:
    return sum(float(row[name]) for row in rows for name in names)


def plot(rows: Sequence[Mapping[str, str]]) -> str:
    """Days stood down so far as a share of days planned so far, by week, all quarters together."""
    lines: dict[str, list[tuple[float, float]]] = {}
    for name in dict.fromkeys(row["practice"] for row in rows):
        mine = [row for row in rows if row["practice"] == name]
        points = []
        for week in sorted({int(row["week"]) for row in mine}):
            so_far = [row for row in mine if int(row["week"]) <= week]
            planned = _sum(so_far, "days_planned")
            if planned:
                lost = _sum(so_far, "lost_to_numbers", "lost_to_supervision")
                points.append((float(week), 100 * lost / planned))
        lines[name] = points
    title = "A simulated quarter: days stood down, % of days planned so far"
    return line_plot(title, Axis("week"), Axis("days stood down, %"), lines)
