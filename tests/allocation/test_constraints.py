"""Every hard rule as the solver keeps it: satisfied, violated, nearest allowed edge.

Two officers, ANN (idle, so always the cheaper) and BEA (1,000 base points). Without a rule in the way a case goes to
ANN; each test puts one rule in ANN's way, or just not in her way.
"""

from __future__ import annotations

from typing import Any

import pytest

from models.allocation.case import Case
from models.allocation.officer import Officer
from models.allocation.plan import Plan, Question
from models.allocation.terms import Grade, Leave, Sex
from models.policy.policy import default_policy
from solver.allocation.allocate import plan
from solver.engine import Limits
from tests.support.problems import allocate, case, day, held, officer, problem, rebalance

LIMITS = Limits(seconds=None, work=5.0, threads=1)


def ann(**fields: Any) -> Officer:
    return officer("N03A001", **fields)


def bea(**fields: Any) -> Officer:
    return officer("N03A002", **{"base_points": 1000, **fields})


def solve(
    officers: list[Officer], cases: list[Case], question: Question | None = None, **fields: Any
) -> Plan:
    return plan(problem(officers, cases, **fields), default_policy(), question or allocate(), LIMITS)


def where(made: Plan) -> dict[str, str]:
    return {each.crn: each.staff_code for each in made.assignments}


def why_not(made: Plan, crn: str) -> tuple[str, ...]:
    return next(each.rules for each in made.unallocated if each.crn == crn)


ANN, BEA = "N03A001", "N03A002"

PAIRS: list[tuple[str, Officer, Case, str]] = [
    ("no demands", ann(), case(), ANN),
    ("PSO holds C", ann(grade=Grade.PSO), case(tier="C3"), ANN),
    ("PSO not B", ann(grade=Grade.PSO), case(tier="B0"), BEA),
    ("PQIP stage 3 holds B1", ann(grade=Grade.PQIP, training_stage=3), case(tier="B1"), ANN),
    ("PQIP stage 3 not B2", ann(grade=Grade.PQIP, training_stage=3), case(tier="B2"), BEA),
    ("PQIP without a stage is stage 1", ann(grade=Grade.PQIP), case(tier="C1"), BEA),
    ("SPO only what is pinned", ann(grade=Grade.SPO), case(), BEA),
    ("SPO takes a pin", ann(grade=Grade.SPO), case(pinned_staff_code=ANN), ANN),
    ("skill there", ann(skills=("WELSH",)), case(required_skills=("WELSH",)), ANN),
    ("one skill of two", ann(skills=("WELSH",)), case(required_skills=("WELSH", "MAPPA")), BEA),
    ("authorised until today", ann(authorised_until=day(0)), case(), ANN),
    ("lapsed yesterday", ann(authorised_until=day(-1)), case(), BEA),
    ("authorised from today", ann(authorised_from=day(0)), case(), ANN),
    ("authorised from tomorrow", ann(authorised_from=day(1)), case(), BEA),
    ("leaves after 28 days", ann(last_day=day(28)), case(), ANN),
    ("leaves after 27 days", ann(last_day=day(27)), case(), BEA),
    ("not active", ann(active=False), case(), BEA),
    ("team in scope", ann(), case(team_codes=("N03F01", "N03F02")), ANN),
    ("team out of scope", ann(team_code="N03F09"), case(team_codes=("N03F01",)), BEA),
    ("same provider", ann(team_code="N03F02"), case(current_team_code="N03F01"), ANN),
    ("another provider", ann(team_code="N04F01"), case(current_team_code="N03F01"), BEA),
    ("a team code that names no provider", ann(team_code="WEST"), case(current_team_code="N03F01"), ANN),
    ("somebody else is excluded", ann(), case(excluded_staff_codes=("N03A099",)), ANN),
    ("excluded", ann(), case(excluded_staff_codes=(ANN,)), BEA),
    ("sex as demanded", ann(sex=Sex.FEMALE), case(officer_sex=Sex.FEMALE), ANN),
    ("unknown sex meets no demand", ann(), case(officer_sex=Sex.FEMALE), BEA),
    ("pinned to the cheaper", ann(), case(pinned_staff_code=ANN), ANN),
    ("pinned to the dearer", ann(), case(pinned_staff_code=BEA), BEA),
    ("just enough availability", ann(contracted_hours=3.71), case(tier="D2"), ANN),
    ("too little availability", ann(contracted_hours=3.7), case(tier="D2", points=0), BEA),
]


