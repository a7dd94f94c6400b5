"""The chance rule's linear rows: the one that is enough for it, and the one that follows from it."""

from __future__ import annotations

import itertools
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from solver.unpaid_work import capacity
from solver.unpaid_work.chance import chernoff_row, fits, tail
from solver.verify.unpaid_work import overflow_probability

OVERFLOW = 0.05
CHANCES = st.lists(st.integers(20, 97), min_size=1, max_size=16)


def test_the_tail_by_hand() -> None:
    assert tail([Fraction(1, 2), Fraction(1, 10)], 1) == Fraction(1, 20)
    assert fits([Fraction(1, 2), Fraction(1, 10)], 1, Fraction(1, 20))
    assert not fits([Fraction(1, 2), Fraction(11, 100)], 1, Fraction(1, 20))


@given(CHANCES, st.integers(0, 14))
def test_the_tail_is_the_checkers(percents: list[int], places: int) -> None:
    chances = [Fraction(each, 100) for each in percents]
    assert tail(chances, places) == overflow_probability(chances, places)


@given(CHANCES, st.integers(1, 14))
def test_what_the_row_allows_the_rule_allows(percents: list[int], places: int) -> None:
    chances = [Fraction(each, 100) for each in percents]
    row = chernoff_row([each / 100 for each in percents], places, OVERFLOW)
    if sum(row.weights) <= row.limit:
        assert tail(chances, places) <= Fraction(5, 100)


def test_the_row_gives_up_a_booking_at_most_where_ten_places_meet_six_in_ten() -> None:
    eleven, twelve = (chernoff_row([0.6] * number, 10, OVERFLOW) for number in (11, 12))
    assert sum(eleven.weights) <= eleven.limit
    assert sum(twelve.weights) > twelve.limit
    assert tail([Fraction(6, 10)] * 12, 10) <= Fraction(5, 100) < tail([Fraction(6, 10)] * 13, 10)


@pytest.mark.parametrize("places", [4, 8, 10, 12])
def test_a_hundred_thousand_days_overflow_as_seldom_as_the_row_says(places: int) -> None:
    rng = np.random.default_rng(places)
    chances: list[float] = []
    for chance in itertools.cycle([0.55, 0.7, 0.8, 0.6]):
        row = chernoff_row([*chances, chance], places, OVERFLOW)
        if sum(row.weights) > row.limit:
            break
        chances.append(chance)
    assert len(chances) >= places
    came = (rng.random((100_000, len(chances))) < np.array(chances)).sum(axis=1)
    exact = float(tail([Fraction(repr(each)) for each in chances], places))
    assert exact <= OVERFLOW
    # Five standard deviations of a share of 100,000 days.
    assert abs(float((came > places).mean()) - exact) <= 5 * (0.05 * 0.95 / 100_000) ** 0.5


@given(CHANCES, st.integers(1, 8))
def test_no_allowed_session_expects_more_than_the_bound_grants(percents: list[int], places: int) -> None:
    chances = [Fraction(each, 100) for each in percents]
    if not fits(chances, places, Fraction(5, 100)):
        return
    table = capacity.most_expected(places, 0.2, 0.97, OVERFLOW)
    assert len(percents) < len(table)
    assert sum(percents) / 100 <= table[len(percents)]


def test_two_equal_chances_are_not_the_worst_shape() -> None:
    """Two people for one place may come 1.05 times in all when one is likelier, 0.4472 each when they are equal."""
    table = capacity.most_expected(1, 0.05, 1.0, OVERFLOW)
    assert table[2] == pytest.approx(1.05, abs=1e-6)
