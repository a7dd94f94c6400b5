"""The connection to the database: where it is, how it is opened, and what its failures mean.

Reads are tried again while the database is away, up to `wait_seconds`. A write is tried again only when nothing of it
can have happened: no connection was to be had, or the database itself undid it (a deadlock).
"""

from __future__ import annotations

import sqlite3
import stat
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import platformdirs
import psycopg
from sqlalchemy import Connection, Engine, create_engine, event, exc, text
from sqlalchemy.engine import URL, make_url

from models.errors import StoreError, StoreFullError, StoreUnavailableError, UsageError

Result = TypeVar("Result")

_WRITES = "evenhand_writes"

# PostgreSQL's own turns: any number of ordinary writes together, or one that is alone. Held until the transaction ends.
_TURNS = 7_166_317_205
_LOCK_TOGETHER = text(f"SELECT pg_advisory_xact_lock_shared({_TURNS})")
_LOCK_ALONE = text(f"SELECT pg_advisory_xact_lock({_TURNS})")


@dataclass(frozen=True, slots=True)
class StoreSettings:
    """How long to wait for a database that is away or busy, and when accepting counts as blind.

    wait_seconds: for a database that does not answer, or for a free connection. busy_seconds: for the turn to write on
    SQLite. statement_seconds: for one statement on PostgreSQL.

    A run of at least `blind_run` acceptances in a row, each within `blind_seconds` of opening the plan (or without
    opening it), and without an override or rejection between them, is flagged.
    """

    wait_seconds: float = 5.0
    busy_seconds: float = 20.0
    statement_seconds: float = 120.0
    pool_size: int = 10
    blind_run: int = 10
    blind_seconds: float = 10.0


def default_url() -> str:
    """The address of the store in the user's own data folder: SQLite."""
    return f"sqlite:///{Path(platformdirs.user_data_dir('evenhand', appauthor=False)) / 'evenhand.db'}"


def store_url(address: str) -> URL:
    """The address of a database, with the driver that is used for it.

    Raises UsageError for what is neither SQLite in a file nor PostgreSQL. The message does not repeat the address,
    which may hold a password.
    """
    try:
        url = make_url(address)
    except exc.ArgumentError:
        raise UsageError("the address of the database cannot be read") from None
    if url.get_backend_name() == "sqlite" and url.database not in (None, "", ":memory:"):
        return url.set(drivername="sqlite+pysqlite")
    if url.get_backend_name() in ("postgresql", "postgres"):
        return url.set(drivername="postgresql+psycopg")
    raise UsageError("the database is to be sqlite:///FILE or postgresql://USER@HOST/NAME")


def require_file(url: URL) -> None:
    """Raise StoreUnavailableError where SQLite's file is not there yet."""
    if url.get_backend_name() == "sqlite" and not Path(str(url.database)).is_file():
        raise StoreUnavailableError("there is no store at this place; evenhand store migrate makes one")


def private_file(path: Path) -> None:
    """Make the file, and the folder if need be, readable by their owner alone. SQLite's side files follow it.

    Raises StoreUnavailableError where it cannot be written.
    """
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.touch(mode=0o600, exist_ok=True)
        if stat.S_IMODE(path.stat().st_mode) & 0o077:
            path.chmod(0o600)
    except OSError as error:
        raise StoreUnavailableError(f"the store's file cannot be opened: {error.strerror}") from None


def open_engine(url: URL, settings: StoreSettings) -> Engine:
    """An engine for the database at `url`; no connection is made yet."""
    if url.get_backend_name() == "sqlite":
        return _sqlite(url, settings)
    return _postgresql(url, settings)