@pytest.mark.parametrize(
    ("officer_a", "one", "expected"), [row[1:] for row in PAIRS], ids=[row[0] for row in PAIRS]
)
def test_a_case_goes_to_the_cheapest_officer_who_may_take_it(
    officer_a: Officer, one: Case, expected: str
) -> None:
    other = bea(skills=("WELSH", "MAPPA"), sex=Sex.FEMALE)
    made = solve([officer_a, other], [one])
    assert where(made) == {one.crn: expected}
    assert made.status == "OPTIMAL"


@pytest.mark.parametrize(
    ("refused", "one", "rules"),
    [
        (ann(grade=Grade.PSO), case(tier="A1"), ("grade_may_hold_tier",)),
        (ann(), case(required_skills=("WELSH",)), ("required_skills",)),
        (ann(authorised_until=day(-1)), case(), ("authorised",)),
        (ann(active=False), case(), ("active_and_staying",)),
        (ann(), case(team_codes=("N03F07",)), ("in_scope",)),
        (ann(), case(excluded_staff_codes=(ANN,)), ("no_conflict",)),
        (ann(), case(officer_sex=Sex.MALE), ("officer_sex",)),
        (ann(contracted_hours=3.7), case(), ("workload_ceiling",)),
        (ann(new_cases_last_7_days=5), case(), ("new_case_limit",)),
        (ann(tier_limits={"D": 0}), case(), ("tier_limit",)),
    ],
)
def test_a_case_that_nobody_may_take_is_unallocated_with_the_rule(
    refused: Officer, one: Case, rules: tuple[str, ...]
) -> None:
    made = solve([refused], [one])
    assert where(made) == {}
    assert why_not(made, one.crn) == rules
    assert made.unallocated_proven


def test_the_fewest_rules_that_refuse_everybody_are_named() -> None:
    # ANN lacks the skill and is of the wrong sex, BEA lacks the skill: the skill alone refuses both.
    made = solve([ann(sex=Sex.MALE), bea()], [case(required_skills=("WELSH",), officer_sex=Sex.FEMALE)])
    assert why_not(made, "X000001") == ("required_skills",)


def test_a_pin_that_breaks_a_rule_is_refused_with_the_rule() -> None:
    made = solve([ann(grade=Grade.PSO), bea()], [case(tier="A1", pinned_staff_code=ANN)])
    assert where(made) == {}
    assert set(why_not(made, "X000001")) == {"grade_may_hold_tier", "pinned"}


def test_a_pin_is_kept_under_an_override_and_shown() -> None:
    pinned = case(tier="A1", pinned_staff_code=ANN, override_reason="continuity", override_text="agreed")
    made = solve([ann(grade=Grade.PSO), bea()], [pinned])
    assert where(made) == {"X000001": ANN}
    assert made.assignments[0].override_reason == "continuity"
    assert made.assignments[0].override_text == "agreed"
    assert [each.rule for each in made.findings] == ["grade_may_hold_tier"]


def test_new_cases_stop_at_five_with_the_last_seven_days() -> None:
    # ANN received 3, so she may receive 2 of the 4; BEA takes the others though she is dearer.
    four = [case(f"X00000{number}") for number in range(4)]
    made = solve([ann(new_cases_last_7_days=3), bea()], four)
    assert sorted(where(made).values()) == [ANN, ANN, BEA, BEA]


def test_a_person_in_two_teams_has_one_new_case_limit() -> None:
    # 5 a person: two officers, one person, so six cases leave one unallocated.
    six = [case(f"X00000{number}") for number in range(6)]
    made = solve([ann(), ann(team_code="N03F02")], six)
    assert len(made.assignments) == 5
    assert why_not(made, made.unallocated[0].crn) == ("new_case_limit",)


