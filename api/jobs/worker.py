"""A worker process: takes jobs off the queue and has them solved in processes of its own.

`python -m api.jobs.worker` is what `evenhand worker` and `evenhand serve` run. The database's address comes in the
environment, because it may hold a password.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import TYPE_CHECKING, NoReturn, Self

from api.jobs.child import ROOT, ChildLimits
from models.errors import EvenhandError, StoreUnavailableError

if TYPE_CHECKING:
    from api.jobs.batch.nightly import Nightly
    from api.jobs.dbos_queue import DbosQueue, DbosWorker
    from api.store.store import Store

SWEEP_SECONDS = 5.0
LOST = 75
"""The exit code of a worker whose name another has; whoever started it may start it again."""

Say = Callable[[str], None]


@dataclass(frozen=True)
class WorkerSettings:
    """How a worker works. concurrency: jobs at a time. spare: keep a solve process ready beside those at work."""

    database_url: str
    concurrency: int = 1
    limits: ChildLimits = field(default_factory=ChildLimits)
    spare: bool = True


def run_worker(
    settings: WorkerSettings, stop: threading.Event, say: Say, nightly: Nightly | None = None
) -> bool:
    """Do jobs until stop is set. False when the worker had to end because another has its name.

    nightly: a batch that this worker begins when its time comes.

    Jobs at work when it ends stay as they are; another worker, or this one when it starts again, takes them up.
    say gets a line for each thing that a person who operates the worker wants to know; none names a record.
    Raises StoreUnavailableError when the database does not answer at the start.
    """
    from api.jobs.children import Children
    from api.jobs.dbos_queue import DbosQueue, DbosWorker
    from api.jobs.doing import JobRunner
    from api.store.database import StoreSettings
    from api.store.store import Store

    store = Store.open(settings.database_url, settings=StoreSettings(wait_seconds=20.0))
    worker = DbosWorker(settings.database_url, concurrency=settings.concurrency)
    queue = DbosQueue(settings.database_url)
    try:
        with (
            Children(settings.limits, spare=settings.spare) as children,
            worker.working(JobRunner(store, children, worker.name, stop)),
        ):
            say(f"worker {worker.name} is ready, {settings.concurrency} job(s) at a time")
            if nightly is not None:
                _keep_time(store, nightly, stop, say)
            _tend(store, queue, worker, stop, say)
            stop.set()
    finally:
        queue.close()
        worker.close()
        store.close()
    return not worker.lost


def _tend(store: Store, queue: DbosQueue, worker: DbosWorker, stop: threading.Event, say: Say) -> None:
    """Looks after the jobs of workers that are gone, and after those that never reached the queue."""
    missing: frozenset[str] = frozenset()
    while True:
        with contextlib.suppress(StoreUnavailableError):  # the database is away; it will be back
            with worker.alone() as mine:
                swept = worker.sweep() if mine else 0
                missing = _let_in_again(store, queue, missing) if mine else frozenset()
            if swept:
                say(f"worker {worker.name} gave {swept} job(s) of workers that are gone back to the queue")
        if stop.wait(SWEEP_SECONDS) or worker.lost:
            return


def _keep_time(store: Store, nightly: Nightly, stop: threading.Event, say: Say) -> None:
    """Begins the nightly batch at its times, in a thread beside the jobs."""
    from api.jobs.batch.nightly import keep_time

    thread = threading.Thread(
        target=keep_time, args=(store, nightly, stop, say), name="evenhand-nightly", daemon=True
    )
    thread.start()


def _let_in_again(store: Store, queue: DbosQueue, missing: frozenset[str]) -> frozenset[str]:
    """Open jobs that the queue does not hold. Those that were missing last time too are let in again.

    Once is not enough: between the store's word and the queue's there is a moment for every job.
    """
    from api.store.records import JobState

    open_jobs = store.jobs(None, states=(JobState.QUEUED, JobState.RUNNING), size=10_000).items
    now_missing = frozenset(job.id for job in open_jobs) - queue.waiting()
    for job_id in sorted(now_missing & missing):
        queue.resubmit(job_id)
    return now_missing - missing


class WorkerProcess:
    """A worker in a process of its own, which ends with this one: for `evenhand serve` and the batch."""

    def __init__(self, settings: WorkerSettings, *, quiet: bool = False) -> None:
        """Starts it. quiet: its lines go nowhere instead of to stderr."""
        self._settings = settings
        self._quiet = quiet
        self._process = self._start()

    def _start(self) -> subprocess.Popen[bytes]:
        settings = self._settings
        words = ["--with-parent", f"--concurrency={settings.concurrency}"]
        words += [f"--memory={settings.limits.megabytes or 0}", *([] if settings.spare else ["--no-spare"])]
        return subprocess.Popen(  # noqa: S603 - our own interpreter and module
            [sys.executable, "-m", "api.jobs.worker", *words],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL if self._quiet else None,
            env=_environment(settings.database_url),
            start_new_session=True,
        )

    @property
    def pid(self) -> int:
        """The process's id."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether it runs."""
        return self._process.poll() is None

    def keep_alive(self) -> bool:
        """Starts it again when it has ended; whether that was so."""
        if self.alive:
            return False
        self._close_pipe()
        self._process = self._start()
        return True

    def stop(self, seconds: float = 10.0) -> None:
        """Ends it; jobs at work stay for another worker, or for the next start."""
        with contextlib.suppress(ProcessLookupError):
            self._process.terminate()
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._close_pipe()

    def _close_pipe(self) -> None:
        if self._process.stdin is not None:
            self._process.stdin.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def _environment(database_url: str) -> Mapping[str, str]:
    path = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
    return {**os.environ, "EVENHAND_DATABASE_URL": database_url, "PYTHONPATH": path}


