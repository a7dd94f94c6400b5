"""A nation of generated units, each rebalanced on its own, as many at a time as there are cores."""

from __future__ import annotations

import argparse
import multiprocessing
import resource
import time
from collections.abc import Iterator
from dataclasses import dataclass

from benchmarks.ledger import Ledger
from benchmarks.setting import add_run_arguments
from models.allocation.plan import Question, QuestionKind
from models.allocation.problem import AllocationProblem
from models.policy.policy import default_policy
from models.synthetic import allocation_parameters, nation
from solver.allocation.allocate import plan
from solver.engine import Limits, Progress, Stop

KEY = ("unit", "pdus", "units_seed", "processes", "threads", "budget", "target")
COLUMNS = (*KEY, "cases", "officers", "status", "total", "bound", "gap", "seconds", "peak_megabytes")

OVERHEAD = 0.25
"""The share of the budget kept for generating, compiling and verifying."""


@dataclass(frozen=True)
class Job:
    """One unit and how it is to be rebalanced. target: the gap at which a unit is done."""

    name: str
    problem: AllocationProblem
    limits: Limits
    target: float


def rebalanced(job: Job) -> dict[str, object]:
    """The figures of one unit's verified plan. Runs in a worker process."""
    stop = Stop()

    def watch(progress: Progress) -> None:
        if progress.gap is not None and progress.gap <= job.target:
            stop.request()

    begun = time.perf_counter()
    question = Question(kind=QuestionKind.REBALANCE, moves=len(job.problem.cases))
    made = plan(job.problem, default_policy(), question, job.limits, stop=stop, on_progress=watch)
    return {
        "unit": job.name,
        "cases": len(job.problem.cases),
        "officers": len(job.problem.officers),
        "status": made.status,
        "total": made.objective.total,
        "bound": made.bound,
        "gap": made.gap,
        "seconds": f"{time.perf_counter() - begun:.2f}",
        "peak_megabytes": peak_megabytes(),
    }


def peak_megabytes() -> int:
    """The most memory that this process has held."""
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    table = allocation_parameters().nation
    parser.add_argument("--pdus", type=int, default=table.units)
    parser.add_argument("--cases", type=int, help="cases in all; by default in proportion to the units")
    parser.add_argument("--officers", type=int, help="officers in all; by default in proportion to the units")
    parser.add_argument("--units-seed", type=int, default=6, help="the seed of the units")
    parser.add_argument("--budget", type=float, default=300.0, help="seconds of wall time for 110 units")
    parser.add_argument("--target", type=float, default=0.0025, help="the gap at which a unit is done")
    parser.add_argument("--processes", type=int, default=2)
    add_run_arguments(parser, threads=1, threads_of="threads of each process")


def main(arguments: argparse.Namespace) -> int:
    """Rebalance every unit that the file does not hold yet; print wall time, widest gap and peak memory."""
    ledger = Ledger(arguments.out, COLUMNS, KEY)
    key = {name: getattr(arguments, name) for name in KEY if name != "unit"}
    begun = time.perf_counter()
    gaps: list[float | None] = []
    peaks: dict[int, int] = {}
    context = multiprocessing.get_context("spawn")
    with context.Pool(arguments.processes) as pool:
        jobs = (job for job in _jobs(arguments) if not ledger.has({**key, "unit": job.name}))
        for worker, row in pool.imap_unordered(_by_worker, jobs):
            ledger.add({**key, **row})
            gap, peak = row["gap"], row["peak_megabytes"]
            gaps.append(gap if isinstance(gap, float) else None)
            peaks[worker] = max(peaks.get(worker, 0), peak if isinstance(peak, int) else 0)
            print("  ".join(f"{value}" for value in row.values()), flush=True)
    wall = time.perf_counter() - begun
    print(summary(gaps, wall, peak_megabytes() + sum(peaks.values()), arguments.target))
    return 0


def _by_worker(job: Job) -> tuple[int, dict[str, object]]:
    """The figures of a unit, and which process they come from."""
    return multiprocessing.current_process().pid or 0, rebalanced(job)


def _jobs(arguments: argparse.Namespace) -> Iterator[Job]:
    """Every unit with its share of the time, by its cases."""
    parameters = allocation_parameters()
    table = parameters.nation
    share = arguments.pdus / table.units
    cases = arguments.cases or round(table.cases * share)
    officers = arguments.officers or round(table.officers * share)
    seconds = arguments.budget * cases / table.cases * arguments.processes * (1 - OVERHEAD)
    units = nation(parameters, seed=arguments.units_seed, pdus=arguments.pdus, cases=cases, officers=officers)
    for name, problem in units:
        mine = seconds * len(problem.cases) / cases
        limits = Limits(seconds=mine, seed=arguments.seed, threads=arguments.threads)
        yield Job(name, problem, limits, arguments.target)


def summary(gaps: list[float | None], wall: float, megabytes: int, target: float) -> str:
    """The result in a line."""
    known = [gap for gap in gaps if gap is not None]
    if not known:
        return f"{len(gaps)} units, no gap known, {wall:.0f} s"
    return (
        f"{len(gaps)} units in {wall:.0f} s, peak {megabytes} MB in all processes; gap {100 * max(known):.3f} % "
        f"at worst, {len(gaps) - len(known)} unknown; {sum(gap <= target for gap in known)} within "
        f"{100 * target:g} %, {sum(gap <= 0.005 for gap in known)} within 0.5 %"
    )
