"""Batches of a small nation in which a process is killed: the result must be the undisturbed run's, each part once.

Every run begins with an empty database. At a random moment one random process is killed with SIGKILL: the batch itself,
a worker, or a solve process. When the batch is killed, or ends early, the same command is given again.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.setting import write_rows

COLUMNS = ("run", "database", "workers", "seed", "killed", "after_seconds", "seconds", "starts", "outcome")

ROOT = Path(__file__).parents[1]
PDUS, CASES, OFFICERS = 4, 160, 24
WORK = 4.0
MOST_STARTS = 6
EVENHAND = "from api.cli.main import main; main()"
KINDS = {EVENHAND: "batch", "api.jobs.worker": "worker", "api.jobs.solve_child": "solve"}

Result = Mapping[str, str]
"""A hash of the plan, the time it took left out, by part."""


@dataclass(frozen=True)
class Setting:
    """Where and how a batch runs. apart: workers of their own, which nobody starts again, instead of the batch's."""

    folder: Path
    url: str
    workers: int
    apart: bool = False
    work: float = WORK

    @property
    def environment(self) -> Mapping[str, str]:
        """The environment of every process of the run."""
        return {**os.environ, "EVENHAND_DATABASE_URL": self.url, "PYTHONPATH": str(ROOT)}

    @property
    def command(self) -> Sequence[str]:
        """The batch. The same command goes on with a batch that was cut off."""
        mine = 0 if self.apart else self.workers
        return [
            *(sys.executable, "-c", EVENHAND, "batch", "run", str(self.folder), "--json"),
            *("--work-limit", str(self.work), "--workers", str(mine), "--as-of", "2026-11-23"),
        ]


@dataclass(frozen=True)
class Kill:
    """One process to kill: so many seconds after the beginning, of a kind (None: of any that lives then)."""

    after: float
    chance: random.Random
    kind: str | None = None


@dataclass
class Told:
    """What happened in a run."""

    killed: list[str] = field(default_factory=list)
    starts: int = 0
    seconds: float = 0.0


def small_nation(folder: Path, *, pdus: int = PDUS, cases: int = CASES, officers: int = OFFICERS) -> None:
    """Writes the extracts of a few small units, one folder each."""
    from models.extracts.write import write_allocation
    from models.synthetic import allocation_parameters, nation

    units = nation(allocation_parameters(), seed=6, pdus=pdus, cases=cases, officers=officers)
    for name, problem in units:
        (folder / name).mkdir(parents=True)
        write_allocation(problem, folder / name)


def processes_below(pid: int) -> Mapping[int, str]:
    """The process and everything below it that lives: what each is, by id."""
    parents: dict[int, int] = {}
    names: dict[int, str] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                state, parent = (entry / "stat").read_text(encoding="utf-8").rpartition(")")[2].split()[:2]
                words = (entry / "cmdline").read_text(encoding="utf-8").split("\0")
            except OSError:
                continue
            kind = next((KINDS[word] for word in words if word in KINDS), None)
            if state != "Z":
                parents[int(entry.name)] = int(parent)
                if kind is not None:
                    names[int(entry.name)] = kind
    mine, grew = {pid}, True
    while grew:
        more = {child for child, parent in parents.items() if parent in mine} - mine
        mine |= more
        grew = bool(more)
    return {each: names[each] for each in sorted(mine & names.keys())}


@contextmanager
def workers_apart(
    setting: Setting, namespaces: Sequence[str] = ()
) -> Iterator[list[subprocess.Popen[bytes]]]:
    """Workers that belong to nobody, as on hosts of their own; in network namespaces where some are named."""
    plain: list[list[str]] = [[] for _ in range(setting.workers if setting.apart else 0)]
    prefixes = [["ip", "netns", "exec", name] for name in namespaces] or plain
    if prefixes:
        _said(setting, "store", "migrate")
    command = [sys.executable, "-m", "api.jobs.worker", "--no-spare"]
    running = [
        subprocess.Popen(
            [*prefix, *command], env=setting.environment, stderr=subprocess.DEVNULL, start_new_session=True
        )
        for prefix in prefixes
    ]
    try:
        yield running
    finally:
        for each in running:
            each.kill()
            each.wait()


def run_batch(setting: Setting, kills: Sequence[Kill] = ()) -> Told:
    """Runs a batch to its end, killing processes, one after another.

    Raises RuntimeError when it does not come to its end.
    """
    told, begun, left = Told(), time.monotonic(), list(kills)
    with workers_apart(setting) as apart:
        while told.starts < MOST_STARTS:
            told.starts += 1
            batch = subprocess.Popen(
                setting.command,
                env=setting.environment,
                cwd=ROOT,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
            )
            while batch.poll() is None:
                roots = [batch.pid, *(each.pid for each in apart)]
                if left and time.monotonic() - begun >= left[0].after and _killed(roots, left[0], told):
                    left.pop(0)
                time.sleep(0.02)
            _, words = batch.communicate()
            if batch.returncode == 0:
                told.seconds = time.monotonic() - begun
                return told
            if batch.returncode != -signal.SIGKILL:
                raise RuntimeError(f"the batch ended with {batch.returncode}: {words.decode()[-500:]}")
    raise RuntimeError(f"the batch did not end in {MOST_STARTS} starts")


