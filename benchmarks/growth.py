"""How the time to a proven gap grows with the size of a unit, size being its eligible pairs."""

from __future__ import annotations

import argparse
import math
from collections.abc import Sequence

from benchmarks.allocation_instances import instance as unit
from benchmarks.banded_peers import Step
from benchmarks.ledger import Ledger, read_rows
from benchmarks.questions import answered, prepare, question_of
from benchmarks.setting import add_run_arguments
from models.allocation.plan import gap_of
from solver.engine import Limits

SIZES = ("500x25", "1000x50", "2300x100", "5000x200", "10000x400")
KEY = ("instance", "target", "time_limit", "seed", "threads")
COLUMNS = (
    *KEY,
    "pairs",
    "status",
    "total",
    "bound",
    "gap",
    "seconds_to_target",
    "seconds",
    "prepare_seconds",
    "faults",
)


def seconds_to(trace: Sequence[Step], target: float, fixed: int) -> float | None:
    """When the proven gap first fell to `target`; None when it never did."""
    for step in trace:
        gap = None if step.best is None else gap_of(step.best, step.bound, fixed)
        if gap is not None and gap <= target:
            return step.seconds
    return None


def exponent(points: Sequence[tuple[float, float]]) -> float | None:
    """The least-squares slope of log(seconds) over log(size); None with fewer than two sizes."""
    logs = [(math.log(size), math.log(seconds)) for size, seconds in points if size > 0 and seconds > 0]
    if len({size for size, _ in logs}) < 2:
        return None
    mean_x = sum(x for x, _ in logs) / len(logs)
    mean_y = sum(y for _, y in logs) / len(logs)
    return sum((x - mean_x) * (y - mean_y) for x, y in logs) / sum((x - mean_x) ** 2 for x, _ in logs)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument("--sizes", default=",".join(SIZES), help="cases x officers, in order")
    parser.add_argument("--fill", type=int, default=118, help="mean Workload, %%")
    parser.add_argument("--seeds", default="6,7,8", help="seeds of the units")
    parser.add_argument("--target", type=float, default=0.005, help="the gap to reach, as a fraction")
    parser.add_argument("--time-limit", type=float, default=120.0, help="seconds for each unit")
    add_run_arguments(parser)


def main(arguments: argparse.Namespace) -> int:
    """Run the sizes that the file does not hold yet, and print the exponent over all of them."""
    ledger = Ledger(arguments.out, COLUMNS, KEY)
    limits = Limits(seconds=arguments.time_limit, seed=arguments.seed, threads=arguments.threads)
    for size in arguments.sizes.split(","):
        for seed in arguments.seeds.split(","):
            name = f"pdu-{size}-fill{arguments.fill}-normal-s{seed}"
            key = dict(
                zip(KEY, (name, arguments.target, limits.seconds, limits.seed, limits.threads), strict=True)
            )
            if ledger.has(key):
                continue
            row = {**key, **_measured(name, limits, arguments.target)}
            ledger.add(row)
            print("  ".join(f"{row[each]}" for each in COLUMNS), flush=True)
    points = [
        (float(row["pairs"]), float(row["seconds_to_target"]))
        for row in read_rows(arguments.out)
        if row["seconds_to_target"]
    ]
    slope = exponent(points)
    print("no exponent" if slope is None else f"time to the gap grows as size^{slope:.2f}")
    return 0


def _measured(name: str, limits: Limits, target: float) -> dict[str, object]:
    problem = unit(name)
    prepared = prepare(problem, question_of("rebalance", problem, None), limits.seed, limits.threads)
    found = answered(prepared, "evenhand", limits, until=target)
    return {
        "pairs": int(prepared.search.problem.eligible.sum()),
        "status": found.answer.status,
        "total": found.total,
        "bound": found.answer.bound,
        "gap": found.gap,
        "seconds_to_target": seconds_to(found.answer.trace, target, prepared.fixed),
        "seconds": f"{found.answer.seconds:.2f}",
        "prepare_seconds": f"{prepared.seconds:.2f}",
        "faults": " ".join(found.faults),
    }
