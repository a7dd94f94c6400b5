"""The objective worked by hand, item by item."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.allocation.officer import Officer, OfficerKey
from models.allocation.plan import Objective, Question
from models.allocation.problem import AllocationProblem
from models.allocation.terms import Grade, Leave, Location, Sex, TierScheme
from models.policy.policy import Policy, default_policy
from solver.verify import recompute
from solver.verify.objective import Pressure
from tests.support.problems import allocate, case, day, held, officer, policy_with, problem, rebalance

X, Y, Z = "X000001", "X000002", "X000003"


def price(
    of: AllocationProblem,
    placed: Mapping[str, Officer],
    question: Question | None = None,
    policy: Policy | None = None,
) -> Objective:
    """The objective of a placement of the cases named; the others are not allocated."""
    places = {crn: OfficerKey(*who.key) for crn, who in placed.items()}
    return recompute(of, question or allocate(), places, policy or default_policy())


# Pressure. With 2176 available band k begins at floor(2176 * 5k / 100) = floor(108.8 k): 0, 108, 217, 326, 435, ...


def pressure(points: int, available: int, policy: Policy | None = None) -> int:
    return Pressure((policy or default_policy()).prices.pressure).of(points, available)


@pytest.mark.parametrize(
    ("points", "expected"),
    [
        (0, 0),
        (108, 0),  # band 0 is free
        (109, 1),  # the 109th point lies in band 1
        (217, 109),  # band 1 holds 109 points
        (218, 111),  # + one point of band 2
        (326, 109 + 2 * 109),  # band 2: 217..326
        (327, 109 + 2 * 109 + 3),
    ],
)
def test_pressure_at_the_first_edges_of_full_time(points: int, expected: int) -> None:
    assert pressure(points, 2176) == expected


def test_pressure_around_100_and_110_percent_of_full_time() -> None:
    # A point in band k costs: 19 in the last below 100 %, 20 from 100 %, 23 from 105 %, 26 from 110 %, then 31, 36.
    def cost_of_point(number: int) -> int:
        return pressure(number, 2176) - pressure(number - 1, 2176)

    assert cost_of_point(2176) == 19
    assert cost_of_point(2177) == 20  # edge 20: 2176
    assert cost_of_point(2284) == 20  # edge 21: floor(2284.8) = 2284
    assert cost_of_point(2285) == 23
    assert cost_of_point(2393) == 23  # edge 22: floor(2393.6) = 2393
    assert cost_of_point(2394) == 26
    assert cost_of_point(2502) == 26  # edge 23: floor(2502.4) = 2502
    assert cost_of_point(2503) == 31
    assert cost_of_point(2611) == 31  # edge 24: floor(2611.2) = 2611
    assert cost_of_point(2612) == 36


def test_pressure_of_exactly_full() -> None:
    # Bands end at 108 217 326 435 544 652 761 870 979 1088 and the same again: sizes 108 109 109 109 109 108 109 109
    # 109 109, twice. Sum of k * size for k = 0..19: with sizes 109 it would be 109 * 190 = 20710; bands 0, 5, 10 and
    # 15 are one point smaller: 20710 - (0 + 5 + 10 + 15) = 20680.
    assert pressure(2176, 2176) == 20680


def test_pressure_of_half_time() -> None:
    # 1088 available: edges floor(54.4 k): 0, 54, 108, 163, ...
    assert [pressure(points, 1088) for points in (54, 55, 108, 109, 163, 164)] == [
        0,
        1,
        54,
        54 + 2,
        54 + 2 * 55,
        54 + 2 * 55 + 3,
    ]


@pytest.mark.parametrize("available", [0, 217, 218])
def test_pressure_of_little_availability_is_cut_as_if_218(available: int) -> None:
    # floor(10.9 k): 0, 10, 21, 32, ...
    assert [pressure(points, available) for points in (10, 11, 21, 22, 32)] == [0, 1, 11, 13, 33]


def _band_by_band(points: int, available: int, policy: Policy) -> int:
    """The contract's wording: every point at the price of the band it lies in."""
    prices = policy.prices.pressure
    a = max(available, prices.least_available_points)
    total, band = 0, 0
    while points > a * prices.band_percent * band // 100:
        low, high = (a * prices.band_percent * k // 100 for k in (band, band + 1))
        total += prices.band_price(band) * (min(points, high) - low)
        band += 1
    return total


ODD = policy_with(
    prices={
        "pressure": {
            "band_percent": 7,
            "steps": [{"below_percent": 90, "step": 2}, {"below_percent": 111, "step": 0}, {"step": 4}],
            "least_available_points": 150,
        }
    }
)
FLAT = policy_with(prices={"pressure": {"band_percent": 40, "steps": [{"step": 1}]}})


@given(st.integers(0, 4_000), st.integers(0, 2_500), st.sampled_from([default_policy(), ODD, FLAT]))
def test_pressure_is_every_point_at_its_bands_price(points: int, available: int, policy: Policy) -> None:
    assert pressure(points, available, policy) == _band_by_band(points, available, policy)


def test_absurd_loads_are_priced_at_once() -> None:
    # Far out each band of about 10.9 points is 5 dearer, so the price grows like 5 / (2 * 10.9) per point squared.
    far = pressure(1_000_000_000, 218)
    assert far == pytest.approx(5 / (2 * 10.9) * 1e18, rel=1e-6)


def test_pressure_is_over_all_officers_base_points_included() -> None:
    a, b = officer(base_points=217), officer("N03A002", base_points=109)
    assert price(problem([a, b], [case(X)]), {}).pressure == 109 + 1
    # with a D2 (41) at b: 150 points, 42 of them in band 1
    assert price(problem([a, b], [case(X)]), {X: b}).pressure == 109 + 42


# Change of officer: p' * (min(20, 8 + floor(full months held / 2)) + 4 * officerChanges); a D2 counts 41.


@pytest.mark.parametrize(
    ("since", "changes", "bands"),
    [
        (None, 0, 8),  # not known: 0 months
        (day(0), 0, 8),
        (day(5), 0, 8),  # in the future: 0 months
        (dt.date(2026, 9, 24), 0, 8),  # 1 full month and 30 days
        (dt.date(2026, 9, 23), 0, 9),  # 2 months by day of the month
        (dt.date(2024, 12, 23), 0, 19),  # 23 months: 8 + 11
        (dt.date(2024, 11, 24), 0, 19),  # one day short of 24
        (dt.date(2024, 11, 23), 0, 20),  # 24 months: 8 + 12
        (dt.date(2018, 1, 1), 0, 20),  # capped
        (None, 1, 12),
        (dt.date(2018, 1, 1), 4, 36),
    ],
)
def test_change_of_officer(since: dt.date | None, changes: int, bands: int) -> None:
    a, b = officer(), officer("N03A002")
    one = problem([a, b], [held(X, "D2", a, held_since=since, officer_changes=changes)])
    assert price(one, {X: b}, rebalance(1)).change_of_officer == 41 * bands
    assert price(one, {X: a}, rebalance(1)).change_of_officer == 0


def test_small_cases_count_as_twenty_points_and_the_new_officers_uplift_is_in() -> None:
    a, b = officer(), officer("N03A002", grade=Grade.PQIP)
    one = problem([a, b], [held(X, "D2", a, points=13), held(Y, "D2", a)])
    assert price(one, {X: b, Y: a}, rebalance(1)).change_of_officer == 20 * 8
    raised = policy_with(uplift_percent={"PQIP": 50})  # 41 * 1.5 = 61.5 -> 62; 13 * 1.5 = 19.5 -> 20
    assert price(one, {X: a, Y: b}, rebalance(1), raised).change_of_officer == 62 * 8
    assert price(one, {X: b, Y: a}, rebalance(1), raised).change_of_officer == 20 * 8


def test_own_teams_new_work_and_releases_pay_no_change() -> None:
    a, a2, b = officer(), officer(team_code="N03F02"), officer("N03A002")
    one = problem([a, a2, b], [held(X, "D2", a, officer_changes=3), case(Y)])
    assert price(one, {X: a2, Y: b}, rebalance(1)).change_of_officer == 0
    assert price(one, {X: b}, rebalance(1, "N03A001")).change_of_officer == 0


# Fit, each item times p' = 41 for a D2.


def fit(one: Any, who: Officer, *others: Officer) -> int:
    """The fit of one case with an officer."""
    return price(problem([who, *others], [one]), {X: who}, rebalance(0)).fit


def test_fit_of_a_preferred_skill_missing() -> None:
    wish = case(X, preferred_skills=("WELSH", "MAPPA"))
    assert fit(wish, officer(skills=("WELSH", "MAPPA"))) == 0
    assert fit(wish, officer(skills=("MAPPA",))) == 41 * 4
    assert fit(wish, officer()) == 41 * 8


def test_fit_of_a_preferred_sex_not_met() -> None:
    wish = case(X, preferred_officer_sex=Sex.FEMALE)
    assert fit(wish, officer(sex=Sex.FEMALE)) == 0
    assert fit(wish, officer(sex=Sex.MALE)) == 41 * 6
    assert fit(wish, officer()) == 41 * 6
    assert fit(case(X), officer(sex=Sex.MALE)) == 0


@pytest.mark.parametrize(
    ("metres", "bands"),
    [
        (0, 0),
        (10_000, 0),  # one full step, free
        (19_999, 0),
        (20_000, 2),
        (29_999, 2),
        (30_000, 4),
        (70_000, 12),
        (300_000, 12),  # at most 12
    ],
)
def test_fit_of_travel(metres: int, bands: int) -> None:
    home, office = Location(400_000, 300_000), Location(400_000 + metres, 300_000)
    assert fit(case(X, location=home), officer(location=office)) == 41 * bands
    assert fit(case(X), officer(location=office)) == 0  # an unknown place is 0 km away
    assert fit(case(X, location=home), officer()) == 0


@pytest.mark.parametrize(
    ("first", "last", "due", "bands"),
    [
        (day(0), day(4), day(4), 6),
        (day(-9), day(30), day(4), 6),
        (day(0), day(3), day(4), 0),  # back on the day
        (day(1), day(9), day(4), 0),  # not away today
        (day(0), day(0), day(-3), 6),  # overdue: today alone
        (day(0), day(9), None, 0),
    ],
)
def test_fit_of_leave_until_due(first: dt.date, last: dt.date, due: dt.date | None, bands: int) -> None:
    away = officer(leave=(Leave(first, last),))
    assert fit(case(X, due_by=due), away) == 41 * bands
    assert fit(held(X, "D2", away, due_by=due), away) == 0  # a held case has had its first appointment


def test_two_leaves_together_cover_the_days_until_due() -> None:
    assert (
        fit(case(X, due_by=day(4)), officer(leave=(Leave(day(0), day(1)), Leave(day(2), day(4))))) == 41 * 6
    )


def test_fit_of_a_previous_officer_passed_over() -> None:
    a, b, c = officer(), officer("N03A002"), officer("N03A003")
    back = case(X, previous_staff_codes=("N03A002", "N03A003", "N03A099"))
    assert fit(back, a, b, c) == 41 * 6
    assert fit(back, b, a, c) == 0  # going to any such officer costs nothing
    assert fit(case(X, previous_staff_codes=("N03A099",)), a, b, c) == 0  # nobody knows them
    gone = officer("N03A002", active=False)
    assert fit(back, a, gone, c) == 41 * 6  # the other may
    assert fit(back, a, gone, officer("N03A003", last_day=day(3))) == 0
    assert fit(back, a, gone, officer("N03A003", contracted_hours=3.7)) == 0  # 217 points: receives nothing


def test_a_previous_officer_in_two_teams_is_one_person() -> None:
    a, b, b2 = officer(), officer("N03A002", active=False), officer("N03A002", "N03F02")
    back = case(X, previous_staff_codes=("N03A002",))
    assert fit(back, a, b, b2) == 41 * 6  # may take it in the second team
    assert fit(back, b2, a, b) == 0
    assert (
        fit(held(X, "D2", a, previous_staff_codes=("N03A002",)), a, b, b2) == 0
    )  # held: no way past anybody


def test_a_released_case_pays_the_fit_of_a_waiting_one_and_not_for_whom_it_left() -> None:
    a, b, c = officer(), officer("N03A002"), officer("N03A003")
    one = problem([a, b, c], [held(X, "D2", a, previous_staff_codes=("N03A001",))])
    assert price(one, {X: b}, allocate("N03A001")).fit == 0  # it may not go back to a
    two = problem([a, b, c], [held(X, "D2", a, previous_staff_codes=("N03A003",))])
    assert price(two, {X: b}, allocate("N03A001")).fit == 41 * 6


def test_fit_adds_up_over_items_and_cases_held_ones_too() -> None:
    a = officer()
    one = problem(
        [a],
        [
            held(X, "D2", a, preferred_skills=("WELSH",)),
            case(Y, "B2", preferred_skills=("WELSH",), preferred_officer_sex=Sex.MALE),
        ],
    )
    assert price(one, {X: a, Y: a}).fit == 41 * 4 + 115 * 10


# Weight of what is unallocated.


@pytest.mark.parametrize(
    ("tier", "weight"),
    [("A3", 8), ("B0", 4), ("C2", 2), ("D1", 1), ("B2S", 4), ("E", 2), ("G", 1), ("MISSING", 8)],
)
def test_unallocated_weight_by_tier(tier: str, weight: int) -> None:
    assert price(problem([officer()], [case(X, tier)]), {}).unallocated_weight == weight


@pytest.mark.parametrize(("tier", "weight"), list(zip("ABCDEFG", (8, 6, 4, 3, 2, 1, 1), strict=True)))
def test_unallocated_weight_in_v3(tier: str, weight: int) -> None:
    one = problem([officer()], [case(X, tier)], tier_scheme=TierScheme.V3)
    assert price(one, {}).unallocated_weight == weight


@pytest.mark.parametrize(("due", "weight"), [(None, 4), (day(8), 4), (day(7), 8), (day(0), 8), (day(-30), 8)])
def test_unallocated_weight_is_double_when_due_within_seven_days(due: dt.date | None, weight: int) -> None:
    assert price(problem([officer()], [case(X, "B2", due_by=due)]), {}).unallocated_weight == weight


def test_only_waiting_cases_weigh() -> None:
    a = officer()
    lost = case(Z, "A3", current_staff_code="N03A099", current_team_code="N03F99")
    one = problem([a], [held(X, "A3", a), case(Y, "C2"), lost])
    assert price(one, {X: a}).unallocated_weight == 2
    assert price(one, {X: a, Y: a}).unallocated_weight == 0
    assert price(one, {}, allocate("N03A001", "N03A099")).unallocated_weight == 8 + 2 + 8


# Fixed, and the total.


def test_fixed_under_allocate_is_base_and_all_held_work() -> None:
    a = officer(base_points=176)
    one = problem([a], [held(X, "D2", a, preferred_skills=("WELSH",)), case(Y)])
    found = price(one, {X: a, Y: a})
    # 176 + 41 = 217 points: 109 band-points. With the waiting D2: 258 points, 41 of them in band 2.
    assert found.fixed == 109 + 41 * 4
    assert found.total == found.pressure + found.fit == 109 + 82 + 41 * 4


def test_fixed_under_rebalance_is_base_and_what_cannot_move() -> None:
    a, b = officer(base_points=135), officer("N03A002")
    cases = [
        held(X, "D2", a, preferred_skills=("WELSH",)),
        held(Y, "D2", a, protected_until=day(0), preferred_skills=("WELSH",)),
        held(Z, "D2", a, pinned_staff_code="N03A001"),
        held("X000004", "D2", a, pinned_staff_code="N03A002", override_reason="other"),
        held("X000005", "D2", a, protected_until=day(-1)),
    ]
    one = problem([a, b], cases)
    everywhere = {each.crn: a for each in cases}
    # 135 + 2 * 41 = 217 points (Y and Z stay): 109 band-points, and Y's missing skill.
    assert price(one, everywhere, rebalance(3)).fixed == 109 + 41 * 4
    # under allocate all five: 135 + 205 = 340 points, 109 + 2 * 109 + 3 * 14, and two missing skills
    assert price(one, everywhere).fixed == 109 + 218 + 42 + 2 * 41 * 4


def test_released_cases_are_not_fixed() -> None:
    a, b = officer(base_points=176), officer("N03A002")
    one = problem([a, b], [held(X, "D2", a)])
    assert price(one, {X: a}).fixed == 109
    assert price(one, {}, allocate("N03A001")).fixed == 176 - 108


def test_total_is_the_sum_of_the_items() -> None:
    a, b = officer(), officer("N03A002", base_points=109)
    one = problem([a, b], [held(X, "D2", a, preferred_skills=("WELSH",))])
    assert price(one, {X: b}, rebalance(1)) == Objective(
        unallocated_weight=0,
        pressure=42,  # 150 points: 42 in band 1
        change_of_officer=41 * 8,
        fit=41 * 4,
        total=42 + 41 * 8 + 41 * 4,
        fixed=1,  # b's base: one point in band 1
    )


def test_an_unknown_officer_in_a_placement_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        price(problem([officer()], [case(X)]), {X: officer("N03A009")})
