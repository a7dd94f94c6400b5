"""The rules that count: tier limit, new-case limit, oversight limit, ceiling. Each kept, broken, and at the edge."""

from __future__ import annotations

import pytest

from models.allocation.terms import Grade, TierScheme
from tests.support.plans import broken, violations
from tests.support.problems import allocate, case, day, held, officer, policy_with, problem, rebalance

X, Y, Z = "X000001", "X000002", "X000003"


# tier_limit: A3 to A0 count as A. PO and SPO may hold any tier, so nothing else is broken.


def test_tier_limit_counts_held_and_new_cases_of_the_letter() -> None:
    for limit, expected in ((3, []), (2, []), (1, [("tier_limit", None)])):
        a = officer(tier_limits={"B": limit})
        one = problem([a], [held(X, "B2", a), case(Y, "B0"), held(Z, "C1", a)])
        assert broken(one, {Y: a}) == expected, limit


def test_tier_limit_says_how_many() -> None:
    a = officer(tier_limits={"A": 0, "D": 0})
    (violation,) = violations(problem([a], [case(X, "A1")]), {X: a})
    assert violation.sentence == "N03A001 (N03F01) would hold 1 case of tier A; the limit is 0"
    assert (violation.staff_code, violation.team_code) == ("N03A001", "N03F01")


def test_tier_limit_binds_only_who_receives_a_case_of_that_letter() -> None:
    a = officer(tier_limits={"B": 0, "D": 1})
    one = problem([a], [held(X, "B2", a), case(Y, "D2")])
    assert broken(one, {}) == []  # held above the limit: a finding
    assert broken(one, {Y: a}) == []  # a D comes, the B was there


def test_tier_limit_is_of_one_team_of_a_person() -> None:
    a, a2 = officer(tier_limits={"B": 1}), officer(team_code="N03F02", tier_limits={"B": 1})
    one = problem([a, a2], [held(X, "B2", a), case(Y, "B2")])
    assert broken(one, {Y: a2}) == []
    assert broken(one, {X: a2, Y: a2}, rebalance(0)) == [("tier_limit", None)]


def test_tier_limit_counts_words_of_v3() -> None:
    a = officer(tier_limits={"MISSING": 0, "C": 1})
    one = problem([a], [case(X, "MISSING"), case(Y, "C")], tier_scheme=TierScheme.V3)
    assert broken(one, {Y: a}) == []
    assert broken(one, {X: a}) == [("tier_limit", None)]


# new_case_limit: at most 5 in the plan and the 7 days before it.


def test_new_case_limit_adds_the_last_seven_days() -> None:
    for recent, expected in ((0, []), (3, []), (4, [("new_case_limit", None)])):
        a = officer(new_cases_last_7_days=recent)
        one = problem([a], [case(X), case(Y)])
        assert broken(one, {X: a, Y: a}) == expected, recent  # 2 + 3 = 5 is the edge


def test_new_case_limit_binds_only_who_receives() -> None:
    a = officer(new_cases_last_7_days=9)
    one = problem([a], [held(X, "D2", a), case(Y)])
    assert broken(one, {}) == []
    (violation,) = violations(one, {Y: a})
    assert violation.sentence == (
        "N03A001 would receive 1 case, after 9 in the last 7 days; the limit is 5 in all"
    )
    assert (violation.crn, violation.staff_code, violation.team_code) == (None, "N03A001", None)


def test_new_case_limit_is_of_the_person_over_all_teams() -> None:
    # 2 recent in one team, 1 in the other; 3 received in two teams: 6.
    a = officer(new_cases_last_7_days=2)
    a2 = officer(team_code="N03F02", new_cases_last_7_days=1)
    one = problem([a, a2], [case(X), case(Y), case(Z)])
    assert broken(one, {X: a, Y: a2}) == []
    assert broken(one, {X: a, Y: a2, Z: a2}) == [("new_case_limit", None)]


def test_new_case_limit_counts_moved_and_released_cases_and_none_between_own_teams() -> None:
    a, b = officer(new_cases_last_7_days=4), officer("N03A002")
    a2 = officer(team_code="N03F02")
    one = problem([a, a2, b], [held(X, "D2", b), held(Y, "D2", b), held(Z, "D2", a2)])
    assert broken(one, {X: a, Z: a}, rebalance(9)) == []  # 1 received: Z only changes team
    assert broken(one, {X: a, Y: a}, rebalance(9)) == [("new_case_limit", None)]
    assert broken(one, {X: a, Y: a}, allocate("N03A002")) == [("new_case_limit", None)]