def _killed(roots: Sequence[int], kill: Kill, told: Told) -> bool:
    """Kills a process; False when there is none of the kind yet."""
    live = {pid: kind for root in roots for pid, kind in processes_below(root).items()}
    kinds = sorted({kind for kind in live.values() if kill.kind in (None, kind)})
    if not kinds:
        return False
    kind = kill.chance.choice(kinds)  # as often a worker as a solve process, however many there are
    try:
        os.kill(kill.chance.choice([pid for pid, name in live.items() if name == kind]), signal.SIGKILL)
    except ProcessLookupError:
        return False
    told.killed.append(kind)
    return True


def result_of(setting: Setting) -> Result:
    """Each part's plan, as a hash without the time it took. Raises ValueError unless each was made exactly once."""
    told = json.loads(_said(setting, "batch", "status", "--json"))
    if not told["ended"] or told["failed"] or told["open"]:
        raise ValueError("the batch has not ended well")
    for unit in told["units"]:
        if not unit["jobs"] == unit["rounds"] == unit["plans"]:
            raise ValueError(
                f"{unit['pdu']}: {unit['jobs']} jobs, {unit['plans']} plans, {unit['rounds']} rounds"
            )
    _said(setting, "audit", "verify")
    return {f"{unit['pdu']} {unit['kind']}": unit["planHash"] for unit in told["units"]}


def _said(setting: Setting, *words: str) -> str:
    """What the command says. Raises ValueError when it ends badly."""
    command = [sys.executable, "-c", EVENHAND, *words]
    done = subprocess.run(
        command, env=setting.environment, cwd=ROOT, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise ValueError(f"{' '.join(words)} ended with {done.returncode}: {done.stderr[-500:]}")
    return done.stdout


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument("--runs", type=int, default=50)
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--server", help="postgresql://USER@HOST/postgres, where databases may be made")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--apart", action="store_true", help="workers of their own, not the batch's")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, required=True, help="the CSV to write")


def main(arguments: argparse.Namespace) -> int:
    """Run, kill, compare; 1 when any run's result is not the undisturbed one's."""
    if arguments.database == "postgresql" and not arguments.server:
        print("--server is missing: a PostgreSQL server where databases may be made", file=sys.stderr)
        return 2
    rows: list[dict[str, object]] = []
    with tempfile.TemporaryDirectory(prefix="evenhand-chaos-") as place:
        small_nation(Path(place) / "nation")
        with database(arguments, Path(place), 0) as url:
            setting = Setting(Path(place) / "nation", url, arguments.workers, arguments.apart)
            calm = run_batch(setting)
            wanted = result_of(setting)
        print(f"undisturbed: {calm.seconds:.1f} s, {len(wanted)} parts", flush=True)
        for number in range(1, arguments.runs + 1):
            chance = random.Random(arguments.seed * 1000 + number)
            moment = chance.uniform(0.0, calm.seconds)
            with database(arguments, Path(place), number) as url:
                setting = Setting(Path(place) / "nation", url, arguments.workers, arguments.apart)
                rows.append(_row(arguments, number, setting, moment, chance, wanted))
            print("  ".join(f"{value}" for value in rows[-1].values()), flush=True)
            write_rows(arguments.out, COLUMNS, rows)
    return 0 if all(row["outcome"] == "identical" for row in rows) else 1


def _row(
    arguments: argparse.Namespace,
    number: int,
    setting: Setting,
    moment: float,
    chance: random.Random,
    wanted: Result,
) -> dict[str, object]:
    row: dict[str, object] = {
        "run": number,
        "database": arguments.database,
        "workers": arguments.workers,
        "seed": arguments.seed,
        "after_seconds": f"{moment:.2f}",
    }
    try:
        told = run_batch(setting, [Kill(moment, chance)])
        same = result_of(setting) == wanted
        row |= {
            "killed": " ".join(told.killed),
            "seconds": f"{told.seconds:.1f}",
            "starts": told.starts,
            "outcome": "identical" if same else "different",
        }
    except (RuntimeError, ValueError) as error:
        row |= {"outcome": f"{error}"}
    return row


@contextmanager
def database(arguments: argparse.Namespace, place: Path, number: int) -> Iterator[str]:
    """The address of an empty database."""
    if arguments.database == "sqlite":
        yield f"sqlite:///{place / f'run{number}' / 'store.db'}"
        return
    import psycopg
    from sqlalchemy.engine import make_url

    name = f"evenhand_chaos_{os.getpid()}_{number}"
    with psycopg.connect(arguments.server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
    try:
        url = make_url(arguments.server).set(drivername="postgresql", database=name)
        yield url.render_as_string(hide_password=False)
    finally:
        with psycopg.connect(arguments.server, autocommit=True) as connection:
            connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)".encode())
