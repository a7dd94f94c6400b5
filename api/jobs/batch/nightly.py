"""The batch by the clock: begun when its time comes, and gone on with where an earlier one was cut off."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from api.jobs.batch.asking import BatchAsked
from api.jobs.batch.service import Helpers, begin, keep_policy, run
from api.jobs.schedule import Cron
from api.store.records import BatchItem, StoredBatch, StoredJob
from models.errors import ConflictError, EvenhandError, UsageError
from models.policy.policy import policy_text

if TYPE_CHECKING:
    from api.jobs.batch.running import Best
    from api.store.store import Store

LOOK_SECONDS = 20.0


@dataclass(frozen=True)
class Nightly:
    """A folder and when it is to be run. workers: how many solve at a time. reports: where reports go, if anywhere."""

    folder: Path
    cron: Cron
    database_url: str
    workers: int = 1
    policy: Path | None = None
    reports: Path | None = None


def keep_time(
    store: Store,
    nightly: Nightly,
    stop: threading.Event,
    say: Callable[[str], None],
    *,
    now: Callable[[], dt.datetime] = lambda: dt.datetime.now(dt.UTC),
    pause: float = LOOK_SECONDS,
) -> None:
    """Runs the folder's batch at its times until stop is set. A time at which no worker ran is not made up.

    On several hosts with the same schedule one batch is begun, and one of them runs it. A clock that is put back
    begins no batch twice, because a batch is known by the time it was due.
    """
    due = nightly.cron.next_after(now())
    while not stop.is_set():
        try:
            batch = _unfinished(store, nightly)
            moment = now()
            if batch is None and due is not None and moment >= due:
                batch = _begin(store, nightly, due)
                due = nightly.cron.next_after(moment)
            if batch is not None and batch.ended_at is None:
                _run(store, nightly, batch, stop, say)
        except EvenhandError as error:
            say(f"the nightly batch has to wait: {error}")
        stop.wait(pause)


def _unfinished(store: Store, nightly: Nightly) -> StoredBatch | None:
    for batch in store.batches(open_only=True, size=1000).items:
        if BatchAsked.of_json(batch.question).folder == str(nightly.folder.resolve()):
            return batch
    return None


def _begin(store: Store, nightly: Nightly, due: dt.datetime) -> StoredBatch | None:
    text = policy_text() if nightly.policy is None else nightly.policy.read_text(encoding="utf-8")
    policy = keep_policy(store, text)
    asked = BatchAsked(
        folder=str(nightly.folder.resolve()),
        region=None,
        policy_hash=policy.policy_hash,
        seconds=policy.batch.minutes * 60.0,
        work=None,
        seed=0,
        workers=nightly.workers,
        day=due.astimezone(nightly.cron.zone).date(),
    )
    try:
        return begin(store, asked, key=f"nightly {asked.folder} {due.isoformat()}")
    except ConflictError:
        return None  # another host with other numbers has begun it


def _run(
    store: Store, nightly: Nightly, batch: StoredBatch, stop: threading.Event, say: Callable[[str], None]
) -> None:
    watcher = _Words(say)
    try:
        done = run(store, nightly.database_url, batch, Helpers(workers=0), stop=stop, watcher=watcher)
    except UsageError as error:
        say(f"{error}")
        return
    if not done:
        return
    from api.jobs.batch.reporting import view_of
    from api.reports.batch_report import write_batch_html, write_batch_spreadsheet

    view = view_of(store, batch.id)
    say(f"batch {batch.id} has ended: {view.done} parts done, {view.failed} failed")
    if nightly.reports is not None:
        name = f"batch-{batch.created_at.astimezone(nightly.cron.zone):%Y-%m-%d}"
        write_batch_html(view, nightly.reports / f"{name}.html")
        write_batch_spreadsheet(view, nightly.reports / f"{name}.xlsx")


class _Words:
    """A watcher that says when a round begins."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say

    def reading(self, pdu: str) -> None:
        """See Watcher."""

    def round(self, number: int, parts: int) -> None:
        """See Watcher."""
        self._say(
            f"the nightly batch begins {'its first pass' if number == 0 else f'round {number}'}: {parts} parts"
        )

    def unit(self, item: BatchItem, job: StoredJob, best: Best | None) -> None:
        """See Watcher."""

    def refused(self, item: BatchItem) -> None:
        """See Watcher."""
        self._say(f"{item.pdu} cannot be used; the report says why")
