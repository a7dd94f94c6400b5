"""Findings: what is already held against a rule, each with the officer it concerns."""

from __future__ import annotations

from typing import Any

import pytest

from models.allocation.plan import Question
from models.allocation.problem import AllocationProblem
from models.allocation.terms import Grade, Sex
from models.policy.policy import default_policy
from solver.verify import findings
from tests.support.problems import allocate, case, day, held, officer, policy_with, problem, rebalance

X, Y, Z = "X000001", "X000002", "X000003"
A, B = officer(), officer("N03A002")
Found = tuple[str, str | None, str | None, str | None]


def found(of: AllocationProblem, question: Question | None = None) -> list[Found]:
    """Rule, case, person and team of every finding."""
    return [
        (each.rule, each.crn, each.staff_code, each.team_code)
        for each in findings(of, default_policy(), question or allocate())
    ]


def test_a_tidy_problem_has_no_finding() -> None:
    assert found(problem([A, B], [held(X, "A1", A), case(Y)])) == []


def test_a_holder_not_among_the_officers() -> None:
    lost = case(X, current_staff_code="N03A099", current_team_code="N03F01")
    nameless = case(Y, current_staff_code="N03A098")
    elsewhere = case(Z, current_staff_code="N03A001", current_team_code="N03F99")
    pool = case("X000004", current_staff_code="N03F01U", current_team_code="N03F01")
    one = problem([A], [lost, nameless, elsewhere, pool])
    assert found(one) == [
        ("one_officer", X, "N03A099", "N03F01"),
        ("one_officer", Y, "N03A098", None),
        ("one_officer", Z, "N03A001", "N03F99"),
    ]
    sentences = [each.sentence for each in findings(one, default_policy(), allocate())]
    assert sentences[:2] == [
        "X000001 is held by N03A099 (N03F01), who is not among the officers",
        "X000002 is held by N03A098, who is not among the officers",
    ]


@pytest.mark.parametrize(
    ("rule", "holder", "fields"),
    [
        ("grade_may_hold_tier", {"grade": Grade.PSO}, {}),
        ("grade_may_hold_tier", {"grade": Grade.SPO}, {}),  # an SPO and no pin
        ("required_skills", {}, {"required_skills": ("WELSH",)}),
        ("authorised", {"authorised_until": day(-1)}, {}),
        ("active_and_staying", {"active": False}, {}),
        ("active_and_staying", {"last_day": day(-1)}, {}),
        ("in_scope", {}, {"team_codes": ("N03F02",)}),
        ("no_conflict", {}, {"excluded_staff_codes": ("N03A001",)}),
        ("officer_sex", {"sex": Sex.MALE}, {"officer_sex": Sex.FEMALE}),
        ("pinned", {}, {"pinned_staff_code": "N03A002"}),
    ],
)
def test_held_against_a_pair_rule(rule: str, holder: dict[str, Any], fields: dict[str, Any]) -> None:
    a = officer(**holder)
    one = problem([a, B], [held(X, "B2", a, **fields)])
    assert found(one) == [(rule, X, "N03A001", "N03F01")]
    assert found(one, rebalance(3)) == [(rule, X, "N03A001", "N03F01")]


@pytest.mark.parametrize(
    "holder",
    [
        {"last_day": day(0)},  # leaves today: tenure concerns new work
        {"last_day": day(27)},
        {"contracted_hours": 3.7},  # almost no availability: no new work, but what is held is held
        {"authorised_until": day(0)},
    ],
)
def test_what_concerns_new_work_alone_is_no_finding(holder: dict[str, Any]) -> None:
    a = officer(**holder)
    assert found(problem([a], [held(X, "D2", a)])) == []


def test_an_spo_may_hold_what_is_pinned_there() -> None:
    spo = officer(grade=Grade.SPO)
    assert found(problem([spo], [held(X, "B2", spo, pinned_staff_code="N03A001")])) == []


def test_the_sentence_names_case_holder_and_reason() -> None:
    pso = officer(grade=Grade.PSO)
    (finding,) = findings(problem([pso], [held(X, "B2", pso)]), default_policy(), allocate())
    assert finding.sentence == "X000001, held by N03A001 (N03F01): N03A001 is a PSO; the case is B2"