# team_oversight_limit: A and B count as high risk (V3: A to C and MISSING).

SENIOR = "N03S001"


def test_oversight_limit_counts_high_risk_cases_under_the_senior() -> None:
    a, b = officer(senior_code=SENIOR), officer("N03A002", senior_code=SENIOR)
    other = officer("N03A003", senior_code="N03S002")
    cases = [held(X, "A1", a), case(Y, "B2"), case(Z, "C3"), held("X000004", "A1", other)]
    for limit, expected in ((3, []), (2, []), (1, [("team_oversight_limit", None)])):
        one = problem([a, b, other], cases, oversight_limits={SENIOR: limit})
        assert broken(one, {Y: b, Z: a}) == expected, limit


def test_oversight_limit_names_the_senior() -> None:
    a = officer(senior_code=SENIOR)
    one = problem([a], [case(X, "B2")], oversight_limits={SENIOR: 0, "N03S009": 0})
    (violation,) = violations(one, {X: a})
    assert violation.sentence == ("the officers of N03S001 would hold 1 high-risk case; the limit is 0")
    assert (violation.staff_code, violation.team_code) == (SENIOR, None)


def test_oversight_limit_binds_only_when_high_risk_work_comes_in() -> None:
    a, b = officer(senior_code=SENIOR), officer("N03A002", senior_code=SENIOR)
    outside = officer("N03A003")
    one = problem(
        [a, b, outside],
        [held(X, "A1", a), held(Y, "B2", a), held(Z, "A1", outside), case("X000004", "C3")],
        oversight_limits={SENIOR: 1},
    )
    assert broken(one, {"X000004": a}) == []  # tier C is not high risk
    assert broken(one, {X: b}, rebalance(5)) == []  # inside the team: nothing is added
    assert broken(one, {Y: outside}, rebalance(5)) == []  # what leaves is no matter
    assert broken(one, {Z: b}, rebalance(5)) == [("team_oversight_limit", None)]
    # one in and one out: 2 after is still above 1, and something came in
    assert broken(one, {Z: b, X: outside}, rebalance(5)) == [("team_oversight_limit", None)]


@pytest.mark.parametrize(("tier", "counts"), [("A", True), ("C", True), ("MISSING", True), ("D", False)])
def test_oversight_limit_in_v3(tier: str, counts: bool) -> None:
    a = officer(senior_code=SENIOR)
    one = problem([a], [case(X, tier)], oversight_limits={SENIOR: 0}, tier_scheme=TierScheme.V3)
    assert broken(one, {X: a}) == ([("team_oversight_limit", None)] if counts else [])


# workload_ceiling: 150 % of 2176 is 3264 points; a D2 is 41.


def test_ceiling_binds_at_its_edge() -> None:
    for base, expected in ((0, []), (3223, []), (3224, [("workload_ceiling", None)])):
        a = officer(base_points=base)  # 3223 + 41 = 3264
        assert broken(problem([a], [case(X)]), {X: a}) == expected, base


def test_ceiling_counts_held_work_and_names_the_numbers() -> None:
    a = officer(base_points=3200)
    one = problem([a], [held(X, "D2", a), case(Y)])
    (violation,) = violations(one, {Y: a})  # 3200 + 41 + 41 = 3282
    assert violation.sentence == ("N03A001 (N03F01) would have 3282 points on 2176 available, above 150 %")


def test_ceiling_stops_even_a_case_without_points_when_above_before() -> None:
    a = officer(base_points=3265)
    assert broken(problem([a], [case(X, points=0)]), {X: a}) == [("workload_ceiling", None)]


def test_held_work_above_the_ceiling_is_no_violation() -> None:
    a, b = officer(base_points=4000), officer("N03A002")
    one = problem([a, b], [held(X, "D2", a), held(Y, "D2", a)])
    assert broken(one, {}) == []
    assert broken(one, {X: b}, rebalance(1)) == []  # what leaves is welcome


