"""Which workers live: each holds a lock that ends with it, so that no clock of any host has a say.

On SQLite, where all workers share a machine, the lock is a file's, and the kernel lets go of it when the process ends.
On PostgreSQL it is an advisory lock of a session that says something every few seconds: the server itself ends a
session that has been silent (its host died, froze, or the network was cut), and the lock with it.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import socket
import threading
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

from models.errors import StoreUnavailableError

MOST_WORKERS = 500
"""Of one host: more than that is a mistake."""

PING_SECONDS = 3.0
SILENCE_SECONDS = 12
"""After so much silence the server ends a session; jobs are taken up within this and one sweep more."""

_CLASS = 0x65766E68
"""Sets our advisory locks apart from others in the same database."""


class Presence(Protocol):
    """This worker's sign of life, and the way to ask after another's."""

    @property
    def name(self) -> str:
        """The name that this worker has to itself while it lives, and that a later one on this host may take up."""

    @property
    def lost(self) -> bool:
        """Whether the name is no longer ours; the worker must end then, because its jobs are given to others."""

    @property
    def settled(self) -> bool:
        """Whether the connection has held long enough for the living to have shown themselves."""

    def if_gone(self, name: str) -> contextlib.AbstractContextManager[bool]:
        """Whether the worker of this name is gone; while the block runs nobody else can take the name."""

    def close(self) -> None:
        """Let go of the name."""


def host_name() -> str:
    """The host's name as part of a worker's."""
    kept = "".join(each if each.isalnum() or each in "-." else "-" for each in socket.gethostname())
    return kept[:60] or "host"


class FilePresence:
    """Locks on files of a folder. Only for workers of one machine."""

    def __init__(self, folder: Path, prefix: str = "") -> None:
        """Takes the first free name that begins so. Raises StoreUnavailableError when the folder cannot be written."""
        self._folder = folder
        self._prefix = prefix
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self.name, self._held = self._first_free()
        except OSError as error:
            raise StoreUnavailableError(f"the workers' locks cannot be written: {error.strerror}") from None

    lost = False
    settled = True

    def _first_free(self) -> tuple[str, int]:
        for number in range(1, MOST_WORKERS + 1):
            name = f"{self._prefix}{host_name()}-{number}"
            held = self._try(name)
            if held is not None:
                return name, held
        raise StoreUnavailableError(f"{MOST_WORKERS} workers run on this host already")

    def _try(self, name: str) -> int | None:
        file = os.open(self._folder / f"{name}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(file)
            return None
        return file

    @contextlib.contextmanager
    def if_gone(self, name: str) -> Iterator[bool]:
        """See Presence."""
        if name == self.name:
            yield False
            return
        held = self._try(name)
        try:
            yield held is not None
        finally:
            if held is not None:
                os.close(held)

    def close(self) -> None:
        """See Presence."""
        os.close(self._held)


class PostgresPresence:
    """Advisory locks of one session, kept alive by a thread."""

    def __init__(self, url: str, prefix: str = "") -> None:
        """url: as psycopg takes it. Takes the first free name that begins so. Raises StoreUnavailableError."""
        import psycopg

        self._errors = psycopg.Error
        self._url = url
        self._prefix = prefix
        self._lock = threading.RLock()
        self._end = threading.Event()
        self._lost = False
        self._steady = 0
        try:
            self._session = self._connect()
            self.name = self._first_free()
        except psycopg.Error:
            raise StoreUnavailableError("the database does not answer") from None
        self._keeper = threading.Thread(target=self._keep, name="evenhand-presence", daemon=True)
        self._keeper.start()

    @property
    def lost(self) -> bool:
        """See Presence."""
        return self._lost

    @property
    def settled(self) -> bool:
        """See Presence."""
        return self._steady * PING_SECONDS >= SILENCE_SECONDS

    def _connect(self) -> Any:
        import psycopg

        return psycopg.connect(
            self._url,
            autocommit=True,
            connect_timeout=5,
            application_name="evenhand worker",
            options=f"-c idle_session_timeout={SILENCE_SECONDS}s -c statement_timeout=10s "
            "-c tcp_keepalives_idle=5 -c tcp_keepalives_interval=3 -c tcp_keepalives_count=2",
            keepalives_idle=5,
            keepalives_interval=3,
            keepalives_count=2,
            tcp_user_timeout=SILENCE_SECONDS * 1000,
        )

    def _first_free(self) -> str:
        for number in range(1, MOST_WORKERS + 1):
            name = f"{self._prefix}{host_name()}-{number}"
            if self._try(name):
                self._steady = 1_000_000  # others had all the time to show themselves before this one came
                return name
        raise StoreUnavailableError(f"{MOST_WORKERS} workers run under this host's name already")

    def _try(self, name: str) -> bool:
        found = self._session.execute("SELECT pg_try_advisory_lock(%s, %s)", (_CLASS, _number(name)))
        return bool(found.fetchone()[0])

    def _keep(self) -> None:
        holding, vain = True, 0
        while not self._end.wait(PING_SECONDS):
            with self._lock:
                try:
                    if self._session.closed:
                        holding = False
                        self._session = self._connect()
                    holding = holding or self._try(self.name)
                    self._session.execute("SELECT 1")
                except self._errors:
                    self._steady, vain = 0, 0
                    self._session.close()
                    continue
            self._steady = self._steady + 1 if holding else 0
            # What our own broken session held, the server may hold on to until it has been silent long enough.
            vain = 0 if holding else vain + 1
            self._lost = vain * PING_SECONDS > 2 * SILENCE_SECONDS

    @contextlib.contextmanager
    def if_gone(self, name: str) -> Iterator[bool]:
        """See Presence. Raises StoreUnavailableError when the database does not answer."""
        if name == self.name:
            yield False
            return
        with self._lock:
            try:
                gone = self._try(name)
            except self._errors:
                raise StoreUnavailableError("the database does not answer") from None
        try:
            yield gone
        finally:
            if gone:
                with self._lock, contextlib.suppress(self._errors):
                    self._session.execute("SELECT pg_advisory_unlock(%s, %s)", (_CLASS, _number(name)))

    def close(self) -> None:
        """See Presence."""
        self._end.set()
        self._keeper.join(timeout=15)
        with self._lock, contextlib.suppress(self._errors):
            self._session.close()


def _number(name: str) -> int:
    """A name as the signed 32-bit key of an advisory lock."""
    return zlib.crc32(name.encode()) - 2**31
