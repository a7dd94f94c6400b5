"""The least price of one requirement: what goes on was kept up, one induction, allocations continued; by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from models.policy.policy import default_policy
from models.unpaid_work.problem import UnpaidWorkProblem
from models.unpaid_work.terms import Absence, HalfDay, ProjectType, Weekday
from solver.unpaid_work.board import board_of
from solver.unpaid_work.bound import Bounding
from solver.unpaid_work.facts import Floats, RosterFacts
from solver.unpaid_work.kept_up import choose, desk_of
from tests.support.unpaid import allocation, day, open_on, person, problem, project

POLICY = default_policy()
LOST, SHORT, CHANGED = 200, 40, 4200


def least(of: UnpaidWorkProblem, tolls: dict[int, float] | None = None) -> tuple[float, list[int]]:
    """The price of the only requirement at tolls by the day, and the days on which it comes."""
    facts = RosterFacts(of, POLICY)
    bounding = Bounding(facts, board_of(facts))
    days = facts.sessions.day.tolist()
    toll: Floats = np.array([[(tolls or {}).get(on, 0.0) for on in days]])
    taken, prices = np.zeros(toll.shape), np.zeros(1)
    those = bounding.board, bounding.relaxation, bounding.promised, desk_of(facts)
    for _ in range(6):
        choose(*those, toll, taken, prices)
    return float(prices[0]), [on for on, here in zip(days, taken[0].tolist(), strict=True) if here]


def alone(weeks: int = 4, **fields: Any) -> UnpaidWorkProblem:
    return problem([person(attendance_probability=1.0, **fields)], [project()], weeks=weeks)


def test_what_was_not_kept_up_does_not_go_on() -> None:
    """1,260 minutes, and away in the last four of six weeks: two days of 420, the third is lost, four weeks short."""
    away = (Absence(day(14), day(41)),)
    made = alone(6, required_minutes=1260, unavailable=away)
    assert least(made) == (420 * LOST + 4 * 420 * SHORT, [1, 8])
    # Away until the last week, the last day is enough; and who has all hours booked needs none.
    made = alone(6, required_minutes=1260, unavailable=(Absence(day(0), day(34)),))
    assert least(made) == (5 * 420 * SHORT, [36])
    assert least(alone(6, required_minutes=840, unavailable=away)) == (0, [1, 8])


@pytest.mark.parametrize(("toll", "price", "late"), [(20_000.0, 70_400, [1]), (16_000.0, 64_000, [2])])
def test_whoever_goes_on_comes_in_the_last_fortnight(toll: float, price: int, late: list[int]) -> None:
    """A week short costs 16,800: at a toll of 20,000 one of the last two Tuesdays is had all the same.

    The order ends 16 weeks after the horizon of six: every other of them is not enough.
    """
    found, days = least(alone(6, complete_by=day(42 + 112)), dict.fromkeys((15, 22, 29, 36), toll))
    assert (found, [sum(on >= 28 for on in days)]) == (price, late)


def test_every_other_week_needs_less() -> None:
    """Half of 420 minutes a week is enough for what remains, so a day in the last four weeks is, too.

    The order ends ten weeks after a horizon of six, in which 420 are booked in each of the first four: 2,100 remain.
    """
    made = alone(6, required_minutes=3780, complete_by=day(42 + 70))
    price, days = least(made, {29: 20_000.0, 36: 20_000.0})
    assert (price, days) == (2 * 420 * SHORT, [1, 8, 15, 22])


def test_only_one_induction() -> None:
    """Of four weeks of inductions one is had: 420 of 7,200 minutes."""
    induction = project("IND", project_type=ProjectType.INDUCTION)
    one = problem([person(attendance_probability=1.0, induction_done=False)], [induction])
    price, days = least(one)
    assert (price, len(days)) == ((7200 - 420) * LOST + 3 * 420 * SHORT, 1)


def test_work_comes_after_the_induction() -> None:
    """The induction is on Fridays, so the first Tuesday is too early; the dear Friday is put off by a week."""
    induction = project("IND", open_on(Weekday.FRIDAY), project_type=ProjectType.INDUCTION)
    one = problem([person(attendance_probability=1.0, induction_done=False)], [project(), induction])
    price, days = least(one)
    assert (price, days) == (0, [4, 8, 15, 22])
    price, days = least(one, {4: 50_000.0})
    assert (price, days) == (420 * SHORT, [11, 15, 22])


@pytest.mark.parametrize(("toll", "more"), [(5000.0, CHANGED), (3000.0, 3000)])
def test_an_allocation_is_continued_or_changed(toll: float, more: int) -> None:
    """Fridays are free; one Tuesday continues the allocation there."""
    there = (
        HalfDay.TUESDAY_MORNING,
        HalfDay.TUESDAY_AFTERNOON,
        HalfDay.FRIDAY_MORNING,
        HalfDay.FRIDAY_AFTERNOON,
    )
    one = person(attendance_probability=1.0, availability=there, allocations=(allocation(),))
    of = problem([one], [project("P01", open_on(), open_on(Weekday.FRIDAY))])
    price, days = least(of, dict.fromkeys((1, 8, 15, 22), toll))
    assert price == more
    assert len([on for on in days if on % 7 == 1]) == (more == toll)
