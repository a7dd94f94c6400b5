"""Whom a session must hold if it runs, and whom it may hold beside them; what it earns so."""

from __future__ import annotations

import pytest

from models.policy.policy import default_policy
from models.unpaid_work.person import Person
from models.unpaid_work.project import Project
from models.unpaid_work.supervisor import Supervisor
from solver.unpaid_work.board import board_of
from solver.unpaid_work.bound import Bounding
from solver.unpaid_work.facts import RosterFacts
from solver.unpaid_work.gatherings import Gatherings
from tests.support.unpaid import ANN, BOB, X, Y, Z, day, person, problem, project, supervisor, told

POLICY = default_policy()


def test_all_who_were_told_come_when_they_fit_together() -> None:
    people = [person(X, appointments=(told(1),)), person(Y, appointments=(told(1),)), person(Z)]
    those = gatherings(people, project(places=10))
    assert those.must.tolist()[0] == [True, True, False]
    assert those.may.tolist()[0] == [True, True, True]
    assert not those.must[1:].any()  # nobody was told of the later Tuesdays


def test_nobody_must_come_where_not_all_who_were_told_have_a_place() -> None:
    """One place, and both come with 0.75 x 0.75 > 0.05: whichever is kept, the other one is excused."""
    people = [person(X, appointments=(told(1),)), person(Y, appointments=(told(1),))]
    assert not gatherings(people, project(places=1)).must.any()


@pytest.mark.parametrize(("chance", "beside"), [(0.75, False), (0.05, True)])
def test_whoever_would_overflow_the_session_with_those_told_may_not_come(chance: float, beside: bool) -> None:
    people = [
        person(X, appointments=(told(1),), attendance_probability=0.75),
        person(Y, attendance_probability=chance),
    ]
    those = gatherings(people, project(places=1))
    assert those.must.tolist()[0] == [True, False]
    assert those.may.tolist()[0] == [True, beside]
    assert those.may.tolist()[1] == [True, True]  # a week later nobody is there yet


def test_people_to_be_kept_apart_from_those_told_may_not_come() -> None:
    people = [person(X, appointments=(told(1),)), person(Y, keep_apart_crns=(X,))]
    assert gatherings(people, project()).may.tolist()[0] == [True, False]


def test_under_a_supervisor_whom_somebody_refuses_they_neither_may_nor_must() -> None:
    people = [person(X, appointments=(told(1),), excluded_supervisor_codes=(ANN,)), person(Y)]
    made = bounding(people, project(), supervisor(ANN), supervisor(BOB)).gatherings
    first = [row for row, session in enumerate(made.session.tolist()) if session == 0]
    assert sorted(zip(made.may[first].tolist(), made.must[first].tolist(), strict=True)) == [
        ([False, True], [False, False]),
        ([True, True], [True, False]),
    ]


def test_somebody_without_an_induction_need_not_come() -> None:
    people = [person(X, appointments=(told(1),), induction_done=False)]
    assert not gatherings(people, project()).must.any()


def test_a_place_kept_for_somebody_told_is_in_the_bound() -> None:
    """One place a week in one week, and X was told of it: Y has nothing, for 4,000,000, and loses all 420 minutes.

    X comes with 0.75 and loses 105 minutes of 420; the session costs 420 x 10.
    """
    fields = {"required_minutes": 420, "complete_by": day(6), "attendance_probability": 0.75}
    people = [person(X, appointments=(told(1),), **fields), person(Y, **fields)]
    made = bounding(people, project(places=1), supervisor(), weeks=1)
    for _ in range(40):
        made.advance()
    least = 4_000_000 + 420 * 200 + 420 * 40 + 105 * 200 + 4_200
    assert least - 100 <= made.bound <= least


def gatherings(people: list[Person], where: Project) -> Gatherings:
    return bounding(people, where, supervisor()).gatherings


def bounding(people: list[Person], where: Project, *supervisors: Supervisor, weeks: int = 4) -> Bounding:
    facts = RosterFacts(problem(people, [where], supervisors, weeks=weeks), POLICY)
    return Bounding(facts, board_of(facts))
