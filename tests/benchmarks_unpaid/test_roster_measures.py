"""Stand-downs and minutes at risk, by hand and against the exact distribution."""

from __future__ import annotations

import itertools
import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.roster_measures import attendance, measured, turned_away
from models.policy.policy import default_policy
from solver.verify.unpaid_work import overflow_probability
from tests.support.unpaid import Book, X, Y, drawn, person, placement, problem, project, session, supervisor

CHANCES = st.lists(st.integers(0, 20).map(lambda n: n / 20), max_size=8)


def test_one_of_two_is_turned_away_when_both_come() -> None:
    # One place, chances 0.5 and 0.4: both come with 0.2, and then one is turned away.
    assert turned_away([0.5, 0.4], 1) == pytest.approx(0.2)
    assert turned_away([0.5, 0.4], 2) == 0
    assert turned_away([0.5, 0.4], 0) == pytest.approx(0.9)


@given(CHANCES)
def test_attendance_is_the_sum_over_every_outcome(chances: list[float]) -> None:
    by_hand = [0.0] * (len(chances) + 1)
    for come in itertools.product((0, 1), repeat=len(chances)):
        by_hand[sum(come)] += math.prod(q if c else 1 - q for q, c in zip(chances, come, strict=True))
    assert attendance(chances) == pytest.approx(by_hand)


@given(CHANCES, st.integers(0, 8))
def test_turned_away_is_the_sum_of_the_checkers_tails(chances: list[float], places: int) -> None:
    exact = [Fraction(repr(chance)) for chance in chances]
    tails = sum((overflow_probability(exact, k) for k in range(places, len(exact))), Fraction(0))
    assert turned_away(chances, places) == pytest.approx(float(tails), abs=1e-9)


def test_a_session_without_a_supervisor_turns_everybody_away() -> None:
    asked = problem([person(X), person(Y)])
    found = measured(asked, drawn(Book(X, under=None), Book(Y, under=None)), default_policy())
    assert found.days_planned == 2
    assert found.days_lost == pytest.approx(1.5)
    assert found.stand_down_rate == pytest.approx(0.75)
    assert found.broken["supervised"] > 0


def test_a_supervisors_largest_group_counts() -> None:
    asked = problem([person(X), person(Y)], supervisors=[supervisor(max_group=1)])
    found = measured(asked, drawn(Book(X), Book(Y)), default_policy())
    assert found.days_lost == pytest.approx(0.75**2)


def test_where_nobody_is_needed_places_alone_count() -> None:
    asked = problem([person(X), person(Y)], [project(places=1, supervisor_needed=False)])
    found = measured(asked, drawn(Book(X, under=None), Book(Y, under=None)), default_policy())
    assert found.days_lost == pytest.approx(0.75**2)


def test_minutes_at_risk_count_stand_downs_and_go_on_after_the_horizon() -> None:
    # 840 minutes at chance 0.75 and an order that ends two full weeks after the four of the horizon. One day of 420
    # is booked, the placement goes on: 840 - 0.75 * 420 * 3 < 0, nothing at risk. With one place for two people
    # each is turned away with 0.75 * 0.75 / 2 = 0.28125 of the days: 840 - 0.46875 * 420 * 3 = 249.375 each.
    ends = {"complete_by": person().sentence_date.replace(year=2027, month=1, day=4)}
    people = [person(crn, required_minutes=840, **ends) for crn in (X, Y)]
    lines = drawn(Book(X), Book(Y), placements=[placement(X), placement(Y)])
    roomy = measured(problem(people), lines, default_policy())
    tight = measured(problem(people, [project(places=1)]), lines, default_policy())
    assert (roomy.minutes_at_risk, roomy.lost_minutes) == (0, 0)
    assert tight.minutes_at_risk == pytest.approx(2 * 249.375)
    assert tight.lost_minutes == 0  # the objective does not know of stand-downs


def test_nothing_planned_has_no_rate() -> None:
    found = measured(problem([person()]), drawn(sessions=[session()]), default_policy())
    assert found.stand_down_rate is None
    assert found.unplaced == 1