def end_with_parent(stop: Callable[[], None]) -> None:
    """Calls stop when the pipe from the parent closes, as it does when the parent ends in whatever way."""

    def read() -> None:
        while sys.stdin.buffer.read(1):
            pass
        stop()

    threading.Thread(target=read, name="evenhand-parent", daemon=True).start()


def serve_queue(
    settings: WorkerSettings, *, with_parent: bool = False, nightly: Nightly | None = None
) -> NoReturn:
    """Work until SIGTERM, SIGINT or, with_parent, the parent's end; then leave the process.

    It leaves without waiting for solves: their processes end with this one, and their jobs are taken up again.
    """
    stop = threading.Event()

    def leave(*_: object) -> None:
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, leave)
    if with_parent:
        end_with_parent(leave)
    code = 1
    try:
        code = 0 if run_worker(settings, stop, say, nightly) else LOST
    except EvenhandError as error:
        say(f"the worker cannot begin: {error}")
    finally:
        sys.stderr.flush()
        os._exit(code)  # threads of solves that nobody waits for must not keep the process


def say(line: str) -> None:
    """One line for whoever operates the worker."""
    sys.stderr.write(f"evenhand: {line}\n")
    sys.stderr.flush()


def main(words: list[str]) -> NoReturn:
    """What `python -m api.jobs.worker` does."""
    import argparse

    from api.settings import read_settings

    parser = argparse.ArgumentParser(prog="python -m api.jobs.worker")
    parser.add_argument("--concurrency", type=int, default=1)
    parser.add_argument("--memory", type=int, default=0, help="megabytes a solve may hold, 0 for no limit")
    parser.add_argument("--with-parent", action="store_true")
    parser.add_argument("--no-spare", action="store_true")
    given = parser.parse_args(words)
    limits = ChildLimits(megabytes=given.memory or None)
    url = read_settings(os.environ).database_url
    settings = WorkerSettings(url, given.concurrency, limits, spare=not given.no_spare)
    serve_queue(settings, with_parent=given.with_parent)


if __name__ == "__main__":
    main(sys.argv[1:])
