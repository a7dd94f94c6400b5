"""Cancelling at random moments: how long after the request the verified plan is there."""

from __future__ import annotations

import argparse
import importlib
import threading
import time

import numpy as np

from benchmarks.allocation_instances import instance as unit
from benchmarks.ledger import Ledger
from benchmarks.questions import question_of
from benchmarks.setting import add_run_arguments
from models.allocation.problem import AllocationProblem
from models.policy.policy import default_policy
from solver.allocation.allocate import plan
from solver.engine import Limits, Stop

KEY = ("instance", "question", "moment", "seed", "threads")
COLUMNS = (*KEY, "status", "seconds_after_request", "gap")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument("--sizes", default="300x20,1000x50,2300x100", help="cases x officers")
    parser.add_argument("--questions", default="allocate,rebalance")
    parser.add_argument(
        "--times", type=int, default=50, help="cancelled so often, shared among units and questions"
    )
    parser.add_argument(
        "--latest", type=float, default=5.0, help="seconds after which the request comes at last"
    )
    add_run_arguments(parser)


def main(arguments: argparse.Namespace) -> int:
    """Cancel as often as asked; every plan has passed the checker, or `plan` raises."""
    ledger = Ledger(arguments.out, COLUMNS, KEY)
    importlib.import_module("ortools.sat.python.cp_model")  # loaded before the first clock starts
    asked = [(size, kind) for size in arguments.sizes.split(",") for kind in arguments.questions.split(",")]
    moments = np.random.default_rng(arguments.seed).uniform(0.0, arguments.latest, size=arguments.times)
    units = {size: unit(f"pdu-{size}-fill118-normal-s1") for size in arguments.sizes.split(",")}
    limits = Limits(seconds=600.0, seed=arguments.seed, threads=arguments.threads)
    for number, moment in enumerate(moments.round(3).tolist()):
        size, kind = asked[number % len(asked)]
        values = (f"pdu-{size}-fill118-normal-s1", kind, moment, limits.seed, limits.threads)
        key = dict(zip(KEY, values, strict=True))
        if ledger.has(key):
            continue
        row = {**key, **_cancelled(units[size], kind, limits, moment)}
        ledger.add(row)
        print("  ".join(f"{row[each]}" for each in COLUMNS), flush=True)
    return 0


def _cancelled(problem: AllocationProblem, kind: str, limits: Limits, moment: float) -> dict[str, object]:
    """One solve with a request to stop after so many seconds; a solve that ended before it counts as 0."""
    stop = Stop()
    requested: list[float] = []

    def request() -> None:
        requested.append(time.perf_counter())
        stop.request()

    timer = threading.Timer(moment, request)
    timer.start()
    made = plan(problem, default_policy(), question_of(kind, problem, None), limits, stop=stop)
    ended = time.perf_counter()
    timer.cancel()
    after = max(0.0, ended - requested[0]) if requested else 0.0
    return {"status": made.status, "seconds_after_request": after, "gap": made.gap}
