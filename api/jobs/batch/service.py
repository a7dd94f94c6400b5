"""Begins, goes on with, and reports batches: what the commands and the schedule call."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from api.jobs.batch.asking import BATCH_ACTOR, BatchAsked
from api.jobs.batch.running import BatchRun, Watcher
from api.jobs.child import ChildLimits
from api.jobs.dbos_queue import DbosQueue, presence_of
from api.jobs.worker import WorkerProcess, WorkerSettings
from api.store.records import StoredBatch
from models.errors import UsageError
from models.policy.policy import Policy, parse_policy

if TYPE_CHECKING:
    from api.store.store import Store


@dataclass(frozen=True)
class Helpers:
    """The worker processes that a batch starts for itself; others on the same database help unasked."""

    workers: int = 1
    limits: ChildLimits = field(default_factory=ChildLimits)
    quiet: bool = False


def keep_policy(store: Store, text: str) -> Policy:
    """The policy in a text, kept in the store, so that every job names it by its hash. Raises PolicyError."""
    policy = parse_policy(text, file="policy")
    store.keep_policy(policy.version, policy.policy_hash, text)
    return policy


def begin(store: Store, asked: BatchAsked, *, key: str | None = None) -> StoredBatch:
    """The batch to run: the one of the same place that has not ended, else a new one.

    key: the same key gives the same batch again, ended or not, as a schedule needs it that fires on several hosts.
    """
    if key is None:
        for batch in store.batches(open_only=True, size=1000).items:
            known = BatchAsked.of_json(batch.question)
            if (known.folder, known.region) == (asked.folder, asked.region):
                return batch
    return store.add_batch(BATCH_ACTOR, asked.as_json(), idempotency_key=key)


def open_batch(store: Store, batch_id: str | None) -> StoredBatch:
    """The batch by this id, or the newest that has not ended. Raises NotFoundError, UsageError."""
    if batch_id is not None:
        return store.batch(batch_id)
    found = store.batches(open_only=True, size=1).items
    if not found:
        raise UsageError("there is no batch to go on with; 'evenhand batch run' begins one")
    return found[0]


@contextlib.contextmanager
def turn(database_url: str, batch_id: str) -> Iterator[None]:
    """While the block runs no other process runs this batch. Raises UsageError when one does."""
    presence = presence_of(database_url, "batch-")
    try:
        with presence.if_gone(f"batch {batch_id}") as mine:
            if not mine:
                raise UsageError(f"batch {batch_id} is being run by another process")
            yield
    finally:
        presence.close()


def run(
    store: Store,
    database_url: str,
    batch: StoredBatch,
    helpers: Helpers,
    *,
    stop: threading.Event,
    watcher: Watcher,
) -> bool:
    """Runs a batch to its end, with workers of its own; False when stop was set before.

    Raises UsageError where there is no PDU or another process runs it; StoreUnavailableError.
    """
    asked = BatchAsked.of_json(batch.question)
    policy = parse_policy(store.policy(asked.policy_hash).text, file="policy")
    queue = DbosQueue(database_url)
    settings = WorkerSettings(database_url, limits=helpers.limits, spare=False)
    with turn(database_url, batch.id), contextlib.ExitStack() as open_things:
        open_things.callback(queue.close)
        workers = [
            open_things.enter_context(WorkerProcess(settings, quiet=helpers.quiet))
            for _ in range(helpers.workers)
        ]

        def tend() -> None:
            for worker in workers:
                worker.keep_alive()

        return BatchRun(store, queue, batch, policy, stop, watcher, tend).run()
