"""Findings of the input, and why a slot is refused."""

from __future__ import annotations

from typing import Any

import pytest

from models.allocation.terms import Sex
from models.policy.policy import default_policy
from models.unpaid_work.person import RequirementKey
from models.unpaid_work.problem import UnpaidWorkProblem
from models.unpaid_work.terms import Absence, HalfDay, ProjectType, Weekday
from solver.verify.unpaid_work import Drawn, Slot, roster_findings, slot_refusals
from tests.support.unpaid import (
    BOB,
    NINE,
    NOON,
    Book,
    X,
    Y,
    allocation,
    day,
    drawn,
    every_day,
    person,
    problem,
    project,
    slot,
    supervisor,
)


def found(of: UnpaidWorkProblem) -> list[tuple[str, str | None, str | None]]:
    findings = roster_findings(of, Drawn(), default_policy())
    return [(each.rule, each.crn, each.project_code) for each in findings]


@pytest.mark.parametrize(
    ("fields", "rule"),
    [
        ({}, None),
        ({"allocations": (allocation("P77"),)}, "project_open"),
        ({"allocations": (allocation("P77", end_date_inclusive=day(-1)),)}, None),  # over
        ({"allocations": (allocation("P77"),), "credited_minutes": 7200}, None),  # nothing left to do
        ({"allocations": (allocation(weekday=Weekday.MONDAY),)}, "project_open"),
        ({"allocations": (allocation(start_time=NINE - 1),)}, "project_open"),
        ({"availability": (HalfDay.TUESDAY_MORNING,)}, "available"),
        ({"unavailable": (Absence(day(0), day(60)),)}, None),  # comes back
        ({"excluded_project_codes": ("P01",)}, "suitable_project"),
        ({"travel_minutes": 91}, "travel_limit"),
        ({"allocations": (allocation(start_date_inclusive=day(40)),)}, None),  # not yet
    ],
)
def test_existing_allocations_that_a_rule_no_longer_allows(fields: dict[str, Any], rule: str | None) -> None:
    one = problem([person(**{"allocations": (allocation(),), **fields})])
    code = "P77" if rule == "project_open" and fields["allocations"][0].project_code == "P77" else "P01"
    assert found(one) == ([] if rule is None else [(rule, X, code)])


def test_orders_that_have_run_out() -> None:
    for complete_by, expected in ((day(0), []), (day(-1), [("available", X, None)])):
        assert found(problem([person(complete_by=complete_by)])) == expected
    assert found(problem([person(complete_by=day(-1), credited_minutes=7200)])) == []


def test_groups_that_never_run() -> None:
    assert found(problem([person()], [project(places=3, min_people=None)])) == []
    assert found(problem([person()], [project(places=2, min_people=None)])) == [("session_size", None, "P01")]
    alone = project(places=1, min_people=None, project_type=ProjectType.INDIVIDUAL)
    assert found(problem([person()], [alone])) == []


# slot_refusals


def why_not(
    of: UnpaidWorkProblem, at: Slot | None = None, lines: Drawn | None = None, event: int = 1
) -> list[str]:
    """The rules that forbid X the slot, P01 on the first Tuesday by default."""
    key = RequirementKey(X, event)
    return [each.rule for each in slot_refusals(of, default_policy(), key, at or slot(), lines)]


@pytest.mark.parametrize(
    ("fields", "refused"),
    [
        ({}, []),
        ({"required_minutes": 1}, []),
        ({"required_minutes": 0}, ["never_beyond_requirement"]),
        ({"availability": ()}, ["available"]),
        ({"weekly_minutes_max": 419}, ["weekly_limit"]),
        ({"induction_done": False}, ["induction_first"]),
        ({"excluded_project_codes": ("P01",), "travel_minutes": 91}, ["suitable_project", "travel_limit"]),
        ({"no_female_supervisor": True}, []),
        ({"no_male_supervisor": True}, ["supervisor_sex"]),
    ],
)
def test_why_not_from_the_input_alone(fields: dict[str, Any], refused: list[str]) -> None:
    assert why_not(problem([person(**fields)], supervisors=[supervisor(sex=Sex.MALE)])) == refused


def test_why_not_for_want_of_a_session() -> None:
    one = problem([person()])
    assert why_not(one, slot(on=2)) == ["project_open"]
    assert why_not(problem([person()], supervisors=[])) == ["supervised"]
    assert why_not(problem([person()], [project(supervisor_needed=False)], [])) == []
    with pytest.raises(KeyError):
        why_not(one, slot(at="P77"))
    with pytest.raises(KeyError):
        why_not(one, event=2)


def test_why_not_beside_a_roster() -> None:
    people = [person(keep_apart_crns=(Y,)), person(Y)]
    one = problem(people, [every_day(), every_day("P02")])
    lines = drawn(Book(Y))
    assert why_not(one, lines=lines) == ["keep_apart"]
    assert why_not(one, slot(on=2), lines) == []
    assert why_not(one, slot(at="P02"), lines) == ["supervised"]  # Ann is at P01
    two = problem(people, [every_day(), every_day("P02")], [supervisor(), supervisor(BOB)])
    assert why_not(two, slot(at="P02"), lines) == []
    assert why_not(two, slot(start=NINE + 30), lines) == ["project_open"]  # it would overlap


def test_why_not_beside_a_full_session_and_full_weeks() -> None:
    full = problem([person(), person(Y)], [every_day(places=1)])
    assert why_not(full, lines=drawn(Book(Y))) == ["session_size"]
    week = problem([person(weekly_minutes_max=840)], [every_day()])
    assert why_not(week, slot(on=6), drawn(Book(on=0))) == []
    assert why_not(week, slot(on=6), drawn(Book(on=0), Book(on=2))) == ["weekly_limit"]
    hours = problem([person(), person(Y)], [every_day()], [supervisor(weekly_minutes_max=839)])
    assert why_not(hours, slot(on=2), drawn(Book(Y))) == ["supervised"]
    assert why_not(hours, slot(on=2, end=NOON), drawn(Book(Y))) == []


def test_why_not_counts_what_is_booked() -> None:
    one = problem([person(required_minutes=840)], [every_day()])
    assert why_not(one, slot(on=9), drawn(Book(on=0))) == []
    assert why_not(one, slot(on=9), drawn(Book(on=0), Book(on=7))) == ["never_beyond_requirement"]
    # A minute of the slot remains, and a morning is enough for it.
    morning = person(required_minutes=421, availability=(*HalfDay,)[:4])  # Monday, and Tuesday morning
    tuesday = problem([morning], [every_day()])
    assert why_not(tuesday, slot(on=1), drawn(Book(on=0))) == []
    assert why_not(tuesday, slot(on=1), drawn()) == ["available"]


def test_why_not_says_each_reason_once_and_in_a_sentence() -> None:
    one = problem([person(travel_minutes=91)])
    (violation,) = slot_refusals(one, default_policy(), RequirementKey(X, 1), slot())
    assert violation.crn == X
    assert violation.sentence == "X000001 would travel 91 minutes each way to P01; the limit is 90"
