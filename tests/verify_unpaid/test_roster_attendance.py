"""The chance rule: the exact tail against enumeration of everybody's coming and staying away."""

from __future__ import annotations

import itertools
import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from solver.verify.unpaid_work import overflow_probability
from solver.verify.unpaid_work.attendance import exactly


def enumerated(chances: list[Fraction], places: int) -> Fraction:
    """The same from all 2^n outcomes."""
    total = Fraction(0)
    for outcome in itertools.product((True, False), repeat=len(chances)):
        if sum(outcome) > places:
            pairs = zip(chances, outcome, strict=True)
            total += math.prod((q if comes else 1 - q for q, comes in pairs), start=Fraction(1))
    return total


_CHANCES = st.integers(0, 20).map(lambda part: Fraction(part, 20)) | st.floats(0, 1).map(exactly)


@given(st.lists(_CHANCES, max_size=8), st.integers(0, 9))
@settings(max_examples=100)
def test_the_tail_is_the_enumerated_one(chances: list[Fraction], places: int) -> None:
    assert overflow_probability(chances, places) == enumerated(chances, places)


def test_by_hand() -> None:
    half = Fraction(1, 2)
    assert overflow_probability([], 0) == 0
    assert overflow_probability([half], 0) == half
    assert overflow_probability([half] * 3, 1) == half
    assert overflow_probability([half] * 3, 2) == Fraction(1, 8)
    assert overflow_probability([Fraction(1, 3), Fraction(1, 4)], 1) == Fraction(1, 12)


@pytest.mark.parametrize("places", [0, 3, 7, 12])
def test_equal_chances_are_binomial(places: int) -> None:
    q, n = Fraction(3, 5), 12
    tail = sum(math.comb(n, k) * q**k * (1 - q) ** (n - k) for k in range(places + 1, n + 1))
    assert overflow_probability([q] * n, places) == tail


def test_ten_places_and_sixty_in_a_hundred_take_twelve() -> None:
    # The figure of the reference model: twelve bookings fit, thirteen do not.
    chance = Fraction(3, 5)
    assert overflow_probability([chance] * 12, 10) < Fraction(1, 20) < overflow_probability([chance] * 13, 10)


def test_a_chance_is_the_decimal_that_is_written() -> None:
    assert exactly(0.1) == Fraction(1, 10)
    assert exactly(0.75) == Fraction(3, 4)
    assert exactly(1e-9) == Fraction(1, 10**9)
    assert (exactly(0.0), exactly(1.0)) == (Fraction(0), Fraction(1))


def test_a_hundred_thousand_simulated_days_agree() -> None:
    chances, places, days = [0.9, 0.85, 0.7, 0.75, 0.6, 0.6, 0.5, 0.95, 0.4, 0.8], 7, 100_000
    draws = np.random.default_rng(7).random((days, len(chances))) < np.array(chances)
    seen = float((draws.sum(axis=1) > places).mean())
    tail = float(overflow_probability([exactly(each) for each in chances], places))
    assert abs(seen - tail) < 4 * math.sqrt(tail * (1 - tail) / days)
    assert tail > 0.1  # there is something to compare
