"""The database goes away, is busy, is full: a clear error after a bounded wait, nothing lost, recovery by itself."""

from __future__ import annotations

import resource
import sqlite3
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import Connection, event, exc

from api.store.database import StoreSettings, failure_of
from api.store.store import Store
from models.errors import StoreError, StoreFullError, StoreUnavailableError
from tests.support.databases import Cluster
from tests.support.stored import ADA, CRNS, kept_problem, plan_json, problem_json, proposed_plan, queued_job

IMPATIENT = StoreSettings(wait_seconds=0.3, busy_seconds=0.3)
PATIENT = StoreSettings(wait_seconds=30.0)


@pytest.fixture
def away(cluster: Cluster) -> Iterator[Cluster]:
    """The server, running again afterwards."""
    yield cluster
    cluster.stop()
    cluster.start()


def test_a_server_that_is_away_is_said_to_be_and_found_again(away: Cluster) -> None:
    url = away.create_migrated()
    with Store.open(url, settings=IMPATIENT) as store:
        plan, job = proposed_plan(store), queued_job(store)
        head = store.chain_head()
        away.stop()
        for call in (
            store.ping,
            lambda: store.plan(plan.id),
            lambda: kept_problem(store),
            lambda: store.finish_job(job.id, plan_json(), {}),
            lambda: Store.open(url, settings=IMPATIENT),
        ):
            began = time.monotonic()
            with pytest.raises(StoreUnavailableError) as gone:
                call()
            assert time.monotonic() - began < 20, "the wait is bounded"
            assert away.password not in str(gone.value)
        away.start()
        assert store.plan(plan.id) == plan
        assert store.chain_head() == head, "what failed left nothing behind"
        assert store.finish_job(job.id, plan_json(), {})
        assert store.verify_chain(head) is None


def test_whoever_waits_long_enough_notices_nothing(away: Cluster) -> None:
    """Reads are tried again; so is a write that never reached the server."""
    with Store.open(away.create_migrated(), settings=PATIENT) as store:
        plan = proposed_plan(store)
        away.stop()
        later = threading.Timer(0.7, away.start)
        later.start()
        read, written = [], []
        reader = threading.Thread(target=lambda: read.append(store.plan(plan.id)))
        reader.start()
        written.append(kept_problem(store))
        reader.join()
        later.join()
        assert read == [plan]
        assert store.problems(None).items[0] == written[0]


def test_a_write_that_was_cut_off_is_not_done_twice(away: Cluster) -> None:
    """Nobody can tell whether a commit that got no answer happened, so it is not repeated by the store."""
    with Store.open(away.create_migrated(), settings=PATIENT) as store:
        tries = []

        def cut_off(connection: Connection) -> None:
            tries.append(1)
            connection.exec_driver_sql("SELECT pg_terminate_backend(pg_backend_pid())")

        with pytest.raises(StoreUnavailableError):
            store._database.write(cut_off)
        assert len(tries) == 1
        assert kept_problem(store)

        def cut_off_once(connection: Connection) -> str:
            tries.append(1)
            if len(tries) == 2:
                connection.exec_driver_sql("SELECT pg_terminate_backend(pg_backend_pid())")
            return "read"

        assert store._database.read(cut_off_once) == "read"
        assert len(tries) == 3


def test_a_deadlock_is_solved_by_trying_again(cluster: Cluster) -> None:
    """On PostgreSQL; SQLite lets one transaction write at a time, so there is none to be had."""
    with Store.open(cluster.create_migrated()) as store:
        deadlock(store)


