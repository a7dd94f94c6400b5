"""Instances of shift minimisation personnel task scheduling: the literature's files, and a judge of answers.

A file has a line `Jobs = n`, n lines of start and end, a line `Qualifications = m`, and m lines `count: job job ...`
of the jobs that a worker may do, from 0. Lines with # and the line `Type = 1` are passed over. An end is exclusive.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from models.errors import InputError
from models.faults import Fault

Ints = npt.NDArray[np.int64]
LARGEST_NUMBER = 2**40


@dataclass(frozen=True)
class ShiftInstance:
    """One instance. times: (start, end) of each task; able: the tasks that each worker may do."""

    name: str
    times: tuple[tuple[int, int], ...]
    able: tuple[frozenset[int], ...]

    @property
    def qualified(self) -> npt.NDArray[np.bool_]:
        """bool (tasks, workers)."""
        found = np.zeros((len(self.times), len(self.able)), np.bool_)
        for worker, tasks in enumerate(self.able):
            found[sorted(tasks), worker] = True
        return found

    def recount(self, workers: list[int]) -> int:
        """How many workers an answer uses, a worker for each task; ValueError when it is none.

        A worker must be qualified for each of their tasks, and in time order no task may start before the one
        before it ends.
        """
        if len(workers) != len(self.times):
            raise ValueError(f"{self.name}: {len(workers)} workers are named for {len(self.times)} tasks")
        work: dict[int, list[tuple[int, int]]] = {}
        for task, worker in enumerate(workers):
            if not 0 <= worker < len(self.able) or task not in self.able[worker]:
                raise ValueError(f"{self.name}: worker {worker} may not do task {task}")
            work.setdefault(worker, []).append(self.times[task])
        for worker, spans in work.items():
            spans.sort()
            for (_, end), (start, _) in itertools.pairwise(spans):
                if start < end:
                    raise ValueError(f"{self.name}: worker {worker} has two tasks at {start}")
        return len(work)

    def most_at_once(self) -> int:
        """The most tasks that run at one moment, which no number of workers can be below."""
        events = sorted([(end, -1) for _, end in self.times] + [(start, 1) for start, _ in self.times])
        running = most = 0
        for _, change in events:
            running += change
            most = max(most, running)
        return most


class _Lines:
    """The lines of a file that say something, with their numbers."""

    def __init__(self, path: Path) -> None:
        self.file = path.name
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise self.fault("the file cannot be read as text", "an instance as text") from error
        spoken = ((number, line.strip()) for number, line in enumerate(text.splitlines(), start=1))
        self._left = [(number, line) for number, line in spoken if line and not line.startswith("#")]
        self._left.reverse()

    def fault(self, problem: str, expected: str, row: int | None = None) -> InputError:
        return InputError([Fault(problem, expected, file=self.file, row=row)])

    def next(self, expected: str) -> tuple[int, str]:
        """The next line, which ought to hold what is expected."""
        if not self._left:
            raise self.fault("the file ends too soon", expected)
        return self._left.pop()

    def heading(self, name: str) -> int:
        """The number of a line `name = number`."""
        row, line = self.next(f"{name} = a number")
        word, _, value = line.partition("=")
        if word.strip().lower() == "type":
            return self.heading(name)
        if word.strip().lower() != name.lower():
            raise self.fault(f"'{line[:30]}'", f"{name} = a number", row)
        number = self.numbers(row, value)
        if len(number) != 1 or number[0] < 1:
            raise self.fault(f"'{line[:30]}'", f"{name} = one number above 0", row)
        return number[0]

    def numbers(self, row: int, text: str) -> list[int]:
        """Whole numbers separated by blanks."""
        try:
            found = [int(word) for word in text.split()]
        except ValueError as error:
            raise self.fault(f"'{text.strip()[:30]}'", "whole numbers", row) from error
        if any(abs(number) > LARGEST_NUMBER for number in found):
            raise self.fault("a number is far too large", f"at most {LARGEST_NUMBER}", row)
        return found

    @property
    def more(self) -> tuple[int, str] | None:
        """The line after the last one that was wanted."""
        return self._left[-1] if self._left else None


def read_instance(path: Path) -> ShiftInstance:
    """The instance of one file; raises InputError, naming the file, the line and the fault."""
    lines = _Lines(path)
    times: list[tuple[int, int]] = []
    for _ in range(lines.heading("Jobs")):
        row, line = lines.next("the start and end of a job")
        span = lines.numbers(row, line)
        if len(span) != 2 or span[0] >= span[1]:
            raise lines.fault(f"'{line[:30]}'", "a start and a later end", row)
        times.append((span[0], span[1]))
    able: list[frozenset[int]] = []
    for _ in range(lines.heading("Qualifications")):
        row, line = lines.next("the jobs of a worker")
        count, _, rest = line.partition(":")
        said, tasks = lines.numbers(row, count), lines.numbers(row, rest)
        if len(said) != 1 or said[0] != len(tasks) or len(set(tasks)) != len(tasks):
            raise lines.fault(f"'{line[:30]}'", "a count, a colon and as many different jobs", row)
        if any(not 0 <= task < len(times) for task in tasks):
            raise lines.fault("a job that does not exist", f"jobs from 0 to {len(times) - 1}", row)
        able.append(frozenset(tasks))
    if lines.more is not None:
        row, line = lines.more
        raise lines.fault(f"'{line[:30]}' after the last worker", "the end of the file", row)
    return ShiftInstance(path.stem, tuple(times), tuple(able))


def read_folder(path: Path) -> list[ShiftInstance]:
    """Every .dat file of a folder (or the one file) by name; raises InputError when there is none."""
    if not path.exists():
        raise InputError([Fault("there is no such file or folder", "a folder of instances", path=str(path))])
    files = sorted(path.glob("*.dat")) if path.is_dir() else [path]
    if not files:
        raise InputError([Fault("there is no instance in this folder", "files named .dat", path=str(path))])
    return [read_instance(file) for file in files]
