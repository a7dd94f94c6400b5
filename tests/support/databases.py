"""Databases for tests: SQLite in a file, and a PostgreSQL server of the test run's own.

The server is started once in a run, when a test first asks for it, with a data folder of its own, and ended by its
process id. A folder of tests that wants these fixtures imports them in its conftest.py. Where PostgreSQL's server
programs are missing, tests are skipped and say so, which in CI is a failure.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import create_engine, event, text

from api.store.database import store_url as parsed
from api.store.store import Store
from benchmarks.chaos_postgresql import OwnServer, server_programs

Behind = Callable[..., Any]
"""Runs one statement on the store's database, past the store: behind("UPDATE ...", name=value) -> rows."""

_CLUSTER = pytest.StashKey["Cluster"]()


class Cluster(OwnServer):
    """One private PostgreSQL server on the loopback address. Raises RuntimeError where there are no server programs."""

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="evenhand-pg-"))
        self._count = 0
        self._migrated: str | None = None
        super().__init__(
            self._folder,
            settings=("full_page_writes=off", "synchronous_commit=off", "shared_buffers=32MB"),
        )

    def remove(self) -> None:
        """End the server and remove all that it had."""
        self.stop()
        shutil.rmtree(self._folder, ignore_errors=True)

    def create(self, template: str = "template1") -> str:
        """The address of a new database, empty or a copy of `template`."""
        self._count += 1
        name = f"test_{self._count}"
        self._administer(f"CREATE DATABASE {name} TEMPLATE {template}")
        return self.url(name)

    def create_migrated(self) -> str:
        """The address of a new database whose tables are in the newest state: a copy, which is quicker."""
        if self._migrated is None:
            url = self.create()
            Store.open(url, migrate=True).close()
            self._migrated = url.rsplit("/", 1)[1]
        return self.create(template=self._migrated)

    def drop(self, url: str) -> None:
        """Remove a database, whoever is connected."""
        self._administer(f"DROP DATABASE IF EXISTS {url.rsplit('/', 1)[1]} WITH (FORCE)")

    def _administer(self, statement: str) -> None:
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(statement.encode())


@pytest.fixture
def cluster(pytestconfig: pytest.Config) -> Cluster:
    """The test run's own PostgreSQL server. A test that stops it starts it again."""
    running = pytestconfig.stash.get(_CLUSTER, None)
    if running is None:
        try:
            server_programs()
        except RuntimeError as missing:
            pytest.skip(f"{missing}, or run make as root")
        running = Cluster()
        pytestconfig.stash[_CLUSTER] = running
        pytestconfig.add_cleanup(running.remove)
    return running


@pytest.fixture
def postgresql_url(cluster: Cluster) -> Iterator[str]:
    """The address of a new and empty PostgreSQL database."""
    url = cluster.create()
    yield url
    cluster.drop(url)


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """The address of a SQLite database that is not there yet."""
    return f"sqlite:///{tmp_path / 'store.db'}"


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """The address of a new and empty database; the test runs on SQLite and on PostgreSQL."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture(params=["sqlite", "postgresql"])
def store_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of a database with the store's tables, and nothing in them; on SQLite and on PostgreSQL."""
    if request.param == "sqlite":
        url: str = request.getfixturevalue("sqlite_url")
        Store.open(url, migrate=True).close()
        yield url
        return
    running: Cluster = request.getfixturevalue("cluster")
    url = running.create_migrated()
    yield url
    running.drop(url)


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    """A new store; the test runs on SQLite and on PostgreSQL."""
    with Store.open(store_url) as opened:
        yield opened


@pytest.fixture
def behind(store_url: str) -> Iterator[Behind]:
    """The way in behind the store's back."""
    engine = create_engine(parsed(store_url))
    if engine.dialect.name == "sqlite":

        @event.listens_for(engine, "connect")
        def on_connect(connection: Any, _: object) -> None:
            connection.execute("PRAGMA foreign_keys=ON")

    def run(statement: str, **values: Any) -> Any:
        with engine.begin() as connection:
            result = connection.execute(text(statement), values)
            return result.all() if result.returns_rows else None

    yield run
    engine.dispose()


@pytest.fixture
def unguarded(store_url: str, behind: Behind) -> Behind:
    """The same, once the triggers that guard the audit trail are gone: what the owner of a database can do."""
    if store_url.startswith("sqlite"):
        for (name,) in behind("SELECT name FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'audit%'"):
            behind(f"DROP TRIGGER {name}")
    else:
        for table in ("audit_events", "audit_subject_sets", "audit_head"):
            behind(f"ALTER TABLE {table} DISABLE TRIGGER ALL")
    return behind