def test_a_tier_limit_counts_what_is_held() -> None:
    # ANN holds one C of at most two: she may take one more of the two C.
    a = ann(tier_limits={"C": 2})
    cases = [held("X000001", "C1", a), case("X000002", "C1"), case("X000003", "C1")]
    made = solve([a, bea()], cases)
    assert sorted(where(made).values()) == [ANN, ANN, BEA]


def test_who_is_above_a_tier_limit_receives_none_of_that_tier_but_others() -> None:
    a = ann(tier_limits={"C": 1})
    cases = [held("X000001", "C1", a), held("X000002", "C1", a), case("X000003", "C1"), case("X000004", "D1")]
    made = solve([a, bea()], cases)
    assert where(made) | {} == {"X000001": ANN, "X000002": ANN, "X000003": BEA, "X000004": ANN}
    assert "tier_limit" in {each.rule for each in made.findings}


@pytest.mark.parametrize(("limit", "expected"), [(2, ANN), (1, BEA)])
def test_an_oversight_limit_counts_high_risk_cases_of_all_the_seniors_officers(
    limit: int, expected: str
) -> None:
    # ANN and CAT work under one senior; CAT holds one B.
    a, c = ann(senior_code="N03S001"), officer("N03A003", senior_code="N03S001", base_points=2000)
    made = solve(
        [a, bea(), c], [held("X000001", "B1", c), case("X000002", "A1")], oversight_limits={"N03S001": limit}
    )
    assert where(made)["X000002"] == expected


@pytest.mark.parametrize(("base", "expected"), [(3223, ANN), (3224, BEA)])
def test_nobody_ends_above_the_ceiling(base: int, expected: str) -> None:
    # 150 % of 2176 is 3264; a D2 is 41 points: 3223 + 41 = 3264 is allowed. BEA is dearer in fit alone (no skill).
    a = ann(base_points=base, skills=("WELSH",))
    b = bea(base_points=base - 1)
    made = solve([a, b], [case(preferred_skills=("WELSH",))])
    assert where(made) == {"X000001": expected}


def test_who_is_above_the_ceiling_keeps_what_they_hold_and_receives_nothing() -> None:
    a = ann(base_points=3300)
    made = solve([a], [held("X000001", "D2", a), case("X000002", points=0)])
    assert where(made) == {"X000001": ANN}
    assert why_not(made, "X000002") == ("workload_ceiling",)
    assert "workload_ceiling" in {each.rule for each in made.findings}


def test_cases_held_together_share_a_person() -> None:
    # BEA holds one of the group, so the waiting one joins her though ANN is idle.
    b = bea()
    made = solve(
        [ann(), b], [held("X000001", "D2", b, together_group="g"), case("X000002", together_group="g")]
    )
    assert where(made) == {"X000001": BEA, "X000002": BEA}


def test_two_waiting_cases_of_a_group_go_to_one_person_in_either_team() -> None:
    made = solve(
        [ann(), ann(team_code="N03F02"), bea()],
        [
            case("X000001", together_group="g", team_codes=("N03F02",)),
            case("X000002", together_group="g", team_codes=("N03F01",)),
        ],
    )
    assert {each.staff_code for each in made.assignments} == {ANN}
    assert {each.team_code for each in made.assignments} == {"N03F01", "N03F02"}


def test_a_member_that_cannot_join_stays_unallocated() -> None:
    b = bea(grade=Grade.PSO)
    made = solve(
        [ann(), b], [held("X000001", "D2", b, together_group="g"), case("X000002", "A1", together_group="g")]
    )
    assert set(why_not(made, "X000002")) == {"grade_may_hold_tier", "linked_cases"}


def test_cases_kept_apart_have_different_persons() -> None:
    made = solve([ann(), bea()], [case("X000001", apart_group="g"), case("X000002", apart_group="g")])
    assert sorted(where(made).values()) == [ANN, BEA]


def test_two_teams_of_one_person_do_not_keep_cases_apart() -> None:
    made = solve(
        [ann(), ann(team_code="N03F02")], [case("X000001", apart_group="g"), case("X000002", apart_group="g")]
    )
    assert len(made.assignments) == 1
    assert why_not(made, made.unallocated[0].crn) == ("linked_cases",)


# Rebalancing. A C2 of 63 points held by BEA since today costs 8 x 63 = 504 to move.


