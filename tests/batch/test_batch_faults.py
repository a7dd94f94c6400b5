"""A batch while its database is away, locked or full, or the clock is stepped: it waits, loses nothing, and goes on."""

from __future__ import annotations

import datetime as dt
import sqlite3
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import event

from api.jobs.answer import Answered, Asked
from api.jobs.batch.running import all_jobs
from api.jobs.child import Outcome
from api.store.database import StoreSettings
from api.store.records import Actor, ActorKind, BatchItemState, ProblemKind
from api.store.store import Store
from models.extracts import read_allocation
from tests.support.batches import Here, asked_of, run
from tests.support.databases import Cluster
from tests.support.stored import plan_json

IMPATIENT = StoreSettings(wait_seconds=0.2, busy_seconds=0.2)
AWAY_SECONDS = 1.5
CRNS = ("X100001", "X100002", "X100003")
SOMEBODY = Actor("somebody", ActorKind.SERVICE)


def three_units(store: Store) -> None:
    given = read_allocation(Path(__file__).parents[2] / "examples" / "pdu").as_json()
    for number, crn in enumerate(CRNS, start=1):
        content = {**given, "cases": [{**given["cases"][0], "crn": crn}]}
        store.add_problem(SOMEBODY, f"N07PDU{number:02d}", ProblemKind.ALLOCATION, content, f"hash {crn}")


def answering(meanwhile: Callable[[int], None], *, gap: float = 0.0) -> Callable[[Asked], Outcome]:
    """A solver of one plan a question; meanwhile gets the number of each question while it is being solved."""
    asked_so_far: list[str] = []

    def solve(asked: Asked) -> Outcome:
        crn = asked.problem["cases"][0]["crn"]
        asked_so_far.append(crn)
        meanwhile(len(asked_so_far))
        summary = {"gap": gap, "total": 1000 - len(asked_so_far), "unallocatedWeight": 0, "wallSeconds": 2.0}
        return Outcome(Answered(plan_json(crn), summary))

    return solve


def check_everything_is_there_once(store: Store) -> None:
    batch = store.batches(size=1).items[0]
    assert batch.ended_at is not None
    assert [item.state for item in store.batch_items(batch.id)] == [BatchItemState.DONE] * 3
    jobs = all_jobs(store, batch.id)
    assert len(jobs) == 3
    assert {job.plan_id for job in jobs} == {plan.id for plan in store.plans(None).items}
    assert store.verify_chain() is None


@pytest.fixture
def away(cluster: Cluster) -> Iterator[Cluster]:
    """The server, running again afterwards."""
    yield cluster
    cluster.stop()
    cluster.start()


def test_a_server_that_goes_away_for_a_while(away: Cluster) -> None:
    with Store.open(away.create_migrated(), settings=IMPATIENT) as store:
        three_units(store)

        def stop_at_the_second(number: int) -> None:
            if number == 2:
                away.stop()
                threading.Timer(AWAY_SECONDS, away.start).start()

        run(store, Here(store, answering(stop_at_the_second)), asked_of(store, region="N07"), plain=store)
        check_everything_is_there_once(store)


def test_a_file_that_another_writer_holds_for_a_while(sqlite_url: str) -> None:
    with Store.open(sqlite_url, migrate=True, settings=IMPATIENT) as store:
        three_units(store)

        def lock_at_the_second(number: int) -> None:
            if number == 2:
                file = sqlite_url.removeprefix("sqlite:///")
                other = sqlite3.connect(file, isolation_level=None, check_same_thread=False)
                other.execute("BEGIN IMMEDIATE")
                threading.Timer(AWAY_SECONDS, other.close).start()

        run(store, Here(store, answering(lock_at_the_second)), asked_of(store, region="N07"), plain=store)
        check_everything_is_there_once(store)


def test_a_disk_that_is_full_for_a_while(sqlite_url: str) -> None:
    with Store.open(sqlite_url, migrate=True, settings=IMPATIENT) as store:
        three_units(store)
        pages: list[int | None] = [None]

        @event.listens_for(store._database.engine, "checkout")
        def limit(connection: sqlite3.Connection, *_: object) -> None:
            most = 1_000_000 if pages[0] is None else pages[0]
            connection.execute(f"PRAGMA max_page_count={most}")

        def make_room() -> None:
            pages[0] = None

        def fill_at_the_second(number: int) -> None:
            if number == 2:
                pages[0] = 1  # no more than there are
                threading.Timer(AWAY_SECONDS, make_room).start()

        run(store, Here(store, answering(fill_at_the_second)), asked_of(store, region="N07"), plain=store)
        check_everything_is_there_once(store)


@pytest.mark.parametrize("hours", [-1, 0, 1])
def test_a_clock_that_is_stepped_changes_nothing_that_is_shared_out(store_url: str, hours: int) -> None:
    """Of 100 s on one core 90 are to be had; 3 jobs of 2 s leave 84 s, of which 9 tenths in 3 rounds: 25.2 s."""
    start = dt.datetime(2026, 11, 23, 2, tzinfo=dt.UTC)
    now = [start]
    with Store.open(store_url, clock=lambda: now[0]) as store:
        three_units(store)

        def step_at_the_second(number: int) -> None:
            now[0] += dt.timedelta(seconds=2)
            if number == 2:
                now[0] += dt.timedelta(hours=hours)

        asked = replace(asked_of(store, region="N07"), seconds=100.0, work=None, workers=1)
        run(store, Here(store, answering(step_at_the_second, gap=0.5)), asked, plain=store)
        jobs = all_jobs(store, store.batches().items[0].id)
        shares = [
            sum(job.limits["seconds"] for job in jobs if job.limits["round"] == each) for each in (0, 1)
        ]
        assert shares == [pytest.approx(36.0), pytest.approx(25.2, abs=0.01)]
        assert len(jobs) == 12
        assert store.verify_chain() is None