def _sqlite(url: URL, settings: StoreSettings) -> Engine:
    private_file(Path(str(url.database)))
    engine = create_engine(
        url,
        connect_args={"timeout": settings.busy_seconds},
        pool_size=settings.pool_size,
        pool_timeout=settings.wait_seconds,
        hide_parameters=True,
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: sqlite3.Connection, _: object) -> None:
        connection.isolation_level = None  # transactions are begun below, and only there
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # A transaction that may write takes its turn at once: one that read first could not take it later.
        writes = connection.get_execution_options().get(_WRITES, False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def _postgresql(url: URL, settings: StoreSettings) -> Engine:
    milliseconds = int(settings.statement_seconds * 1000)
    return create_engine(
        url,
        connect_args={
            "connect_timeout": max(2, round(settings.wait_seconds)),
            "application_name": "evenhand",
            "options": f"-c statement_timeout={milliseconds} -c lock_timeout={milliseconds // 4}"
            f" -c idle_in_transaction_session_timeout={milliseconds} -c timezone=UTC",
            "keepalives_idle": 10,
            "keepalives_interval": 5,
            "keepalives_count": 3,
            "tcp_user_timeout": 15_000,
        },
        pool_pre_ping=True,
        pool_size=settings.pool_size,
        pool_timeout=settings.wait_seconds,
        hide_parameters=True,
    )


class Database:
    """Runs pieces of work in transactions of their own, and says in our own words what goes wrong."""

    def __init__(self, engine: Engine, settings: StoreSettings) -> None:
        self.engine = engine
        self._settings = settings
        self._turn = threading.Lock()

    @property
    def is_sqlite(self) -> bool:
        """Whether this is SQLite, where one transaction at a time writes."""
        return self.engine.dialect.name == "sqlite"

    def read(self, work: Callable[[Connection], Result]) -> Result:
        """Run `work` in a transaction that reads. It may be run more than once."""
        return self._run(work, writes=False)

    def write(self, work: Callable[[Connection], Result], *, alone: bool = False) -> Result:
        """Run `work` in a transaction that is kept when it ends and undone when it raises.

        `work` may be run again when the database undid it, so it changes nothing but the database. `alone`: while
        no other write is under way, and none begins.
        """

        def in_turn(connection: Connection) -> Result:
            if not self.is_sqlite:
                connection.execute(_LOCK_ALONE if alone else _LOCK_TOGETHER)
            return work(connection)

        if not self.is_sqlite:
            return self._run(in_turn, writes=True)
        # SQLite lets writers poll for their turn, so that one of many may wait for seconds: threads queue here first.
        if not self._turn.acquire(timeout=self._settings.busy_seconds):
            raise StoreUnavailableError("too many want to write to the store at once")
        try:
            return self._run(in_turn, writes=True)
        finally:
            self._turn.release()

    def leave_no_trace(self) -> None:
        """Empty SQLite's log, where pages from before still stand; let PostgreSQL free what is dead.

        Raises StoreUnavailableError when readers keep the log in use for longer than may be waited.
        """
        if not self.is_sqlite:
            self._vacuum()
            return
        end = time.monotonic() + self._settings.wait_seconds
        raw = self.engine.raw_connection()
        try:
            while raw.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]:
                if time.monotonic() > end:
                    raise StoreUnavailableError(
                        "what was erased is gone, but stands in the log while it is in use"
                    )
                time.sleep(0.05)
        finally:
            raw.close()

    def _vacuum(self) -> None:
        try:
            with self.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.exec_driver_sql("SET statement_timeout = 0")
                connection.exec_driver_sql(
                    "VACUUM contents, people_members, problems, plans, jobs, decisions, audit_people"
                )
                connection.exec_driver_sql("RESET statement_timeout")
        except (exc.DBAPIError, exc.TimeoutError) as error:
            raise failure_of(error) from None

    def _run(self, work: Callable[[Connection], Result], *, writes: bool) -> Result:
        end = time.monotonic() + self._settings.wait_seconds
        pause = 0.05
        while True:
            begun = False
            try:
                with self.engine.connect() as plain:
                    connection = plain.execution_options(**{_WRITES: writes})
                    with connection.begin():
                        begun = True
                        return work(connection)
            except (exc.DBAPIError, exc.TimeoutError, sqlite3.Error, psycopg.Error) as error:
                failure = failure_of(error)
                again = isinstance(failure, StoreUnavailableError) and not isinstance(failure, StoreFullError)
                safe = not begun or not writes or _undone(error)
                if not (again and safe) or time.monotonic() + pause > end:
                    raise failure from None  # the driver's words may repeat a record
            time.sleep(pause)
            pause = min(2 * pause, 0.5)


