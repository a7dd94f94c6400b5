"""The queue on dbos 3: durable on SQLite beside the store's file, or in a schema of its own on the store's PostgreSQL.

What travels is a job's id, as JSON. A worker is a dbos executor whose id is its presence's name, so that another knows
by a lock and not by a clock when it is gone, and gives its jobs back to the queue.
"""

from __future__ import annotations

import contextlib
import fcntl
import logging
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from api.jobs.port import Run
from api.jobs.presence import FilePresence, PostgresPresence, Presence
from models.errors import StoreUnavailableError

if TYPE_CHECKING:
    from dbos import DBOSClient

QUEUE = "evenhand"
WORKFLOW = "evenhand_job"
APPLICATION = "evenhand"
VERSION = "1"
"""Of what travels, not of evenhand: jobs that wait while evenhand is upgraded are done by the new version."""
SCHEMA = "evenhand_queue"
POLL_SECONDS = 0.25
WAITING = ["ENQUEUED", "DELAYED", "PENDING"]


def queue_url(database_url: str) -> str:
    """The queue's database: beside the store's file on SQLite, the same database on PostgreSQL."""
    from sqlalchemy.engine import make_url

    url = make_url(database_url)
    if url.get_backend_name() == "sqlite":
        file = Path(str(url.database))
        return f"sqlite:///{file.with_name(file.stem + '.queue' + file.suffix)}"
    return url.set(drivername="postgresql").render_as_string(hide_password=False)


def presence_of(database_url: str, prefix: str = "") -> Presence:
    """This process's presence among those that work for a store. Raises StoreUnavailableError."""
    url = queue_url(database_url)
    if url.startswith("sqlite"):
        return FilePresence(_folder(url), prefix)
    return PostgresPresence(url, prefix)


def _folder(url: str) -> Path:
    file = Path(url.removeprefix("sqlite:///"))
    return file.with_name(file.name + ".workers")


class DbosQueue:
    """The queue as those see it who leave jobs in it. See JobQueue."""

    def __init__(self, database_url: str) -> None:
        """Nothing is connected yet."""
        self._url = queue_url(database_url)
        self._lock = threading.Lock()
        self._connected: DBOSClient | None = None

    def _client(self) -> DBOSClient:
        with self._lock:
            if self._connected is None:
                _quiet()
                from dbos import DBOSClient, DBOSPortableJSONSerializer

                migrate(self._url)
                self._connected = DBOSClient(
                    system_database_url=self._url,
                    dbos_system_schema=SCHEMA,
                    serializer=DBOSPortableJSONSerializer(),
                    application_name=APPLICATION,
                    retry_connection_errors=False,
                )
            return self._connected

    def submit(self, job_id: str, priority: int = 0) -> None:
        """See JobQueue."""
        self._enqueue(job_id, job_id, priority)

    def resubmit(self, job_id: str) -> None:
        """Let a job in again that the queue holds to be over, or never saw. One worker at a time may do so."""
        with _in_our_words():
            before = self._client().list_workflows(
                workflow_id_prefix=job_id, load_input=False, load_output=False
            )
        self._enqueue(f"{job_id}.{len(before)}" if before else job_id, job_id, 0)

    def _enqueue(self, workflow_id: str, job_id: str, priority: int) -> None:
        options: Any = {
            "queue_name": QUEUE,
            "workflow_name": WORKFLOW,
            "workflow_id": workflow_id,
            "app_version": VERSION,
            "priority": priority + 1,
        }
        with _in_our_words():
            self._client().enqueue(options, job_id)

    def cancel(self, job_id: str) -> None:
        """See JobQueue."""
        with _in_our_words():
            client = self._client()
            waiting = client.list_workflows(
                workflow_id_prefix=job_id, status=["ENQUEUED", "DELAYED"], load_input=False, load_output=False
            )
            for each in waiting:
                client.cancel_workflow(each.workflow_id)

    def waiting(self) -> frozenset[str]:
        """The ids of jobs that wait or are being done."""
        with _in_our_words():
            found = self._client().list_workflows(status=WAITING, load_input=False, load_output=False)
        return frozenset(each.workflow_id.partition(".")[0] for each in found)

    def close(self) -> None:
        """See JobQueue."""
        with self._lock:
            if self._connected is not None:
                self._connected.destroy()
                self._connected = None


