"""Takes a batch's PDUs in: each problem read, validated, kept in the store; what has faults is reported whole."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from api.jobs.batch.asking import BATCH_ACTOR, BatchAsked
from api.jobs.batch.finding import ASKS, Found, Read, Unusable, find, read, read_stored
from api.jobs.doing import patiently
from api.store.records import BatchItemState, JobKind, StoredBatch, StoredProblem
from models.policy.policy import Policy

if TYPE_CHECKING:
    from api.store.store import Store

ResultT = TypeVar("ResultT")


@dataclass(frozen=True)
class Intake:
    """One batch's intake. reading gets each PDU's code before it is read."""

    store: Store
    batch: StoredBatch
    policy: Policy
    stop: threading.Event
    reading: Callable[[str], None]

    def take(self) -> None:
        """Keeps every problem that is not kept yet, until stop is set. Doing it again changes nothing.

        Raises UsageError where there is no PDU at all.
        """
        asked = BatchAsked.of_json(self.batch.question)
        items = self._patiently(lambda: self.store.batch_items(self.batch.id))
        known = {(item.pdu, item.kind) for item in items}
        if asked.folder is None:
            for problem in self._patiently(lambda: self.store.latest_problems(asked.region)):
                if not self.stop.is_set() and (problem.pdu, ASKS[problem.kind]) not in known:
                    self._from_store(problem)
            return
        for unit in find(Path(asked.folder)):
            asks = JobKind.REBALANCE if unit.kind is None else ASKS[unit.kind]
            if self.stop.is_set():
                return
            if (unit.pdu, asks) not in known:
                self.reading(unit.pdu)
                self._keep(unit, asked)

    def _keep(self, unit: Found | Unusable, asked: BatchAsked) -> None:
        got = read(unit, asked.day, self.policy.batch.protected_days) if isinstance(unit, Found) else unit
        if isinstance(got, Unusable):
            self._refuse(got)
        else:
            self._keep_problem(got)

    def _from_store(self, problem: StoredProblem) -> None:
        if problem.erased_at is not None:
            return  # what is left of it is no longer what its PDU sent
        content = self._patiently(lambda: self.store.problem_content(problem.id))
        got = read_stored(problem.pdu, problem.kind, content, self.policy.batch.protected_days)
        if isinstance(got, Unusable):
            self._refuse(got)
        elif got.input_hash == problem.input_hash:
            self._put(got, problem.id)
        else:
            self._keep_problem(got)

    def _keep_problem(self, got: Read) -> None:
        key = f"batch {self.batch.id} {got.pdu} {got.kind} {got.input_hash}"
        problem = self._patiently(
            lambda: self.store.add_problem(
                BATCH_ACTOR,
                got.pdu,
                got.kind,
                got.content,
                got.input_hash,
                idempotency_key=key,
                route="batch.run",
            )
        )
        self._put(got, problem.id)

    def _put(self, got: Read, problem_id: str) -> None:
        self._patiently(
            lambda: self.store.put_batch_item(
                self.batch.id,
                got.pdu,
                ASKS[got.kind],
                BatchItemState.PENDING,
                problem_id=problem_id,
                report={"size": got.size},
            )
        )

    def _refuse(self, got: Unusable) -> None:
        asks = JobKind.REBALANCE if got.kind is None else ASKS[got.kind]
        report: dict[str, Any] = {
            "errorCode": "BAD_INPUT",
            "faults": [{**fault.as_json(), "sentence": fault.sentence} for fault in got.faults],
        }
        self._patiently(
            lambda: self.store.put_batch_item(
                self.batch.id, got.pdu, asks, BatchItemState.FAILED, report=report
            )
        )

    def _patiently(self, act: Callable[[], ResultT]) -> ResultT:
        return patiently(act, stopping=self.stop)
