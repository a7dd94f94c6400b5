"""How the time to a proven gap grows with the people of a team, projects and supervisors in proportion."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from benchmarks.growth import exponent
from benchmarks.ledger import Ledger, read_rows, text_of
from benchmarks.roster import row_of, whole
from benchmarks.roster_instances import Team, team
from benchmarks.roster_peers import Asked, Step, ask
from benchmarks.setting import add_run_arguments
from solver.engine import Limits

PEOPLE_A_PROJECT = 25
KEY = ("instance", "target", "time_limit", "seed", "threads")
COLUMNS = (
    *KEY,
    "people",
    "status",
    "total",
    "bound",
    "gap",
    "seconds_to_target",
    "seconds",
    "broken",
    "claims",
)


def seconds_to(trace: Sequence[Step], target: float) -> float | None:
    """When the proven gap first fell to `target`; None when it never did."""
    return next((step.seconds for step in trace if step.gap is not None and step.gap <= target), None)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument("--people", type=whole, default=[150, 300, 600, 1200])
    parser.add_argument("--weeks", type=int, default=8)
    parser.add_argument("--seeds", type=whole, default=[11, 12, 13], help="seeds of the teams")
    parser.add_argument("--target", type=float, default=0.05, help="the gap to reach, as a fraction")
    parser.add_argument("--time-limit", type=float, default=240.0, help="seconds for each team")
    add_run_arguments(parser)


def main(arguments: argparse.Namespace) -> int:
    """Run the teams that the file does not hold yet, and print the exponent over all of them."""
    ledger = Ledger(arguments.out, COLUMNS, KEY)
    limits = Limits(seconds=arguments.time_limit, seed=arguments.seed, threads=arguments.threads)
    for people in arguments.people:
        for seed in arguments.seeds:
            one = team(people, max(2, round(people / PEOPLE_A_PROJECT)), arguments.weeks, seed)
            values = (one.name, arguments.target, limits.seconds, limits.seed, limits.threads)
            key = dict(zip(KEY, values, strict=True))
            if not ledger.has(key):
                row = _measured(one, limits, arguments.target, key)
                ledger.add(row)
                print("  ".join(text_of(row.get(name)) for name in COLUMNS), flush=True)
    points = [
        (float(row["people"]), float(row["seconds_to_target"]))
        for row in read_rows(arguments.out)
        if row["seconds_to_target"]
    ]
    slope = exponent(points)
    print("no exponent" if slope is None else f"time to the gap grows as people^{slope:.2f}")
    return 0


def _measured(one: Team, limits: Limits, target: float, key: dict[str, object]) -> dict[str, object]:
    answer = ask("evenhand", Asked(one, limits, target))
    found = row_of(key, one.problem(), answer)
    row = {name: found.get(name) for name in COLUMNS}
    return {**row, "people": one.people, "seconds_to_target": seconds_to(answer.trace, target)}
