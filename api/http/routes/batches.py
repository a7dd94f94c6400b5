"""Overnight runs over many PDUs: how far they are."""

from __future__ import annotations

from fastapi import APIRouter

from api.http.callers import Role
from api.http.declared import declared
from api.http.listing import Pages
from api.http.service import Ask
from api.http.views.base import paged
from api.http.views.batches import BatchesView, BatchView

router = APIRouter(prefix="/v1", tags=["batches"])


@router.get(
    "/batches",
    response_model=BatchesView,
    summary="List batches",
    **declared(Role.BATCH, event=None, because="It shows PDUs, ids and states, and nothing of a person."),
)
def batches(ask: Ask, pages: Pages) -> BatchesView:
    """Batches, the newest first, each with those of its PDUs that the caller may see."""
    found = ask.store.batches(page=pages.page, size=pages.size)
    shown = tuple(
        BatchView.of(
            batch, tuple(item for item in ask.store.batch_items(batch.id) if ask.caller.covers(item.pdu))
        )
        for batch in found.items
    )
    return BatchesView(batches=shown, **paged(found))
