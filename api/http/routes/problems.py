"""Problems: given as JSON or as extracts, listed, shown."""

from __future__ import annotations

import zoneinfo
from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Header, Request
from fastapi.responses import JSONResponse
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException

from api.http.callers import ROLE_OF_KIND, Role
from api.http.declared import declared
from api.http.errors import AnswerError, ErrorCode
from api.http.listing import Pages, Pdu, ProblemId, pdus_of
from api.http.openapi import Responses, body_of, link
from api.http.reading import (
    Given,
    limits_of,
    must_be,
    problem_of_body,
    problem_of_files,
    uploaded_of,
)
from api.http.restricted import without
from api.http.service import Ask, Asking
from api.http.views.base import paged
from api.http.views.problems import ProblemDetail, ProblemsView, ProblemView
from api.store.records import Event, ProblemKind

router = APIRouter(prefix="/v1", tags=["problems"])
WORKING = (Role.ALLOCATION, Role.UNPAID_WORK)
IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        pattern=r"^[A-Za-z0-9._:-]{1,100}$",
        description="The same key with the same request has one effect; with another request it is a conflict.",
    ),
]
_CREATED: Responses = {
    201: {
        "headers": {"Location": {"description": "Where the problem is.", "schema": {"type": "string"}}},
        "description": "Kept.",
        "links": {
            "problem": link("problem", problemId="$response.body#/id"),
            "allocate": link("allocate", problemId="$response.body#/id"),
            "roster": link("roster", problemId="$response.body#/id"),
        },
    }
}
_SHOWN: Responses = {
    200: {
        "links": {
            "recommend": link(
                "recommend",
                {"crn": "$response.body#/content/cases/0/crn"},
                problemId="$response.body#/id",
            ),
            "place": link(
                "place", {"crn": "$response.body#/content/people/0/crn"}, problemId="$response.body#/id"
            ),
        }
    }
}
_LISTED: Responses = {200: {"links": {"problem": link("problem", problemId="$response.body#/problems/0/id")}}}
_MAKING = (
    ErrorCode.CONFLICT,
    ErrorCode.BODY_TOO_LARGE,
    ErrorCode.BODY_TOO_SLOW,
    ErrorCode.UNSUPPORTED_MEDIA_TYPE,
)


@router.post(
    "/problems",
    status_code=201,
    response_model=ProblemView,
    summary="Give a problem as JSON",
    **body_of(
        "GivenProblem",
        declared(*WORKING, event=Event.COLLECTION, errors=_MAKING, extra=_CREATED),
    ),
)
async def add_problem(request: Request, ask: Ask, idempotency_key: IdempotencyKey = None) -> JSONResponse:
    """Keep a problem of one PDU. Every fault is reported at once, and nothing is half-loaded."""
    must_be(request.headers.get("content-type"), "application/json")
    body = await request.body()
    limits = limits_of(ask.service.settings.limits)
    given = await ask.service.heavy(problem_of_body, body, limits)
    return await ask.service.heavy(_kept, ask, given, idempotency_key)


@router.post(
    "/problems/uploads",
    status_code=201,
    response_model=ProblemView,
    summary="Give a problem as extracts",
    **body_of(
        "GivenUpload",
        declared(*WORKING, event=Event.COLLECTION, errors=_MAKING, extra=_CREATED),
        media_type="multipart/form-data",
    ),
)
async def upload_problem(request: Request, ask: Ask, idempotency_key: IdempotencyKey = None) -> JSONResponse:
    """Keep a problem from CSV or Parquet files, one XLSX workbook or one JSON file. Every fault is reported at once."""
    must_be(request.headers.get("content-type"), "multipart/form-data")
    limits = ask.service.settings.limits
    try:
        form = await request.form(max_files=limits.upload_files, max_fields=10, max_part_size=1_000)
    except HTTPException as error:
        if isinstance(error.__cause__, AnswerError):
            raise error.__cause__ from None
        raise AnswerError(
            ErrorCode.BAD_REQUEST,
            f"This is no form with at most {limits.upload_files} files and few fields.",
        ) from None
    try:
        fields: dict[str, list[UploadFile | str]] = {}
        for name, value in form.multi_items():
            fields.setdefault(name, []).append(value)
        given = await ask.service.heavy(_read_upload, ask, fields)
    finally:
        await form.close()
    return await ask.service.heavy(_kept, ask, given, idempotency_key)


def _read_upload(ask: Asking, fields: Mapping[str, list[UploadFile | str]]) -> Given:
    today = ask.service.clock().astimezone(zoneinfo.ZoneInfo("Europe/London")).date()
    return problem_of_files(uploaded_of(fields), today, limits_of(ask.service.settings.limits))


def _kept(ask: Asking, given: Given, key: str | None) -> JSONResponse:
    """Keeps a problem of a PDU and kind that the caller may write for."""
    if not ask.caller.has(ROLE_OF_KIND[given.kind]) or not ask.caller.covers(given.pdu):
        raise AnswerError(ErrorCode.FORBIDDEN, "The caller has no such role, or it does not cover this PDU.")
    stored = ask.store.add_problem(
        ask.actor,
        given.pdu,
        ProblemKind(given.kind),
        given.problem.as_json(),
        given.problem.input_hash,
        idempotency_key=key,
        route=ask.route,
    )
    return JSONResponse(
        ProblemView.of(stored).model_dump(mode="json", by_alias=True),
        status_code=201,
        headers={"Location": f"/v1/problems/{stored.id}"},
    )


@router.get(
    "/problems",
    response_model=ProblemsView,
    summary="List problems",
    **declared(
        *WORKING,
        event=None,
        because="It shows PDUs, dates and counts, and nothing of a person.",
        extra=_LISTED,
    ),
)
def problems(ask: Ask, pages: Pages, pdu: Pdu = None, kind: ProblemKind | None = None) -> ProblemsView:
    """The problems that the caller may see, the newest first."""
    kinds = ask.caller.kinds if kind is None else ask.caller.kinds & {kind.value}
    if not kinds:
        return ProblemsView(page=pages.page, size=pages.size, total=0, problems=())
    found = ask.store.problems(
        pdus_of(ask.caller, pdu),
        kind=ProblemKind(min(kinds)) if len(kinds) == 1 else None,
        page=pages.page,
        size=pages.size,
    )
    return ProblemsView(problems=tuple(map(ProblemView.of, found.items)), **paged(found))


@router.get(
    "/problems/{problemId}",
    response_model=ProblemDetail,
    summary="Show a problem",
    **declared(
        *WORKING,
        event=Event.CONSULTATION,
        errors=(ErrorCode.NOT_FOUND, ErrorCode.QUESTION_REFUSED),
        extra=_SHOWN,
    ),
)
def problem(ask: Ask, problem_id: ProblemId) -> JSONResponse:
    """A problem with its records. Restricted cases are left out for callers without the right to them."""
    stored = ask.problem(problem_id)
    hidden = ask.hidden(ask.service.problems.of(stored))
    content = without(ask.store.problem_content(stored.id), hidden)
    ask.touched(Event.CONSULTATION, problem_id=stored.id)
    return JSONResponse(
        {
            **ProblemView.of(stored).model_dump(mode="json", by_alias=True),
            "content": content,
            "restrictedCrns": sorted(hidden),
        }
    )
