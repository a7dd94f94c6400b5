"""What every figure is written down with: date, machine, versions."""

from __future__ import annotations

import argparse
import csv
import datetime as dt
import os
import platform
from collections.abc import Iterable, Mapping, Sequence
from importlib import metadata
from pathlib import Path

RESULTS = Path(__file__).parent / "results"


def machine() -> str:
    """Cores and processor, as far as the system tells."""
    processor = platform.processor() or platform.machine()
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        processor = next(line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        pass
    return f"{os.cpu_count()} cores {processor}"


def versions() -> str:
    """The versions that decide the figures."""
    names = ("evenhand", "ortools", "numpy", "scipy", "numba")
    return " ".join(
        [f"python {platform.python_version()}", *(f"{name} {metadata.version(name)}" for name in names)]
    )


def today() -> str:
    """The date of a run."""
    return dt.datetime.now(tz=dt.UTC).date().isoformat()


def add_run_arguments(
    parser: argparse.ArgumentParser, *, threads: int = 2, threads_of: str | None = None, grows: bool = True
) -> None:
    """The solver's seed and threads, and the file of figures. grows: what the file holds already is not run again."""
    parser.add_argument("--seed", type=int, default=1, help="the solver's seed")
    parser.add_argument("--threads", type=int, default=threads, help=threads_of)
    kept = "the CSV to write or to go on with" if grows else "the CSV to write"
    parser.add_argument("--out", type=Path, required=True, help=kept)


def write_rows(path: Path, columns: Sequence[str], rows: Iterable[Mapping[str, object]]) -> None:
    """A CSV of figures; each row ends with date, machine and versions. What is unknown is left blank."""
    path.parent.mkdir(parents=True, exist_ok=True)
    setting = {"date": today(), "machine": machine(), "versions": versions()}
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, [*columns, *setting], lineterminator="\n", restval="")
        writer.writeheader()
        for row in rows:
            shown = {name: "" if value is None else value for name, value in row.items()}
            writer.writerow({**shown, **setting})
