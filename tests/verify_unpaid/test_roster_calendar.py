"""The calendar: clock changes, fortnights and their anchor, bank holidays and the days that stand in for them."""

from __future__ import annotations

import datetime as dt

import pytest

from models.policy.policy import default_policy
from models.unpaid_work.bank_holidays import bank_holidays
from models.unpaid_work.terms import Frequency, Weekday
from solver.verify.unpaid_work import recompute_roster
from tests.support.unpaid import (
    Book,
    X,
    broken,
    day,
    drawn,
    every_day,
    open_on,
    person,
    problem,
    project,
)


@pytest.mark.parametrize("sunday", [dt.date(2027, 3, 28), dt.date(2026, 10, 25)])
def test_a_sunday_with_a_clock_change_is_as_long_as_any_other(sunday: dt.date) -> None:
    """Clocks go forward and back at night; 09:00 to 16:00 is seven hours on the clock that people see."""
    who = person(weekly_minutes_max=420, required_minutes=420, sentence_date=dt.date(2026, 1, 1))
    early = project("P01", open_on(Weekday.SUNDAY, start_date_inclusive=dt.date(2026, 1, 4)))
    one = problem([who], [early], first=sunday, weeks=1)
    on = (sunday - day(0)).days
    assert broken(one, Book(on=on)) == []
    objective = recompute_roster(one, drawn(Book(on=on)), default_policy())
    assert objective.supervised_minutes == 420
    assert objective.lost_minutes == 420 - 315  # 0.75 of 420 are expected


def test_a_week_with_a_clock_change_ends_on_the_sunday() -> None:
    who = person(weekly_minutes_max=420, sentence_date=dt.date(2026, 1, 1))
    one = problem([who], [every_day()], first=dt.date(2027, 3, 22), weeks=2)
    sunday = (dt.date(2027, 3, 28) - day(0)).days
    assert broken(one, Book(on=sunday), Book(on=sunday + 1)) == []
    assert broken(one, Book(on=sunday - 1), Book(on=sunday)) == [("weekly_limit", X)]


# A fortnight counts from the first such weekday on or after its start date, across the year's end too.


@pytest.mark.parametrize(
    ("anchor", "runs"),
    [
        (day(1), [1, 15]),  # a Tuesday itself
        (day(0), [1, 15]),  # the Monday before: the first Tuesday after it
        (day(2), [8, 22]),  # the Wednesday after: the next Tuesday
        (day(-13), [1, 15]),
        (day(-6), [8, 22]),
        (day(-27), [1, 15]),
    ],
)
def test_a_fortnight_counts_from_its_start_date(anchor: dt.date, runs: list[int]) -> None:
    slot = open_on(frequency=Frequency.FORTNIGHTLY, start_date_inclusive=anchor)
    one = problem([person()], [project("P01", slot)])
    assert [on for on in (1, 8, 15, 22) if broken(one, Book(on=on)) == []] == runs


def test_a_fortnight_goes_on_over_the_turn_of_a_year_with_53_weeks() -> None:
    # 2026 has 53 ISO weeks: counting by the parity of the week number would slip.
    slot = open_on(frequency=Frequency.FORTNIGHTLY, start_date_inclusive=dt.date(2026, 12, 22))
    one = problem([person()], [project("P01", slot)], first=dt.date(2026, 12, 21), weeks=4)
    dates = [dt.date(2026, 12, 22) + dt.timedelta(weeks=n) for n in range(4)]
    assert [broken(one, Book(on=(date - day(0)).days)) == [] for date in dates] == [True, False, True, False]


# Bank holidays of England and Wales (gov.uk/bank-holidays).


@pytest.mark.parametrize(
    ("year", "expected"),
    [
        (2026, ["01-01", "04-03", "04-06", "05-04", "05-25", "08-31", "12-25", "12-26", "12-28"]),
        (2027, ["01-01", "03-26", "03-29", "05-03", "05-31", "08-30", "12-25", "12-26", "12-27", "12-28"]),
        (2023, ["01-01", "01-02", "04-07", "04-10", "05-01", "05-08", "05-29", "08-28", "12-25", "12-26"]),
    ],
)
def test_bank_holidays_with_substitute_days(year: int, expected: list[str]) -> None:
    found = bank_holidays(dt.date(year, 1, 1), dt.date(year + 1, 1, 1))
    assert [f"{date:%m-%d}" for date in found] == expected


def test_the_end_is_not_among_them_and_years_join() -> None:
    christmas, new_year = dt.date(2026, 12, 25), dt.date(2027, 1, 1)
    assert bank_holidays(christmas, christmas) == ()
    assert bank_holidays(dt.date(2026, 12, 27), new_year) == (dt.date(2026, 12, 28),)
    assert bank_holidays(dt.date(2026, 12, 27), dt.date(2027, 1, 2)) == (dt.date(2026, 12, 28), new_year)


def test_no_days_given_means_bank_holidays_and_given_days_mean_exactly_those() -> None:
    boxing_monday = (dt.date(2026, 12, 28) - day(0)).days  # stands in for Saturday the 26th
    for given, closed in (
        (None, True),
        ((), False),
        ((day(1),), False),
        ((day(boxing_monday),), True),
    ):
        one = problem([person()], [every_day()], weeks=8, non_working_days=given)
        expected = [("project_open", None)] if closed else []
        assert broken(one, Book(on=boxing_monday)) == expected, given
    blank = problem([person()], [every_day()], weeks=8, non_working_days=None)
    assert sorted(blank.closed_days) == list(bank_holidays(blank.first, blank.end))
    assert broken(blank, Book(on=boxing_monday + 1)) == []
