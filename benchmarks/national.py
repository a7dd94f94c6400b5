"""The generated nation through the overnight batch: wall time, memory, and how wide the gaps are.

With one worker or more on this machine, or spread over workers in network namespaces of their own against one
PostgreSQL. The extracts are generated once for all runs of a call.
"""

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
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.chaos_asking import EVENHAND
from benchmarks.chaos_processes import (
    ROOT,
    Setting,
    database,
    processes_below,
    server_of,
    small_nation,
    workers_apart,
)
from benchmarks.national_networks import namespaces
from benchmarks.setting import write_rows

COLUMNS = (
    *("pdus", "cases", "officers", "database", "workers", "namespaces", "budget_seconds", "work", "seed"),
    *("wall_seconds", "first_plan_seconds", "reading_seconds", "peak_megabytes", "batch_megabytes"),
    *("done", "failed", "moves", "not_placed"),
    *("worst_gap", "median_gap", "within_quarter_percent", "gap_unknown"),
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument("--pdus", type=int, default=110)
    parser.add_argument("--cases", type=int, default=250_000)
    parser.add_argument("--officers", type=int, default=11_000)
    parser.add_argument("--workers", type=int, nargs="+", default=[2], help="one run for each number")
    parser.add_argument("--budget", type=float, default=300.0, help="seconds of wall time for solving")
    parser.add_argument(
        "--work",
        type=float,
        help="units of work in place of seconds: how much sooner two workers have it done",
    )
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--server", help="postgresql://USER@HOST/postgres [default: a server of its own]")
    parser.add_argument(
        "--spread",
        action="store_true",
        help="each worker in a network namespace of its own, against one PostgreSQL (as root)",
    )
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, required=True, help="the CSV to write")


def main(arguments: argparse.Namespace) -> int:
    """Run the batch for each number of workers and write the figures; 1 when a unit failed."""
    rows: list[dict[str, object]] = []
    with tempfile.TemporaryDirectory(prefix="evenhand-national-") as name, ExitStack() as stack:
        place = Path(name)
        folder = place / "nation"
        small_nation(folder, pdus=arguments.pdus, cases=arguments.cases, officers=arguments.officers)
        names: Sequence[str] = ()
        addresses: Sequence[str] = ()
        if arguments.spread:
            arguments.database = "postgresql"
            names, address = stack.enter_context(namespaces(max(arguments.workers)))
            addresses = (address,)
        server = stack.enter_context(server_of(arguments, place, addresses))
        for workers in arguments.workers:
            with database(server, place, workers) as url:
                setting = Setting(folder, url, workers, apart=arguments.spread)
                rows.append(_figures(arguments, setting, place, names[:workers]))
            write_rows(arguments.out, COLUMNS, rows)
            print("  ".join(f"{name} {value}" for name, value in rows[-1].items()), flush=True)
    return 0 if all(row["failed"] == 0 for row in rows) else 1


def _figures(
    arguments: argparse.Namespace, setting: Setting, place: Path, names: Sequence[str]
) -> dict[str, object]:
    limit = ("--time-limit", arguments.budget) if arguments.work is None else ("--work-limit", arguments.work)
    command = [
        *(sys.executable, "-c", EVENHAND, "batch", "run", str(setting.folder), "--json"),
        *(*map(str, limit), "--seed", str(arguments.seed), "--as-of", "2026-11-23"),
        *("--workers", "0" if names else str(setting.workers), "--report", str(place / "report")),
    ]
    begun, events = time.monotonic(), list[dict[str, object]]()
    first: float | None = None
    read = 0.0
    with workers_apart(setting, names) as workers:
        batch = subprocess.Popen(
            command, env=setting.environment, cwd=ROOT, stdout=subprocess.PIPE, text=True
        )
        with _watching(batch.pid, [each.pid for each in workers]) as peak:
            assert batch.stdout is not None
            for line in batch.stdout:
                events.append(json.loads(line))
                if events[-1]["event"] == "reading":
                    read = time.monotonic() - begun
                elif events[-1]["event"] == "unit" and first is None:
                    first = time.monotonic() - begun
            batch.wait()
    wall = time.monotonic() - begun
    end = events[-1]
    gaps = {event["pdu"]: event["gap"] for event in events if event["event"] == "unit"}
    known = sorted(gap for gap in gaps.values() if isinstance(gap, float))
    return {
        "pdus": arguments.pdus,
        "cases": arguments.cases,
        "officers": arguments.officers,
        "database": arguments.database,
        "workers": setting.workers,
        "namespaces": len(names),
        "budget_seconds": arguments.budget if arguments.work is None else None,
        "work": arguments.work,
        "seed": arguments.seed,
        "wall_seconds": f"{wall:.0f}",
        "first_plan_seconds": None if first is None else f"{first:.0f}",
        "reading_seconds": f"{read:.0f}",
        "peak_megabytes": f"{peak.all:.0f}",
        "batch_megabytes": f"{peak.batch:.0f}",
        "done": end["done"],
        "failed": end["failed"],
        "moves": end["moves"],
        "not_placed": end["notPlaced"],
        "worst_gap": known[-1] if known else None,
        "median_gap": statistics.median(known) if known else None,
        "within_quarter_percent": sum(gap <= 0.0025 for gap in known),
        "gap_unknown": len(gaps) - len(known),
    }


@dataclass
class _Peak:
    """The most megabytes held: by all processes together, and by the batch's own."""

    all: float = 0.0
    batch: float = 0.0


@contextmanager
def _watching(batch: int, others: Sequence[int]) -> Iterator[_Peak]:
    """The most memory that the processes held, looked at twice a second."""
    peak, done = _Peak(), threading.Event()

    def look() -> None:
        while not done.wait(0.5):
            pids = {pid for root in (batch, *others) for pid in processes_below(root)}
            held = {pid: _megabytes(pid) for pid in pids}
            peak.all = max(peak.all, sum(held.values()))
            peak.batch = max(peak.batch, held.get(batch, 0.0))

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
