"""Rebalancing (or allocating) generated units: evenhand, other solvers and today's practice on the same arrays.

Each line holds a solver's plan, recosted and checked here, and its own bound. Lines that the file already holds are
not run again, so an interrupted run goes on; at the end every line is set against the best bound of all.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence

from benchmarks.allocation_instances import instance as unit
from benchmarks.banded_peers import SOLVERS, Step
from benchmarks.ledger import Ledger, read_rows, write_again
from benchmarks.merge import with_best_bounds
from benchmarks.questions import BASELINES, Judged, Prepared, answered, prepare, question_of
from benchmarks.setting import add_run_arguments
from models.allocation.plan import gap_of
from solver.engine import Limits

KEY = ("instance", "question", "moves", "solver", "time_limit", "seed", "threads")
COLUMNS = (
    *KEY,
    "status",
    "total",
    "fixed",
    "skip_budget",
    "bound",
    "best_bound_of_all",
    "gap",
    "gap_to_best_bound",
    "seconds",
    "prepare_seconds",
    "faults",
)
TRACED = ("evenhand", "cpsat")
TRACE_KEY = ("instance", "question", "moves", "solver", "time_limit", "seed")
TRACE_COLUMNS = (*TRACE_KEY, "elapsed", "best", "bound", "gap")


def names_of(sizes: Sequence[str], fills: Sequence[int], seeds: Sequence[int], scarcity: str) -> list[str]:
    """The instances of these sizes ("2300x100"), mean Workloads in percent and seeds."""
    return [f"pdu-{size}-fill{fill}-{scarcity}-s{seed}" for size in sizes for fill in fills for seed in seeds]


def gap_at(trace: Sequence[Step], seconds: float, fixed: int) -> float | None:
    """The proven gap that stood after `seconds`; None while plan or bound was unknown."""
    standing = [step for step in trace if step.seconds <= seconds]
    if not standing or standing[-1].best is None:
        return None
    return gap_of(standing[-1].best, standing[-1].bound, fixed)


def row_of(
    key: dict[str, object], prepared: Prepared, found: Judged, checkpoints: Sequence[float]
) -> dict[str, object]:
    """The line of one answer."""
    row: dict[str, object] = {
        **key,
        "status": found.answer.status,
        "total": found.total,
        "fixed": prepared.fixed,
        "skip_budget": prepared.search.skip_budget,
        "bound": found.answer.bound,
        "gap": found.gap,
        "seconds": f"{found.answer.seconds:.2f}",
        "prepare_seconds": f"{prepared.seconds:.2f}",
        "faults": " ".join(found.faults),
    }
    if key["solver"] == "evenhand":
        row |= {column_at(at): gap_at(found.answer.trace, at, prepared.fixed) for at in checkpoints}
    return row


def column_at(seconds: float) -> str:
    """The name of the column of a checkpoint."""
    return f"gap_at_{seconds:g}s"


def trace_rows(key: dict[str, object], found: Judged, fixed: int) -> Iterator[dict[str, object]]:
    """How best and bound moved during one solve."""
    for step in found.answer.trace:
        gap = None if step.best is None else gap_of(step.best, step.bound, fixed)
        yield {
            **{name: key[name] for name in TRACE_KEY},
            "elapsed": f"{step.seconds:.3f}",
            "best": step.best,
            "bound": step.bound,
            "gap": gap,
        }


def _words(text: str) -> list[str]:
    return [word for word in text.split(",") if word]


def _whole(text: str) -> list[int]:
    return [int(word) for word in _words(text)]


def _seconds(text: str) -> list[float]:
    return [float(word) for word in _words(text)]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument(
        "--sizes", type=_words, default=["2300x100"], help="cases x officers, e.g. 2300x100,300x20"
    )
    parser.add_argument(
        "--fills", type=_whole, default=[90, 100, 110, 118, 125, 135], help="mean Workload, %%"
    )
    parser.add_argument("--seeds", type=_whole, default=[6, 7, 8, 9, 10], help="seeds of the units")
    parser.add_argument("--scarcity", choices=("normal", "scarce"), default="normal")
    parser.add_argument("--time-limit", type=float, default=10.0)
    parser.add_argument("--checkpoints", type=_seconds, default=[1.0, 2.0, 5.0, 10.0])
    parser.add_argument("--question", choices=("rebalance", "allocate"), default="rebalance")
    parser.add_argument(
        "--moves", type=int, help="budget of moves; without it every unprotected case may move"
    )
    parser.add_argument("--solver", type=_words, default=["evenhand"], help=", ".join((*SOLVERS, *BASELINES)))
    add_run_arguments(parser)


def main(arguments: argparse.Namespace) -> int:
    """Run what the file does not hold yet; a trace of best and bound lies beside it."""
    unknown = sorted(set(arguments.solver) - {*SOLVERS, *BASELINES})
    if unknown:
        print(f"there is no solver {', '.join(unknown)}", file=sys.stderr)
        return 2
    columns = (*COLUMNS, *(column_at(at) for at in arguments.checkpoints))
    ledger = Ledger(arguments.out, columns, KEY)
    trace_path = arguments.out.with_name(f"{arguments.out.stem}-trace.csv")
    trace = Ledger(trace_path, TRACE_COLUMNS, (*TRACE_KEY, "elapsed", "best", "bound"))
    for name in names_of(arguments.sizes, arguments.fills, arguments.seeds, arguments.scarcity):
        _run(arguments, name, ledger, trace)
    rows = with_best_bounds(read_rows(arguments.out))
    write_again(arguments.out, rows)
    return 1 if any(row["faults"] and row["solver"] not in BASELINES for row in rows) else 0


def _run(arguments: argparse.Namespace, name: str, ledger: Ledger, trace: Ledger) -> None:
    """Every solver asked for on one instance."""
    shared = {"instance": name, "question": arguments.question, "moves": arguments.moves}
    limits = Limits(seconds=arguments.time_limit, seed=arguments.seed, threads=arguments.threads)
    how = {"time_limit": limits.seconds, "seed": limits.seed, "threads": limits.threads}
    keys = [{**shared, "solver": solver, **how} for solver in arguments.solver]
    keys = [key for key in keys if not ledger.has(key)]
    if not keys:
        return
    problem = unit(name)
    prepared = prepare(
        problem, question_of(arguments.question, problem, arguments.moves), limits.seed, limits.threads
    )
    for key in keys:
        found = answered(prepared, str(key["solver"]), limits)
        if key["solver"] in TRACED:
            for step in trace_rows(key, found, prepared.fixed):
                trace.add(step)
        ledger.add(row_of(key, prepared, found, arguments.checkpoints))
        gap = "-" if found.gap is None else f"{100 * found.gap:.4f} %"
        print(
            f"{name}  {arguments.question}  {key['solver']}  {found.answer.status}  total {found.total}  "
            f"bound {found.answer.bound}  gap {gap}  {found.answer.seconds:.1f} s  {' '.join(found.faults)}",
            flush=True,
        )