def deadlock(store: Store) -> None:
    """Two writers lock two jobs, each in the other's order; one of them is undone, and comes again."""
    one, other = queued_job(store), queued_job(store)
    together = threading.Barrier(2)
    tries: list[str] = []

    def lock(first: str, second: str) -> None:
        def work(connection: Connection) -> None:
            tries.append(first)
            query = "SELECT id FROM jobs WHERE id = %s FOR UPDATE"
            connection.exec_driver_sql(query, (first,))
            if len(tries) <= 2:
                together.wait(timeout=10)
            connection.exec_driver_sql(query, (second,))

        store._database.write(work)

    threads = [threading.Thread(target=lock, args=pair) for pair in ((one.id, other.id), (other.id, one.id))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(tries) == 3


def test_a_busy_file_is_waited_for_and_then_said_to_be_busy(sqlite_url: str) -> None:
    with Store.open(sqlite_url, migrate=True, settings=IMPATIENT) as store:
        problem = kept_problem(store)
        other = sqlite3.connect(sqlite_url.removeprefix("sqlite:///"), isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreUnavailableError, match="busy"):
            kept_problem(store)
        assert store.problem(problem.id) == problem, "reading goes on"
        other.execute("ROLLBACK")
        other.close()
        assert kept_problem(store)


def fill(store: Store) -> int:
    """Add problems until the store is full; how many there was room for."""
    for number in range(10_000):
        crns = [f"Y{number:03d}{each:03d}" for each in range(200)]
        try:
            store.add_problem(ADA, "N01PDU01", store.problems(None).items[0].kind, problem_json(*crns), "h")
        except StoreFullError:
            return number
    raise AssertionError("there was room for everything")


def check_full_and_recovered(store: Store, *, make_room: object) -> None:
    """What a full store does: keeps what it has, can be read, and goes on when there is room."""
    before = store.problems(None).total
    added = fill(store)
    assert store.problems(None).total == before + added
    assert store.verify_chain() is None
    assert callable(make_room)
    make_room()
    kept_problem(store)
    assert store.problems(None).total == before + added + 1
    assert store.verify_chain() is None


def test_a_full_file(sqlite_url: str) -> None:
    with Store.open(sqlite_url, migrate=True) as store:
        engine = store._database.engine
        kept_problem(store)
        pages = [200]
        engine.dispose()

        @event.listens_for(engine, "checkout")
        def limit(connection: sqlite3.Connection, *_: object) -> None:
            connection.execute(f"PRAGMA max_page_count={pages[0]}")

        def make_room() -> None:
            pages[0] = 100_000

        check_full_and_recovered(store, make_room=make_room)


def test_a_full_disk(sqlite_url: str) -> None:
    """A limit on the size of files stands for a disk without room: writing fails in the midst."""
    with Store.open(sqlite_url, migrate=True) as store:
        kept_problem(store)
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        size = Path(sqlite_url.removeprefix("sqlite:///")).stat().st_size

        def make_room() -> None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

        try:
            resource.setrlimit(resource.RLIMIT_FSIZE, (size + 500_000, hard))
            check_full_and_recovered(store, make_room=make_room)
        finally:
            make_room()


def test_what_failures_mean() -> None:
    def meaning(original: Exception, *, lost: bool = False) -> type[StoreError]:
        wrapped = exc.OperationalError("INSERT", {"crn": CRNS[0]}, original, connection_invalidated=lost)
        failure = failure_of(wrapped)
        assert CRNS[0] not in str(failure)
        return type(failure)

    assert meaning(psycopg.errors.DiskFull(CRNS[0])) is StoreFullError
    assert meaning(psycopg.errors.AdminShutdown(CRNS[0])) is StoreUnavailableError
    assert meaning(psycopg.errors.TooManyConnections(CRNS[0])) is StoreUnavailableError
    assert meaning(psycopg.errors.LockNotAvailable(CRNS[0])) is StoreUnavailableError
    assert meaning(psycopg.OperationalError(CRNS[0])) is StoreUnavailableError
    assert meaning(psycopg.errors.UniqueViolation(CRNS[0])) is StoreError
    assert meaning(psycopg.errors.UniqueViolation(CRNS[0]), lost=True) is StoreUnavailableError
    assert meaning(sqlite3.OperationalError(CRNS[0])) is StoreError
    assert type(failure_of(exc.TimeoutError("pool"))) is StoreUnavailableError
