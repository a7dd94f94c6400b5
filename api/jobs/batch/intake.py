"""Takes a batch's PDUs in: listed first, then each read, validated and kept; what has faults is reported whole.

One PDU is in memory at a time, and the first are being solved while the last are still to be read.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from api.jobs.batch.asking import BATCH_ACTOR, BatchAsked
from api.jobs.batch.finding import ASKS, Found, Read, Unusable, find, read, read_stored, roughly
from api.jobs.batch.protecting import protected_by_plans
from api.jobs.doing import patiently
from api.store.records import BatchItem, BatchItemState, JobKind, StoredBatch, StoredProblem
from models.faults import Fault
from models.policy.policy import Policy
from solver.allocation.turns import Key

if TYPE_CHECKING:
    import datetime as dt

    from api.store.store import Store

ResultT = TypeVar("ResultT")
LISTED = "listed"
"""In an item's report: its size as far as it was known before reading. What the first pass shares out goes by it."""


@dataclass
class Intake:
    """One batch's intake. reading gets each PDU's code before it is read."""

    store: Store
    batch: StoredBatch
    policy: Policy
    stop: threading.Event
    reading: Callable[[str], None]
    _units: dict[Key, Found | StoredProblem] = field(default_factory=dict)

    def list_all(self) -> Mapping[Key, BatchItem]:
        """Every part of the batch, kept as an item with its rough size; parts that cannot be read are FAILED at once.

        Listing again adds what has come since, and changes nothing else. Raises UsageError where there is no PDU at
        all.
        """
        asked = BatchAsked.of_json(self.batch.question)
        items = self.items()
        for key, unit, size in self._found(asked):
            if isinstance(unit, Unusable):
                if key not in items:
                    items[key] = self._refuse(unit, None)
                continue
            self._units[key] = unit
            if key not in items:
                items[key] = self._put(key, BatchItemState.PENDING, report={LISTED: size})
        return items

    def items(self) -> dict[Key, BatchItem]:
        """Every item that is kept."""
        found = self._patiently(lambda: self.store.batch_items(self.batch.id))
        return {(item.pdu, str(item.kind)): item for item in found}

    def take(self, item: BatchItem) -> BatchItem:
        """The item with its problem read, validated and kept, or FAILED with its faults; once."""
        if item.problem_id is not None or item.state is not BatchItemState.PENDING:
            return item
        listed = (item.report or {}).get(LISTED)
        unit = self._units.get((item.pdu, str(item.kind)))
        self.reading(item.pdu)
        if unit is None:
            fault = Fault(
                "this PDU was there when the batch began", "its extracts, until they are read", item.pdu
            )
            kind = next(kind for kind, asks in ASKS.items() if asks is item.kind)
            return self._refuse(Unusable(item.pdu, kind, (fault,)), listed)
        got, problem_id = self._read(unit)
        if isinstance(got, Unusable):
            return self._refuse(got, listed)
        problem_id = problem_id or self._keep_problem(got)
        key = (got.pdu, str(ASKS[got.kind]))
        report = {LISTED: listed, "size": got.size}
        return self._put(key, BatchItemState.PENDING, problem_id=problem_id, report=report)

    def _found(self, asked: BatchAsked) -> list[tuple[Key, Found | Unusable | StoredProblem, int]]:
        if asked.folder is None:
            stored = self._patiently(lambda: self.store.latest_problems(asked.region))
            return [
                ((each.pdu, str(ASKS[each.kind])), each, max(1, each.people))
                for each in stored
                if each.erased_at is None  # what is left of it is no longer what its PDU sent
            ]
        units = list(find(Path(asked.folder)))
        return [
            (
                (unit.pdu, str(JobKind.REBALANCE if unit.kind is None else ASKS[unit.kind])),
                unit,
                roughly(unit) if isinstance(unit, Found) else 0,
            )
            for unit in units
        ]

    def _read(self, unit: Found | StoredProblem) -> tuple[Read | Unusable, str | None]:
        """The problem, and its id where the store holds it just so already."""
        days = self.policy.batch.protected_days

        def accepted(as_of: dt.date) -> Mapping[str, dt.date]:
            return self._patiently(
                lambda: protected_by_plans(self.store, unit.pdu, as_of, days, self.batch.id)
            )

        if isinstance(unit, Found):
            return read(unit, BatchAsked.of_json(self.batch.question).day, days, accepted), None
        content = self._patiently(lambda: self.store.problem_content(unit.id))
        got = read_stored(unit.pdu, unit.kind, content, days, accepted)
        same = isinstance(got, Read) and got.input_hash == unit.input_hash
        return got, unit.id if same else None

    def _keep_problem(self, got: Read) -> str:
        key = f"batch {self.batch.id} {got.pdu} {got.kind} {got.input_hash}"
        return self._patiently(
            lambda: self.store.add_problem(
                BATCH_ACTOR,
                got.pdu,
                got.kind,
                got.content,
                got.input_hash,
                idempotency_key=key,
                route="batch.run",
            )
        ).id

    def _refuse(self, got: Unusable, listed: int | None) -> BatchItem:
        asks = JobKind.REBALANCE if got.kind is None else ASKS[got.kind]
        report: dict[str, Any] = {
            **({} if listed is None else {LISTED: listed}),
            "errorCode": "BAD_INPUT",
            "faults": [{**fault.as_json(), "sentence": fault.sentence} for fault in got.faults],
        }
        return self._put((got.pdu, str(asks)), BatchItemState.FAILED, report=report)

    def _put(self, key: Key, state: BatchItemState, **values: Any) -> BatchItem:
        return self._patiently(
            lambda: self.store.put_batch_item(self.batch.id, key[0], JobKind(key[1]), state, **values)
        )

    def _patiently(self, act: Callable[[], ResultT]) -> ResultT:
        return patiently(act, stopping=self.stop)
