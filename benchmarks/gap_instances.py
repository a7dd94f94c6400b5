"""Instances of the generalised assignment problem: the literature's files, and a generator of their types.

A file is whole numbers separated by blanks: m n, then m rows of n costs, m rows of n weights, m capacities.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from models.errors import InputError
from models.faults import Fault

Ints = npt.NDArray[np.int64]

BEST_KNOWN = "best_known.csv"
LARGEST_NUMBER = 2**40


@dataclass(frozen=True)
class GapInstance:
    """One instance. cost, weight: int64 (n, m). capacity: int64 (m,). best_known: None where nobody says."""

    name: str
    cost: Ints
    weight: Ints
    capacity: Ints
    best_known: int | None = None

    def recost(self, assignment: Ints) -> int:
        """The cost of `assignment` (n,), added up here; ValueError when a capacity breaks or a job is left."""
        tasks, agents = self.cost.shape
        if assignment.shape != (tasks,) or ((assignment < 0) | (assignment >= agents)).any():
            raise ValueError(f"{self.name}: not every job has one agent")
        loads = [0] * agents
        cost = 0
        for task, agent in enumerate(assignment.tolist()):
            loads[agent] += int(self.weight[task, agent])
            cost += int(self.cost[task, agent])
        for agent, load in enumerate(loads):
            if load > int(self.capacity[agent]):
                raise ValueError(
                    f"{self.name}: agent {agent} carries {load}, its capacity is {self.capacity[agent]}"
                )
        return cost


def read_instance(path: Path, best_known: int | None = None) -> GapInstance:
    """The instance of one file; raises InputError, naming the file and the fault."""

    def fault(problem: str, expected: str) -> InputError:
        return InputError([Fault(problem, expected, file=path.name)])

    try:
        words = path.read_text(encoding="utf-8").split()
    except (OSError, UnicodeDecodeError) as error:
        raise fault("the file cannot be read as text", "whole numbers separated by blanks") from error
    numbers: list[int] = []
    for place, word in enumerate(words):
        try:
            numbers.append(int(word))
        except ValueError as error:
            raise fault(f"number {place + 1} is '{word[:20]}'", "a whole number") from error
    if len(numbers) < 2 or numbers[0] < 1 or numbers[1] < 0:
        raise fault("the file does not begin with its sizes", "the number of agents, then of jobs")
    agents, tasks = numbers[:2]
    wanted = 2 + 2 * agents * tasks + agents
    if len(numbers) != wanted:
        raise fault(f"the file has {len(numbers)} numbers", f"{wanted} for {agents} agents and {tasks} jobs")
    if max(abs(number) for number in numbers) > LARGEST_NUMBER:
        raise fault("a number is far too large", f"at most {LARGEST_NUMBER}")
    values = np.array(numbers[2:], np.int64)
    pairs = agents * tasks
    weight = values[pairs : 2 * pairs]
    if (weight < 0).any():
        raise fault("a weight is negative", "weights of 0 or more")
    return GapInstance(
        path.name,
        np.ascontiguousarray(values[:pairs].reshape(agents, tasks).T),
        np.ascontiguousarray(weight.reshape(agents, tasks).T),
        values[2 * pairs :],
        best_known,
    )


def read_best_known(folder: Path) -> dict[str, int]:
    """Best known values by instance, from best_known.csv in `folder`; empty when there is none."""
    path = folder / BEST_KNOWN
    if not path.exists():
        return {}
    found: dict[str, int] = {}
    with path.open(newline="", encoding="utf-8") as file:
        reader = csv.DictReader(file)
        if reader.fieldnames is None or not {"instance", "best_known_value"} <= set(reader.fieldnames):
            raise InputError(
                [Fault("headings are missing", "instance and best_known_value", file=path.name, row=1)]
            )
        for row, record in enumerate(reader, start=2):
            try:
                found[record["instance"]] = int(record["best_known_value"])
            except (TypeError, ValueError) as error:
                raise InputError(
                    [
                        Fault(
                            f"'{record['best_known_value']}' is not a whole number",
                            "a whole number",
                            file=path.name,
                            row=row,
                            column="best_known_value",
                        )
                    ]
                ) from error
    return found


def read_folder(path: Path) -> list[GapInstance]:
    """Every instance of a folder (or the one of a file), by name; README, LICENSE and CSV files are passed over."""
    if not path.exists():
        raise InputError([Fault("there is no such file or folder", "a folder of instances", path=str(path))])
    folder = path if path.is_dir() else path.parent
    best = read_best_known(folder)
    files = sorted(folder.iterdir()) if path.is_dir() else [path]
    named = [file for file in files if file.is_file() and _is_instance(file)]
    if not named:
        raise InputError([Fault("there is no instance in this folder", "files of numbers", path=str(path))])
    return [read_instance(file, best.get(file.name)) for file in named]


def _is_instance(file: Path) -> bool:
    return file.suffix.lower() not in {".csv", ".md", ".sol", ".toml"} and file.name.upper() not in {
        "LICENSE",
        "README",
        "COPYING",
    }


def write_instance(instance: GapInstance, path: Path) -> None:
    """`instance` in the literature's format."""
    tasks, agents = instance.cost.shape
    rows = [f"{agents} {tasks}"]
    for matrix in (instance.cost, instance.weight):
        rows += [" ".join(map(str, row)) for row in matrix.T.tolist()]
    rows.append(" ".join(map(str, instance.capacity.tolist())))
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")


def generate(kind: str, agents: int, tasks: int, seed: int) -> GapInstance:
    """An instance of the literature's type c, d or e (Chu and Beasley 1997; Laguna et al. 1995).

    c: weights 5-25, costs 10-50. d: weights 1-100, costs 111 - weight + (-10 to 10). e: weights
    1 - 10 ln u, costs 1000 / weight - 10 v, for u and v uniform. Capacities 0.8 of an equal share.
    """
    draw = np.random.default_rng(seed)
    shape = (tasks, agents)
    if kind == "c":
        weight = draw.integers(5, 26, shape)
        cost = draw.integers(10, 51, shape)
    elif kind == "d":
        weight = draw.integers(1, 101, shape)
        cost = 111 - weight + draw.integers(-10, 11, shape)
    elif kind == "e":
        exact = 1 - 10 * np.log(1 - draw.random(shape))
        weight = np.rint(exact).astype(np.int64)
        cost = np.rint(1000 / exact - 10 * draw.random(shape)).astype(np.int64)
    else:
        raise ValueError(f"'{kind}' is not a type of instance; expected c, d or e")
    capacity = (8 * weight.sum(axis=0) // (10 * agents)).astype(np.int64)
    name = f"{kind}{agents:02d}{tasks}-{seed}"
    return GapInstance(name, cost.astype(np.int64), weight.astype(np.int64), capacity)
