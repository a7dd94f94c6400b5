"""The pair rules: each kept plainly, broken, and kept at the edge. A is the officer, X000001 the waiting case."""

from __future__ import annotations

from typing import Any

import pytest

from models.allocation.case import Case
from models.allocation.officer import Officer
from models.allocation.terms import Grade, Sex, TierScheme
from models.policy.policy import default_policy
from solver.verify import PAIR_RULES, pair_refusals
from tests.support.plans import broken, violations
from tests.support.problems import (
    allocate,
    case,
    day,
    held,
    officer,
    policy_with,
    problem,
    rebalance,
)

X = "X000001"


def rules_of(one: Case, a: Officer, *others: Officer, **fields: Any) -> list[str]:
    """The rules that placing the waiting case with A breaks."""
    return [rule for rule, _ in broken(problem([a, *others], [one], **fields), {X: a})]


def sentence_of(one: Case, a: Officer, *others: Officer) -> str:
    """The one sentence about placing the waiting case with A."""
    (violation,) = violations(problem([a, *others], [one]), {X: a})
    assert violation.crn == X
    assert (violation.staff_code, violation.team_code) == (a.staff_code, a.team_code)
    return violation.sentence


@pytest.mark.parametrize(
    ("grade", "stage", "tier", "allowed"),
    [
        (Grade.PO, None, "A3", True),
        (Grade.PSO, None, "A0", False),
        (Grade.PSO, None, "B0", False),
        (Grade.PSO, None, "C3", True),  # the edge: the riskiest tier a PSO may hold
        (Grade.PQIP, 1, "D3", True),
        (Grade.PQIP, 1, "C0", False),
        (Grade.PQIP, None, "C0", False),  # a stage that is not given is the first
        (Grade.PQIP, 2, "C3", True),
        (Grade.PQIP, 2, "B0", False),
        (Grade.PQIP, 3, "B1", True),  # the edge
        (Grade.PQIP, 3, "B2", False),
        (Grade.PQIP, 3, "A0", False),
        (Grade.PSO, None, "B2S", False),  # suspended contact is still tier B
    ],
)
def test_grade_may_hold_tier_in_v2(grade: Grade, stage: int | None, tier: str, allowed: bool) -> None:
    refused = rules_of(case(X, tier), officer(grade=grade, training_stage=stage))
    assert refused == ([] if allowed else ["grade_may_hold_tier"])


@pytest.mark.parametrize(
    ("grade", "stage", "tier", "allowed"),
    [
        (Grade.PO, None, "MISSING", True),
        (Grade.PSO, None, "C", False),
        (Grade.PSO, None, "D", True),
        (Grade.PSO, None, "MISSING", False),
        (Grade.PQIP, 1, "E", False),
        (Grade.PQIP, 1, "F", True),
        (Grade.PQIP, 2, "D", False),
        (Grade.PQIP, 2, "E", True),
        (Grade.PQIP, 3, "C", False),
        (Grade.PQIP, 3, "D", True),
    ],
)
def test_grade_may_hold_tier_in_v3(grade: Grade, stage: int | None, tier: str, allowed: bool) -> None:
    refused = rules_of(case(X, tier), officer(grade=grade, training_stage=stage), tier_scheme=TierScheme.V3)
    assert refused == ([] if allowed else ["grade_may_hold_tier"])


def test_an_spo_receives_only_what_is_pinned_there() -> None:
    spo = officer(grade=Grade.SPO)
    assert rules_of(case(X), spo) == ["grade_may_hold_tier"]
    assert rules_of(case(X, pinned_staff_code="N03A001"), spo) == []


def test_grade_sentences_name_grade_and_tier() -> None:
    assert sentence_of(case(X, "B2"), officer(grade=Grade.PSO)) == "N03A001 is a PSO; the case is B2"
    assert sentence_of(case(X, "B2"), officer(grade=Grade.PQIP)) == (
        "N03A001 is a PQIP in training stage 1; the case is B2"
    )
    assert sentence_of(case(X), officer(grade=Grade.SPO)) == (
        "N03A001 is an SPO and takes only cases that are pinned there"
    )


def test_required_skills() -> None:
    both = ("WELSH", "DOMESTIC_ABUSE")
    assert rules_of(case(X), officer()) == []
    assert rules_of(case(X, required_skills=both), officer(skills=(*both, "MAPPA"))) == []
    assert rules_of(case(X, required_skills=both), officer(skills=both)) == []  # just those asked for
    assert sentence_of(case(X, required_skills=both), officer(skills=("WELSH",))) == (
        "N03A001 lacks DOMESTIC_ABUSE"
    )
    assert sentence_of(case(X, required_skills=both), officer()) == "N03A001 lacks WELSH, DOMESTIC_ABUSE"


