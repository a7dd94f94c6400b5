"""What may be asked of a problem: as a job (202), or answered at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Header, Response
from fastapi.responses import JSONResponse

from api.http.bodies import (
    AllocationQuestion,
    OneCase,
    OnePerson,
    RebalanceQuestion,
    RepairAsked,
    RosterAsked,
    SolveLimits,
    VerificationAsked,
)
from api.http.callers import Role
from api.http.checking import check
from api.http.declared import declared
from api.http.errors import AnswerError, ErrorCode, not_found
from api.http.listing import ProblemId
from api.http.openapi import Responses, link
from api.http.placing import place_one
from api.http.prepared import Prepared
from api.http.restricted import hidden_from, struck, without
from api.http.service import KIND_OF_JOB, Ask, Asking
from api.http.views.jobs import JobView
from api.http.views.plans import VerificationView
from api.logs import logger
from api.store.records import Event, JobKind, JobState
from models.errors import NoRoomError
from models.record import reader
from solver.allocation.recommend import Recommendation
from solver.unpaid_work.place import Placing

_log = logger(__name__)
router = APIRouter(prefix="/v1", tags=["questions"])
RETRY_SECONDS = 5
IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        pattern=r"^[A-Za-z0-9._:-]{1,100}$",
        description="The same key with the same request has one effect; with another request it is a conflict.",
    ),
]
_ACCEPTED: Responses = {
    202: {
        "description": "Accepted: the job is under way.",
        "links": {
            "job": link("job", jobId="$response.body#/id"),
            "watch": link("jobEvents", jobId="$response.body#/id"),
            "endEarly": link("endJob", jobId="$response.body#/id"),
        },
        "headers": {"Location": {"description": "Where the job is.", "schema": {"type": "string"}}},
    }
}
_ASKING = (
    ErrorCode.NOT_FOUND,
    ErrorCode.CONFLICT,
    ErrorCode.QUESTION_REFUSED,
    ErrorCode.TOO_MANY_JOBS,
    ErrorCode.BODY_TOO_LARGE,
    ErrorCode.BODY_TOO_SLOW,
)
_AT_ONCE = (
    ErrorCode.NOT_FOUND,
    ErrorCode.QUESTION_REFUSED,
    ErrorCode.BODY_TOO_LARGE,
    ErrorCode.BODY_TOO_SLOW,
    ErrorCode.TOO_SLOW,
)


def _job_route(*roles: Role) -> dict[str, Any]:
    return {
        "status_code": 202,
        "response_model": JobView,
        **declared(*roles, event=Event.CONSULTATION, errors=_ASKING, extra=_ACCEPTED),
    }


@router.post(
    "/problems/{problemId}/allocations",
    summary="Give waiting cases officers",
    **_job_route(Role.ALLOCATION),
)
def allocate(
    ask: Ask, problem_id: ProblemId, body: AllocationQuestion, response: Response, key: IdempotencyKey = None
) -> JobView:
    """Ask for a plan that gives every waiting case an officer, the held ones staying where they are."""
    question = {"released": list(body.released), "strategy": body.strategy, "startPlanId": body.start_plan_id}
    return _submitted(ask, problem_id, JobKind.ALLOCATE, question, body.limits, response, key)


@router.post(
    "/problems/{problemId}/rebalances",
    summary="Move some held cases too",
    **_job_route(Role.ALLOCATION),
)
def rebalance(
    ask: Ask, problem_id: ProblemId, body: RebalanceQuestion, response: Response, key: IdempotencyKey = None
) -> JobView:
    """Ask for a plan in which at most `moves` held cases change officer."""
    question = {
        "moves": body.moves,
        "released": list(body.released),
        "strategy": body.strategy,
        "startPlanId": body.start_plan_id,
    }
    return _submitted(ask, problem_id, JobKind.REBALANCE, question, body.limits, response, key)


@router.post(
    "/problems/{problemId}/rosters", summary="Make a roster of unpaid work", **_job_route(Role.UNPAID_WORK)
)
def roster(
    ask: Ask, problem_id: ProblemId, body: RosterAsked, response: Response, key: IdempotencyKey = None
) -> JobView:
    """Ask for placements, sessions and supervisors over the problem's weeks."""
    question = {"startPlanId": body.start_plan_id}
    return _submitted(ask, problem_id, JobKind.ROSTER, question, body.limits, response, key)


@router.post(
    "/problems/{problemId}/repairs",
    summary="Repair a roster after something went wrong",
    **_job_route(Role.UNPAID_WORK),
)
def repair(
    ask: Ask, problem_id: ProblemId, body: RepairAsked, response: Response, key: IdempotencyKey = None
) -> JobView:
    """Ask for the roster with the fewest changes that does without what is missing."""
    question = body.model_dump(
        mode="json",
        by_alias=True,
        include={"without_supervisors", "closed_projects", "dates", "absent"},
    )
    question["startPlanId"] = body.plan_id
    return _submitted(ask, problem_id, JobKind.REPAIR, question, body.limits, response, key)


