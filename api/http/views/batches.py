"""Answers about overnight runs."""

from __future__ import annotations

from api.http.views.base import PageView, Time, View
from api.store.records import BatchItem, BatchItemState, JobKind, StoredBatch


class BatchItemView(View):
    """One PDU's part in a batch."""

    pdu: str
    kind: JobKind
    state: BatchItemState
    problem_id: str | None
    job_id: str | None

    @classmethod
    def of(cls, item: BatchItem) -> BatchItemView:
        return cls(**{name: getattr(item, name) for name in cls.model_fields})


class BatchView(View):
    """A run over many PDUs. items: those that the caller may see."""

    id: str
    created_at: Time
    ended_at: Time | None
    items: tuple[BatchItemView, ...]

    @classmethod
    def of(cls, batch: StoredBatch, items: tuple[BatchItem, ...]) -> BatchView:
        return cls(
            id=batch.id,
            created_at=batch.created_at,
            ended_at=batch.ended_at,
            items=tuple(map(BatchItemView.of, items)),
        )


class BatchesView(PageView):
    """Batches, the newest first."""

    batches: tuple[BatchView, ...]
