"""Batches: runs over many PDUs, and how far each PDU is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from api.store.base import acting, actor_of, new_id, one, page_of
from api.store.idempotency import earlier, remember
from api.store.plans import PlanMethods
from api.store.records import Actor, BatchItem, BatchItemState, JobKind, Page, StoredBatch
from api.store.rows import insert_if_new
from api.store.tables import batch_items, batches


class BatchMethods(PlanMethods):
    """Keeping batches."""

    def add_batch(
        self, actor: Actor, question: Mapping[str, Any], *, idempotency_key: str | None = None
    ) -> StoredBatch:
        """Begin a batch. The same key with the same question returns the same batch, else ConflictError."""

        def work(connection: Connection) -> StoredBatch:
            body = ["batch", dict(question)]
            batch_id = earlier(connection, actor, idempotency_key, body)
            if batch_id is None:
                batch_id, now = new_id(), self._clock()
                connection.execute(
                    insert(batches).values(
                        id=batch_id,
                        question_id=self._keep(connection, question),
                        created_at=now,
                        **acting(actor),
                    )
                )
                remember(connection, actor, idempotency_key, body, target_id=batch_id, now=now)
            return self._batch_of(connection, one(connection, _by_id(batch_id), "batch"))

        return self._database.write(work)

    def batch(self, batch_id: str) -> StoredBatch:
        """The batch by this id. Raises NotFoundError."""

        def work(connection: Connection) -> StoredBatch:
            return self._batch_of(connection, one(connection, _by_id(batch_id), "batch"))

        return self._database.read(work)

    def batches(self, *, open_only: bool = False, page: int = 1, size: int = 50) -> Page[StoredBatch]:
        """Batches, newest first; `open_only`: those that have not ended."""

        def work(connection: Connection) -> Page[StoredBatch]:
            query = select(batches)
            if open_only:
                query = query.where(batches.c.ended_at.is_(None))
            rows, total = page_of(connection, query, batches.c.sequence, page, size)
            return Page(tuple(self._batch_of(connection, row) for row in rows), page, size, total)

        return self._database.read(work)

    def put_batch_item(
        self,
        batch_id: str,
        pdu: str,
        kind: JobKind,
        state: BatchItemState,
        *,
        problem_id: str | None = None,
        job_id: str | None = None,
        report: Mapping[str, Any] | None = None,
    ) -> BatchItem:
        """Say how far one PDU's part of a kind is. What is left None keeps what was said before.

        Raises NotFoundError for an unknown batch.
        """
        key = {"batch_id": batch_id, "pdu": pdu, "kind": kind.value}

        def work(connection: Connection) -> BatchItem:
            one(connection, select(batches.c.id).where(batches.c.id == batch_id), "batch")
            now = self._clock()
            insert_if_new(connection, batch_items, [{**key, "state": state.value, "changed_at": now}])
            query = select(batch_items).where(*(batch_items.c[name] == key[name] for name in key))
            before = connection.execute(query.with_for_update()).one()
            values: dict[str, Any] = {"state": state.value, "changed_at": now}
            values |= {
                name: value
                for name, value in (("problem_id", problem_id), ("job_id", job_id))
                if value is not None
            }
            if report is not None:
                values["report_id"] = self._keep(connection, report)
            connection.execute(
                update(batch_items).where(*(batch_items.c[name] == key[name] for name in key)).values(values)
            )
            if report is not None and before.report_id is not None:
                self._drop_contents(connection, [before.report_id])
            return self._item_of(connection, connection.execute(query).one())

        return self._database.write(work)

    def batch_items(self, batch_id: str) -> tuple[BatchItem, ...]:
        """Every item of a batch, by PDU and kind. Raises NotFoundError."""

        def work(connection: Connection) -> tuple[BatchItem, ...]:
            one(connection, select(batches.c.id).where(batches.c.id == batch_id), "batch")
            query = select(batch_items).where(batch_items.c.batch_id == batch_id)
            rows = connection.execute(query.order_by(batch_items.c.pdu, batch_items.c.kind)).all()
            return tuple(self._item_of(connection, row) for row in rows)

        return self._database.read(work)

    def end_batch(self, batch_id: str) -> bool:
        """Mark the batch as ended. False when it had ended before. Raises NotFoundError."""

        def work(connection: Connection) -> bool:
            one(connection, select(batches.c.id).where(batches.c.id == batch_id), "batch")
            query = update(batches).where(batches.c.id == batch_id, batches.c.ended_at.is_(None))
            return connection.execute(query.values(ended_at=self._clock())).rowcount == 1

        return self._database.write(work)

    def _batch_of(self, connection: Connection, row: Row[Any]) -> StoredBatch:
        return StoredBatch(
            id=row.id,
            sequence=row.sequence,
            question=self._content(connection, row.question_id),
            created_at=row.created_at,
            ended_at=row.ended_at,
            actor=actor_of(row),
        )

    def _item_of(self, connection: Connection, row: Row[Any]) -> BatchItem:
        return BatchItem(
            batch_id=row.batch_id,
            pdu=row.pdu,
            kind=JobKind(row.kind),
            state=BatchItemState(row.state),
            problem_id=row.problem_id,
            job_id=row.job_id,
            report=None if row.report_id is None else self._content(connection, row.report_id),
            changed_at=row.changed_at,
        )


def _by_id(batch_id: str) -> Any:
    return select(batches).where(batches.c.id == batch_id)
