"""Rebalancing again after one more pin: how soon the plan in hand leads back to its own gap, against a fresh start.

Both runs are timed whole, from input to verified plan, in one process; the ratio of the two is what can be compared.
"""

from __future__ import annotations

import argparse
import importlib
import time
from dataclasses import replace

from benchmarks.allocation_instances import instance as unit
from benchmarks.ledger import Ledger
from benchmarks.questions import question_of
from benchmarks.setting import add_run_arguments
from models.allocation.plan import Plan, gap_of
from models.allocation.problem import AllocationProblem
from models.policy.policy import default_policy
from solver.allocation.allocate import plan
from solver.engine import Limits, Progress

KEY = ("instance", "time_limit", "seed", "threads")
COLUMNS = (*KEY, "first_gap", "gap_again", "seconds_again", "gap_fresh", "seconds_fresh", "ratio")
NEAR = 1.05
"""The same gap: at most this many times the first."""


def pinned_once(problem: AllocationProblem, made: Plan) -> AllocationProblem:
    """The problem with the first case that `made` moves pinned to its holder instead."""
    moved = {each.crn for each in made.assignments if each.previous_staff_code not in (None, each.staff_code)}
    crn = next(case.crn for case in problem.cases if case.crn in moved)
    cases = (
        replace(case, pinned_staff_code=case.current_staff_code) if case.crn == crn else case
        for case in problem.cases
    )
    return replace(problem, cases=tuple(cases))


def run_again(
    problem: AllocationProblem, limits: Limits, target: float | None, start: Plan | None
) -> tuple[Plan, float | None]:
    """The plan and the seconds after which its proven gap first was at most `target`; None when it never was."""
    steps: list[tuple[float, Progress]] = []
    begun = time.perf_counter()
    question = question_of("rebalance", problem, None)
    made = plan(
        problem,
        default_policy(),
        question,
        limits,
        start=start,
        on_progress=lambda step: steps.append((time.perf_counter() - begun, step)),
    )
    if target is None:
        return made, None
    fixed = made.objective.fixed
    for seconds, step in steps:
        gap = None if step.best is None else gap_of(step.best, step.bound, fixed)
        if gap is not None and gap <= target:
            return made, seconds
    return made, time.perf_counter() - begun if made.gap is not None and made.gap <= target else None


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument("--size", default="2300x100", help="cases x officers")
    parser.add_argument("--fills", default="90,100,110,118,125,135", help="mean Workload, %%")
    parser.add_argument("--seeds", default="11,12,13", help="seeds of the units")
    parser.add_argument("--time-limit", type=float, default=10.0)
    add_run_arguments(parser)


def main(arguments: argparse.Namespace) -> int:
    """Run the units that the file does not hold yet."""
    ledger = Ledger(arguments.out, COLUMNS, KEY)
    importlib.import_module("ortools.sat.python.cp_model")  # loaded before the first clock starts
    limits = Limits(seconds=arguments.time_limit, seed=arguments.seed, threads=arguments.threads)
    for fill in arguments.fills.split(","):
        for seed in arguments.seeds.split(","):
            name = f"pdu-{arguments.size}-fill{fill}-normal-s{seed}"
            key = dict(zip(KEY, (name, limits.seconds, limits.seed, limits.threads), strict=True))
            if ledger.has(key):
                continue
            row = {**key, **_measured(unit(name), limits)}
            ledger.add(row)
            print("  ".join(f"{row[each]}" for each in COLUMNS), flush=True)
    return 0


def _measured(problem: AllocationProblem, limits: Limits) -> dict[str, object]:
    first, _ = run_again(problem, limits, None, None)
    changed = pinned_once(problem, first)
    target = None if first.gap is None else first.gap * NEAR
    again, soon = run_again(changed, limits, target, first)
    fresh, late = run_again(changed, limits, target, None)
    return {
        "first_gap": first.gap,
        "gap_again": again.gap,
        "seconds_again": soon,
        "gap_fresh": fresh.gap,
        "seconds_fresh": late,
        "ratio": None if soon is None or late is None else soon / late,
    }