class DbosWorker:
    """One worker process of the queue. See JobWorker. One a process: dbos keeps its state in globals."""

    def __init__(self, database_url: str, *, concurrency: int = 1) -> None:
        """concurrency: jobs done at a time. Raises StoreUnavailableError when the database cannot be reached."""
        self._url = queue_url(database_url)
        self._concurrency = concurrency
        self._presence = presence_of(database_url)

    @property
    def name(self) -> str:
        """See JobWorker."""
        return self._presence.name

    @property
    def lost(self) -> bool:
        """Whether another worker has this one's name; it must end."""
        return self._presence.lost

    @contextlib.contextmanager
    def working(self, run: Run) -> Iterator[None]:
        """While the block runs, jobs are done in threads of this process."""
        _quiet()
        from dbos import DBOS, DBOSPortableJSONSerializer

        migrate(self._url)
        DBOS(
            config={
                "name": APPLICATION,
                "system_database_url": self._url,
                "dbos_system_schema": SCHEMA,
                "application_version": VERSION,
                "executor_id": self.name,
                "serializer": DBOSPortableJSONSerializer(),
                "run_migrations": False,
                "use_listen_notify": False,
                "enable_otlp": False,
                "log_level": "ERROR",
                "max_executor_threads": self._concurrency + 4,
            }
        )

        @DBOS.step(name="evenhand_solve")
        def solve(job_id: str) -> None:
            run(job_id)

        @DBOS.workflow(name=WORKFLOW, max_recovery_attempts=None)
        def job(job_id: str) -> None:
            solve(job_id)

        DBOS.listen_queues([QUEUE])
        DBOS.launch()
        try:
            DBOS.register_queue(
                QUEUE,
                worker_concurrency=self._concurrency,
                polling_interval_sec=POLL_SECONDS,
                on_conflict="always_update",
            )
            yield
        finally:
            DBOS.destroy()

    @contextlib.contextmanager
    def alone(self) -> Iterator[bool]:
        """Whether this worker alone may look after the others' jobs while the block runs.

        Not before its own connection has held for a while: after an outage everybody's locks are gone for a moment.
        """
        if not self._presence.settled:
            yield False
            return
        with self._presence.if_gone("sweep") as mine:
            yield mine

    def sweep(self) -> int:
        """Gives the jobs of workers that are gone back to the queue; how many there were. One worker at a time."""
        from dbos import DBOS

        swept = 0
        begun = DBOS.list_workflows(status="PENDING", name=WORKFLOW, load_input=False, load_output=False)
        for name in sorted({each.executor_id for each in begun if each.executor_id}):
            with self._presence.if_gone(name) as gone:
                if gone:
                    swept += self._give_back(name)
        return swept

    def _give_back(self, name: str) -> int:
        from dbos import DBOS

        theirs = DBOS.list_workflows(status="PENDING", executor_id=name, load_input=False, load_output=False)
        for each in theirs:
            DBOS.resume_workflow(each.workflow_id, queue_name=QUEUE)
        return len(theirs)

    def close(self) -> None:
        """Lets go of the name."""
        self._presence.close()


def migrate(url: str) -> None:
    """Creates or upgrades the queue's tables; on SQLite one process at a time."""
    from dbos import DBOS

    if not url.startswith("sqlite"):
        DBOS.migrate(url, schema=SCHEMA)
        return
    folder = _folder(url)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    file = os.open(folder / "migrating", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(file, fcntl.LOCK_EX)
        Path(url.removeprefix("sqlite:///")).touch(mode=0o600, exist_ok=True)
        DBOS.migrate(url, schema=SCHEMA)
    finally:
        os.close(file)


@contextlib.contextmanager
def _in_our_words() -> Iterator[None]:
    """What goes wrong with the queue's database, whatever the driver raises. Raises StoreUnavailableError."""
    try:
        yield
    except Exception:  # noqa: BLE001 - dbos lets through what each driver raises
        raise StoreUnavailableError("the queue's database does not answer") from None


def _quiet() -> None:
    """dbos says on INFO how to buy its console; what matters of it the worker says itself."""
    logging.getLogger("dbos").setLevel(logging.ERROR)