def _overloaded() -> Officer:
    return bea(base_points=2500)


def test_a_held_case_moves_when_it_pays() -> None:
    b = _overloaded()
    made = solve([ann(), b], [held("X000001", "C2", b, held_since=day(0))], rebalance(1))
    assert where(made) == {"X000001": ANN}
    assert made.objective.change_of_officer == 504


def test_no_held_case_moves_when_allocating_or_without_a_budget() -> None:
    b = _overloaded()
    one = held("X000001", "C2", b, held_since=day(0))
    for question in (allocate(), rebalance(0)):
        assert where(solve([ann(), b], [one], question)) == {"X000001": BEA}


def test_at_most_the_budget_moves() -> None:
    b = _overloaded()
    three = [held(f"X00000{number}", "C2", b, held_since=day(0)) for number in range(3)]
    made = solve([ann(), b], three, rebalance(2))
    assert sorted(where(made).values()) == [ANN, ANN, BEA]


@pytest.mark.parametrize(("until", "expected"), [(day(0), BEA), (day(-1), ANN)])
def test_a_protected_case_stays(until: Any, expected: str) -> None:
    b = _overloaded()
    one = held("X000001", "C2", b, held_since=day(0), protected_until=until)
    assert where(solve([ann(), b], [one], rebalance(1))) == {"X000001": expected}


def test_a_case_pinned_to_its_holder_stays() -> None:
    b = _overloaded()
    one = held("X000001", "C2", b, held_since=day(0), pinned_staff_code=BEA)
    assert where(solve([ann(), b], [one], rebalance(1))) == {"X000001": BEA}


def test_a_held_case_pinned_elsewhere_moves_when_rebalancing_though_it_does_not_pay() -> None:
    a = ann()
    one = held("X000001", "C2", a, pinned_staff_code=BEA)
    assert where(solve([a, bea()], [one], rebalance(1))) == {"X000001": BEA}
    stays = solve([a, bea()], [one])
    assert where(stays) == {"X000001": ANN}
    assert [each.rule for each in stays.findings] == ["pinned"]


def test_a_move_to_the_holders_other_team_costs_no_change_and_no_budget() -> None:
    b = _overloaded()
    elsewhere = bea(team_code="N03F02", base_points=0)
    made = solve([b, elsewhere], [held("X000001", "C2", b, held_since=day(-800))], rebalance(0))
    assert made.assignments[0].team_code == "N03F02"
    assert made.objective.change_of_officer == 0


def test_a_released_case_goes_elsewhere_free_of_the_price_of_change() -> None:
    a = ann()
    made = solve([a, bea()], [held("X000001", "C2", a)], allocate(ANN))
    assert where(made) == {"X000001": BEA}
    assert made.objective.change_of_officer == 0


def test_a_case_of_an_unknown_holder_stays_out_until_findings_are_released() -> None:
    stranger = case(current_staff_code="N03A099", current_team_code="N03F01")
    made = solve([ann(), bea()], [stranger])
    assert (where(made), made.unallocated) == ({}, ())
    assert [each.rule for each in made.findings] == ["one_officer"]
    assert where(solve([ann(), bea()], [stranger], allocate("findings"))) == {"X000001": ANN}


@pytest.mark.parametrize(("leave_ends", "price"), [(day(4), 246), (day(3), 0)])
def test_leave_over_the_first_appointment_has_its_price(leave_ends: Any, price: int) -> None:
    # Due on day 4. 6 bands x 41 points = 246 is still less than BEA's pressure: her points 1,000 to 1,041 lie in
    # band 9 (979 to 1,088), so 41 x 9 = 369.
    away = ann(leave=(Leave(day(-1), leave_ends),))
    made = solve([away, bea()], [case(due_by=day(4))])
    assert where(made) == {"X000001": ANN}
    assert made.objective.fit == price


def test_a_linked_case_whose_others_are_elsewhere_is_a_finding_that_releases_nothing() -> None:
    a = ann()
    made = solve([a, bea()], [held("X000001", "C2", a, together_group="g")], allocate("findings"))
    assert where(made) == {"X000001": ANN}
    assert [each.rule for each in made.findings] == ["linked_cases"]