def _submitted(
    ask: Asking,
    problem_id: str,
    kind: JobKind,
    question: Mapping[str, Any],
    limits: SolveLimits,
    response: Response,
    key: str | None,
) -> JobView:
    """Keeps the job and hands it to the queue. Raises AnswerError when the PDU has too many."""
    service = ask.service
    problem = ask.problem(problem_id)
    if problem.kind.value != KIND_OF_JOB[kind.value]:
        raise AnswerError(ErrorCode.QUESTION_REFUSED, "This cannot be asked of a problem of this kind.")
    asked = {name: value for name, value in question.items() if value is not None}
    if "startPlanId" in asked and ask.plan(asked["startPlanId"]).problem_id != problem.id:
        raise AnswerError(ErrorCode.QUESTION_REFUSED, "The plan to begin from is one of another problem.")
    most = service.settings.limits.jobs_per_pdu
    try:
        job = ask.store.add_job(
            ask.actor,
            problem.pdu,
            kind,
            problem.id,
            {**asked, "policyHash": service.policy.policy_hash},
            _limits(limits, service.settings.limits.job_seconds),
            idempotency_key=key,
            route=ask.route,
            most_open=most,
        )
    except NoRoomError:
        service.metrics.refused.inc()
        raise AnswerError(
            ErrorCode.TOO_MANY_JOBS,
            f"This PDU has {most} jobs waiting or running already.",
            headers={"Retry-After": str(RETRY_SECONDS)},
        ) from None
    if job.state is JobState.QUEUED:
        service.queue.submit(job.id)
        _log.info("a job was submitted", job_id=job.id, problem_id=problem.id, kind=kind.value)
    response.headers["Location"] = f"/v1/jobs/{job.id}"
    return JobView.of(job)


def _limits(limits: SolveLimits, most_seconds: int) -> dict[str, Any]:
    """The job's limits, within what the deployment allows; the clock has a say even beside a work limit."""
    seconds = limits.seconds
    if limits.work is None:
        seconds = 10.0 if seconds is None else seconds
    seconds = float(most_seconds) if seconds is None else min(seconds, float(most_seconds))
    found = {"seconds": seconds, "seed": limits.seed, "threads": limits.threads}
    return found if limits.work is None else {**found, "work": limits.work}


@router.post(
    "/problems/{problemId}/recommendations",
    response_model=Recommendation,
    summary="Rank every officer for one case",
    **declared(Role.ALLOCATION, event=Event.CONSULTATION, errors=_AT_ONCE),
)
def recommend(ask: Ask, problem_id: ProblemId, body: OneCase) -> Response:
    """Every officer for one case by exact price, the best first, and the rules that forbid each who may not take it."""
    prepared = ask.prepared(problem_id)
    problem = prepared.allocation()
    hidden = ask.hidden(prepared)
    if body.crn not in problem.case_numbers or body.crn in hidden:
        raise not_found()
    _check_released(prepared, body.released)
    found = prepared.recommender(body.released).recommend(body.crn)
    ask.touched(Event.CONSULTATION, crns=[body.crn])
    if hidden:
        return JSONResponse(struck(found.as_json(), hidden))
    return Response(reader(Recommendation).dump_json(found, by_alias=True), media_type="application/json")


def _check_released(prepared: Prepared, released: tuple[str, ...]) -> None:
    problem = prepared.allocation()
    known = {"findings", *problem.officers_of}
    known.update(case.current_staff_code for case in problem.cases if case.current_staff_code is not None)
    if not known.issuperset(released):
        raise AnswerError(ErrorCode.QUESTION_REFUSED, "Somebody in released is not in the problem.")


@router.post(
    "/problems/{problemId}/places",
    response_model=Placing,
    summary="Rank every slot for one person's unpaid work",
    **declared(Role.UNPAID_WORK, event=Event.CONSULTATION, errors=_AT_ONCE),
)
async def place(ask: Ask, problem_id: ProblemId, body: OnePerson) -> JSONResponse:
    """Every open slot for one person, the best first, with start, forecast and price, and what forbids the others."""
    return JSONResponse(await ask.service.heavy(place_one, ask, problem_id, body))


@router.post(
    "/problems/{problemId}/verifications",
    response_model=VerificationView,
    summary="Check a plan against every rule",
    **declared(Role.ALLOCATION, Role.UNPAID_WORK, event=Event.CONSULTATION, errors=_AT_ONCE),
)
async def verify(ask: Ask, problem_id: ProblemId, body: VerificationAsked) -> JSONResponse:
    """Every rule again from the input alone, and every claim that a plan makes of itself."""
    return JSONResponse(await ask.service.heavy(_verified, ask, problem_id, body))


def _verified(ask: Asking, problem_id: str, body: VerificationAsked) -> dict[str, Any]:
    stored = ask.problem(problem_id)
    prepared = ask.service.problems.of(stored)
    found = check(ask, prepared, body)
    hidden = hidden_from(ask.caller, prepared.restricted)
    ask.touched(Event.CONSULTATION, problem_id=stored.id)
    return without(found.model_dump(mode="json", by_alias=True), hidden)
