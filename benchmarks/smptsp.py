"""The literature's shift minimisation personnel task scheduling instances: fewest supervisors for fixed sessions."""

from __future__ import annotations

import argparse
import csv
import importlib
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.setting import add_run_arguments
from benchmarks.smptsp_instances import ShiftInstance, read_folder
from models.errors import InputError
from solver.engine import Limits
from solver.unpaid_work.supervising.duties import Duties
from solver.unpaid_work.supervising.solve import Supervising, supervise

COLUMNS = ("instance", "value", "bound", "seconds")


@dataclass(frozen=True)
class Row:
    """One line of the result; None where nothing is known."""

    instance: str
    value: int | None
    bound: int | None
    seconds: float

    def cells(self) -> list[str]:
        """The line as it stands in the file; what is unknown is left blank."""
        parts = (self.instance, self.value, self.bound, f"{self.seconds:.2f}")
        return ["" if part is None else str(part) for part in parts]


def duties_of(instance: ShiftInstance) -> Duties:
    """The instance as the solver takes it."""
    times = np.array(instance.times, np.int64)
    return Duties(times[:, 0].copy(), times[:, 1].copy(), instance.qualified)


def row_of(instance: ShiftInstance, found: Supervising) -> Row:
    """The line of an answer: its workers are counted and its rules checked here, from the assignment alone."""
    value = None if found.holder is None else instance.recount(found.holder.tolist())
    return Row(instance.name, value, found.bound, found.seconds)


def write_solution(folder: Path, instance: ShiftInstance, found: Supervising) -> None:
    """A line per task with its worker's index from 0; no file when there is no answer."""
    if found.holder is not None:
        lines = "".join(f"{worker}\n" for worker in found.holder.tolist())
        (folder / f"{instance.name}.sol").write_text(lines, encoding="utf-8")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument("--instances", type=Path, required=True, help="a folder of .dat files, or one file")
    parser.add_argument("--time-limit", type=float, default=60.0, help="seconds for each instance")
    add_run_arguments(parser, grows=False)
    parser.add_argument("--solutions", type=Path, help="a folder for one .sol file per instance")


def main(arguments: argparse.Namespace) -> int:
    """Solve every instance and write a line for each as soon as it is known."""
    try:
        instances = read_folder(arguments.instances)
    except InputError as error:
        for fault in error.faults:
            print(fault.sentence, file=sys.stderr)
        return 2
    importlib.import_module("ortools.sat.python.cp_model")  # before the first clock starts, as in a service
    if arguments.solutions is not None:
        arguments.solutions.mkdir(parents=True, exist_ok=True)
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    rows = []
    with arguments.out.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        for instance in instances:
            limits = Limits(seconds=arguments.time_limit, seed=arguments.seed, threads=arguments.threads)
            found = supervise(duties_of(instance), limits)
            rows.append(row_of(instance, found))
            writer.writerow(rows[-1].cells())
            file.flush()
            print("  ".join(f"{cell:>9}" for cell in rows[-1].cells()), flush=True)
            if arguments.solutions is not None:
                write_solution(arguments.solutions, instance, found)
    met = sum(row.value is not None and row.value == row.bound for row in rows)
    print(f"{len(rows)} instances, the bound met on {met}")
    return 0
