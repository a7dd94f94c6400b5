"""What every route of /v1 declares: who may use it, and which of the six audit events it records, or why none.

A test reads these from the route table, so that a new route without them fails.
"""

from __future__ import annotations

from typing import Any

from fastapi import Depends, Request

from api.http.callers import Role, caller_of
from api.http.errors import AnswerError, ErrorCode
from api.http.openapi import Responses, answers
from api.store.records import Event

ROLES = "x-roles"
EVENT = "x-audit-event"
BECAUSE = "x-no-audit-event-because"


def declared(
    *roles: Role,
    event: Event | None,
    because: str | None = None,
    errors: tuple[ErrorCode, ...] = (),
    extra: Responses | None = None,
) -> dict[str, Any]:
    """The arguments of a route's decorator.

    roles: the caller needs one of them. event: what the audit trail keeps of every answer that is given. because: why
    there is nothing to keep, when event is None. errors: the answers that this route alone can give, beside those
    that all can. extra: other documented responses.
    """
    if (event is None) == (because is None):
        raise ValueError("a route that touches no person says why; one that does names its event")
    noted = {EVENT: event.value} if event is not None else {BECAUSE: because}

    def allowed(request: Request) -> None:
        if not caller_of(request).has(*roles):
            raise AnswerError(ErrorCode.FORBIDDEN, f"This needs one of: {', '.join(roles)}.")

    return {
        "dependencies": [Depends(allowed)],
        "openapi_extra": {ROLES: [role.value for role in roles], **noted},
        "responses": {**answers(*errors), **(extra or {})},
    }