@contextmanager
def opened_database(address: str) -> Iterator[Database]:
    """The database at an address, in whatever state; a file is made where there is none."""
    settings = StoreSettings()
    database = Database(open_engine(store_url(address), settings), settings)
    try:
        yield database
    finally:
        database.engine.dispose()


@contextmanager
def existing_database(address: str) -> Iterator[Database]:
    """The database at an address, in whatever state. Raises StoreUnavailableError where there is none."""
    require_file(store_url(address))
    with opened_database(address) as database:
        yield database


def back_up(database: Database, out: Path) -> None:
    """Copy a SQLite store as it is at one moment into a new file, readable by its owner alone.

    Raises UsageError for PostgreSQL, and where the file is there already.
    """
    if not database.is_sqlite:
        raise UsageError("this copies SQLite stores; use pg_dump for PostgreSQL")
    if out.exists():
        raise UsageError(f"{out} is there already")
    private_file(out)
    raw = database.engine.raw_connection()
    try:
        raw.cursor().execute("VACUUM INTO ?", (str(out),))  # an empty file is as good as none
    except sqlite3.Error as error:
        out.unlink(missing_ok=True)
        raise failure_of(error) from None
    finally:
        raw.close()


def _undone(error: Exception) -> bool:
    """Whether the database undid the transaction for the sake of another one."""
    original = error.orig if isinstance(error, exc.DBAPIError) else error
    return isinstance(original, (psycopg.errors.SerializationFailure, psycopg.errors.DeadlockDetected))


def failure_of(error: Exception) -> StoreError:
    """What a failure of the database means, without its words, which may repeat a record."""
    original: Any = error.orig if isinstance(error, exc.DBAPIError) else error
    if isinstance(original, exc.TimeoutError):
        return StoreUnavailableError("the database is busy: no connection came free in time")
    if isinstance(original, sqlite3.Error):
        return _sqlite_failure(original)
    return _postgresql_failure(
        original, lost=isinstance(error, exc.DBAPIError) and error.connection_invalidated
    )


def _sqlite_failure(error: sqlite3.Error) -> StoreError:
    code = (getattr(error, "sqlite_errorcode", None) or 0) & 0xFF
    if code == sqlite3.SQLITE_FULL:
        return StoreFullError("the store is full: nothing more can be written until there is room")
    if code == sqlite3.SQLITE_IOERR:
        return StoreFullError("the store's file cannot be read or written; the disk may be full or failing")
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return StoreUnavailableError("the store is busy with another write")
    if code in (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM):
        return StoreUnavailableError("the store's file cannot be opened for writing")
    if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        return StoreError("the store's file is damaged or is no store; restore it from a backup")
    return StoreError(f"the database refused: {_name_of(error)}")


def _postgresql_failure(error: Any, *, lost: bool) -> StoreError:
    state: str = getattr(error, "sqlstate", None) or ""
    if state in ("53100", "53200"):
        return StoreFullError("the database has no room left to write")
    away = state[:2] in ("08", "53", "57") or state in ("40001", "40P01", "55P03")
    if away or lost or (isinstance(error, psycopg.OperationalError) and not state):
        return StoreUnavailableError("the database does not answer")
    return StoreError(f"the database refused: {_name_of(error)}")


def _name_of(error: Any) -> str:
    """The kind of a failure and, where known, the name of the constraint; never the row."""
    constraint = getattr(getattr(error, "diag", None), "constraint_name", None)
    kind = getattr(error, "sqlite_errorname", None) or type(error).__name__
    return f"{kind} ({constraint})" if constraint else str(kind)
