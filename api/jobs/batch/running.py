"""Runs a batch: takes its PDUs in, has each solved as soon as it is read, and goes round again for the worst.

Everything it knows is in the store, and what to do next follows from that alone. So going on after a kill -9 is the
same as running: problems and jobs carry keys made of batch, PDU, kind and round, and none is made twice. What a round
shares out follows from the rounds before it, which have ended; what the first pass shares out follows from the sizes
that were kept before anything was read.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from api.jobs.batch.asking import BATCH_ACTOR, BatchAsked
from api.jobs.batch.intake import LISTED, Intake
from api.jobs.doing import patiently
from api.jobs.port import JobQueue
from api.store.records import BatchItem, BatchItemState, JobKind, JobState, StoredBatch, StoredJob
from models.policy.policy import Policy
from solver.allocation.turns import (
    LEAST_SECONDS,
    LEAST_WORK,
    ROSTER_WEIGHT,
    Key,
    Part,
    first_pass,
    next_round,
)

if TYPE_CHECKING:
    from api.store.store import Store

POLL_SECONDS = 0.5
OVERHEAD = 0.9
"""The share of what is left that a round gives to solving; the rest goes by between solves."""

FIRST_PRIORITY = 100
"""A person who waits for an answer comes before the night's work."""

ENDED = (JobState.SUCCEEDED, JobState.FAILED, JobState.CANCELLED)
ResultT = TypeVar("ResultT")


@dataclass(frozen=True)
class Best:
    """The best plan in hand of one part, and the job that made it."""

    job: StoredJob
    summary: Mapping[str, Any]

    @property
    def gap(self) -> float | None:
        """Its proven gap; None while its bound is unknown."""
        gap: float | None = self.summary.get("gap")
        return gap

    @property
    def worth(self) -> tuple[float, float, float, int]:
        """Smaller is better: what is left over, the total, the gap; among equals the earlier."""
        left = self.summary.get("unallocatedWeight", 0)
        gap = math.inf if self.gap is None else self.gap
        return (left, self.summary["total"], gap, round_of(self.job))


class Watcher(Protocol):
    """Who is told how a batch goes."""

    def reading(self, pdu: str) -> None:
        """A PDU's extracts are being read."""

    def round(self, number: int, parts: int) -> None:
        """A round begins for so many parts; round 0 is the first pass."""

    def unit(self, item: BatchItem, job: StoredJob, best: Best | None) -> None:
        """A part's job has ended; best is the best plan that the part has now."""

    def refused(self, item: BatchItem) -> None:
        """A part of the first pass cannot be used; its report names every fault."""


def round_of(job: StoredJob) -> int:
    """The round that a job belongs to."""
    return int(job.limits["round"])


