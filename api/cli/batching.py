"""What the `batch` commands do: open the store, run, report, and tell by the exit code how it went."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

from api.cli.batch_watch import seconds_since, shown, watching
from api.cli.exits import ExitCode
from api.cli.loading import the_date, the_policy, today
from api.cli.planning import limits_of
from api.cli.terminal import say, show_json, show_text
from api.files import check_writable
from api.jobs.batch.asking import BatchAsked
from api.jobs.batch.reporting import evidence, view_of
from api.jobs.batch.service import Helpers, begin, keep_policy, open_batch
from api.jobs.batch.service import run as run_it
from api.jobs.child import ChildLimits
from api.reports.batch_report import write_batch_html, write_batch_spreadsheet
from api.reports.batch_view import BatchView
from api.settings import Settings, read_settings
from api.store.records import StoredBatch
from api.store.store import Store
from models.errors import UsageError
from models.policy.policy import policy_text


@dataclass(frozen=True)
class Wanted:
    """A batch as the command line states it."""

    folder: Path | None
    region: str | None
    time_limit: float | None
    work_limit: float | None
    seed: int
    workers: int | None
    policy: Path | None
    as_of: str | None
    report: Path | None
    as_json: bool


def run(wanted: Wanted) -> ExitCode:
    """`batch run`. Raises UsageError for what cannot be run, and what the store raises."""
    if (wanted.folder is None) == (wanted.region is None):
        raise UsageError("name either a FOLDER that holds one folder for each PDU, or a --region")
    if wanted.folder is not None and not wanted.folder.is_dir():
        raise UsageError(f"{wanted.folder} is no folder; name the one that holds one folder for each PDU")
    limits_of(wanted.time_limit, wanted.work_limit, wanted.seed, 1)
    _check_reports(wanted.report)
    settings = read_settings(os.environ)
    with Store.open(settings.database_url, migrate=True) as store:
        batch = begin(store, _asked(wanted, store))
        return _go(store, settings, batch, wanted.workers, wanted.report, as_json=wanted.as_json)


def _asked(wanted: Wanted, store: Store) -> BatchAsked:
    the_policy(wanted.policy)  # complains of faults by the file's own name
    text = policy_text() if wanted.policy is None else wanted.policy.read_text(encoding="utf-8")
    policy = keep_policy(store, text)
    seconds = wanted.time_limit
    if seconds is None and wanted.work_limit is None:
        seconds = policy.batch.minutes * 60.0
    return BatchAsked(
        folder=None if wanted.folder is None else str(wanted.folder.resolve()),
        region=wanted.region,
        policy_hash=policy.policy_hash,
        seconds=None if wanted.work_limit is not None else seconds,
        work=wanted.work_limit,
        seed=wanted.seed,
        workers=max(1, _workers(wanted.workers)),
        day=the_date(wanted.as_of) or today(),
    )


def resume(batch_id: str | None, workers: int | None, report: Path | None, *, as_json: bool) -> ExitCode:
    """`batch resume`."""
    _check_reports(report)
    settings = read_settings(os.environ)
    with Store.open(settings.database_url, migrate=True) as store:
        return _go(store, settings, open_batch(store, batch_id), workers, report, as_json=as_json)


def status(batch_id: str | None, report: Path | None, *, as_json: bool) -> ExitCode:
    """`batch status`."""
    _check_reports(report)
    settings = read_settings(os.environ)
    with Store.open(settings.database_url, migrate=True) as store:
        if batch_id is None:
            newest = store.batches(size=1).items
            if not newest:
                raise UsageError("there is no batch yet; 'evenhand batch run' begins one")
            batch_id = newest[0].id
        view = view_of(store, batch_id)
        units = evidence(store, batch_id) if as_json else []
    if as_json:
        show_json({**_figures(view), "units": units})
    else:
        show_text(_sentence(view))
    _write_reports(view, report)
    return _code(view)


def _go(
    store: Store,
    settings: Settings,
    batch: StoredBatch,
    workers: int | None,
    report: Path | None,
    *,
    as_json: bool,
) -> ExitCode:
    begun = time.monotonic()
    helpers = Helpers(
        _workers(workers), ChildLimits(megabytes=settings.limits.job_memory_megabytes), quiet=True
    )
    with _interruptible() as stop, watching(as_json=as_json) as watcher:
        done = run_it(store, settings.database_url, batch, helpers, stop=stop, watcher=watcher)
        view = view_of(store, batch.id)
        watcher.end({**_figures(view), "seconds": seconds_since(begun)})
    if not as_json:
        show_text(_sentence(view))
    _write_reports(view, report)
    if not done:
        say(f"evenhand: stopped; 'evenhand batch resume {batch.id}' goes on")
        return ExitCode.INTERRUPTED
    return _code(view)


@contextmanager
def _interruptible() -> Iterator[threading.Event]:
    """Ctrl-C and SIGTERM end the batch at its next breath, everything so far kept; a second Ctrl-C at once."""
    stop = threading.Event()

    def ask(_number: int, _frame: FrameType | None) -> None:
        if stop.is_set():
            raise KeyboardInterrupt
        stop.set()

    before = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _workers(given: int | None) -> int:
    return (os.cpu_count() or 1) if given is None else given


def _check_reports(folder: Path | None) -> None:
    """Raises UsageError, before anything is solved, where the reports could not be written."""
    if folder is not None:
        for name in ("batch.html", "batch.xlsx"):
            check_writable(folder / name)


def _write_reports(view: BatchView, folder: Path | None) -> None:
    if folder is not None:
        write_batch_html(view, folder / "batch.html")
        write_batch_spreadsheet(view, folder / "batch.xlsx")
        say(f"evenhand: wrote {folder / 'batch.html'} and {folder / 'batch.xlsx'}")


def _figures(view: BatchView) -> dict[str, Any]:
    worst = view.worst
    return {
        "batchId": view.batch_id,
        "ended": view.ended is not None,
        "parts": len(view.units),
        "done": view.done,
        "failed": view.failed,
        "open": view.open,
        "moves": len(view.moves),
        "notPlaced": len(view.left),
        "worstGap": None if worst is None else worst.gap,
        "worstUnit": None if worst is None else worst.pdu,
    }


def _sentence(view: BatchView) -> str:
    worst = view.worst
    words = [
        f"batch {view.batch_id} of {view.where}: {view.done} of {len(view.units)} parts done, "
        f"{view.failed} failed, {view.open} open",
        f"{len(view.moves)} held cases would move, {len(view.left)} cannot be placed"
        + ("" if worst is None else f"; widest gap {shown(worst.gap)} ({worst.pdu})"),
    ]
    words += [f"failed: {each.pdu} {each.what}: {each.sentence}" for each in view.failures]
    return "\n".join(words)


def _code(view: BatchView) -> ExitCode:
    return ExitCode.DONE if view.failed == 0 and view.open == 0 else ExitCode.NOT_CLEAN
