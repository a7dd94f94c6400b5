"""The processes of a chaos run and the databases that they work on."""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.chaos_asking import EVENHAND

if TYPE_CHECKING:
    from benchmarks.chaos_postgresql import OwnServer

ROOT = Path(__file__).parents[1]
PDUS, CASES, OFFICERS = 3, 66, 15
WORK = 1.5
KINDS = {"api.jobs.worker": "worker", "api.jobs.solve_child": "solve"}
COMMANDS = {"serve": "api", "batch": "batch"}


@dataclass(frozen=True)
class Setting:
    """Where and how a batch runs.

    workers: how many solve. apart: they are nobody's, and nobody starts them again. port: where the API answers, whose
    own worker is one of them unless apart; None for a batch alone. extra: more of the processes' environment.
    """

    folder: Path
    url: str
    workers: int
    apart: bool = False
    work: float = WORK
    port: int | None = None
    extra: Mapping[str, str] = field(default_factory=dict)

    @property
    def environment(self) -> Mapping[str, str]:
        """The environment of every process of the run."""
        named = {name: value for name, value in os.environ.items() if not name.startswith("EVENHAND_")}
        more = {"EVENHAND_DATABASE_URL": self.url, "EVENHAND_LOG_LEVEL": "WARNING", "PYTHONPATH": str(ROOT)}
        return {**named, **more, **self.extra}

    @property
    def command(self) -> Sequence[str]:
        """The batch. The same command goes on with a batch that was cut off."""
        mine = 0 if self.apart else self.workers - (self.port is not None)
        return [
            *(sys.executable, "-c", EVENHAND, "batch", "run", str(self.folder), "--json"),
            *("--work-limit", str(self.work), "--workers", str(mine), "--as-of", "2026-11-23"),
        ]


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
            kind = _kind_of(words)
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


def _kind_of(words: Sequence[str]) -> str | None:
    if EVENHAND in words[:-1]:
        return COMMANDS.get(words[words.index(EVENHAND) + 1])
    return next((KINDS[word] for word in words if word in KINDS), None)


@contextmanager
def workers_apart(
    setting: Setting, namespaces: Sequence[str] = ()
) -> Iterator[list[subprocess.Popen[bytes]]]:
    """Workers that belong to nobody, as on hosts of their own; in network namespaces where some are named."""
    plain: list[list[str]] = [[] for _ in range(setting.workers if setting.apart else 0)]
    prefixes = [["ip", "netns", "exec", name] for name in namespaces] or plain
    if prefixes:
        _migrated(setting)
    command = [sys.executable, "-m", "api.jobs.worker", "--no-spare"]
    running = [
        subprocess.Popen(
            [*prefix, *command],
            env=setting.environment,
            cwd=ROOT,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        for prefix in prefixes
    ]
    try:
        yield running
    finally:
        for each in running:
            each.kill()
            each.wait()


def _migrated(setting: Setting) -> None:
    command = [sys.executable, "-c", EVENHAND, "store", "migrate"]
    subprocess.run(command, env=setting.environment, cwd=ROOT, check=True, capture_output=True)


def wait_until_gone(pids: Sequence[int], seconds: float = 30.0) -> None:
    """Waits until the processes have ended: those of a parent that was killed take a moment."""
    end = time.monotonic() + seconds
    while any(Path(f"/proc/{pid}").exists() for pid in pids) and time.monotonic() < end:
        time.sleep(0.02)


@dataclass(frozen=True)
class Server:
    """Where databases may be made. own: the server where it is the benchmark's own."""

    url: str
    own: OwnServer | None = None


@contextmanager
def server_of(
    arguments: argparse.Namespace, place: Path, addresses: Sequence[str] = ()
) -> Iterator[Server | None]:
    """The server that was named, or one of the benchmark's own; None for SQLite."""
    if arguments.database == "sqlite":
        yield None
    elif arguments.server:
        yield Server(arguments.server)
    else:
        from benchmarks.chaos_postgresql import ADDRESSES, OwnServer

        own = OwnServer(place, addresses or ADDRESSES)
        try:
            yield Server(own.url("postgres"), own)
        finally:
            own.stop()


def sqlite_file(place: Path, number: int) -> Path:
    """The file of a run's store on SQLite."""
    return place / f"run{number}" / "store.db"


@contextmanager
def database(server: Server | None, place: Path, number: int) -> Iterator[str]:
    """The address of an empty database: on the server, or a SQLite file below `place` where there is none."""
    if server is None:
        yield f"sqlite:///{sqlite_file(place, number)}"
        shutil.rmtree(sqlite_file(place, number).parent, ignore_errors=True)
        return
    import psycopg
    from sqlalchemy.engine import make_url

    name = f"evenhand_chaos_{os.getpid()}_{number}"
    with psycopg.connect(server.url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
    try:
        url = make_url(server.url).set(drivername="postgresql", database=name)
        yield url.render_as_string(hide_password=False)
    finally:
        with psycopg.connect(server.url, autocommit=True) as connection:
            connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)".encode())
