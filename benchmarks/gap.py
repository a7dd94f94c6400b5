"""The literature's generalised assignment instances, solved under one time limit and recosted here."""

from __future__ import annotations

import argparse
import csv
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.gap_instances import GapInstance, generate, read_folder
from benchmarks.peers import PEERS, PeerAnswer, run_peer
from models.errors import InputError
from solver.assignment.capacitated import solve_gap
from solver.engine import Limits

COLUMNS = ("instance", "value", "bound", "seconds", "best_known", "excess")


@dataclass(frozen=True)
class Row:
    """One line of the result; None where nothing is known. excess: (value - best_known) / best_known."""

    instance: str
    value: int | None
    bound: int | None
    seconds: float
    best_known: int | None

    @property
    def excess(self) -> float | None:
        """How far above the best known value, as a fraction of it."""
        if self.value is None or not self.best_known:
            return None
        return (self.value - self.best_known) / abs(self.best_known)

    def cells(self) -> list[str]:
        """The line as it stands in the file; what is unknown is left blank."""
        excess = None if self.excess is None else f"{self.excess:.6f}"
        parts = (self.instance, self.value, self.bound, f"{self.seconds:.2f}", self.best_known, excess)
        return ["" if part is None else str(part) for part in parts]


def solved(instance: GapInstance, limits: Limits) -> PeerAnswer:
    """Our own answer."""
    found = solve_gap(instance.cost, instance.weight, instance.capacity, limits=limits)
    return PeerAnswer(found.assignment, found.bound, found.seconds)


def row_of(instance: GapInstance, answer: PeerAnswer) -> Row:
    """The line of one answer: its cost and capacities are recomputed from the assignment alone."""
    value = None if answer.assignment is None else instance.recost(answer.assignment)
    return Row(instance.name, value, answer.bound, answer.seconds, instance.best_known)


def write_solution(folder: Path, instance: GapInstance, answer: PeerAnswer) -> None:
    """A line per job with its agent's index from 0; no file when there is no assignment."""
    if answer.assignment is None:
        return
    lines = "".join(f"{agent}\n" for agent in answer.assignment.tolist())
    (folder / f"{instance.name}.sol").write_text(lines, encoding="utf-8")


def _warm_up() -> None:
    """Load compiled code before the first clock starts; the first run on a machine compiles it here."""
    small = generate("c", 3, 12, 0)
    solve_gap(small.cost, small.weight, small.capacity, limits=Limits(seconds=None, work=1.0))


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument("--instances", type=Path, required=True, help="a folder of instances, or one file")
    parser.add_argument("--time-limit", type=float, default=30.0, help="seconds for each instance")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--out", type=Path, required=True, help="the CSV to write")
    parser.add_argument("--solutions", type=Path, help="a folder for one .sol file per instance")
    parser.add_argument(
        "--solver", choices=("evenhand", *PEERS), default="evenhand", help="a peer, in a process of its own"
    )


def main(arguments: argparse.Namespace) -> int:
    """Solve every instance and write a line for each as soon as it is known."""
    try:
        instances = read_folder(arguments.instances)
    except InputError as error:
        for fault in error.faults:
            print(fault.sentence, file=sys.stderr)
        return 2
    if arguments.solver == "evenhand":
        _warm_up()
    if arguments.solutions is not None:
        arguments.solutions.mkdir(parents=True, exist_ok=True)
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    rows = []
    with arguments.out.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        for instance in instances:
            limits = Limits(seconds=arguments.time_limit, seed=arguments.seed, threads=arguments.threads)
            if arguments.solver == "evenhand":
                answer = solved(instance, limits)
            else:
                answer = run_peer(arguments.solver, instance, limits)
            row = row_of(instance, answer)
            rows.append(row)
            writer.writerow(row.cells())
            file.flush()
            print("  ".join(f"{cell:>9}" for cell in row.cells()), flush=True)
            if arguments.solutions is not None:
                write_solution(arguments.solutions, instance, answer)
    print(summary(rows))
    return 0


def summary(rows: list[Row]) -> str:
    """Mean and worst excess and the widest bound, in percent, over the instances with a best known value."""
    known = [row for row in rows if row.best_known]
    excess = [row.excess for row in known if row.excess is not None]
    short = [
        (row.best_known - row.bound) / abs(row.best_known)
        for row in known
        if row.bound is not None and row.best_known
    ]
    if not excess or not short:
        return f"{len(rows)} instances, nothing to compare"
    return (
        f"{len(rows)} instances, {len(rows) - sum(row.value is not None for row in rows)} without a plan: "
        f"excess {100 * float(np.mean(excess)):.3f} % on average, {100 * max(excess):.3f} % at worst; "
        f"bound within {100 * max(short):.3f} %"
    )