def test_the_ceiling_of_held_work() -> None:
    # 150 % of 2176 is 3264 points; the base points count.
    edge, above = officer(base_points=3223), officer("N03A002", base_points=3224)
    one = problem([edge, above], [held(X, "D2", edge), held(Y, "D2", above)])
    assert found(one) == [("workload_ceiling", None, "N03A002", "N03F01")]
    (finding,) = findings(one, default_policy(), allocate())
    assert finding.sentence == "N03A002 (N03F01) has 3265 points on 2176 available, above 150 %"
    assert findings(one, policy_with(limits={"ceiling_percent": 200}), allocate()) == ()


def test_work_held_with_nothing_available() -> None:
    nobody = officer(contracted_hours=0.0, base_points=5)
    assert found(problem([nobody], [case(X)])) == []
    held_there = problem([nobody], [held(X, "D2", nobody, points=0)])
    assert found(held_there) == [("workload_ceiling", None, "N03A001", "N03F01")]


def test_tier_limits_already_exceeded() -> None:
    a = officer(tier_limits={"B": 1, "C": 0, "D": 1})
    one = problem([a, B], [held(X, "B0", a), held(Y, "B2", a), held(Z, "D2", a), held("X000004", "C1", B)])
    assert found(one) == [("tier_limit", None, "N03A001", "N03F01")]
    (finding,) = findings(one, default_policy(), allocate())
    assert finding.sentence == "N03A001 (N03F01) holds 2 cases of tier B; the limit is 1"


def test_new_cases_already_beyond_the_limit() -> None:
    a = officer(new_cases_last_7_days=3)
    for in_second_team, expected in ((2, []), (3, [("new_case_limit", None, "N03A001", None)])):
        a2 = officer(team_code="N03F02", new_cases_last_7_days=in_second_team)
        assert found(problem([a, a2], [case(X)])) == expected


def test_oversight_already_exceeded() -> None:
    a, b = officer(senior_code="N03S001"), officer("N03A002", senior_code="N03S001")
    cases = [held(X, "A1", a), held(Y, "B2", b), held(Z, "C2", b), case("X000004", "A1")]
    for limit, expected in ((2, []), (1, [("team_oversight_limit", None, "N03S001", None)])):
        assert found(problem([a, b], cases, oversight_limits={"N03S001": limit, "N03S009": 0})) == expected


def test_held_together_split() -> None:
    group: dict[str, Any] = {"together_group": "brothers"}
    c, a2 = officer("N03A003"), officer(team_code="N03F02")
    one = problem(
        [A, a2, B, c],
        [
            held(X, "D2", B, **group),
            held(Y, "D2", A, **group),
            held(Z, "D2", a2, **group),  # the same person: most of the group is with N03A001
            held("X000004", "D2", c, **group),
            case("X000005", **group),
        ],
    )
    assert found(one) == [
        ("linked_cases", X, "N03A002", "N03F01"),
        ("linked_cases", "X000004", "N03A003", "N03F01"),
    ]
    equal = problem([A, B], [held(X, "D2", B, **group), held(Y, "D2", A, **group)])
    assert found(equal) == [("linked_cases", Y, "N03A001", "N03F01")]  # the first stands where both are equal


def test_kept_apart_and_held_by_one() -> None:
    group: dict[str, Any] = {"apart_group": "co-defendants"}
    a2 = officer(team_code="N03F02")
    one = problem(
        [A, a2, B],
        [
            held(X, "D2", A, **group),
            held(Y, "D2", a2, **group),
            held(Z, "D2", B, **group),
            case("X000004", **group),
        ],
    )
    assert found(one) == [("linked_cases", Y, "N03A001", "N03F02")]


def test_groups_of_one() -> None:
    one = problem(
        [A], [held(X, "D2", A, together_group="g"), case(Y, apart_group="h"), case(Z, together_group="h")]
    )
    assert found(one) == [
        ("linked_cases", X, "N03A001", "N03F01"),
        ("linked_cases", Y, None, None),
        ("linked_cases", Z, None, None),
    ]
    first = findings(one, default_policy(), allocate())[0]
    assert first.sentence == "X000001 is the only case of 'g': the others are not in the input"


