"""Whole plans: lines that cannot be so, everything wrong at once, edited spreadsheets, and what always holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.allocation.case import Case
from models.allocation.officer import Officer, OfficerKey
from models.allocation.plan import Assignment, Question, Unallocated
from models.allocation.problem import AllocationProblem
from models.allocation.terms import Grade, Sex
from models.policy.policy import Policy, default_policy
from models.rules import ALLOCATION_RULES, Violation
from solver.verify import CHECKS, pair_refusals, recompute, verify, verify_edited
from tests.support.plans import broken, honest_plan, lines, violations
from tests.support.problems import (
    allocate,
    case,
    day,
    held,
    officer,
    problem,
    rebalance,
    small_questions,
)

A, A2, B = officer(), officer(team_code="N03F02"), officer("N03A002")
X, Y, Z = "X000001", "X000002", "X000003"
SMALL = problem([A, A2, B], [held(X, "D2", A), case(Y), case(Z, current_staff_code="N03A099")])
Line = tuple[str, str | None, str | None]


def edited(*some: Line, of: AllocationProblem = SMALL, question: Question | None = None) -> list[str]:
    """The sentences about lines that came back from a spreadsheet."""
    found = verify_edited(of, some, question or allocate(), default_policy())
    assert {each.rule for each in found} <= {"one_officer"}
    return [each.sentence for each in found]


def test_lines_that_say_where_every_case_is() -> None:
    assert edited((X, "N03A001", "N03F01"), (Y, "N03A002", "N03F01")) == []
    assert edited((Y, None, None), (X, "N03A001", "N03F01")) == []
    assert edited((X, "N03A001", "N03F01"), (Y, "N03A002", None)) == []  # the person's only team


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ((Y, "N03A009", "N03F01"), "X000002 is with N03A009 (N03F01), who is not among the officers"),
        ((Y, "N03A002", "N03F02"), "X000002 is with N03A002 (N03F02), who is not among the officers"),
        ((Y, "N03A009", None), "X000002 is with N03A009, who is not among the officers"),
        ((Y, "N03A001", None), "N03A001 works in N03F01, N03F02: which of them has X000002 is not said"),
    ],
)
def test_an_officer_who_is_not_there(line: Line, sentence: str) -> None:
    assert edited((X, "N03A001", "N03F01"), line) == [sentence]


def test_cases_unknown_missing_and_twice() -> None:
    here = (X, "N03A001", "N03F01")
    assert edited(here, (Y, None, None), ("X999999", "N03A002", None)) == ["X999999 is not among the cases"]
    assert edited(here) == ["X000002 has no officer and is not listed as unallocated"]
    assert edited((Y, None, None)) == ["X000001 has no officer and is not listed as unallocated"]
    assert edited(here, (Y, "N03A002", None), (Y, "N03A002", None)) == ["X000002 is there twice"]
    assert edited(here, (Y, None, None), (Y, None, None)) == ["X000002 is there twice"]
    assert edited(here, (Y, "N03A002", None), (Y, None, None)) == [
        "X000002 is assigned and unallocated at once"
    ]


def test_a_held_case_is_not_unallocated_and_a_lost_one_not_in_the_plan() -> None:
    assert edited((X, None, None), (Y, None, None)) == [
        "X000001 is held; only a waiting case can be left unallocated"
    ]
    for officer_code in ("N03A002", None):
        assert edited((X, "N03A001", "N03F01"), (Y, None, None), (Z, officer_code, None)) == [
            "X000003 is out of the plan: its holder is not among the officers"
        ]


def test_one_officer_violations_name_the_line() -> None:
    (found,) = verify_edited(
        SMALL, [(X, "N03A001", "N03F01"), (Y, "N03A009", "N03F01")], allocate(), default_policy()
    )
    assert (found.rule, found.crn, found.staff_code, found.team_code) == (
        "one_officer",
        Y,
        "N03A009",
        "N03F01",
    )


def test_a_plan_with_a_case_twice_missing_unknown_and_in_both_lists() -> None:
    one = problem([A, B], [held(X, "D2", A), case(Y), case(Z)])
    plan = honest_plan(one, {Y: B})
    _, second = plan.assignments
    spoilt = replace(
        plan,
        assignments=(second, second, Assignment("X999999", "N03A001", "N03F01")),
        unallocated=(*plan.unallocated, Unallocated(Y, ("pinned",), "twice")),
    )
    hard = [each for each in verify(one, spoilt, default_policy()) if each.rule in CHECKS]
    assert [(each.rule, each.crn) for each in hard] == [
        ("one_officer", X),  # missing
        ("one_officer", Y),  # assigned twice
        ("one_officer", Y),  # and unallocated
        ("one_officer", "X999999"),
    ]


# Everything wrong at once.


def _everything_wrong() -> tuple[AllocationProblem, Mapping[str, Officer]]:
    worst = officer(
        "N03A001",
        "N03F01",
        grade=Grade.PSO,
        contracted_hours=3.0,
        active=False,
        authorised_until=day(-1),
        sex=Sex.MALE,
        tier_limits={"A": 0},
        new_cases_last_7_days=5,
        senior_code="N03S001",
    )
    other = officer("N03A002")
    demanding = case(
        X,
        "A1",
        required_skills=("WELSH",),
        team_codes=("N03F02",),
        excluded_staff_codes=("N03A001",),
        officer_sex=Sex.FEMALE,
        apart_group="g",
        pinned_staff_code="N03A002",
    )
    kept = held(Y, "A1", worst, apart_group="g")
    protected = held(Z, "D2", other, protected_until=day(5))
    lost = case("X000004", current_staff_code="N03A099")
    one = problem([worst, other], [demanding, kept, protected, lost], oversight_limits={"N03S001": 1})
    return one, {X: worst, Z: worst, "X000004": other}


def test_all_violations_are_told_at_once_and_in_order() -> None:
    one, changes = _everything_wrong()
    found = broken(one, changes, rebalance(0))
    of_x = [rule for rule, crn in found if crn == X]
    assert of_x == [
        "grade_may_hold_tier",
        "required_skills",
        "authorised",
        "active_and_staying",
        "in_scope",
        "no_conflict",
        "officer_sex",
        "linked_cases",
        "workload_ceiling",
        "pinned",
    ]
    assert [rule for rule, crn in found if crn == Z] == [
        "authorised",
        "active_and_staying",
        "workload_ceiling",
        "move_budget",
    ]
    assert [rule for rule, crn in found if crn == "X000004"] == ["one_officer"]
    assert [rule for rule, crn in found if crn is None] == [
        "tier_limit",
        "new_case_limit",
        "team_oversight_limit",
        "workload_ceiling",
        "move_budget",
    ]
    assert {rule for rule, _ in found} == set(CHECKS)
    assert [crn for _, crn in found] == [X] * 10 + [Z] * 4 + ["X000004"] + [None] * 5


def test_a_plan_without_cases_and_a_plan_of_nothing() -> None:
    empty = problem([A], [])
    assert verify(empty, honest_plan(empty, {}), default_policy()) == ()
    assert broken(problem([A], [case(X)]), {}) == []


# What always holds.


_ASKED = small_questions(max_cases=5, max_officers=4)
_NUMBERS = st.integers(0, 1_000)


@st.composite
def random_plans(
    draw: st.DrawFn,
) -> tuple[AllocationProblem, Question, Policy, dict[str, Officer | None]]:
    """A problem, a question and changes that anybody might make, allowed or not."""
    one, question, policy = draw(_ASKED)
    changes: dict[str, Officer | None] = {}
    for crn, staff_code, _ in lines(one, {}, question, policy):
        choices = [*one.officers] if staff_code is not None else [None, *one.officers]
        number = draw(_NUMBERS)
        if number % 2:
            changes[crn] = choices[number // 2 % len(choices)]
    return one, question, policy, changes


@given(small_questions())
def test_leaving_everything_as_it_is_breaks_no_rule(
    asked: tuple[AllocationProblem, Question, Policy],
) -> None:
    one, question, policy = asked
    assert violations(one, {}, question, policy) == ()


@given(random_plans())
def test_an_honest_plan_breaks_no_claim(
    made: tuple[AllocationProblem, Question, Policy, dict[str, Officer | None]],
) -> None:
    one, question, policy, changes = made
    found = verify(one, honest_plan(one, changes, question, policy), policy)
    assert [each for each in found if each.rule not in CHECKS] == []
    assert found == violations(one, changes, question, policy)


@given(random_plans())
def test_violations_name_rules_that_exist_and_stand_in_order(
    made: tuple[AllocationProblem, Question, Policy, dict[str, Officer | None]],
) -> None:
    one, question, policy, changes = made
    found = violations(one, changes, question, policy)
    order = list(ALLOCATION_RULES)

    def place(violation: Violation) -> tuple[int, int]:
        of_case = len(one.cases) if violation.crn is None else one.case_numbers[violation.crn]
        return of_case, order.index(violation.rule)

    assert sorted(found, key=place) == list(found)
    assert violations(one, changes, question, policy) == found


@given(small_questions(max_cases=3))
def test_one_waiting_case_placed_breaks_the_pair_rules_that_refuse_the_pair(
    asked: tuple[AllocationProblem, Question, Policy],
) -> None:
    one, question, policy = asked
    for crn, staff_code, _ in lines(one, {}, question, policy):
        if staff_code is not None:
            continue
        waiting = one.cases[one.case_numbers[crn]]
        for number, who in enumerate(one.officers):
            refused = pair_refusals(one, policy, waiting, number, question)
            excused = waiting.override_reason is not None and waiting.pinned_staff_code == who.staff_code
            of_pair = {*(each.rule for each in refused)} if not excused else set()
            told = {rule for rule, about in broken(one, {crn: who}, question, policy) if about == crn} - {
                "linked_cases"
            }
            assert told == of_pair


@given(random_plans())
def test_the_objective_adds_up_and_never_falls_below_what_is_fixed(
    made: tuple[AllocationProblem, Question, Policy, dict[str, Officer | None]],
) -> None:
    one, question, policy, changes = made
    places = {
        crn: OfficerKey(staff, team)
        for crn, staff, team in lines(one, changes, question, policy)
        if staff is not None and team is not None
    }
    found = recompute(one, question, places, policy)
    assert found.total == found.pressure + found.change_of_officer + found.fit
    assert found.total >= found.fixed or _left_home(one, places, question)


def _left_home(one: AllocationProblem, places: Mapping[str, OfficerKey], question: Question) -> bool:
    """Whether something fixed moved, which only a plan that breaks a rule does."""
    return any(
        each.rule in {"move_budget", "pinned"}
        for each in verify_edited(
            one, [(crn, *key) for crn, key in places.items()], question, default_policy()
        )
    )


def test_the_same_plan_is_judged_the_same_whatever_the_order_of_its_lines() -> None:
    one, changes = _everything_wrong()
    forwards = lines(one, changes, rebalance(0))
    found = verify_edited(one, forwards, rebalance(0), default_policy())
    assert verify_edited(one, forwards[::-1], rebalance(0), default_policy()) == found


def test_a_person_in_two_teams_is_one_person_for_limits_and_two_officers_for_workload() -> None:
    half: dict[str, Any] = {"contracted_hours": 18.5}  # 1088 points available, the ceiling is 1632
    a, a2 = officer(**half, base_points=1550), officer(team_code="N03F02", **half)
    cases: list[Case] = [case(X), case(Y), case(Z)]
    one = problem([a, a2, B], cases)
    assert broken(one, {X: a, Y: a, Z: a2}) == []  # 1550 + 82 = 1632
    assert broken(one, {X: a, Y: a, Z: a}) == [("workload_ceiling", None)]
