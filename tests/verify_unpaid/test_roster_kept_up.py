"""A placement that goes on after the horizon was kept up: by hand, at the edges."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from models.policy.policy import default_policy
from models.unpaid_work.problem import UnpaidWorkProblem
from models.unpaid_work.roster import Placement
from models.unpaid_work.terms import Absence, Frequency, ProjectType, Weekday
from solver.verify.unpaid_work import verify_roster
from tests.support.unpaid import (
    Book,
    X,
    Y,
    allocation,
    day,
    drawn,
    every_day,
    honest_roster,
    person,
    placement,
    problem,
    project,
)


def _with(made: Placement, of: UnpaidWorkProblem, book: Book | None = None) -> list[str]:
    """What is wrong with a roster of one placement and one booking, the first Tuesday."""
    roster = honest_roster(of, drawn(book or Book(X), placements=[made]))
    return [each.sentence for each in verify_roster(of, roster, default_policy())]


@pytest.mark.parametrize(
    ("frequency", "on", "kept_up"),
    [
        (Frequency.WEEKLY, 14, True),
        (Frequency.WEEKLY, 13, False),
        (Frequency.FORTNIGHTLY, 14, True),
        (Frequency.FORTNIGHTLY, 13, False),
    ],
)
def test_a_placement_that_runs_on_is_kept_up(frequency: Frequency, on: int, kept_up: bool) -> None:
    """On the first of the last 14 of 28 days, and the last before them; of the last 28 of 42 for a fortnight."""
    weeks = 4 if frequency is Frequency.WEEKLY else 6
    one = problem([person()], [every_day()], weeks=weeks)
    made = placement(weekday=Weekday.of(day(on)), frequency=frequency, start_date_inclusive=day(on))
    since = day(14)
    assert _with(made, one, Book(X, on=on)) == (
        []
        if kept_up
        else [
            f"the {made.day_of_week.title()} of {X} at P01: it runs on after the horizon, and no appointment "
            f"follows from it since {since}"
        ]
    )
    ended = replace(made, end_date_inclusive=day(on))
    assert _with(ended, one, Book(X, on=on)) == []


@pytest.mark.parametrize(("required", "kept_up"), [(420, True), (421, False)])
def test_whoever_has_all_hours_booked_keeps_a_placement(required: int, kept_up: bool) -> None:
    one = problem([person(required_minutes=required)])
    assert (_with(placement(), one) == []) is kept_up


def test_a_horizon_of_a_week_is_short_enough_for_any_day() -> None:
    one = problem([person()], weeks=1)
    for frequency in (Frequency.WEEKLY, Frequency.FORTNIGHTLY):
        assert _with(placement(frequency=frequency), one) == []


FRIDAYS = placement(weekday=Weekday.FRIDAY)


@pytest.mark.parametrize(
    ("change", "rests"),
    [
        ({}, False),
        ({"unavailable": (Absence(day(18), day(27)),)}, True),
        ({"unavailable": (Absence(day(19), day(27)),)}, False),  # there on Friday of the third week
        ({"complete_by": day(17)}, True),
        ({"complete_by": day(18)}, False),
    ],
)
def test_an_allocation_rests_where_the_person_could_not_come(change: dict[str, Any], rests: bool) -> None:
    """Fridays fall on days 4, 11, 18 and 25."""
    fields: dict[str, Any] = {"allocations": (allocation(weekday=Weekday.FRIDAY),), **change}
    one = problem([person(**fields)], [every_day()])
    assert (_with(FRIDAYS, one) == []) is rests
    alone = problem([replace(one.people[0], allocations=())], [every_day()])
    assert _with(FRIDAYS, alone)[0].endswith("no appointment follows from it")


def test_an_allocation_rests_where_the_project_is_shut() -> None:
    """A fortnight's dates are those from the placement's own start: days 4 and 18, or 11 and 25."""
    one = problem(
        [person(allocations=(allocation(weekday=Weekday.FRIDAY, frequency=Frequency.FORTNIGHTLY),))],
        [every_day()],
        non_working_days=(day(4), day(18)),
    )
    for begins, rests in ((day(0), True), (day(-14), True), (day(7), False), (day(-7), False)):
        made = replace(FRIDAYS, frequency=Frequency.FORTNIGHTLY, start_date_inclusive=begins)
        assert (_with(made, one) == []) is rests, begins
    both = replace(one, people=(replace(one.people[0], allocations=(allocation(weekday=Weekday.FRIDAY),)),))
    assert _with(FRIDAYS, both) != []
    shut = replace(both, non_working_days=(day(18), day(25)))
    assert _with(FRIDAYS, shut) == []
    # One that ends in the horizon rests when nobody could come at all: on the first Friday they could.
    ended = replace(FRIDAYS, end_date_inclusive=day(25))
    assert _with(ended, shut)[0].endswith("no appointment follows from it")
    assert _with(ended, replace(shut, non_working_days=tuple(day(on) for on in (4, 11, 18, 25)))) == []
    once = replace(FRIDAYS, frequency=Frequency.ONCE, start_date_inclusive=day(1))
    before = replace(both.people[0].allocations[0], frequency=Frequency.ONCE)
    single = replace(both, people=(replace(both.people[0], allocations=(before,)),))
    assert _with(once, single) == []  # day 4, a non-working day
    assert len(_with(once, replace(single, non_working_days=(day(11), day(18), day(25))))) == 1


def test_nothing_rests_at_education_training_or_employment() -> None:
    away = (Absence(day(0), day(27)),)
    for kind, rests in ((ProjectType.INDIVIDUAL, True), (ProjectType.ETE, False)):
        where = every_day("P02", project_type=kind, supervisor_needed=False)
        there = allocation("P02", weekday=Weekday.FRIDAY)
        one = problem([person(), person(Y, allocations=(there,), unavailable=away)], [project(), where])
        made = placement(Y, "P02", Weekday.FRIDAY)
        found = _with(made, one)
        assert [each.endswith("which is not rostered") for each in found] == ([] if rests else [True]), kind


@pytest.mark.parametrize(("days", "kept_up"), [(15, True), (14, False)])
def test_how_many_days_is_policy(days: int, kept_up: bool) -> None:
    """On the last but 15th of 28 days."""
    usual = default_policy()
    limits = usual.unpaid_work.limits.model_copy(update={"kept_up_days": days})
    policy = usual.model_copy(update={"unpaid_work": usual.unpaid_work.model_copy(update={"limits": limits})})
    one = problem([person()], [every_day()], weeks=4)
    made = placement(weekday=Weekday.of(day(13)), start_date_inclusive=day(13))
    roster = honest_roster(one, drawn(Book(X, on=13), placements=[made]))
    found = [each.rule for each in verify_roster(one, roster, policy)]
    assert ("claimed_appointments" not in found) is kept_up