def test_released_cases_are_waiting_and_no_finding() -> None:
    pso = officer(grade=Grade.PSO, tier_limits={"B": 1})
    one = problem([pso, B], [held(X, "B2", pso), held(Y, "B2", pso, pinned_staff_code="N03A001")])
    every = [
        ("grade_may_hold_tier", X, "N03A001", "N03F01"),
        ("grade_may_hold_tier", Y, "N03A001", "N03F01"),
        ("tier_limit", None, "N03A001", "N03F01"),
    ]
    assert found(one) == every
    # pinned to its holder, Y is not released: the pin says stay
    assert found(one, allocate("N03A001")) == every[1:2]
    assert found(one, allocate("findings")) == every[1:2]
    assert found(one, allocate("N03A002")) == every


def test_releasing_findings_releases_the_cases_they_name_and_no_more() -> None:
    lost = case(Z, current_staff_code="N03A099", current_team_code="N03F01")
    pso = officer(grade=Grade.PSO)
    one = problem([pso, B], [held(X, "B2", pso), held(Y, "D2", pso), lost])
    assert found(one, rebalance(2, "findings")) == []
    heavy = problem([officer(base_points=4000)], [held(X, "D2", A)])
    # a finding of the officer names no case
    assert found(heavy, allocate("findings")) == [("workload_ceiling", None, "N03A001", "N03F01")]


OVERRIDE: dict[str, Any] = {"pinned_staff_code": "N03A002", "override_reason": "no_staff"}


def test_an_overridden_pin_is_a_finding_for_each_rule_it_breaks() -> None:
    pso = officer("N03A002", grade=Grade.PSO, contracted_hours=3.7)
    one = problem([A, pso], [case(X, "B2", **OVERRIDE)])
    assert found(one) == [
        ("grade_may_hold_tier", X, "N03A002", "N03F01"),
        ("workload_ceiling", X, "N03A002", "N03F01"),
    ]
    first = findings(one, default_policy(), allocate())[0]
    assert first.sentence == "X000001, pinned under an override (no_staff): N03A002 is a PSO; the case is B2"
    assert found(problem([A, B], [case(X, "B2", **OVERRIDE)])) == []  # breaks nothing


def test_an_overridden_pin_of_a_held_case_is_one_only_when_it_may_move_there() -> None:
    pso = officer("N03A002", grade=Grade.PSO)
    one = problem([A, pso], [held(X, "B2", A, **OVERRIDE)])
    assert found(one) == [("pinned", X, "N03A001", "N03F01")]
    assert found(one, rebalance(1)) == [
        ("grade_may_hold_tier", X, "N03A002", "N03F01"),
        ("pinned", X, "N03A001", "N03F01"),
    ]
    home = problem([A, pso], [held(X, "B2", pso, **OVERRIDE)])
    assert found(home, rebalance(1)) == [("grade_may_hold_tier", X, "N03A002", "N03F01")]
    lost = case(X, "B2", current_staff_code="N03A099", current_team_code="N03F01", **OVERRIDE)
    assert found(problem([A, pso], [lost]), rebalance(1)) == [("one_officer", X, "N03A099", "N03F01")]


def test_findings_come_by_case_then_rule_then_officer_person_senior() -> None:
    a = officer(
        grade=Grade.PSO,
        authorised_until=day(-1),
        base_points=9999,
        tier_limits={"B": 0},
        new_cases_last_7_days=6,
        senior_code="N03S001",
    )
    cases = [
        held(X, "B2", a, apart_group="g"),
        held(Y, "B2", a, apart_group="g", pinned_staff_code="N03A002"),
    ]
    one = problem([a, B], cases, oversight_limits={"N03S001": 1})
    assert [(rule, crn) for rule, crn, *_ in found(one)] == [
        ("grade_may_hold_tier", X),
        ("authorised", X),
        ("grade_may_hold_tier", Y),
        ("authorised", Y),
        ("linked_cases", Y),
        ("pinned", Y),
        ("tier_limit", None),
        ("workload_ceiling", None),
        ("new_case_limit", None),
        ("team_oversight_limit", None),
    ]
