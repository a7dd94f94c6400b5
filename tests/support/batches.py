"""A batch run in this process: a queue whose jobs are done at once, and a watcher that keeps what it is told."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from api.jobs.answer import Asked, answer
from api.jobs.batch.asking import BatchAsked
from api.jobs.batch.running import BatchRun, Best
from api.jobs.batch.service import begin, keep_policy
from api.jobs.child import Outcome
from api.jobs.doing import JobRunner
from api.store.records import BatchItem, StoredJob
from api.store.store import Store
from models.policy.policy import policy_text
from tests.support.problems import AS_OF


class Quiet:
    """A watcher that keeps what it is told."""

    def __init__(self) -> None:
        self.read: list[str] = []
        self.rounds: list[tuple[int, int]] = []
        self.units: list[tuple[str, str, Best | None]] = []
        self.refusals: list[str] = []

    def reading(self, pdu: str) -> None:
        self.read.append(pdu)

    def round(self, number: int, parts: int) -> None:
        self.rounds.append((number, parts))

    def unit(self, item: BatchItem, job: StoredJob, best: Best | None) -> None:
        self.units.append((item.pdu, job.id, best))

    def refused(self, item: BatchItem) -> None:
        self.refusals.append(item.pdu)


@dataclass
class Here:
    """A queue whose jobs are done at once, in this process."""

    store: Store
    solve_it: Callable[[Asked], Outcome]
    submitted: list[tuple[str, int]] = field(default_factory=list)

    def submit(self, job_id: str, priority: int = 0) -> None:
        self.submitted.append((job_id, priority))
        JobRunner(self.store, self, "here-1", threading.Event())(job_id)

    def solve(self, asked: Asked, **_: object) -> Outcome:
        return self.solve_it(asked)

    def cancel(self, job_id: str) -> None:
        raise AssertionError(f"{job_id} was not to be cancelled")

    def close(self) -> None:
        return


def really(asked: Asked) -> Outcome:
    return Outcome(answer(asked))


def asked_of(
    store: Store, *, folder: Path | None = None, region: str | None = None, text: str | None = None
) -> BatchAsked:
    policy = keep_policy(store, text or policy_text())
    place = None if folder is None else str(folder)
    return BatchAsked(place, region, policy.policy_hash, None, 3.0, 0, 2, AS_OF)


def run(store: Any, queue: Any, asked: BatchAsked, *, plain: Store, text: str | None = None) -> Quiet:
    watcher = Quiet()
    batch = begin(plain, asked)
    policy = keep_policy(plain, text or policy_text())
    assert BatchRun(store, queue, batch, policy, threading.Event(), watcher, lambda: None).run()
    return watcher
