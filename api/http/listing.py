"""What lists share: pages, and which PDUs and kinds a caller's list is of."""

from __future__ import annotations

from collections.abc import Collection
from typing import Annotated

from fastapi import Depends, Path, Query

from api.http.callers import Caller

Pdu = Annotated[
    str | None,
    Query(min_length=1, max_length=40, pattern=r"^[^\s;,=\x00-\x1f]+$", description="Of this PDU alone."),
]
PageNumber = Annotated[int, Query(ge=1, le=1_000_000, description="Counts from 1.")]
PageSize = Annotated[int, Query(ge=1, le=200, description="Entries on a page.")]


class Paging:
    """Which page of a list."""

    def __init__(self, page: PageNumber = 1, size: PageSize = 50) -> None:
        self.page, self.size = page, size


Pages = Annotated[Paging, Depends()]


def pdus_of(caller: Caller, pdu: str | None) -> Collection[str] | None:
    """The PDUs that a list is of, None for all: the caller's, or the one asked for where it is one of them."""
    if pdu is None:
        return caller.pdus
    return {pdu} if caller.covers(pdu) else frozenset()


_ID = r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"
ProblemId = Annotated[str, Path(alias="problemId", pattern=_ID)]
JobId = Annotated[str, Path(alias="jobId", pattern=_ID)]
PlanId = Annotated[str, Path(alias="planId", pattern=_ID)]
ProblemIdFilter = Annotated[
    str | None, Query(alias="problemId", pattern=_ID, description="For this problem alone.")
]
