"""What allocation gains over today's practice: evenhand against the two baselines on generated units."""

from __future__ import annotations

import argparse
from pathlib import Path

from benchmarks.allocation_instances import FAMILIES, instance
from benchmarks.setting import RESULTS, today, write_rows
from models.allocation.plan import Plan, Question
from models.policy.policy import default_policy
from solver.allocation.allocate import plan
from solver.allocation.baselines import Strategy
from solver.engine import Limits

COLUMNS = (
    "instance",
    "strategy",
    "status",
    "unallocated_cases",
    "unallocated_weight",
    "decided_band_points",
    "gap",
    "max_workload",
    "spread",
    "officers_over_110",
    "seconds",
    "seed",
    "time_limit",
)


def row_of(name: str, strategy: Strategy, made: Plan, limits: Limits) -> dict[str, object]:
    """The figures of one plan. decided_band_points: the total without what was given."""
    after = made.balance.after
    return {
        "instance": name,
        "strategy": strategy.value,
        "status": made.status,
        "unallocated_cases": len(made.unallocated),
        "unallocated_weight": made.objective.unallocated_weight,
        "decided_band_points": made.objective.total - made.objective.fixed,
        "gap": None if made.gap is None else f"{made.gap:.6f}",
        "max_workload": after.max_workload,
        "spread": after.spread,
        "officers_over_110": after.officers_over_110,
        "seconds": f"{made.wall_seconds:.2f}",
        "seed": limits.seed,
        "time_limit": limits.seconds,
    }


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument("--family", choices=sorted(FAMILIES), default="baselines")
    parser.add_argument("--time-limit", type=float, default=10.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--out", type=Path, help="the CSV to write; by default a dated one in benchmarks/results"
    )


def main(arguments: argparse.Namespace) -> int:
    """Allocate each unit by each strategy and write the figures down."""
    limits = Limits(seconds=arguments.time_limit, seed=arguments.seed)
    rows = []
    for name in FAMILIES[arguments.family]:
        problem = instance(name)
        for strategy in (Strategy.LEAST_LOADED, Strategy.PREVIOUS_OFFICER, Strategy.OPTIMISE):
            made = plan(problem, default_policy(), Question(strategy=strategy.value), limits)
            rows.append(row_of(name, strategy, made, limits))
            print("  ".join(f"{value}" for value in list(rows[-1].values())[:10]), flush=True)
    out = arguments.out or RESULTS / f"{today()}-{arguments.family}.csv"
    write_rows(out, COLUMNS, rows)
    return 0
