"""One person's unpaid work placed at once."""

from __future__ import annotations

from typing import Any

from api.http.bodies import OnePerson
from api.http.checking import roster_of
from api.http.errors import AnswerError, ErrorCode, not_found
from api.http.service import Asking
from api.store.records import Event
from models.errors import UsageError


def place_one(ask: Asking, problem_id: str, body: OnePerson) -> dict[str, Any]:
    """Every slot for one person. Raises AnswerError for somebody who is not in the problem."""
    stored = ask.problem(problem_id)
    prepared = ask.service.problems.of(stored)
    problem = prepared.unpaid_work()
    events = [person.event_number for person in problem.people if person.crn == body.crn]
    if not events or (body.event_number is not None and body.event_number not in events):
        raise not_found()
    roster = None
    if body.plan_id is not None:
        plan = ask.plan(body.plan_id)
        if plan.problem_id != stored.id:
            raise AnswerError(ErrorCode.QUESTION_REFUSED, "The roster is one of another problem.")
        roster = roster_of(ask.store.plan_content(plan.id))
    placer = prepared.placer(body.plan_id, roster)
    try:
        person = placer.person(body.crn, body.event_number)
    except UsageError:
        raise AnswerError(
            ErrorCode.QUESTION_REFUSED, "The person has several events: say which one with eventNumber."
        ) from None
    answer: dict[str, Any] = placer.place(person).as_json()
    ask.touched(Event.CONSULTATION, crns=[body.crn])
    return answer
