"""Policies, erasure, the audit trail, and how people decide."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from api.http.bodies import ErasureAsked
from api.http.callers import Role
from api.http.declared import declared
from api.http.errors import AnswerError, ErrorCode
from api.http.listing import Pages, Pdu, pdus_of
from api.http.service import Ask
from api.http.views.base import paged
from api.http.views.governance import (
    AcceptanceView,
    AuditEventsView,
    AuditEventView,
    ChainView,
    ErasureView,
    PoliciesView,
    PolicyView,
)
from api.store.records import Event

router = APIRouter(prefix="/v1", tags=["governance"])


@router.get(
    "/policies",
    response_model=PoliciesView,
    summary="Show the policies",
    **declared(*Role, event=None, because="Policies hold prices and limits, and nothing of a person."),
)
def policies(ask: Ask) -> PoliciesView:
    """The policy in force with its text, and every policy that plans here were made by."""
    kept = ask.store.policies()
    current = ask.store.policy(ask.service.policy.policy_hash)
    return PoliciesView(
        current=PolicyView.of(current), text=current.text, policies=tuple(map(PolicyView.of, kept))
    )


@router.post(
    "/erasures",
    response_model=ErasureView,
    summary="Erase a person",
    **declared(Role.AUDIT, event=Event.ERASURE),
)
def erase(ask: Ask, body: ErasureAsked) -> ErasureView:
    """Take a person out of every problem, plan, question and decision. Needs a person whose scope is every PDU."""
    if ask.caller.pdus is not None or not ask.caller.person:
        raise AnswerError(ErrorCode.FORBIDDEN, "Erasing needs a person whose scope is every PDU.")
    done = ask.store.erase(ask.actor, body.crn, body.reason, route=ask.route)
    ask.service.problems.forget()
    return ErasureView.model_validate(done)


@router.get(
    "/audit/events",
    response_model=AuditEventsView,
    summary="Read the audit trail",
    **declared(Role.AUDIT, event=Event.CONSULTATION),
)
def audit_events(
    ask: Ask,
    pages: Pages,
    event: Event | None = None,
    run: Annotated[str | None, Query(pattern=r"^[0-9a-f-]{36}$", description="Of this job or batch.")] = None,
) -> AuditEventsView:
    """Who did what and when, the newest first. The trail is of every PDU, and so is the scope that it needs."""
    if ask.caller.pdus is not None:
        raise AnswerError(ErrorCode.FORBIDDEN, "The audit trail needs a scope of every PDU.")
    found = ask.store.audit_events(event=event, run=run, page=pages.page, size=pages.size)
    ask.touched(Event.CONSULTATION)
    return AuditEventsView(events=tuple(map(AuditEventView.of, found.items)), **paged(found))


@router.post(
    "/audit/verifications",
    response_model=ChainView,
    summary="Check the audit trail",
    **declared(
        Role.AUDIT,
        event=None,
        because="It reads hashes and says whether they follow from each other.",
        errors=(ErrorCode.TOO_SLOW,),
    ),
)
async def verify_trail(ask: Ask) -> ChainView:
    """Whether the trail is what was written, from its beginning to its end."""
    broken = await ask.service.heavy(ask.store.verify_chain)
    if broken is not None:
        return ChainView(whole=False, broken_at=broken.position, why=broken.why, position=None, hash=None)
    head = await ask.service.heavy(ask.store.chain_head)
    return ChainView(whole=True, broken_at=None, why=None, position=head.position, hash=head.hash)


@router.get(
    "/acceptances",
    response_model=AcceptanceView,
    summary="How people decide",
    **declared(
        Role.AUDIT,
        Role.ALLOCATION,
        Role.UNPAID_WORK,
        event=None,
        because="It counts decisions of everybody together, and names nobody.",
    ),
)
def acceptances(ask: Ask, pdu: Pdu = None) -> AcceptanceView:
    """Counts of decisions, the median time of a review, and whether anybody accepts blindly."""
    return AcceptanceView.of(ask.store.acceptance(pdus_of(ask.caller, pdu)))
