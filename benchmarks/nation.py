"""A nation of generated units, each rebalanced on its own, as many at a time as there are cores.

What is left of the time when all have a plan goes to those with the widest gaps, from their plans, turn by turn, shared
out as the service's batch does it (`solver.allocation.turns`). Of each unit the better plan is kept.
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
from solver.allocation.turns import LEAST_SECONDS, Key, Part, next_round
from solver.engine import Limits, Progress, Stop

KEY = ("unit", "turn", "pdus", "units_seed", "processes", "threads", "budget", "target")
COLUMNS = (*KEY, "cases", "officers", "status", "total", "bound", "gap", "seconds", "peak_megabytes")

OVERHEAD = 0.25
"""The share of the budget kept for generating, compiling and verifying in the first turn, and"""
OVERHEAD_AGAIN = 0.1
"""of what is left in later ones."""

TURNS = 3
"""The most turns. Those after the first share out what time is left, each as much."""


@dataclass(frozen=True)
class Job:
    """One unit and how it is to be rebalanced in a turn.

    target: the gap at which a unit is done. start: the best plan of the turns before.
    """

    name: str
    problem: AllocationProblem
    limits: Limits
    target: float
    start: Plan | None = None
    turn: int = 1


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
        "turn": job.turn,
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
    """Rebalance every unit that the file does not hold yet, then the worst again and again in what time is left.

    Prints wall time, widest gap and peak memory.
    """
    run = _Run(arguments)
    context = multiprocessing.get_context("spawn")
    with context.Pool(arguments.processes) as pool:
        for turn in range(1, TURNS + 1):
            for row, made in pool.imap_unordered(_by_worker, run.jobs(turn)):
                run.take(row, made)
    print(summary(list(run.gaps.values()), run.seconds, run.megabytes, arguments.target))
    return 0


class _Run:
    """What is known while the units come in. gaps: of each unit's best plan."""

    def __init__(self, arguments: argparse.Namespace) -> None:
        self._arguments = arguments
        self._ledger = Ledger(arguments.out, COLUMNS, KEY)
        self._key = {name: getattr(arguments, name) for name in KEY if name not in {"unit", "turn"}}
        self._begun = time.perf_counter()
        self._batch = default_policy().batch.model_copy(update={"target_gap": arguments.target})
        self.gaps: dict[str, float | None] = {}
        self._peaks: dict[int, int] = {}
        self._open: dict[str, Job] = {}

    @property
    def seconds(self) -> float:
        """Wall time so far."""
        return time.perf_counter() - self._begun

    @property
    def megabytes(self) -> int:
        """The most memory that all processes have held."""
        return peak_megabytes() + sum(self._peaks.values())

    def jobs(self, turn: int) -> Iterator[Job]:
        """The units of a turn, the longest first: all that the file does not hold, then those that miss the target."""
        if turn == 1:
            for job in _jobs(self._arguments):
                if not self._ledger.has({**self._key, "unit": job.name, "turn": 1}):
                    self._open[job.name] = job
                    yield job
            return
        shares = self._shares(turn)
        for key in sorted(shares, key=lambda key: (-shares[key], key)):
            job = self._open[key[0]]
            limits = dataclasses.replace(job.limits, seconds=shares[key])
            self._open[key[0]] = dataclasses.replace(job, limits=limits, turn=turn)
            yield self._open[key[0]]

    def _shares(self, turn: int) -> Mapping[Key, float]:
        """Seconds of the units that get a share of a later turn, as the service's batch shares out its rounds."""
        arguments = self._arguments
        whole = arguments.budget * arguments.pdus / allocation_parameters().nation.units
        left = max(0.0, whole - self.seconds) * (1 - OVERHEAD_AGAIN)
        parts = [
            Part(
                (name, QuestionKind.REBALANCE),
                len(job.problem.cases),
                self.gaps[name],
                job.limits.seconds or 0.0,
            )
            for name, job in sorted(self._open.items())
        ]
        amount = left * arguments.processes / (TURNS - turn + 1)
        shares = next_round(parts, amount, self._batch, LEAST_SECONDS) if parts else {}
        return {key: min(share, left) for key, share in shares.items()}

    def take(self, row: Mapping[str, object], made: tuple[int, Plan]) -> None:
        """Write a unit's figures down; keep its better plan, and the unit itself while it misses the target."""
        worker, its_plan = made
        self._ledger.add({**self._key, **row})
        name, peak = str(row["unit"]), row["peak_megabytes"]
        self._peaks[worker] = max(self._peaks.get(worker, 0), peak if isinstance(peak, int) else 0)
        print("  ".join(f"{value}" for value in row.values()), flush=True)
        job = self._open[name]
        best = its_plan if job.start is None else min(job.start, its_plan, key=worth)
        self.gaps[name] = best.gap
        if best.gap is None or best.gap > job.target:
            self._open[name] = dataclasses.replace(job, start=best)
        else:
            del self._open[name]


def worth(made: Plan) -> tuple[int, int, float]:
    """Smaller is better: what is left over, the total, the gap."""
    gap = math.inf if made.gap is None else made.gap
    return made.objective.unallocated_weight, made.objective.total, gap


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
