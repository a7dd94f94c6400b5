"""Plans as files to take away. Whoever takes one discloses it, and the audit trail says to whom."""

from __future__ import annotations

import enum
from typing import Annotated

from fastapi import APIRouter, Header, Response

from api.http.callers import Role
from api.http.declared import declared
from api.http.errors import ErrorCode
from api.http.exporting import MEDIA_TYPES, exported
from api.http.listing import PlanId
from api.http.openapi import Responses
from api.http.service import Ask
from api.store.records import Event

router = APIRouter(prefix="/v1", tags=["plans"])


class Format(enum.StrEnum):
    """Forms of a file. ics: rosters alone."""

    JSON = "json"
    CSV = "csv"
    XLSX = "xlsx"
    ICS = "ics"


Recipient = Annotated[
    str | None,
    Header(
        alias="Disclosure-Recipient",
        pattern=r"^[ -~]{1,200}$",
        description="Who is given the file, an organisation or a role; the caller where it is left out.",
    ),
]
_CONTRACT = {"anyOf": [{"$ref": f"#/components/schemas/{name}"} for name in ("Plan", "Roster")]}
_FILE: Responses = {
    200: {
        "description": "The file.",
        "content": {
            media_type: {"schema": _CONTRACT if media_type == "application/json" else {"type": "string"}}
            for media_type in MEDIA_TYPES.values()
        },
        "headers": {"Content-Disposition": {"description": "attachment", "schema": {"type": "string"}}},
    }
}


@router.get(
    "/plans/{planId}/exports/{format}",
    response_class=Response,
    summary="Take a plan away as a file",
    **declared(
        Role.ALLOCATION,
        Role.UNPAID_WORK,
        event=Event.DISCLOSURE,
        errors=(ErrorCode.NOT_FOUND, ErrorCode.QUESTION_REFUSED, ErrorCode.TOO_SLOW),
        extra=_FILE,
    ),
)
async def export(ask: Ask, plan_id: PlanId, format: Format, recipient: Recipient = None) -> Response:  # noqa: A002 - the name in the address
    """The plan as JSON, CSV, a spreadsheet or, for a roster, a calendar."""
    content = await ask.service.heavy(exported, ask, plan_id, format.value, recipient)
    return Response(
        content,
        media_type=MEDIA_TYPES[format.value],
        headers={"Content-Disposition": f'attachment; filename="plan-{plan_id}.{format.value}"'},
    )