@dataclass
class BatchRun:
    """One process's run of a batch. stop: ends it early, everything so far kept. tend: called while it waits."""

    store: Store
    queue: JobQueue
    batch: StoredBatch
    policy: Policy
    stop: threading.Event
    watcher: Watcher
    tend: Callable[[], None]
    _plans: dict[str, Mapping[str, Any]] = field(default_factory=dict)

    def run(self) -> bool:
        """Brings the batch to its end; False when it was stopped before. Raises UsageError where there is no PDU."""
        asked = BatchAsked.of_json(self.batch.question)
        if not self._first_pass(asked):
            return False
        for number in range(1, self.policy.batch.rounds + 1):
            if self.stop.is_set() or not self._round(asked, number):
                return False
        self._patiently(lambda: self.store.end_batch(self.batch.id))
        return True

    def best(self, jobs: Iterable[StoredJob], before: int | None = None) -> Mapping[Key, Best]:
        """The best plan of each part, of the rounds before a number where one is given."""
        found: dict[Key, Best] = {}
        for job in jobs:
            if job.plan_id is None or (before is not None and round_of(job) >= before):
                continue
            if job.plan_id not in self._plans:
                plan_id = job.plan_id
                self._plans[plan_id] = self._patiently(lambda plan=plan_id: self.store.plan(plan)).summary  # type: ignore[misc]  # mypy cannot infer a lambda's default
            mine = Best(job, self._plans[job.plan_id])
            other = found.get((job.pdu, job.kind))
            if other is None or mine.worth < other.worth:
                found[(job.pdu, job.kind)] = mine
        return found

    def _first_pass(self, asked: BatchAsked) -> bool:
        """Reads every part, the largest first, and has each solved as soon as it is read; False when stopped."""
        intake = Intake(self.store, self.batch, self.policy, self.stop, self.watcher.reading)
        items = dict(intake.list_all())
        parts = [
            Part(key, int(item.report[LISTED]) * (ROSTER_WEIGHT if item.kind is JobKind.ROSTER else 1))
            for key, item in items.items()
            if item.report is not None and LISTED in item.report
        ]
        least = LEAST_SECONDS if asked.work is None else LEAST_WORK
        shares = first_pass(parts, _whole(asked), self.policy.batch, least)
        made = {(job.pdu, str(job.kind)): job for job in self._jobs() if round_of(job) == 0}
        self.watcher.round(0, len(shares))
        told: set[Key] = set()
        looked = time.monotonic()
        for rank, key in enumerate(sorted(shares, key=lambda key: (-shares[key], key))):
            if self.stop.is_set():
                return False
            items[key] = intake.take(items[key])
            if items[key].problem_id is None:
                told.add(key)
                self.watcher.refused(items[key])
                continue
            self._submit(made.get(key) or self._ask(asked, items[key], 0, shares[key], None), rank)
            if time.monotonic() - looked > POLL_SECONDS:
                self._look(0, items, told)
                looked = time.monotonic()
        return self._wait(0, items, frozenset(shares), told)

    def _round(self, asked: BatchAsked, number: int) -> bool:
        """One round for the parts that get a share of it; False when it was stopped."""
        jobs, items = self._jobs(), self._items()
        shares = self._shares(asked, number, jobs, items)
        made = {(job.pdu, str(job.kind)): job for job in jobs if round_of(job) == number}
        if not shares:
            return True
        best = self.best(jobs, before=number)
        self.watcher.round(number, len(shares))
        largest_first = sorted(shares, key=lambda key: (-shares[key], key))
        for rank, key in enumerate(largest_first):
            if self.stop.is_set():
                return False
            self._submit(
                made.get(key) or self._ask(asked, items[key], number, shares[key], best.get(key)), rank
            )
        return self._wait(number, items, frozenset(shares), set())

    def _submit(self, job: StoredJob, rank: int) -> None:
        if job.state not in ENDED:
            self._patiently(lambda: self.queue.submit(job.id, FIRST_PRIORITY + rank))

    def _shares(
        self, asked: BatchAsked, number: int, jobs: Sequence[StoredJob], items: Mapping[Key, BatchItem]
    ) -> Mapping[Key, float]:
        """Seconds or work of each part in a round after the first pass."""
        least = LEAST_SECONDS if asked.work is None else LEAST_WORK
        best = self.best(jobs, before=number)
        had = _had(asked, jobs, before=number)
        parts = [
            Part(key, _size(items[key]), found.gap, had.get(key, 0.0))
            for key, found in sorted(best.items())
            if key in items
        ]
        rounds = self.policy.batch.rounds - number + 1
        if asked.work is not None:
            left = asked.work * (1 - self.policy.batch.first_pass_percent / 100) / self.policy.batch.rounds
            return next_round(parts, left, self.policy.batch, least)
        used = sum(self._seconds(job) for job in jobs if round_of(job) < number)
        left = max(0.0, _whole(asked) - used) * OVERHEAD / rounds
        return next_round(parts, left, self.policy.batch, least)

    def _ask(
        self, asked: BatchAsked, item: BatchItem, number: int, share: float, best: Best | None
    ) -> StoredJob:
        question: dict[str, Any] = {"policyHash": asked.policy_hash}
        if item.kind is JobKind.REBALANCE:
            question["moves"] = self.policy.batch.moves
        if best is not None:
            question["startPlanId"] = best.job.plan_id
        limits: dict[str, Any] = {"round": number, "seed": asked.seed, "threads": 1}
        if asked.work is None:
            limits |= {"seconds": share, "target": self.policy.batch.target_gap}
        else:
            limits |= {"work": share}
        assert item.problem_id is not None
        problem_id = item.problem_id
        job = self._patiently(
            lambda: self.store.add_job(
                BATCH_ACTOR,
                item.pdu,
                item.kind,
                problem_id,
                question,
                limits,
                idempotency_key=f"batch {self.batch.id} {item.pdu} {item.kind} {number}",
                batch_id=self.batch.id,
                route="batch.run",
            )
        )
        if number == 0:
            self._put(item, BatchItemState.SUBMITTED)
        return job

    def _wait(
        self, number: int, items: Mapping[Key, BatchItem], keys: frozenset[Key], told: set[Key]
    ) -> bool:
        """Until every job of the round has ended. told: parts that have been dealt with already."""
        while True:
            self._look(number, items, told)
            if told >= keys:
                return True
            if self.stop.wait(POLL_SECONDS):
                return False

    def _look(self, number: int, items: Mapping[Key, BatchItem], told: set[Key]) -> None:
        """Brings the items of parts whose jobs of a round have ended up to date, each once."""
        jobs = self._jobs()
        ended = [job for job in jobs if round_of(job) == number and job.state in ENDED]
        best = self.best(jobs, before=number + 1)
        for job in sorted(ended, key=lambda job: (job.pdu, job.kind)):
            key = (job.pdu, str(job.kind))
            if key not in told and key in items:
                told.add(key)
                self._settle(items[key], job, best.get(key), _plans_until(jobs, key, number))
        self.tend()

    def _settle(self, item: BatchItem, job: StoredJob, best: Best | None, plans: Sequence[str]) -> None:
        """One part's item after a job has ended. plans: of this and earlier rounds, of which the best alone stays."""
        if best is not None:
            plan_id = str(best.job.plan_id)
            others = [each for each in plans if each != plan_id]
            self._patiently(lambda: self.store.supersede(plan_id, others))
            now = self._put(item, BatchItemState.DONE, job_id=best.job.id)
        else:
            report = {
                **(item.report or {}),
                "errorCode": job.error_code or job.state,
                "message": job.error_message or "the job was cancelled before it had a plan",
            }
            now = self._put(item, BatchItemState.FAILED, job_id=job.id, report=report)
        self.watcher.unit(now, job, best)

    def _seconds(self, job: StoredJob) -> float:
        """How long a job took, by what its solve says: no clock that may be stepped has a say in it."""
        if job.plan_id is None:
            return float(job.limits.get("seconds") or 0.0) if job.state in ENDED else 0.0
        return float(self._plans[job.plan_id].get("wallSeconds") or 0.0)

    def _put(self, item: BatchItem, state: BatchItemState, **values: Any) -> BatchItem:
        return self._patiently(
            lambda: self.store.put_batch_item(self.batch.id, item.pdu, item.kind, state, **values)
        )

    def _jobs(self) -> tuple[StoredJob, ...]:
        return self._patiently(lambda: all_jobs(self.store, self.batch.id))

    def _items(self) -> Mapping[Key, BatchItem]:
        """The parts that have a problem to solve."""
        items = self._patiently(lambda: self.store.batch_items(self.batch.id))
        return {(item.pdu, str(item.kind)): item for item in items if item.problem_id is not None}

    def _patiently(self, act: Callable[[], ResultT]) -> ResultT:
        return patiently(act, stopping=self.stop)


