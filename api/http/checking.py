"""A plan or roster checked for a caller, the way `evenhand verify` does."""

from __future__ import annotations

from typing import Any, TypeVar

from pydantic import ValidationError

from api.http.bodies import VerificationAsked
from api.http.errors import AnswerError, ErrorCode
from api.http.prepared import Prepared
from api.http.service import Asking
from api.http.views.plans import VerificationView, ViolationView
from models.allocation.plan import Plan, Question, QuestionKind
from models.errors import InputError
from models.faults import json_faults
from models.record import reader
from models.rules import Violation
from models.unpaid_work.problem import UnpaidWorkProblem
from models.unpaid_work.roster import Roster

RecordT = TypeVar("RecordT")


def check(ask: Asking, prepared: Prepared, body: VerificationAsked) -> VerificationView:
    """What the plan breaks. Raises InputError for one that does not follow the contract, AnswerError for none."""
    if body.assignments is not None:
        return _edited(prepared, body)
    content = body.plan
    if body.plan_id is not None:
        content = ask.store.plan_content(ask.plan(body.plan_id).id)
    assert content is not None
    if isinstance(prepared.problem, UnpaidWorkProblem):
        from solver.verify.unpaid_work import roster_mismatches, verify_roster

        roster = record_of(Roster, content)
        warnings = roster_mismatches(prepared.problem, roster, prepared.policy)
        return _view(verify_roster(prepared.problem, roster, prepared.policy), warnings)
    from solver.allocation.proof import unproven
    from solver.verify import mismatches, verify

    plan = record_of(Plan, content)
    problem, policy = prepared.problem, prepared.policy
    proof = () if plan.bound_proof is None else unproven(problem, plan, policy)
    return _view((*verify(problem, plan, policy), *proof), mismatches(problem, plan, policy))


def _edited(prepared: Prepared, body: VerificationAsked) -> VerificationView:
    from solver.verify import verify_edited

    assert body.assignments is not None
    lines = tuple(
        (line.crn, line.staff_code, None if line.staff_code is None else line.team_code)
        for line in body.assignments
    )
    question = Question(QuestionKind(body.kind), body.moves, body.released)
    return _view(verify_edited(prepared.allocation(), lines, question, prepared.policy), ())


def _view(violations: tuple[Violation, ...], warnings: tuple[str, ...]) -> VerificationView:
    return VerificationView(
        clean=not violations,
        violations=tuple(
            ViolationView(
                rule=each.rule,
                crn=each.crn,
                staff_code=each.staff_code,
                team_code=each.team_code,
                sentence=each.sentence,
            )
            for each in violations
        ),
        warnings=warnings,
    )


def record_of(kind: type[RecordT], content: dict[str, Any]) -> RecordT:
    """A plan or roster in full. Raises InputError with every fault."""
    try:
        return reader(kind).validate_python(content)
    except ValidationError as error:
        raise InputError(json_faults(error, prefix="plan")) from None


def plan_of(content: dict[str, Any]) -> Plan:
    """A stored allocation plan. Raises AnswerError when an erasure has left none."""
    return _stored(Plan, content)


def roster_of(content: dict[str, Any]) -> Roster:
    """A stored roster. Raises AnswerError when an erasure has left none."""
    return _stored(Roster, content)


def _stored(kind: type[RecordT], content: dict[str, Any]) -> RecordT:
    try:
        return record_of(kind, content)
    except InputError:
        raise AnswerError(
            ErrorCode.QUESTION_REFUSED, "After an erasure this plan cannot be read any more."
        ) from None
