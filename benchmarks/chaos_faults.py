"""Faults that are no kill: the database away or locked for a while, a full disk, a clock that is stepped by an hour.

Each is done to a run with a live API, worker and batch, at a random moment, and taken back by itself.
"""

from __future__ import annotations

import os
import random
import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.chaos_postgresql import OwnServer
from benchmarks.chaos_running import Outage
from models.errors import UsageError

FAULTS = ("away", "full", "clock")
OUTAGE_SECONDS = 20.0
STEP_SECONDS = 3600
DISK_MEGABYTES = {"sqlite": 48, "postgresql": 200}
SHIM = Path(__file__).with_name("chaos_clock.c")


@dataclass(frozen=True)
class Hit:
    """A fault ready to be done. extra: of the environment of the run's processes."""

    outage: Outage
    extra: Mapping[str, str] = field(default_factory=dict)


def away(server: OwnServer | None, file: Path, moment: float) -> Hit:
    """PostgreSQL really stopped and started again; SQLite's files held by another writer."""
    if server is not None:
        return Hit(Outage(moment, "stopped", server.stop, server.start, OUTAGE_SECONDS))
    files = (file, file.with_name(f"{file.stem}.queue{file.suffix}"))
    held: list[sqlite3.Connection] = []

    def hold() -> None:
        for each in files:
            connection = sqlite3.connect(each, timeout=60, isolation_level=None, check_same_thread=False)
            connection.execute("BEGIN IMMEDIATE")
            held.append(connection)

    def let_go() -> None:
        while held:
            connection = held.pop()
            connection.execute("ROLLBACK")
            connection.close()

    def ready() -> bool:
        return all(each.exists() for each in files)

    return Hit(Outage(moment, "locked", hold, let_go, OUTAGE_SECONDS, ready))


def full(server: OwnServer | None, disk: Path, moment: float) -> Hit:
    """The disk that the database lies on without a byte of room."""
    ballast = disk / "ballast"

    def fill() -> None:
        with ballast.open("wb", buffering=0) as file, suppress(OSError):
            while True:
                file.write(b"\0" * 65_536)
        with ballast.open("ab", buffering=0) as file, suppress(OSError):
            while True:
                file.write(b"\0")

    def make_room() -> None:
        ballast.unlink()
        if server is not None:
            server.keep_alive()

    return Hit(Outage(moment, "full", fill, make_room, OUTAGE_SECONDS))


def stepped(place: Path, moment: float, chance: random.Random) -> Hit:
    """The clock of every process an hour on or back, from a moment on."""
    offset = place / "offset"
    offset.write_bytes((0).to_bytes(8, "little", signed=True))
    seconds = chance.choice((STEP_SECONDS, -STEP_SECONDS))

    def step() -> None:
        with offset.open("r+b", buffering=0) as file:
            file.write(seconds.to_bytes(8, "little", signed=True))

    extra = {"LD_PRELOAD": str(_shim(place)), "CHAOS_CLOCK": str(offset)}
    return Hit(Outage(moment, f"{seconds:+d} s", step), extra)


def _shim(place: Path) -> Path:
    """The library that steps the clock of processes. Raises UsageError where it cannot be built."""
    made, compiler = place / "chaos_clock.so", shutil.which("cc")
    if compiler is None:
        raise UsageError("stepping the clock of processes needs a C compiler (apt-get install gcc)")
    if not made.exists():
        subprocess.run([compiler, "-O2", "-shared", "-fPIC", "-o", made, SHIM, "-ldl"], check=True)
    return made


@contextmanager
def small_disk(place: Path, megabytes: int) -> Iterator[Path]:
    """A disk of so much, in memory. Raises UsageError where none can be mounted."""
    place.mkdir(parents=True, exist_ok=True)
    if os.geteuid() != 0:
        raise UsageError("a full disk needs root: a small tmpfs is mounted and filled")
    command = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=755", "evenhand-chaos", str(place)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise UsageError(f"no small disk can be mounted here: {done.stderr.strip()}")
    try:
        yield place
    finally:
        subprocess.run(["umount", "--lazy", str(place)], check=True)


def hit_of(
    fault: str, chance: random.Random, calm: float, place: Path, *, server: OwnServer | None, file: Path
) -> Hit:
    """A fault at a random moment of a run that takes `calm` seconds undisturbed."""
    moment = chance.uniform(0.2, 0.8) * calm
    makers: dict[str, Callable[[], Hit]] = {
        "away": lambda: away(server, file, moment),
        "full": lambda: full(server, place / "disk", moment),
        "clock": lambda: stepped(place, moment, chance),
    }
    return makers[fault]()