def all_jobs(store: Store, batch_id: str) -> tuple[StoredJob, ...]:
    """Every job of a batch, in the order in which they were asked."""
    jobs: list[StoredJob] = []
    page = 1
    while True:
        found = store.jobs(None, batch_id=batch_id, page=page, size=1000)
        jobs += found.items
        if len(jobs) >= found.total or not found.items:
            return tuple(sorted(jobs, key=lambda job: job.sequence))
        page += 1


def _whole(asked: BatchAsked) -> float:
    """All there is to share out: seconds of solving, or units of work."""
    if asked.work is not None:
        return asked.work
    assert asked.seconds is not None
    return asked.seconds * asked.workers * OVERHEAD


def _had(asked: BatchAsked, jobs: Iterable[StoredJob], before: int) -> Mapping[Key, float]:
    """The most seconds or work that each part was given in the rounds before a number."""
    found: dict[Key, float] = {}
    for job in jobs:
        if round_of(job) < before:
            given = float(job.limits.get("seconds" if asked.work is None else "work") or 0.0)
            found[(job.pdu, job.kind)] = max(given, found.get((job.pdu, job.kind), 0.0))
    return found


def _size(item: BatchItem) -> int:
    size = int((item.report or {}).get("size", 1))
    return size * (ROSTER_WEIGHT if item.kind is JobKind.ROSTER else 1)


def _plans_until(jobs: Iterable[StoredJob], key: Key, number: int) -> list[str]:
    """The plans that the rounds up to a number made of a part."""
    return [
        job.plan_id
        for job in jobs
        if (job.pdu, str(job.kind)) == key and job.plan_id is not None and round_of(job) <= number
    ]
