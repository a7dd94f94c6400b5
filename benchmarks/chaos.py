"""Batches of a small nation, an API beside them, to which something is done: the result must not change.

Every run begins with an empty database. `evenhand serve` with a worker of its own and `evenhand batch run` with another
work on it, and a caller asks over HTTP. At a random moment one random process is killed with SIGKILL: the API, the
batch, a worker, or a solve process. The API is started again as a service manager would, and a batch that was killed
is asked for again. Afterwards every PDU, and every job asked over HTTP, has exactly one plan, the undisturbed run's.

With --fault nothing is killed: the database is away for 20 s (PostgreSQL stopped and started, SQLite's files locked by
another writer), its disk is full for 20 s, or the clock is stepped by an hour. A caller may then be told to come again
(503, 507), and nothing else.
"""

from __future__ import annotations

import argparse
import random
import statistics
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from benchmarks.chaos_asking import free_port
from benchmarks.chaos_faults import DISK_MEGABYTES, FAULTS, hit_of, small_disk
from benchmarks.chaos_processes import Server, Setting, database, server_of, small_nation, sqlite_file
from benchmarks.chaos_running import Blow, Kill, Result, Told, result_of, run_batch
from benchmarks.setting import write_rows
from models.errors import UsageError

COLUMNS = (
    *("run", "database", "workers", "seed", "killed", "after_seconds", "seconds"),
    *("batch_starts", "api_starts", "unanswered", "told_to_wait", "outcome"),
)
TARGETS = ("api", "batch", "solve", "worker")


@dataclass(frozen=True)
class Bench:
    """What the runs of one call share. disk: where databases lie. asked: asked about over HTTP; None without an API."""

    place: Path
    disk: Path
    server: Server | None
    workers: int
    apart: bool
    asked: Mapping[str, object] | None

    def setting(self, url: str, extra: Mapping[str, str] | None = None) -> Setting:
        """The setting of one run. extra: of its processes' environment."""
        port = None if self.asked is None else free_port()
        return Setting(self.place / "nation", url, self.workers, self.apart, port=port, extra=extra or {})


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument("--runs", type=int, default=50)
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--server", help="postgresql://USER@HOST/postgres [default: a server of its own]")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--apart", action="store_true", help="workers that are nobody's and not begun again")
    parser.add_argument("--without-api", action="store_true", help="a batch alone")
    parser.add_argument("--fault", choices=("kill", *FAULTS), default="kill")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, required=True, help="the CSV to write")


def asked_problem() -> Mapping[str, object]:
    """A small problem to be asked about over HTTP."""
    from models.synthetic import allocation_parameters, generate_allocation

    return generate_allocation(allocation_parameters(), seed=9, cases=40, officers=6).problem.as_json()


def main(arguments: argparse.Namespace) -> int:
    """Run, kill, compare; 1 when any run's result is not the undisturbed one's."""
    if arguments.fault != "kill" and arguments.server:
        raise UsageError("what is done to a database is done to a server of the benchmark's own")
    rows: list[dict[str, object]] = []
    with tempfile.TemporaryDirectory(prefix="evenhand-chaos-") as folder, ExitStack() as stack:
        place = Path(folder)
        place.chmod(0o711)  # PostgreSQL's own user passes through
        small_nation(place / "nation")
        disk = place
        if arguments.fault == "full":
            disk = stack.enter_context(small_disk(place / "disk", DISK_MEGABYTES[arguments.database]))
        with server_of(arguments, disk) as server:
            asked = None if arguments.without_api else asked_problem()
            bench = Bench(place, disk, server, arguments.workers, arguments.apart, asked)
            calm, wanted = undisturbed(bench)
            for number in range(1, arguments.runs + 1):
                lasted = [calm, *(float(str(row["seconds"])) for row in rows[-4:] if row.get("seconds"))]
                rows.append(_row(arguments, number, bench, statistics.median(lasted), wanted))
                print("  ".join(f"{value}" for value in rows[-1].values()), flush=True)
                write_rows(arguments.out, COLUMNS, rows)
    return 0 if all(row["outcome"] == "identical" for row in rows) else 1


def undisturbed(bench: Bench) -> tuple[float, Result]:
    """How long a run takes and what comes of it when nothing is done to it."""
    with database(bench.server, bench.disk, 0) as url:
        setting = bench.setting(url)
        calm = run_batch(setting, asked=bench.asked)
        wanted = {**result_of(setting), **calm.asked}
    print(
        f"undisturbed: {calm.seconds:.1f} s, {len(wanted)} plans, answers {dict(calm.statuses)}", flush=True
    )
    return calm.seconds, wanted


def _row(
    arguments: argparse.Namespace, number: int, bench: Bench, lasts: float, wanted: Result
) -> dict[str, object]:
    """One run. lasts: seconds that a run takes as busy as the machine is now."""
    chance = random.Random(arguments.seed * 1000 + number)
    blows, extra = _blows(arguments.fault, number, bench, lasts, chance)
    row: dict[str, object] = {
        "run": number,
        "database": arguments.database,
        "workers": arguments.workers,
        "seed": arguments.seed,
        "killed": "",
        "after_seconds": f"{blows[0].after:.2f}",
    }
    with database(bench.server, bench.disk, number) as url:
        setting = bench.setting(url, extra)
        try:
            told = run_batch(setting, blows, asked=bench.asked, forgiving=arguments.fault != "kill")
            same = {**result_of(setting), **told.asked} == wanted
            return {**row, **figures_of(told), "outcome": "identical" if same else "different"}
        except (RuntimeError, ValueError) as error:
            return {**row, "outcome": f"{error}"}


def _blows(
    fault: str, number: int, bench: Bench, lasts: float, chance: random.Random
) -> tuple[Sequence[Blow], Mapping[str, str]]:
    """What is done to a run, and what its processes' environment needs for that."""
    if fault == "kill":
        targets = TARGETS if bench.asked is not None else TARGETS[1:]
        return [Kill(chance.uniform(0.0, lasts), chance, chance.choice(targets))], {}
    own = None if bench.server is None else bench.server.own
    hit = hit_of(fault, chance, lasts, bench.place, server=own, file=sqlite_file(bench.disk, number))
    return [hit.outage], hit.extra


def figures_of(told: Told) -> dict[str, object]:
    """What a run told, as columns."""
    return {
        "killed": " ".join(told.faults),
        "seconds": f"{told.seconds:.1f}",
        "batch_starts": told.starts,
        "api_starts": told.serves,
        "unanswered": told.statuses.get(0, 0),
        "told_to_wait": told.statuses.get(503, 0) + told.statuses.get(507, 0),
    }
