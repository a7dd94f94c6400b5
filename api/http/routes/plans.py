"""Plans: proposals listed, shown and compared, and the decisions of people on them."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Header
from fastapi.responses import JSONResponse

from api.http.bodies import ComparisonAsked, DecisionMade
from api.http.callers import Role
from api.http.comparing import comparison
from api.http.declared import declared
from api.http.errors import AnswerError, ErrorCode, not_found
from api.http.listing import Pages, Pdu, PlanId, ProblemIdFilter, pdus_of
from api.http.openapi import Responses, link
from api.http.restricted import without
from api.http.routes.jobs import job_kinds
from api.http.service import Ask, Asking
from api.http.views.base import paged
from api.http.views.plans import (
    ComparisonView,
    DecisionMadeView,
    DecisionsView,
    DecisionView,
    PlanDetail,
    PlansView,
    PlanView,
)
from api.store.records import Event, Outcome, OverrideReason, PlanState, StoredPlan
from models.errors import ConflictError, NotFoundError

router = APIRouter(prefix="/v1", tags=["plans"])
WORKING = (Role.ALLOCATION, Role.UNPAID_WORK)
_ETAG = {"ETag": {"description": "The plan's version.", "schema": {"type": "string"}}}


_NEXT = {"planId": "$response.body#/id"}
_SHOWN: Responses = {
    200: {
        "headers": _ETAG,
        "links": {
            "decide": link("decide", None, **_NEXT, **{"If-Match": "$response.header.ETag"}),
            "decisions": link("decisions", None, **_NEXT),
            "export": link("export", None, **_NEXT),
            "verify": link("verify", {"planId": "$response.body#/id"}, problemId="$response.body#/problemId"),
        },
    }
}
_LISTED: Responses = {200: {"links": {"plan": link("plan", planId="$response.body#/plans/0/id")}}}


@router.get(
    "/plans",
    response_model=PlansView,
    summary="List plans",
    **declared(
        *WORKING,
        event=None,
        because="It shows ids, states and figures, and nothing of a person.",
        extra=_LISTED,
    ),
)
def plans(
    ask: Ask,
    pages: Pages,
    pdu: Pdu = None,
    state: PlanState | None = None,
    problem_id: ProblemIdFilter = None,
) -> PlansView:
    """The plans that the caller may see, the newest first."""
    found = ask.store.plans(
        pdus_of(ask.caller, pdu),
        state=state,
        problem_id=problem_id,
        kinds=job_kinds(ask),
        page=pages.page,
        size=pages.size,
    )
    return PlansView(plans=tuple(map(PlanView.of, found.items)), **paged(found))


@router.get(
    "/plans/{planId}",
    response_model=PlanDetail,
    summary="Show a plan",
    **declared(
        *WORKING,
        event=Event.CONSULTATION,
        errors=(ErrorCode.NOT_FOUND, ErrorCode.QUESTION_REFUSED),
        extra=_SHOWN,
    ),
)
def plan(ask: Ask, plan_id: PlanId) -> JSONResponse:
    """A plan in full. Restricted cases are left out for callers without the right to them."""
    stored = ask.plan(plan_id)
    hidden = ask.hidden(ask.prepared(stored.problem_id))
    content = without(ask.store.plan_content(stored.id), hidden)
    ask.touched(Event.CONSULTATION, plan_id=stored.id)
    body = {
        **PlanView.of(stored).model_dump(mode="json", by_alias=True),
        "content": content,
        "restrictedCrns": sorted(hidden),
    }
    return JSONResponse(body, headers={"ETag": etag_of(stored)})


@router.post(
    "/plans/comparisons",
    response_model=ComparisonView,
    summary="Compare two plans",
    **declared(*WORKING, event=Event.COMBINATION, errors=(ErrorCode.NOT_FOUND, ErrorCode.QUESTION_REFUSED)),
)
def compare(ask: Ask, body: ComparisonAsked) -> JSONResponse:
    """Figures side by side, and everybody whom the plans treat differently."""
    first, second = (ask.plan(plan_id) for plan_id in body.plan_ids)
    if first.problem_id != second.problem_id:
        raise AnswerError(ErrorCode.QUESTION_REFUSED, "The plans are for different problems.")
    hidden = ask.hidden(ask.prepared(first.problem_id))
    found = comparison(
        (first.id, ask.store.plan_content(first.id)), (second.id, ask.store.plan_content(second.id)), hidden
    )
    ask.touched(Event.COMBINATION, plan_id=first.id)
    return JSONResponse(without(found.model_dump(mode="json", by_alias=True), hidden))


@router.get(
    "/plans/{planId}/decisions",
    response_model=DecisionsView,
    summary="Show the decisions on a plan",
    **declared(
        *WORKING, event=Event.CONSULTATION, errors=(ErrorCode.NOT_FOUND,), extra={200: {"headers": _ETAG}}
    ),
)
def decisions(ask: Ask, plan_id: PlanId) -> JSONResponse:
    """Who decided what on a plan, in order."""
    stored = ask.plan(plan_id)
    hidden = ask.hidden(ask.prepared(stored.problem_id))
    shown = tuple(DecisionView.of(each) for each in ask.store.decisions(stored.id) if each.crn not in hidden)
    ask.touched(Event.CONSULTATION, plan_id=stored.id)
    body = DecisionsView(plan=PlanView.of(stored), decisions=shown)
    return JSONResponse(body.model_dump(mode="json", by_alias=True), headers={"ETag": etag_of(stored)})


IfMatch = Annotated[
    str | None,
    Header(alias="If-Match", max_length=100, description="The ETag of the plan that was looked at."),
]


@router.post(
    "/plans/{planId}/decisions",
    status_code=201,
    response_model=DecisionMadeView,
    summary="Decide on a plan",
    **declared(
        *WORKING,
        event=Event.ALTERATION,
        errors=(
            ErrorCode.NOT_FOUND,
            ErrorCode.CONFLICT,
            ErrorCode.VERSION_MOVED,
            ErrorCode.VERSION_NEEDED,
            ErrorCode.QUESTION_REFUSED,
        ),
        extra={201: {"headers": _ETAG}},
    ),
)
def decide(ask: Ask, plan_id: PlanId, body: DecisionMade, if_match: IfMatch = None) -> JSONResponse:
    """Accept, override or reject: a plan as a whole, or one person's place in it. Only a person decides."""
    stored = ask.plan(plan_id)
    if not ask.caller.person:
        raise AnswerError(ErrorCode.FORBIDDEN, "Deciding is a person's act.")
    if if_match is None:
        raise AnswerError(ErrorCode.VERSION_NEEDED, "Send If-Match with the ETag of the plan.")
    if if_match.strip() != etag_of(stored):
        raise AnswerError(ErrorCode.VERSION_MOVED, "The plan has another version than If-Match says.")
    _check_informed(ask, stored, body.crn)
    try:
        decision = ask.store.decide(
            ask.actor,
            stored.id,
            stored.version,
            Outcome(body.outcome),
            crn=body.crn,
            reason=None if body.reason is None else OverrideReason(body.reason),
            text=body.text,
            choice=body.choice,
            opened_at=body.opened_at,
            route=ask.route,
        )
    except NotFoundError:
        raise not_found() from None
    except ConflictError:
        raise _conflict(ask, stored) from None
    after = ask.store.plan(stored.id)
    made = DecisionMadeView(decision=DecisionView.of(decision), plan=PlanView.of(after))
    return JSONResponse(
        made.model_dump(mode="json", by_alias=True), status_code=201, headers={"ETag": etag_of(after)}
    )


def _check_informed(ask: Asking, stored: StoredPlan, crn: str | None) -> None:
    """Raises AnswerError for who cannot see what they decide on."""
    hidden = ask.hidden(ask.prepared(stored.problem_id))
    if crn is not None and crn in hidden:
        raise not_found()
    if crn is None and hidden:
        raise AnswerError(ErrorCode.FORBIDDEN, "The plan holds restricted cases that the caller cannot see.")


def _conflict(ask: Asking, stored: StoredPlan) -> AnswerError:
    """Why a decision was not taken: the version moved while it was made, or the plan is closed."""
    if ask.store.plan(stored.id).version != stored.version:
        return AnswerError(ErrorCode.VERSION_MOVED, "Somebody decided on this plan at the same time.")
    return AnswerError(ErrorCode.CONFLICT, "The plan has been decided on already.")


def etag_of(stored: StoredPlan) -> str:
    """The plan's version as an entity tag."""
    return f'"{stored.version}"'
