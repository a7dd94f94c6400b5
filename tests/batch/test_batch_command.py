"""The batch's commands: what they refuse, what they say, how they end; and the nightly batch by the clock."""

from __future__ import annotations

import datetime as dt
import json
import threading
from pathlib import Path
from typing import Any

import pytest

from api.cli.app import app
from api.cli.batch_watch import Lines
from api.jobs.batch import nightly
from api.jobs.batch.asking import BatchAsked
from api.jobs.batch.running import Best
from api.jobs.batch.service import begin, turn
from api.jobs.schedule import Cron
from api.store.records import BatchItemState, JobKind, StoredBatch
from api.store.store import Store
from models.errors import StoreUnavailableError, UsageError
from tests.support.batches import Here, asked_of, really, run


def ended_with(*words: str) -> int:
    with pytest.raises(SystemExit) as ended:
        app(list(words))
    assert isinstance(ended.value.code, int)
    return ended.value.code


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    url = f"sqlite:///{tmp_path / 'store.db'}"
    monkeypatch.setenv("EVENHAND_DATABASE_URL", url)
    return url


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("batch", "run"), "name either a FOLDER"),
        (("batch", "run", "x", "--region", "N03"), "name either a FOLDER"),
        (("batch", "run", "nowhere"), "is no folder"),
        (("batch", "run", ".", "--as-of", "soon"), "--as-of"),
        (("batch", "run", ".", "--policy", "nowhere.toml"), "cannot be used"),
        (("batch", "resume"), "no batch to go on with"),
        (("batch", "status"), "no batch yet"),
        (("worker", "."), "belong together"),
        (("worker", "--batch-at", "0 2 * * *"), "belong together"),
        (("worker", ".", "--batch-at", "tonight"), "no cron expression"),
        (("worker", "nowhere", "--batch-at", "0 2 * * *"), "is no folder"),
    ],
)
def test_bad_usage_is_said_and_ends_with_2(
    place: str, words: tuple[str, ...], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ended_with(*words) == 2
    assert said in capsys.readouterr().err


def test_the_status_says_how_far_a_batch_is_and_ends_with_1_when_something_failed(
    place: str, nation_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (nation_folder / "N99BAD").mkdir()
    with Store.open(place, migrate=True) as store:
        run(store, Here(store, really), asked_of(store, folder=nation_folder), plain=store)
    assert ended_with("batch", "status", "--report", str(tmp_path / "out")) == 1
    told = capsys.readouterr().out
    assert "3 of 4 parts done, 1 failed, 0 open" in told
    assert "failed: N99BAD allocation" in told
    assert {each.name for each in (tmp_path / "out").iterdir()} == {"batch.html", "batch.xlsx"}
    assert ended_with("batch", "status", "--json") == 1
    figures = json.loads(capsys.readouterr().out)
    assert [unit["state"] for unit in figures["units"]] == ["DONE", "DONE", "DONE", "FAILED"]
    assert all(unit["jobs"] == unit["plans"] == unit["rounds"] for unit in figures["units"])


def test_one_process_at_a_time_runs_a_batch(store_url: str) -> None:
    with turn(store_url, "b-1"):
        with pytest.raises(UsageError, match="run by another process"), turn(store_url, "b-1"):
            raise AssertionError("two ran it")
        with turn(store_url, "b-2"):
            pass
    with turn(store_url, "b-1"):
        pass


def test_machines_get_a_line_for_each_event(
    store: Store, nation_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = asked_of(store, folder=nation_folder)
    run(store, Here(store, really), asked, plain=store)
    batch = store.batches().items[0]
    lines = Lines(as_json=True)
    lines.round(0, 3)
    for item in store.batch_items(batch.id):
        assert item.job_id is not None
        job = store.job(item.job_id)
        assert job.plan_id is not None
        lines.unit(item, job, Best(job, store.plan(job.plan_id).summary))
    lines.end({"ended": True})
    told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["event"] for line in told] == ["round", "unit", "unit", "unit", "end"]
    assert [line["done"] for line in told[1:4]] == [1, 2, 3]
    assert told[1]["kind"] == JobKind.REBALANCE
    assert told[1]["state"] == BatchItemState.DONE


class Clock:
    """A clock that is looked at once for each time given, and ends the loop with the last."""

    def __init__(self, stop: threading.Event, *times: str) -> None:
        self._times = [dt.datetime.fromisoformat(each).replace(tzinfo=dt.UTC) for each in times]
        self._stop = stop

    def __call__(self) -> dt.datetime:
        if len(self._times) == 1:
            self._stop.set()
        return self._times.pop(0)


def nights(
    store: Store, folder: Path, monkeypatch: pytest.MonkeyPatch, *times: str, ends: bool = True
) -> list[str]:
    """The batches that a worker ran while its clock showed these times; the first is when it started."""
    ran: list[str] = []

    def imitated(kept: Store, _url: str, batch: StoredBatch, *_: Any, **__: Any) -> bool:
        ran.append(batch.id)
        if ends:
            kept.end_batch(batch.id)
        return ends

    monkeypatch.setattr(nightly, "run", imitated)
    stop = threading.Event()
    plan = nightly.Nightly(folder, Cron.parse("0 2 * * *"), "unused")
    nightly.keep_time(store, plan, stop, lambda _: None, now=Clock(stop, *times), pause=0.0)
    return ran


def test_a_night_has_one_batch_even_when_the_clock_is_put_back(
    store: Store, nation_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran = nights(
        store,
        nation_folder,
        monkeypatch,
        "2026-11-22T20:00",  # it starts
        "2026-11-22T23:00",
        "2026-11-23T02:00",  # due
        "2026-11-23T01:30",  # put back
        "2026-11-23T02:01",
        "2026-11-24T02:30",  # the next night
    )
    assert len(ran) == len(set(ran)) == 2
    days = sorted(BatchAsked.of_json(store.batch(each).question).day for each in ran)
    assert days == [dt.date(2026, 11, 23), dt.date(2026, 11, 24)]
    # another host with the same schedule, a little later the same night
    assert nights(store, nation_folder, monkeypatch, "2026-11-24T01:00", "2026-11-24T02:40") == []


def test_an_unfinished_batch_of_the_folder_is_gone_on_with_at_once(
    store: Store, nation_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cut_off = begin(store, asked_of(store, folder=nation_folder))
    begin(store, asked_of(store, region="N09"))
    ran = nights(store, nation_folder, monkeypatch, "2026-11-22T12:00", "2026-11-22T12:01")
    assert ran == [cut_off.id]


def test_a_database_that_is_away_only_delays_the_night(
    store: Store, nation_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask, told = store.batches, iter([True, False, False])

    def batches(*words: Any, **named: Any) -> Any:
        if next(told):
            raise StoreUnavailableError("the database does not answer")
        return ask(*words, **named)

    monkeypatch.setattr(store, "batches", batches)
    ran = nights(
        store, nation_folder, monkeypatch, "2026-11-23T01:59", "2026-11-23T02:00", "2026-11-23T02:01"
    )
    assert len(ran) == 1
