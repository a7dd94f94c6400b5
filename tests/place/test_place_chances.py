"""One more in a session: the chance of overflow is the exact one."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from solver.unpaid_work.placing.team import Running
from solver.verify.unpaid_work import overflow_probability

CHANCES = st.integers(0, 1000).map(lambda thousandths: Fraction(thousandths, 1000))


@given(booked=st.lists(CHANCES, max_size=10), one_more=CHANCES, places=st.integers(0, 8))
def test_one_more_overflows_as_often_as_the_checker_says(
    booked: list[Fraction], one_more: Fraction, places: int
) -> None:
    session = Running(0, 0, 540, 960, None, places, tuple(booked))
    assert session.overflow_with(one_more) == overflow_probability([*booked, one_more], places)


def test_by_hand() -> None:
    # One place, 0.5 and 0.1: both come with 0.05.
    session = Running(0, 0, 540, 960, None, 1, (Fraction(1, 2),))
    assert session.overflow_with(Fraction(1, 10)) == Fraction(1, 20)
    assert session.expected == Fraction(1, 2)