def test_what_leaves_makes_room() -> None:
    a, b = officer(base_points=3223), officer("N03A002")
    one = problem([a, b], [held(X, "D2", a), case(Y)])
    assert broken(one, {Y: a}) == [("workload_ceiling", None)]  # 3223 + 82
    assert broken(one, {Y: a, X: b}, rebalance(1)) == []  # 3223 + 41


def test_ceiling_is_of_one_team_and_binds_between_a_persons_own() -> None:
    # 18.5 hours: 1088 points available, 1632 is 150 %.
    a = officer(contracted_hours=18.5)
    a2 = officer(team_code="N03F02", contracted_hours=18.5, base_points=1592)
    one = problem([a, a2], [held(X, "D2", a)])
    assert broken(one, {X: a2}, rebalance(0)) == [("workload_ceiling", None)]  # 1592 + 41 = 1633


def test_ceiling_counts_the_grades_uplift() -> None:
    # A PQIP's D2 with 20 %: (41 * 120 * 2 + 100) // 200 = 49.7 -> 49 (41 * 1.2 = 49.2)
    a = officer(grade=Grade.PQIP, base_points=3264 - 49)
    policy = policy_with(uplift_percent={"PQIP": 20})
    one = problem([a], [case(X)])
    assert broken(one, {X: a}, policy=policy) == []
    tighter = policy_with(uplift_percent={"PQIP": 22})  # 41 * 1.22 = 50.02 -> 50
    assert broken(one, {X: a}, policy=tighter) == [("workload_ceiling", None)]


def test_with_nothing_available_pair_and_ceiling_are_both_told() -> None:
    a = officer(contracted_hours=0.0)
    assert broken(problem([a], [case(X)]), {X: a}) == [("workload_ceiling", X), ("workload_ceiling", None)]


def test_limits_are_the_policys() -> None:
    a = officer(base_points=2353)  # 110 % of 2176 is 2393.6; 2353 + 41 = 2394
    one = problem([a], [case(X), case(Y, points=0)])
    policy = policy_with(limits={"ceiling_percent": 110, "new_cases": 1})
    assert broken(one, {Y: a}, policy=policy) == []
    assert broken(one, {X: a}, policy=policy) == [("workload_ceiling", None)]
    assert broken(one, {X: a, Y: a}, policy=policy) == [("new_case_limit", None), ("workload_ceiling", None)]


# Overridden pins count, and excuse themselves but nothing else.

OVERRIDE = {"pinned_staff_code": "N03A001", "override_reason": "no_staff", "override_text": "nobody else"}


def test_an_overridden_pin_passes_every_limit() -> None:
    a = officer(
        base_points=3300,
        grade=Grade.PSO,
        tier_limits={"A": 0},
        new_cases_last_7_days=5,
        senior_code=SENIOR,
        last_day=day(5),
    )
    one = problem([a], [case(X, "A1", **OVERRIDE)], oversight_limits={SENIOR: 0})
    assert broken(one, {X: a}) == []


def test_an_overridden_pin_counts_for_what_else_comes() -> None:
    # The overridden A1 makes 146 + 3077 = 3223 points; a D2 more makes 3264, an A1 makes more than that.
    a = officer(base_points=3077, tier_limits={"A": 1}, senior_code=SENIOR)
    one = problem(
        [a], [case(X, "A1", **OVERRIDE), case(Y, "D2"), case(Z, "A1")], oversight_limits={SENIOR: 1}
    )
    assert broken(one, {X: a, Y: a}) == []
    assert broken(one, {X: a, Z: a}) == [
        ("tier_limit", None),
        ("team_oversight_limit", None),
        ("workload_ceiling", None),
    ]
    narrow = policy_with(limits={"new_cases": 1})
    assert broken(one, {X: a}, policy=narrow) == []
    assert broken(one, {X: a, Y: a}, policy=narrow) == [("new_case_limit", None)]


def test_an_override_excuses_only_at_the_person_of_the_pin() -> None:
    a, b = officer(), officer("N03A002", grade=Grade.PSO)
    one = problem([a, b], [case(X, "A1", **OVERRIDE)])
    assert broken(one, {X: b}) == [("grade_may_hold_tier", X), ("pinned", X)]
