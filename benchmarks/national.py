"""The generated nation through the overnight batch: wall time, memory, and how wide the gaps are."""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from benchmarks.chaos import EVENHAND, ROOT, Setting, database, processes_below, small_nation, workers_apart
from benchmarks.setting import write_rows

COLUMNS = (
    *("pdus", "cases", "officers", "database", "workers", "namespaces", "budget_seconds", "seed"),
    *("wall_seconds", "reading_seconds", "peak_megabytes", "done", "failed", "moves", "not_placed"),
    *("worst_gap", "median_gap", "within_quarter_percent", "gap_unknown"),
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument("--pdus", type=int, default=110)
    parser.add_argument("--cases", type=int, default=250_000)
    parser.add_argument("--officers", type=int, default=11_000)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--budget", type=float, default=300.0, help="seconds of wall time for solving")
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--server", help="postgresql://USER@HOST/postgres, where databases may be made")
    parser.add_argument(
        "--namespaces",
        nargs="*",
        default=(),
        help="network namespaces that reach the server; a worker in each, and none of the batch's own",
    )
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, required=True, help="the CSV to write")


def main(arguments: argparse.Namespace) -> int:
    """Run the batch once and write its figures; 1 when a unit failed."""
    if arguments.database == "postgresql" and not arguments.server:
        print("--server is missing: a PostgreSQL server where databases may be made", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory(prefix="evenhand-national-") as place:
        folder = Path(place) / "nation"
        small_nation(folder, pdus=arguments.pdus, cases=arguments.cases, officers=arguments.officers)
        with database(arguments, Path(place), 0) as url:
            row = _figures(arguments, Setting(folder, url, arguments.workers), Path(place))
    write_rows(arguments.out, COLUMNS, [row])
    print("  ".join(f"{name} {value}" for name, value in row.items()))
    return 0 if row["failed"] == 0 else 1


def _figures(arguments: argparse.Namespace, setting: Setting, place: Path) -> dict[str, object]:
    apart = bool(arguments.namespaces)
    command = [
        *(sys.executable, "-c", EVENHAND, "batch", "run", str(setting.folder), "--json"),
        *("--time-limit", str(arguments.budget), "--seed", str(arguments.seed)),
        *("--workers", "0" if apart else str(arguments.workers), "--report", str(place / "report")),
    ]
    begun, events = time.monotonic(), list[dict[str, object]]()
    read: float | None = None
    with workers_apart(setting, tuple(arguments.namespaces)) as workers:
        batch = subprocess.Popen(
            command, env=setting.environment, cwd=ROOT, stdout=subprocess.PIPE, text=True
        )
        with _watching([batch.pid, *(each.pid for each in workers)]) as peak:
            assert batch.stdout is not None
            for line in batch.stdout:
                events.append(json.loads(line))
                if events[-1]["event"] == "round" and read is None:
                    read = time.monotonic() - begun
            batch.wait()
    wall = time.monotonic() - begun
    end = events[-1]
    gaps = {}
    for event in events:
        if event["event"] == "unit":
            gaps[event["pdu"]] = event["gap"]
    known = sorted(gap for gap in gaps.values() if isinstance(gap, float))
    return {
        "pdus": arguments.pdus,
        "cases": arguments.cases,
        "officers": arguments.officers,
        "database": arguments.database,
        "workers": len(arguments.namespaces) or arguments.workers,
        "namespaces": len(arguments.namespaces),
        "budget_seconds": arguments.budget,
        "seed": arguments.seed,
        "wall_seconds": f"{wall:.0f}",
        "reading_seconds": None if read is None else f"{read:.0f}",
        "peak_megabytes": f"{peak[0]:.0f}",
        "done": end["done"],
        "failed": end["failed"],
        "moves": end["moves"],
        "not_placed": end["notPlaced"],
        "worst_gap": known[-1] if known else None,
        "median_gap": statistics.median(known) if known else None,
        "within_quarter_percent": sum(gap <= 0.0025 for gap in known),
        "gap_unknown": len(gaps) - len(known),
    }


@contextmanager
def _watching(roots: Sequence[int]) -> Iterator[list[float]]:
    """The most memory that the processes held together, looked at twice a second."""
    peak, done = [0.0], threading.Event()

    def look() -> None:
        while not done.wait(0.5):
            pids = {pid for root in roots for pid in processes_below(root)}
            peak[0] = max(peak[0], sum(map(_megabytes, pids)))

    thread = threading.Thread(target=look, daemon=True)
    thread.start()
    try:
        yield peak
    finally:
        done.set()
        thread.join()


def _megabytes(pid: int) -> float:
    """What a process holds that is not shared out several times, 0 for one that has gone."""
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii")
    except OSError:
        return 0.0
    kilobytes = next((int(line.split()[1]) for line in text.splitlines() if line.startswith("Pss:")), 0)
    return kilobytes * 1024 / 1_000_000
