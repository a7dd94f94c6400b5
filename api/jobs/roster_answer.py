"""Rosters and repairs for jobs: JSON in, a verified roster out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from models.errors import UsageError
from models.extracts.limits import LIMITS
from models.extracts.unpaid_json import unpaid_problem_of_json
from models.policy.policy import Policy
from models.record import parse_date, reader
from models.unpaid_work.disruption import Disruption, PersonAbsent, ProjectClosed, SupervisorAway
from models.unpaid_work.problem import UnpaidWorkProblem
from models.unpaid_work.roster import Roster
from solver.engine import Limits, ProgressCallback, Stop


def new_roster(
    content: Mapping[str, Any],
    start: Mapping[str, Any] | None,
    policy: Policy,
    limits: Limits,
    stop: Stop,
    watch: ProgressCallback | None,
) -> tuple[Roster, int]:
    """A roster of a problem, and how many people it is for. start: one in hand, than which it is no dearer.

    Raises InputError, UsageError, and what solving raises.
    """
    from solver.unpaid_work.roster import make_roster

    problem = unpaid_problem_of_json(content, None, limits=LIMITS, repeated=[])
    in_hand = None if start is None else _roster(start)
    return make_roster(problem, policy, limits, stop=stop, watch=watch, start=in_hand), len(problem.people)


def repaired(
    content: Mapping[str, Any],
    start: Mapping[str, Any] | None,
    question: Mapping[str, Any],
    policy: Policy,
    limits: Limits,
    stop: Stop,
    watch: ProgressCallback | None,
) -> tuple[Roster, int]:
    """A roster in hand mended, and how many people it is for. question: see `disruption_of`.

    Raises InputError, UsageError, and what solving raises.
    """
    from solver.unpaid_work.repair import repair

    if start is None:
        raise UsageError("a repair needs the roster in hand")
    problem = unpaid_problem_of_json(content, None, limits=LIMITS, repeated=[])
    disruption = disruption_of(problem, question)
    made = repair(problem, _roster(start), disruption, policy, limits, stop=stop, watch=watch)
    return made, len(problem.people)


def disruption_of(problem: UnpaidWorkProblem, question: Mapping[str, Any]) -> Disruption:
    """What went wrong, from withoutSupervisors, closedProjects, dates and absent ({crn, date}).

    Without dates every day of the horizon. Raises UsageError for a code that names nobody, and for what is no date.
    """
    days = tuple(_day(each) for each in question.get("dates") or ()) or problem.days
    supervisors = tuple(question.get("withoutSupervisors") or ())
    projects = tuple(question.get("closedProjects") or ())
    absent = tuple((each["crn"], _day(each["date"])) for each in question.get("absent") or ())
    known = {
        *problem.supervisor_numbers,
        *problem.project_numbers,
        *(person.crn for person in problem.people),
    }
    if not {*supervisors, *projects, *(crn for crn, _ in absent)} <= known:
        raise UsageError("the repair names somebody or something that the problem does not have")
    return Disruption(
        supervisors_away=tuple(SupervisorAway(code, day) for code in supervisors for day in days),
        projects_closed=tuple(ProjectClosed(code, day) for code in projects for day in days),
        people_absent=tuple(PersonAbsent(crn, day) for crn, day in absent),
    )


def _day(text: object) -> dt.date:
    try:
        day = parse_date(text)
    except ValueError:
        raise UsageError("a day of the repair is no date") from None
    assert isinstance(day, dt.date)
    return day


def _roster(content: Mapping[str, Any]) -> Roster:
    try:
        return reader(Roster).validate_python(content)
    except ValidationError:
        raise UsageError("the roster in hand does not follow the contract") from None
