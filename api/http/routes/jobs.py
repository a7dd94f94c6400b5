"""Jobs: how far they are, told once or as a stream, and ended early."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from typing import Annotated

import anyio.to_thread
from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from api.http.callers import Role
from api.http.declared import declared
from api.http.errors import AnswerError, ErrorCode
from api.http.listing import JobId, Pages, Pdu, pdus_of
from api.http.openapi import Responses, link
from api.http.service import KIND_OF_JOB, Ask, Asking, Streams
from api.http.views.base import paged
from api.http.views.jobs import JobsView, JobView
from api.logs import logger
from api.store.records import JobKind, JobState, StoredJob
from models.errors import NotFoundError, StoreUnavailableError

_log = logger(__name__)
router = APIRouter(prefix="/v1", tags=["jobs"])
WORKING = (Role.ALLOCATION, Role.UNPAID_WORK)
ENDED = frozenset({JobState.SUCCEEDED, JobState.FAILED, JobState.CANCELLED})
LOOK_SECONDS = 0.5
"""Between two looks at a job that is watched: something is told at least once a second."""
_NOTHING = "It shows how far a solve is: ids, states and figures, and nothing of a person."


_MADE: Responses = {200: {"links": {"plan": link("plan", planId="$response.body#/planId")}}}


@router.get(
    "/jobs",
    response_model=JobsView,
    summary="List jobs",
    **declared(*WORKING, event=None, because=_NOTHING),
)
def jobs(
    ask: Ask,
    pages: Pages,
    pdu: Pdu = None,
    state: Annotated[list[JobState] | None, Query(description="In one of these states.")] = None,
) -> JobsView:
    """The jobs that the caller may see, the newest first."""
    found = ask.store.jobs(
        pdus_of(ask.caller, pdu),
        states=state,
        kinds=job_kinds(ask),
        page=pages.page,
        size=pages.size,
    )
    return JobsView(jobs=tuple(map(JobView.of, found.items)), **paged(found))


def job_kinds(ask: Asking) -> frozenset[JobKind]:
    """The kinds of jobs and plans that the caller works with."""
    return frozenset(JobKind(name) for name, kind in KIND_OF_JOB.items() if kind in ask.caller.kinds)


@router.get(
    "/jobs/{jobId}",
    response_model=JobView,
    summary="Show a job",
    **declared(*WORKING, event=None, because=_NOTHING, errors=(ErrorCode.NOT_FOUND,), extra=_MADE),
)
def job(ask: Ask, job_id: JobId) -> JobView:
    """How far a job is, and the plan that it made."""
    return JobView.of(ask.job(job_id))


@router.delete(
    "/jobs/{jobId}",
    status_code=202,
    response_model=JobView,
    summary="End a job early",
    **declared(*WORKING, event=None, because=_NOTHING, errors=(ErrorCode.NOT_FOUND,)),
)
def end_job(ask: Ask, job_id: JobId) -> JobView:
    """Ask a job to end now. One under way keeps the best plan found so far; one that has ended stays as it is."""
    found = ask.job(job_id)
    if found.state not in ENDED:
        found = ask.store.request_cancel(job_id)
        ask.service.queue.cancel(job_id)
        _log.info("a job was asked to end", job_id=job_id, state=found.state.value)
    return JobView.of(found)


_STREAM: Responses = {
    200: {
        "description": "Server-sent events. `progress` carries a job at least once a second, `end` carries it as it "
        "ended. The stream closes then, or when the caller's token expires.",
        "content": {
            "text/event-stream": {
                "schema": {
                    "type": "object",
                    "description": "One event; its data is a JobView.",
                    "required": ["event", "data"],
                    "properties": {
                        "event": {"type": "string", "enum": ["progress", "end"]},
                        "data": {"type": "string", "contentMediaType": "application/json"},
                    },
                },
                "examples": {
                    "progress": {
                        "value": 'event: progress\ndata: {"id": "0d4f8b52-...", "state": "RUNNING", "gap": 0.02}\n\n'
                    }
                },
            }
        },
    }
}


@router.get(
    "/jobs/{jobId}/events",
    response_class=StreamingResponse,
    summary="Watch a job",
    **declared(
        *WORKING,
        event=None,
        because=_NOTHING,
        errors=(ErrorCode.NOT_FOUND, ErrorCode.TOO_MANY_STREAMS),
        extra=_STREAM,
    ),
)
async def job_events(request: Request, ask: Ask, job_id: JobId) -> Response:
    """The job's progress as it happens: best, bound, gap, stage."""
    first = await anyio.to_thread.run_sync(ask.job, job_id)
    streams = ask.service.streams
    if not streams.enter():
        raise AnswerError(
            ErrorCode.TOO_MANY_STREAMS, "There are enough streams.", headers={"Retry-After": "5"}
        )
    return _Stream(streams, _told(request, ask, first))


class _Stream(StreamingResponse):
    """A stream of events that gives its place back however it ends."""

    def __init__(self, streams: Streams, events: AsyncIterator[str]) -> None:
        super().__init__(events, media_type="text/event-stream", headers={"X-Accel-Buffering": "no"})
        self._streams = streams

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._streams.leave()


async def _told(request: Request, ask: Asking, found: StoredJob) -> AsyncIterator[str]:
    """The events, from the first look at the job to its end."""
    while True:
        ended = found.state in ENDED
        yield _event("end" if ended else "progress", found)
        if ended or _expired(ask) or await request.is_disconnected():
            return
        await asyncio.sleep(LOOK_SECONDS)
        try:
            found = await anyio.to_thread.run_sync(ask.store.job, found.id)
        except StoreUnavailableError:
            yield ": the store does not answer\n\n"
        except NotFoundError:
            return


def _expired(ask: Asking) -> bool:
    return ask.caller.expires is not None and ask.caller.expires < time.time()


def _event(name: str, found: StoredJob) -> str:
    data = json.dumps(JobView.of(found).model_dump(mode="json", by_alias=True), separators=(",", ":"))
    return f"event: {name}\ndata: {data}\n\n"