@pytest.mark.parametrize(
    ("begins", "ends", "allowed"),
    [
        (None, None, True),
        (day(-90), day(90), True),
        (day(0), None, True),  # authorisedFrom <= asOf
        (None, day(0), True),  # asOf <= authorisedUntil
        (day(0), day(0), True),
        (day(1), None, False),
        (None, day(-1), False),
    ],
)
def test_authorised(begins: Any, ends: Any, allowed: bool) -> None:
    refused = rules_of(case(X), officer(authorised_from=begins, authorised_until=ends))
    assert refused == ([] if allowed else ["authorised"])


def test_authorised_sentences_name_the_date() -> None:
    assert sentence_of(case(X), officer(authorised_from=day(8))) == (
        "N03A001 is not authorised before 2026-12-01"
    )
    assert sentence_of(case(X), officer(authorised_until=day(-22))) == (
        "the authorisation of N03A001 ended on 2026-11-01"
    )


@pytest.mark.parametrize(
    ("fields", "allowed"),
    [
        ({}, True),
        ({"last_day": day(28)}, True),  # lastDay >= asOf + 28 days
        ({"last_day": day(27)}, False),
        ({"last_day": day(0)}, False),
        ({"last_day": day(-1)}, False),
        ({"active": False}, False),
        ({"active": False, "last_day": day(90)}, False),
    ],
)
def test_active_and_staying(fields: dict[str, Any], allowed: bool) -> None:
    assert rules_of(case(X), officer(**fields)) == ([] if allowed else ["active_and_staying"])


def test_active_and_staying_sentences_count_days() -> None:
    assert sentence_of(case(X), officer(last_day=day(8))) == (
        "N03A001 leaves on 2026-12-01, 8 days after the plan date; 28 are needed"
    )
    assert "1 day after" in sentence_of(case(X), officer(last_day=day(1)))
    assert sentence_of(case(X), officer(last_day=day(-22))) == "N03A001 left on 2026-11-01"
    assert sentence_of(case(X), officer(active=False)) == "N03A001 is not active"


def test_tenure_is_the_policys() -> None:
    one = problem([officer(last_day=day(10))], [case(X)])
    shorter = policy_with(limits={"least_tenure_days": 10})
    assert broken(one, {X: one.officers[0]}, policy=shorter) == []
    assert broken(one, {X: one.officers[0]}) == [("active_and_staying", X)]


def test_in_scope_by_team() -> None:
    a = officer()
    assert rules_of(case(X, team_codes=()), a) == []  # empty: any team of the problem
    assert rules_of(case(X, team_codes=("N03F02", "N03F01")), a) == []
    assert rules_of(case(X, team_codes=("N03F01",)), a) == []
    assert sentence_of(case(X, team_codes=("N03F02", "N03F03")), a) == (
        "the case may go to N03F02, N03F03; N03A001 (N03F01) is in another team"
    )


@pytest.mark.parametrize(
    ("from_team", "to_team", "allowed"),
    [
        ("N03F01", "N03F02", True),
        ("N03F01", "N04F01", False),
        ("N03F01", "N04", True),  # not the form of a team code: its provider is unknown
        ("N03F01", "N04F0", True),
        ("N03F01", "N04F012", True),
        ("N03F01", "n04f01", True),
        ("NPSX01", "N04F01", True),
        (None, "N04F01", True),
    ],
)
def test_in_scope_by_provider(from_team: str | None, to_team: str, allowed: bool) -> None:
    waiting = case(X, current_staff_code="N03F01U", current_team_code=from_team)
    refused = rules_of(waiting, officer(team_code=to_team))
    assert refused == ([] if allowed else ["in_scope"])


def test_the_provider_of_a_held_case_is_its_holders_when_no_team_is_stated() -> None:
    a, b = officer(), officer("N04A001", "N04F01")
    one = problem([a, b], [case(X, current_staff_code="N03A001")])
    found = violations(one, {X: b}, rebalance(1))
    assert [each.sentence for each in found] == [
        "the case is with provider N03; N04A001 (N04F01) is with N04"
    ]


def test_team_and_provider_are_one_violation_with_both_reasons() -> None:
    waiting = case(X, current_staff_code="N03F01U", current_team_code="N03F01", team_codes=("N03F01",))
    sentence = sentence_of(waiting, officer(team_code="N04F01"))
    assert sentence == (
        "the case may go to N03F01; N03A001 (N04F01) is in another team; "
        "the case is with provider N03; N03A001 (N04F01) is with N04"
    )


def test_no_conflict() -> None:
    a = officer()
    assert rules_of(case(X), a) == []
    assert rules_of(case(X, excluded_staff_codes=("N03A002", "N09X999")), a) == []  # codes may be unknown
    assert sentence_of(case(X, excluded_staff_codes=("N03A002", "N03A001")), a) == (
        "N03A001 is excluded from the case"
    )


def test_an_exclusion_is_of_the_person_in_every_team() -> None:
    second = officer(team_code="N03F02")
    assert rules_of(case(X, excluded_staff_codes=("N03A001",)), second, officer()) == ["no_conflict"]


