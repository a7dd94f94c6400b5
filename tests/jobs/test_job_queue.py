"""The queue, presences, and real workers that are really killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from api.jobs.dbos_queue import DbosQueue, presence_of, queue_url
from api.jobs.worker import WorkerProcess, WorkerSettings
from api.store.records import JobKind, JobState, ProblemKind, StoredJob
from api.store.store import Store
from models.errors import StoreUnavailableError
from models.synthetic import allocation_parameters, nation
from tests.support.stored import ADA, PDU

ROOT = Path(__file__).parents[2]


def until(true: Callable[[], bool]) -> None:
    """Waits until something is so; a test that would wait for ever fails instead."""
    end = time.monotonic() + 900
    while not true():
        assert time.monotonic() < end, "it has not come"
        time.sleep(0.05)


def test_the_queue_lies_beside_the_store() -> None:
    assert queue_url("sqlite:////data/evenhand.db") == "sqlite:////data/evenhand.queue.db"
    assert queue_url("postgresql+psycopg://u:p@h/d") == "postgresql://u:p@h/d"


def test_a_job_waits_once_however_often_it_is_left_there(store_url: str) -> None:
    queue = DbosQueue(store_url)
    try:
        assert queue.waiting() == frozenset()
        for _ in range(2):
            queue.submit("job-1", priority=3)
        queue.submit("job-2")
        assert queue.waiting() == {"job-1", "job-2"}
        queue.cancel("job-1")
        queue.cancel("job-1")
        assert queue.waiting() == {"job-2"}
        queue.submit("job-1")  # what was taken out stays out
        assert queue.waiting() == {"job-2"}
        queue.resubmit("job-1")
        assert queue.waiting() == {"job-1", "job-2"}
    finally:
        queue.close()


def test_a_queue_that_cannot_be_reached_says_so() -> None:
    queue = DbosQueue("postgresql://nobody@127.0.0.1:1/nothing?connect_timeout=1")
    with pytest.raises(StoreUnavailableError, match="does not answer"):
        queue.submit("job-1")


def test_each_presence_has_a_name_of_its_own_and_the_living_are_not_gone(store_url: str) -> None:
    first, second = presence_of(store_url), presence_of(store_url)
    assert first.name.endswith("-1")
    assert second.name.endswith("-2")
    with first.if_gone(second.name) as gone:
        assert not gone
    with first.if_gone(first.name) as gone:
        assert not gone
    second.close()
    until(lambda: _is_gone(first, second.name))
    with first.if_gone("sweep") as mine:
        third = presence_of(store_url)
        assert mine
        with third.if_gone("sweep") as another:
            assert not another
    with third.if_gone("sweep") as free:
        assert free
    third.close()
    first.close()


def _is_gone(presence: Any, name: str) -> bool:
    with presence.if_gone(name) as gone:
        return bool(gone)


def test_a_worker_that_is_killed_is_gone(store_url: str) -> None:
    program = (
        "import os, time\n"
        "from api.jobs.dbos_queue import presence_of\n"
        "presence = presence_of(os.environ['URL'])\n"
        "print(presence.name, flush=True)\n"
        "time.sleep(600)\n"
    )
    command = [sys.executable, "-c", program]
    environment = {**os.environ, "URL": store_url, "PYTHONPATH": str(ROOT)}
    other = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT, env=environment)
    assert other.stdout is not None
    name = other.stdout.readline().strip()
    mine = presence_of(store_url)
    assert not _is_gone(mine, name)
    other.kill()
    other.wait()
    other.stdout.close()
    until(lambda: _is_gone(mine, name))
    mine.close()


def test_jobs_of_killed_workers_are_done_by_the_next_each_once(store: Store, store_url: str) -> None:
    def ask(cases: int, limits: Mapping[str, float]) -> StoredJob:
        (_, unit), *_ = nation(allocation_parameters(), seed=3, pdus=1, cases=cases, officers=cases // 20)
        problem = store.add_problem(ADA, PDU, ProblemKind.ALLOCATION, unit.as_json(), unit.input_hash)
        return store.add_job(ADA, PDU, JobKind.REBALANCE, problem.id, {"moves": cases}, limits)

    queue = DbosQueue(store_url)
    settings = WorkerSettings(store_url, spare=False)
    long_lasting = ask(600, {"seconds": 3600.0})
    queue.submit(long_lasting.id)
    jobs = [ask(cases, {"work": 0.1}) for cases in (80, 100)]
    queue.submit(jobs[0].id)  # the other is never submitted, as when a service is killed in between
    with WorkerProcess(settings, quiet=True) as worker:
        until(lambda: store.job(long_lasting.id).best is not None)
        os.kill(worker.pid, signal.SIGKILL)
    cut_off = store.job(long_lasting.id)
    assert cut_off.state is JobState.RUNNING
    with WorkerProcess(settings, quiet=True):
        until(lambda: store.job(long_lasting.id).attempt == 2)
        until(lambda: store.job(long_lasting.id).seconds != cut_off.seconds)
        store.request_cancel(long_lasting.id)
        until(lambda: all(store.job(each.id).ended_at is not None for each in (long_lasting, *jobs)))
    queue.close()
    ended = store.job(long_lasting.id)
    assert (ended.state, ended.attempt, ended.cancel_requested) == (JobState.SUCCEEDED, 2, True)
    assert ended.plan_id is not None
    assert store.plan_content(ended.plan_id)["wallSeconds"] < 3600
    assert [store.job(each.id).state for each in jobs] == [JobState.SUCCEEDED] * 2
    assert store.plans(None).total == 3
