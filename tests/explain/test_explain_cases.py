"""What would place an unallocated case: single relaxations, checked and priced by hand."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from hypothesis import given, settings

from models.allocation.problem import AllocationProblem
from models.allocation.terms import Grade, Sex
from models.errors import UsageError
from models.policy.policy import Policy, default_policy
from solver.explain.cases import CaseLevers, what_would_place
from tests.support.plans import honest_plan
from tests.support.problems import case, held, officer, policy_with, problem, small_problems

C = "X000001"


def asked(of: AllocationProblem, policy: Policy | None = None, **options: Any) -> CaseLevers:
    by = policy or default_policy()
    return what_would_place(of, by, honest_plan(of, {}, policy=by), C, **options)


def levers(found: CaseLevers) -> list[tuple[str, str, str]]:
    return [(each.rule, each.staff_code, each.sentence) for each in found.levers]


def test_training_an_officer() -> None:
    # D2 in the community is 41 points: 41 of 2,176 are the first band, which costs nothing.
    of = problem([officer()], [case(C, required_skills=("DOMESTIC_ABUSE", "WELSH"))])
    found = asked(of)
    assert levers(found) == [("required_skills", "N03A001", "N03A001 trained in domestic abuse and welsh")]
    assert (found.levers[0].cost, found.levers[0].workload_after) == (0, 1.9)
    assert (found.officers, found.single, found.solved) == (1, 1, 1)
    assert found.why == "nobody has room"


def test_the_cheapest_officer_first() -> None:
    # From 1,000 points the case takes 41 of bands 9 (978 to 1,087): 9 points a point; the other has nothing yet.
    busy, idle = officer("N03A001", base_points=1000), officer("N03A002")
    found = asked(problem([busy, idle], [case(C, required_skills=("WELSH",))]))
    assert [(each.staff_code, each.cost) for each in found.levers] == [("N03A002", 0), ("N03A001", 9 * 41)]


@pytest.mark.parametrize(
    ("officer_fields", "case_fields", "rule", "sentence"),
    [
        (
            {"authorised_until": dt.date(2026, 11, 1)},
            {},
            "authorised",
            "the authorisation of N03A001 in force",
        ),
        ({}, {"team_codes": ("N03F02",)}, "in_scope", "the case allowed to go to team N03F01"),
        (
            {"new_cases_last_7_days": 5},
            {},
            "new_case_limit",
            "6 new cases a week allowed for N03A001 instead of 5",
        ),
        # 3,240 + 41 = 3,281 of 2,176 are 150.78 %.
        ({"base_points": 3240}, {}, "workload_ceiling", "a ceiling of 151 % for N03A001 instead of 150 %"),
        (
            {"tier_limits": {"D": 0}},
            {},
            "tier_limit",
            "1 case of tier D allowed for N03A001 instead of 0",
        ),
    ],
)
def test_every_kind_of_relaxation(
    officer_fields: dict[str, Any], case_fields: dict[str, Any], rule: str, sentence: str
) -> None:
    found = asked(problem([officer(**officer_fields)], [case(C, **case_fields)]))
    assert levers(found) == [(rule, "N03A001", sentence)]


def test_an_oversight_limit() -> None:
    senior = officer("N03A001", senior_code="N03S01")
    of = problem([senior], [held("X000002", "A1", senior), case(C, "A1")], oversight_limits={"N03S01": 1})
    assert levers(asked(of)) == [
        ("team_oversight_limit", "N03A001", "an oversight limit of 2 for N03S01 instead of 1")
    ]


def test_two_things_in_the_way_are_no_single_relaxation() -> None:
    of = problem([officer(authorised_until=dt.date(2026, 11, 1))], [case(C, required_skills=("WELSH",))])
    found = asked(of)
    assert (found.levers, found.single) == ((), 0)


def test_a_limit_behind_the_rule_that_is_relaxed_still_counts() -> None:
    """Whoever lacks a skill and is full is not helped by training: the checker says so."""
    of = problem([officer(base_points=3240)], [case(C, required_skills=("WELSH",))])
    found = asked(of)
    assert (found.levers, found.single, found.solved) == ((), 1, 1)


def test_what_nobody_may_relax_is_no_lever() -> None:
    people = [
        officer("N03A001", grade=Grade.PSO),
        officer("N03A002", sex=Sex.FEMALE),
        officer("N03A003", sex=Sex.MALE),
    ]
    of = problem(people[:1], [case(C, "A1")])
    assert asked(of).levers == ()
    of = problem(people[1:2], [case(C, officer_sex=Sex.MALE)])
    assert asked(of).levers == ()
    of = problem(people[2:], [case(C, excluded_staff_codes=("N03A003",))])
    assert asked(of).levers == ()
    # Under a tenth of full time nobody receives anything, whatever the ceiling.
    assert asked(problem([officer(contracted_hours=1.0)], [case(C)])).levers == ()


def test_only_so_many_are_checked() -> None:
    people = [officer(f"N03A{number:03d}") for number in range(1, 6)]
    found = asked(problem(people, [case(C, required_skills=("WELSH",))]), most=2)
    assert (len(found.levers), found.single, found.solved) == (2, 5, 2)


def test_only_unallocated_cases_are_asked_about() -> None:
    of = problem([officer()], [case(C)])
    plan = honest_plan(of, {C: of.officers[0]})
    with pytest.raises(UsageError, match=C):
        what_would_place(of, default_policy(), plan, C)


def test_json_is_camel_case() -> None:
    said = asked(problem([officer()], [case(C, required_skills=("WELSH",))])).as_json()
    assert said["levers"][0]["staffCode"] == "N03A001"
    assert set(said) == {"crn", "why", "levers", "officers", "single", "solved"}


@settings(max_examples=settings().max_examples // 4)
@given(of=small_problems(max_cases=4, max_officers=4))
def test_every_lever_places_the_case(of: AllocationProblem) -> None:
    """On any small problem whose plan leaves all waiting cases out: the price is not below what it costs today."""
    policy = default_policy()
    plan = honest_plan(of, {})
    for unallocated in plan.unallocated:
        found = what_would_place(of, policy, plan, unallocated.crn)
        assert [each.cost for each in found.levers] == sorted(each.cost for each in found.levers)
        assert len(found.levers) <= found.solved <= 12
        assert found.single <= found.officers == len(of.officers)
        assert all(each.sentence and each.rule for each in found.levers)


def test_policies_of_ones_own_are_relaxed() -> None:
    strict = policy_with(limits={"new_cases": 0})
    found = asked(problem([officer()], [case(C)]), strict)
    assert levers(found) == [
        ("new_case_limit", "N03A001", "1 new case a week allowed for N03A001 instead of 0")
    ]
