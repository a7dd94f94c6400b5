"""Officers before and after, and the figures of balance, worked by hand."""

from __future__ import annotations

import pytest

from models.allocation.officer import OfficerKey
from models.allocation.plan import BalanceFigures, OfficerLoad
from models.policy.policy import default_policy
from solver.verify import balance, load_rows
from solver.verify.loads import gini
from tests.support.problems import allocate, case, held, officer, problem, rebalance

A, B = officer(), officer("N03A002", contracted_hours=18.5)
TINY = officer("N03A003", contracted_hours=3.7, base_points=400)
NONE = officer("N03A004", contracted_hours=0.0, base_points=3)
X, Y, Z = "X000001", "X000002", "X000003"


def test_rows_before_and_after() -> None:
    one = problem([A, B, NONE], [held(X, "A1", A), held(Y, "B2", B), case(Z, points=1088)])
    places = {X: A.key, Y: B.key, Z: B.key}
    assert load_rows(one, allocate(), places, default_policy()) == (
        # 146 / 2176 = 0.06709..., to three places 0.067
        OfficerLoad("N03A001", "N03F01", 2176, 146, 146, 6.7, 6.7),
        # 115 / 1088 = 0.10569... and 1203 / 1088 = 1.10569...
        OfficerLoad("N03A002", "N03F01", 1088, 115, 1203, 10.6, 110.6),
        OfficerLoad("N03A004", "N03F01", 0, 3, 3, None, None),
    )


def test_released_cases_are_with_their_holder_before() -> None:
    one = problem([A, B], [held(X, "B2", A), case(Y, current_staff_code="N03A099")])
    rows = load_rows(one, allocate("N03A001", "N03A099"), {X: B.key}, default_policy())
    assert [(row.points_before, row.points_after) for row in rows] == [(115, 0), (0, 115)]


def test_balance_by_hand() -> None:
    # Before: A 2176 of 2176 points, 100.0 %; B 1306 of 1088, 120.0 % (1306 / 1088 = 1.2004, to three places 1.2).
    # After the move of X (544 points): A 1632, 75.0 %; B 1850, 170.0 % (1.7004).
    # The tiny one has 217 points available: not counted, whatever the load.
    cases = [held(X, "A0", A, points=544), held(Y, "A0", A, points=1632), held(Z, "A0", B, points=1306)]
    one = problem([A, B, TINY], cases)
    found = balance(one, rebalance(1), {X: B.key, Y: A.key, Z: B.key}, default_policy())
    assert found.before == BalanceFigures(
        max_workload=120.0,
        min_workload=100.0,
        mean_workload=110.0,
        spread=20.0,
        standard_deviation=10.0,
        gini=round(20 / (2 * 220), 4),  # ranks 1, 2 of 2: (-1 * 100 + 1 * 120) / (2 * 220)
        officers_over_100=1,
        officers_over_110=1,
        mean_cases=1.5,
        max_cases=2,
    )
    assert found.after == BalanceFigures(
        max_workload=170.0,
        min_workload=75.0,
        mean_workload=122.5,
        spread=95.0,
        standard_deviation=47.5,
        gini=round(95 / (2 * 245), 4),
        officers_over_100=1,
        officers_over_110=1,
        mean_cases=1.5,
        max_cases=2,
    )


def test_balance_of_nobody() -> None:
    one = problem([TINY], [held(X, "D2", TINY)])
    found = balance(one, allocate(), {X: OfficerKey("N03A003", "N03F01")}, default_policy())
    assert found.after == BalanceFigures(None, None, None, None, None, None, 0, 0, None, 0)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([0.0, 0.0], 0.0),
        ([50.0], 0.0),
        ([100.0, 100.0, 100.0], 0.0),
        ([0.0, 100.0], 0.5),
        (
            [1.0, 2.0, 3.0],
            8 / 36,
        ),  # pairs differ by 1, 1, 2, both ways 8 over 9 pairs; over twice the mean: 8 / 9 / 4
    ],
)
def test_gini(values: list[float], expected: float) -> None:
    assert gini(values) == pytest.approx(expected)
