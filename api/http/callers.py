"""Who calls: a person or a service, with roles and the PDUs that they may see."""

from __future__ import annotations

import enum
import getpass
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request

from api.http.errors import AnswerError, ErrorCode, not_found


class Role(enum.StrEnum):
    """The rights of this service, as tokens name them."""

    ALLOCATION = "ROLE_EVENHAND_ALLOCATION"
    UNPAID_WORK = "ROLE_EVENHAND_UNPAID_WORK"
    BATCH = "ROLE_EVENHAND_BATCH"
    AUDIT = "ROLE_EVENHAND_AUDIT"
    RESTRICTED = "ROLE_EVENHAND_RESTRICTED"


ROLE_OF_KIND = {"ALLOCATION": Role.ALLOCATION, "UNPAID_WORK": Role.UNPAID_WORK}
"""The role that problems, jobs and plans of a kind need."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls. person: False for a service, which cannot decide. pdus: None for all. expires: seconds since 1970."""

    subject: str
    person: bool
    roles: frozenset[Role]
    pdus: frozenset[str] | None
    expires: float | None = None

    def has(self, *roles: Role) -> bool:
        """Whether the caller has one of the roles."""
        return not self.roles.isdisjoint(roles)

    @property
    def restricted(self) -> bool:
        """Whether the caller may see the detail of restricted cases."""
        return Role.RESTRICTED in self.roles

    @property
    def kinds(self) -> frozenset[str]:
        """The kinds of problems that the caller works with."""
        return frozenset(kind for kind, role in ROLE_OF_KIND.items() if role in self.roles)

    def covers(self, pdu: str) -> bool:
        """Whether the PDU is among the caller's."""
        return self.pdus is None or pdu in self.pdus

    def may_see(self, pdu: str, kind: str) -> bool:
        """Whether the caller may see what belongs to this PDU and is of this kind of problem."""
        return self.covers(pdu) and kind in self.kinds

    def must_see(self, pdu: str, kind: str) -> None:
        """Raises the answer for what does not exist when the caller may not see it."""
        if not self.may_see(pdu, kind):
            raise not_found()


def local_caller() -> Caller:
    """The person at this machine, who has every right: the caller when no authentication is set."""
    try:
        name = getpass.getuser()
    except (OSError, KeyError):
        name = "unknown"
    return Caller(f"local:{name}", person=True, roles=frozenset(Role), pdus=None)


def caller_of_claims(claims: dict[str, Any]) -> Caller:
    """The caller that a checked token names.

    authorities: the roles, any others are ignored. pdus: the codes of PDUs, or "*" for all; without the claim the
    caller sees none. A person is who has a user name and did not come by client credentials; everything else is a
    service. Raises AnswerError for claims of another form.
    """
    roles = _texts(claims.get("authorities", []), "authorities")
    pdus = _texts(claims.get("pdus", []), "pdus")
    user = claims.get("user_name")
    person = isinstance(user, str) and bool(user) and claims.get("grant_type") != "client_credentials"
    known = {role.value for role in Role}
    return Caller(
        subject=str(claims["sub"])[:200],
        person=person,
        roles=frozenset(Role(role) for role in roles if role in known),
        pdus=None if "*" in pdus else frozenset(pdus),
        expires=float(claims["exp"]),
    )


def _texts(value: Any, claim: str) -> list[str]:
    listed = [value] if isinstance(value, str) else value
    if not isinstance(listed, list) or not all(isinstance(each, str) for each in listed):
        raise AnswerError(ErrorCode.UNAUTHENTICATED, f"The token's claim {claim} is no list of texts.")
    return listed


def caller_of(request: Request) -> Caller:
    """The caller whom the door let in."""
    caller: Caller = request.scope["state"]["caller"]
    return caller
