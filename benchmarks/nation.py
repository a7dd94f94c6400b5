"""A nation of generated units, each rebalanced on its own, as many at a time as there are cores.

What is left of the time when all have a plan goes to those with the widest gaps, from their plans.
"""

from __future__ import annotations

import argparse
import dataclasses
import math
import multiprocessing
import resource
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from benchmarks.ledger import Ledger
from benchmarks.setting import add_run_arguments
from models.allocation.plan import Plan, Question, QuestionKind
from models.allocation.problem import AllocationProblem
from models.policy.policy import default_policy
from models.synthetic import allocation_parameters, nation
from solver.allocation.allocate import plan
from solver.engine import Limits, Progress, Stop

KEY = ("unit", "turn", "pdus", "units_seed", "processes", "threads", "budget", "target")
COLUMNS = (*KEY, "cases", "officers", "status", "total", "bound", "gap", "seconds", "peak_megabytes")

OVERHEAD = 0.25
"""The share of the budget kept for generating, compiling and verifying."""


WORST = 12
"""The most units that get what time is left over, the widest gaps first."""


@dataclass(frozen=True)
class Job:
    """One unit and how it is to be rebalanced. target: the gap at which a unit is done. start: a plan in hand."""

    name: str
    problem: AllocationProblem
    limits: Limits
    target: float
    start: Plan | None = None


def rebalanced(job: Job) -> tuple[dict[str, object], Plan]:
    """The figures of one unit's verified plan, and the plan. Runs in a worker process."""
    stop = Stop()

    def watch(progress: Progress) -> None:
        if progress.gap is not None and progress.gap <= job.target:
            stop.request()

    begun = time.perf_counter()
    question = Question(kind=QuestionKind.REBALANCE, moves=len(job.problem.cases))
    made = plan(
        job.problem, default_policy(), question, job.limits, start=job.start, stop=stop, on_progress=watch
    )
    figures: dict[str, object] = {
        "unit": job.name,
        "turn": 1 if job.start is None else 2,
        "cases": len(job.problem.cases),
        "officers": len(job.problem.officers),
        "status": made.status,
        "total": made.objective.total,
        "bound": made.bound,
        "gap": made.gap,
        "seconds": f"{time.perf_counter() - begun:.2f}",
        "peak_megabytes": peak_megabytes(),
    }
    return figures, made


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
    """Rebalance every unit that the file does not hold yet, then the worst again in what time is left.

    Prints wall time, widest gap and peak memory.
    """
    run = _Run(arguments)
    context = multiprocessing.get_context("spawn")
    with context.Pool(arguments.processes) as pool:
        for row, made in pool.imap_unordered(_by_worker, run.first_turn()):
            run.take(row, made)
        for row, made in pool.imap_unordered(_by_worker, run.second_turn()):
            run.take(row, made)
    print(summary(list(run.gaps.values()), run.seconds, run.megabytes, arguments.target))
    return 0


class _Run:
    """What is known while the units come in. gaps: of each unit's last plan."""

    def __init__(self, arguments: argparse.Namespace) -> None:
        self._arguments = arguments
        self._ledger = Ledger(arguments.out, COLUMNS, KEY)
        self._key = {name: getattr(arguments, name) for name in KEY if name not in {"unit", "turn"}}
        self._begun = time.perf_counter()
        self.gaps: dict[str, float | None] = {}
        self._peaks: dict[int, int] = {}
        self._sent: dict[str, Job] = {}
        self._worst: list[Job] = []

    @property
    def seconds(self) -> float:
        """Wall time so far."""
        return time.perf_counter() - self._begun

    @property
    def megabytes(self) -> int:
        """The most memory that all processes have held."""
        return peak_megabytes() + sum(self._peaks.values())

    def first_turn(self) -> Iterator[Job]:
        """Every unit that the file does not hold."""
        for job in _jobs(self._arguments):
            if not self._ledger.has({**self._key, "unit": job.name, "turn": 1}):
                self._sent[job.name] = job
                yield job

    def second_turn(self) -> Iterator[Job]:
        """The worst units from their plans, each with an equal share of the seconds that are left."""
        arguments = self._arguments
        whole = arguments.budget * arguments.pdus / allocation_parameters().nation.units
        left = (whole - self.seconds) * arguments.processes * (1 - OVERHEAD)
        for job in self._worst:
            limits = dataclasses.replace(job.limits, seconds=left / len(self._worst))
            if limits.seconds is not None and limits.seconds > 1.0:
                yield dataclasses.replace(job, limits=limits)

    def take(self, row: Mapping[str, object], made: tuple[int, Plan]) -> None:
        """Write a unit's figures down; keep its plan while it is one of the worst that miss the target."""
        worker, its_plan = made
        self._ledger.add({**self._key, **row})
        name, peak = str(row["unit"]), row["peak_megabytes"]
        self.gaps[name] = its_plan.gap
        self._peaks[worker] = max(self._peaks.get(worker, 0), peak if isinstance(peak, int) else 0)
        print("  ".join(f"{value}" for value in row.values()), flush=True)
        job = self._sent.pop(name, None)
        if job is not None and (its_plan.gap is None or its_plan.gap > job.target):
            self._worst.append(dataclasses.replace(job, start=its_plan))
            self._worst.sort(key=lambda each: -self._gap_of(each.name))
            del self._worst[WORST:]

    def _gap_of(self, name: str) -> float:
        gap = self.gaps[name]
        return math.inf if gap is None else gap


def _by_worker(job: Job) -> tuple[dict[str, object], tuple[int, Plan]]:
    """The figures of a unit, its plan, and which process they come from."""
    row, made = rebalanced(job)
    return row, (multiprocessing.current_process().pid or 0, made)


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