def test_a_released_case_does_not_return_to_its_person() -> None:
    a, a2, b = officer(), officer(team_code="N03F02"), officer("N03A002")
    one = problem([a, a2, b], [held(X, "D2", a)])
    release = allocate("N03A001")
    assert broken(one, {X: a}, release) == [("no_conflict", X)]
    assert broken(one, {X: a2}, release) == [("no_conflict", X)]
    assert broken(one, {X: b}, release) == []
    assert broken(one, {X: None}, release) == []
    (violation,) = violations(one, {X: a}, release)
    assert violation.sentence == "the case is released from N03A001 and does not return there"


@pytest.mark.parametrize(
    ("wanted", "sex", "allowed"),
    [
        (None, None, True),
        (None, Sex.MALE, True),
        (Sex.FEMALE, Sex.FEMALE, True),
        (Sex.FEMALE, Sex.MALE, False),
        (Sex.MALE, Sex.FEMALE, False),
        (Sex.MALE, None, False),  # an unknown sex meets no demand
    ],
)
def test_officer_sex(wanted: Sex | None, sex: Sex | None, allowed: bool) -> None:
    assert rules_of(case(X, officer_sex=wanted), officer(sex=sex)) == ([] if allowed else ["officer_sex"])


def test_officer_sex_sentences() -> None:
    demand = case(X, officer_sex=Sex.FEMALE)
    assert sentence_of(demand, officer(sex=Sex.MALE)) == "the case needs a female officer; N03A001 is male"
    assert sentence_of(demand, officer()) == (
        "the case needs a female officer; the sex of N03A001 is not recorded"
    )


def test_pinned() -> None:
    a, b = officer(), officer("N03A002")
    assert rules_of(case(X), a, b) == []
    assert rules_of(case(X, pinned_staff_code="N03A001"), a, b) == []
    assert sentence_of(case(X, pinned_staff_code="N03A002"), a, b) == (
        "the case is pinned to N03A002, not to N03A001"
    )


def test_a_pin_is_to_the_person_in_any_team() -> None:
    second = officer(team_code="N03F02")
    assert rules_of(case(X, pinned_staff_code="N03A001"), second, officer()) == []


@pytest.mark.parametrize(
    ("hours", "allowed"),
    [
        (37.0, True),
        (3.71, True),  # trunc(2176 * 3.71 / 37) = trunc(218.19) = 218, the least
        (3.7, False),  # trunc(2176 * 3.7 / 37) = trunc(217.6) = 217
        (0.0, False),
    ],
)
def test_almost_no_availability_receives_nothing(hours: float, allowed: bool) -> None:
    nothing = case(X, "A0", points=0)  # no points, so the ceiling itself is kept even at 0 hours
    assert rules_of(nothing, officer(contracted_hours=hours)) == ([] if allowed else ["workload_ceiling"])


def test_least_availability_sentence() -> None:
    assert sentence_of(case(X, points=0), officer(contracted_hours=3.7)) == (
        "N03A001 (N03F01) has 217 points available; 218 are needed to receive anything"
    )


def test_pair_rules_bind_a_held_case_that_moves_and_none_that_stays() -> None:
    a, b = officer(), officer("N03A002", grade=Grade.PSO)
    one = problem([a, b], [held(X, "B2", a), held("X000002", "B2", b)])
    assert broken(one, {}, rebalance(5)) == []  # b may not hold B2, and keeps it: a finding
    assert broken(one, {X: b}, rebalance(5)) == [("grade_may_hold_tier", X)]


def test_pair_rules_bind_between_a_persons_own_teams() -> None:
    a, a2 = officer(), officer(team_code="N03F02")
    one = problem([a, a2], [held(X, "D2", a, team_codes=("N03F01",))])
    assert broken(one, {X: a2}, rebalance(5)) == [("in_scope", X)]


def test_every_refusal_of_a_pair_is_told_at_once_in_the_registers_order() -> None:
    worst = officer(
        contracted_hours=3.0,
        grade=Grade.PSO,
        active=False,
        authorised_until=day(-1),
        sex=Sex.MALE,
    )
    other = officer("N03A002")
    demand = case(
        X,
        "A1",
        points=0,
        required_skills=("WELSH",),
        team_codes=("N03F02",),
        excluded_staff_codes=("N03A001",),
        officer_sex=Sex.FEMALE,
        pinned_staff_code="N03A002",
    )
    one = problem([worst, other], [demand])
    found = pair_refusals(one, default_policy(), demand, 0, allocate())
    assert [each.rule for each in found] == list(PAIR_RULES)
    assert {(each.crn, each.staff_code, each.team_code) for each in found} == {(X, "N03A001", "N03F01")}
    # the checker says the same of a plan that does it
    assert broken(one, {X: worst}) == [(rule, X) for rule in PAIR_RULES]


def test_a_pair_that_nothing_forbids_has_no_refusal() -> None:
    one = problem([officer()], [case(X)])
    assert pair_refusals(one, default_policy(), one.cases[0], 0, allocate()) == ()
