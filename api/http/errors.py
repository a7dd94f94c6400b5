"""Answers other than the one asked for: RFC 9457 problem bodies that also carry the ecosystem's error fields.

A body names what is wrong and what to do. It repeats nothing of any stored record: where the caller's own input has
faults, each fault shows its place and, as everywhere, the offending value that the caller sent.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from starlette.responses import JSONResponse

from models.errors import EvenhandError
from models.extracts.report import fault_report_json
from models.faults import Fault

MEDIA_TYPE = "application/problem+json"
MORE_INFO = "docs/api.md#errors"
MOST_FAULTS = 1_000
"""Faults listed in one body; `count` always says how many there are."""


class ErrorCode(enum.StrEnum):
    """Every way in which an answer can be another than the one asked for."""

    BAD_REQUEST = "BAD_REQUEST"
    UNAUTHENTICATED = "UNAUTHENTICATED"
    FORBIDDEN = "FORBIDDEN"
    NOT_FOUND = "NOT_FOUND"
    METHOD_NOT_ALLOWED = "METHOD_NOT_ALLOWED"
    BODY_TOO_SLOW = "BODY_TOO_SLOW"
    CONFLICT = "CONFLICT"
    VERSION_MOVED = "VERSION_MOVED"
    BODY_TOO_LARGE = "BODY_TOO_LARGE"
    UNSUPPORTED_MEDIA_TYPE = "UNSUPPORTED_MEDIA_TYPE"
    WRONG_DOOR = "WRONG_DOOR"
    INPUT_FAULTS = "INPUT_FAULTS"
    QUESTION_REFUSED = "QUESTION_REFUSED"
    VERSION_NEEDED = "VERSION_NEEDED"
    TOO_MANY_REQUESTS = "TOO_MANY_REQUESTS"
    TOO_MANY_JOBS = "TOO_MANY_JOBS"
    TOO_MANY_STREAMS = "TOO_MANY_STREAMS"
    INTERNAL = "INTERNAL"
    UNAVAILABLE = "UNAVAILABLE"
    BUSY = "BUSY"
    TOO_SLOW = "TOO_SLOW"
    STORE_FULL = "STORE_FULL"


@dataclass(frozen=True, slots=True)
class Said:
    """What a code means: its HTTP status, a title, and a sentence for the person in front of the caller's screen."""

    status: int
    title: str
    user_message: str


MEANING: Mapping[ErrorCode, Said] = MappingProxyType(
    {
        ErrorCode.BAD_REQUEST: Said(
            400, "The request cannot be read", "Something is wrong with the request."
        ),
        ErrorCode.UNAUTHENTICATED: Said(401, "A valid token is needed", "Sign in and try again."),
        ErrorCode.FORBIDDEN: Said(403, "Not allowed", "You do not have the role that this needs."),
        ErrorCode.NOT_FOUND: Said(404, "Not found", "There is no such thing, or it is not yours to see."),
        ErrorCode.METHOD_NOT_ALLOWED: Said(405, "Method not allowed", "This cannot be done here."),
        ErrorCode.BODY_TOO_SLOW: Said(408, "The body did not arrive", "The upload stalled. Try again."),
        ErrorCode.CONFLICT: Said(409, "Conflict", "This contradicts what was done before."),
        ErrorCode.VERSION_MOVED: Said(
            412, "The plan has changed", "Somebody decided on this plan meanwhile. Look at it again."
        ),
        ErrorCode.BODY_TOO_LARGE: Said(413, "The body is too large", "What was sent is too large."),
        ErrorCode.UNSUPPORTED_MEDIA_TYPE: Said(
            415, "Unsupported media type", "This kind of content cannot be read here."
        ),
        ErrorCode.WRONG_DOOR: Said(421, "Not for this server", "Open evenhand at its own address."),
        ErrorCode.INPUT_FAULTS: Said(422, "The input has faults", "Correct the faults listed and try again."),
        ErrorCode.QUESTION_REFUSED: Said(
            422, "The question cannot be asked", "This cannot be asked of this problem."
        ),
        ErrorCode.VERSION_NEEDED: Said(428, "If-Match is needed", "Look at the plan before deciding on it."),
        ErrorCode.TOO_MANY_REQUESTS: Said(
            429, "Too many requests", "That was too much at once. Try again in a moment."
        ),
        ErrorCode.TOO_MANY_JOBS: Said(
            429, "Too many jobs", "This PDU has enough jobs waiting. Try again in a moment."
        ),
        ErrorCode.TOO_MANY_STREAMS: Said(
            429, "Too many progress streams", "Too many people are watching. Try again in a moment."
        ),
        ErrorCode.INTERNAL: Said(500, "Internal error", "Something went wrong. It has been logged."),
        ErrorCode.UNAVAILABLE: Said(
            503, "The store cannot be reached", "The service is not available. Try again in a moment."
        ),
        ErrorCode.BUSY: Said(
            503, "Too many callers", "Too many people ask at the moment. Try again in a moment."
        ),
        ErrorCode.STORE_FULL: Said(
            507, "The store has no room left", "Nothing more can be kept. Tell whoever runs the service."
        ),
        ErrorCode.TOO_SLOW: Said(503, "This took too long", "This took too long. Ask for it as a job."),
    }
)


class AnswerError(EvenhandError):
    """An answer other than the one asked for. detail: a sentence for developers, without any record's content."""

    def __init__(
        self,
        code: ErrorCode,
        detail: str | None = None,
        *,
        faults: Sequence[Fault] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self.code = code
        self.detail = detail or MEANING[code].title
        self.faults = tuple(faults)
        self.headers = dict(headers or {})
        super().__init__(self.detail)


def not_found() -> AnswerError:
    """The one answer for what does not exist and for what the caller may not see."""
    return AnswerError(ErrorCode.NOT_FOUND, "There is nothing here that the caller may see.")


def problem_body(
    code: ErrorCode, detail: str, *, request_id: str | None = None, faults: Sequence[Fault] = ()
) -> dict[str, Any]:
    """The body: RFC 9457's members, the ecosystem's, and every fault where the input has some."""
    said = MEANING[code]
    body: dict[str, Any] = {
        "type": f"urn:evenhand:error:{code.value.lower().replace('_', '-')}",
        "title": said.title,
        "status": said.status,
        "detail": detail,
        "instance": None if request_id is None else f"urn:evenhand:request:{request_id}",
        "errorCode": code.value,
        "userMessage": said.user_message,
        "developerMessage": detail,
        "moreInfo": MORE_INFO,
    }
    if said.status == 422:
        report = fault_report_json(faults[:MOST_FAULTS])
        body |= {"count": len(faults), "faults": report["faults"]}
    return body


def problem_response(error: AnswerError, request_id: str | None) -> JSONResponse:
    """The response for an error."""
    headers = dict(error.headers)
    if error.code is ErrorCode.UNAUTHENTICATED:
        headers.setdefault("WWW-Authenticate", "Bearer")
    return JSONResponse(
        problem_body(error.code, error.detail, request_id=request_id, faults=error.faults),
        status_code=MEANING[error.code].status,
        headers=headers,
        media_type=MEDIA_TYPE,
    )
