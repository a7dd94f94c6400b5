"""Cron expressions in Europe/London, through both changes of the clocks."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.jobs.schedule import Cron
from models.errors import UsageError


def utc(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)


def runs(expression: str, after: str, count: int) -> list[str]:
    """The next times of an expression, in UTC."""
    cron, moment, found = Cron.parse(expression), utc(after), []
    for _ in range(count):
        following = cron.next_after(moment)
        assert following is not None
        moment = following
        found.append(f"{moment:%Y-%m-%d %H:%M}")
    return found


def test_two_in_the_morning_is_two_by_the_clock_in_london() -> None:
    assert runs("0 2 * * *", "2026-11-22 01:00", 2) == ["2026-11-22 02:00", "2026-11-23 02:00"]
    assert runs("0 2 * * *", "2026-06-01 00:00", 1) == ["2026-06-01 01:00"]  # BST
    assert runs("0 2 * * *", "2026-11-22 02:00", 1) == ["2026-11-23 02:00"]  # after, not at


def test_a_time_that_the_clocks_leave_out_comes_an_hour_later_that_night() -> None:
    # 2027-03-28: 01:00 GMT becomes 02:00 BST, so 01:30 is not on the clock; 02:30 BST is 01:30 UTC
    assert runs("30 1 * * *", "2027-03-27 00:00", 3) == [
        "2027-03-27 01:30",
        "2027-03-28 01:30",
        "2027-03-29 00:30",
    ]
    assert runs("0 2 * * *", "2027-03-27 12:00", 2) == ["2027-03-28 01:00", "2027-03-29 01:00"]


def test_a_time_that_comes_twice_is_taken_once() -> None:
    # 2026-10-25: 02:00 BST becomes 01:00 GMT, so 01:30 comes at 00:30 and at 01:30 UTC
    assert runs("30 1 * * *", "2026-10-24 12:00", 2) == ["2026-10-25 00:30", "2026-10-26 01:30"]
    assert runs("0 2 * * *", "2026-10-24 12:00", 2) == ["2026-10-25 02:00", "2026-10-26 02:00"]


@given(st.integers(0, 23), st.integers(0, 59), st.integers(0, 3000))
def test_a_nightly_run_comes_once_on_every_date(hour: int, minute: int, day: int) -> None:
    cron = Cron.parse(f"{minute} {hour} * * *")
    moment = utc("2026-01-01 12:00") + dt.timedelta(days=day)
    dates = []
    for _ in range(4):
        following = cron.next_after(moment)
        assert following is not None
        assert following > moment
        moment = following
        dates.append(moment.astimezone(cron.zone).date())
    assert all(second - first == dt.timedelta(days=1) for first, second in pairwise(dates))


def test_lists_ranges_steps_names_and_both_kinds_of_day() -> None:
    assert runs("*/30 22-23 * * *", "2026-11-22 21:59", 4) == [
        "2026-11-22 22:00",
        "2026-11-22 22:30",
        "2026-11-22 23:00",
        "2026-11-22 23:30",
    ]
    # 2026-11-22 is a Sunday
    assert runs("0 2 * * MON-FRI", "2026-11-21 00:00", 2) == ["2026-11-23 02:00", "2026-11-24 02:00"]
    assert runs("0 2 * * 7", "2026-11-22 00:00", 1) == ["2026-11-22 02:00"]
    assert runs("0 2 1 jan,Jul *", "2026-11-22 00:00", 2) == ["2027-01-01 02:00", "2027-07-01 01:00"]
    # the 1st or a Monday, as in every cron
    assert runs("0 2 1 * 1", "2026-11-29 00:00", 3) == [
        "2026-11-30 02:00",
        "2026-12-01 02:00",
        "2026-12-07 02:00",
    ]
    assert runs("10/20 3 * * *", "2026-11-22 00:00", 3) == [
        "2026-11-22 03:10",
        "2026-11-22 03:30",
        "2026-11-22 03:50",
    ]
    assert runs("0 0 29 2 *", "2097-01-01 00:00", 1) == ["2104-02-29 00:00"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "0 2 * *",
        "60 2 * * *",
        "0 24 * * *",
        "0 2 0 * *",
        "0 2 * 13 *",
        "0 2 * * 8",
        "a 2 * * *",
        "0 2-1 * * *",
        "*/0 2 * * *",
        "0 2 31 2 *",
        "0 2 * * MON-",
        "1,,2 2 * * *",
        "0 -1 * * *",
    ],
)
def test_what_is_no_schedule_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="expected"):
        Cron.parse(text)
