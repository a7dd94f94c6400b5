"""Points, availability, Workload %, months, tiers, distances: worked by hand."""

from __future__ import annotations

import datetime as dt

import pytest
from pydantic import TypeAdapter, ValidationError

from models.allocation.terms import Grade, GradeField, Location, TierScheme, parse_tier
from models.allocation.workload import (
    available_points,
    case_points,
    full_months,
    points_with,
    workload_percent,
)
from models.faults import Fault, json_faults
from models.policy.policy import default_policy
from models.record import Crn, Day
from tests.support.problems import case, officer, policy_with

POLICY = default_policy()
MIDNIGHT = dt.datetime.combine(dt.date(2026, 11, 23), dt.time())  # as a spreadsheet gives a date


@pytest.mark.parametrize(
    ("hours", "reduction", "points"),
    [
        (37.0, 0.0, 2176),
        (18.5, 0.0, 1088),
        (37.0, 7.4, 1740),  # 2176 * 29.6 / 37 = 1740.8
        (37.1, 0.1, 2176),  # floats would say 37.00000000000001 or 36.99999999999999
        (3.7, 0.0, 217),  # 217.6
        (3.71, 0.0, 218),  # 218.188...
        (37.0, 37.0, 0),
    ],
)
def test_available_points_are_truncated_exactly(hours: float, reduction: float, points: int) -> None:
    assert available_points(officer(contracted_hours=hours, reduction_hours=reduction), POLICY) == points


@pytest.mark.parametrize(
    ("fields", "points"),
    [
        ({"tier": "A3"}, 206),
        ({"tier": "A3", "case_type": "LICENSE"}, 219),
        ({"tier": "A3", "t2a": True}, 75),
        ({"tier": "A3S"}, 0),
        ({"tier": "A3S", "points": 12}, 12),
        ({"tier": "A3", "t2a": True, "points": 0}, 0),
        ({"tier": "E", "case_type": "LICENSE"}, 54),
    ],
)
def test_points_of_a_case(fields: dict[str, object], points: int) -> None:
    one = case(**fields)  # type: ignore[arg-type]  # a table of fields of several types
    assert case_points(one, parse_tier(one.tier, None), POLICY) == points


def test_an_uplift_is_rounded_half_up() -> None:
    policy = policy_with(uplift_percent={"PQIP": 10})
    assert [points_with(points, Grade.PQIP, policy) for points in (4, 5, 14, 15)] == [4, 6, 15, 17]
    assert points_with(15, Grade.PO, policy) == 15


@pytest.mark.parametrize(
    ("points", "available", "percent"),
    [(2176, 2176, 100.0), (1, 2000, 0.1), (1, 2001, 0.0), (0, 2176, 0.0), (5, 0, None), (2567, 2176, 118.0)],
)
def test_workload_is_rounded_half_up_to_a_tenth(points: int, available: int, percent: float | None) -> None:
    # 1 / 2000 = 0.0005 is half and goes up; 2567 / 2176 = 1.1797 is 118.0 %
    assert workload_percent(points, available) == percent


@pytest.mark.parametrize(
    ("since", "months"),
    [
        (None, 0),
        (dt.date(2026, 11, 23), 0),
        (dt.date(2026, 12, 1), 0),
        (dt.date(2026, 10, 23), 1),
        (dt.date(2026, 10, 24), 0),
        (dt.date(2024, 11, 23), 24),
        (dt.date(2024, 11, 24), 23),
    ],
)
def test_full_months_go_by_the_day_of_the_month(since: dt.date | None, months: int) -> None:
    assert full_months(since, dt.date(2026, 11, 23)) == months


def test_tiers_are_taken_apart() -> None:
    assert parse_tier("B2S", None).name == "B2"
    assert parse_tier("B2S", None).suspended
    assert parse_tier("E", None).scheme is TierScheme.V3
    assert parse_tier("A", TierScheme.V2).digit is None
    for text, scheme in (("A", None), ("E", TierScheme.V2), ("B4", None), ("", None), ("AS", TierScheme.V3)):
        with pytest.raises(ValueError, match="expected"):
            parse_tier(text, scheme)


@pytest.mark.parametrize(
    ("text", "grade"), [("PSM", "PO"), ("psq", "PSO"), ("PQiP", "PQIP"), ("PSC", "SPO"), (" po ", "PO")]
)
def test_grades_by_name_and_by_code(text: str, grade: str) -> None:
    assert TypeAdapter(GradeField).validate_python(text) == grade


@pytest.mark.parametrize("text", ["DMY", "", "XX", 7])
def test_no_grade_is_a_fault(text: object) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(GradeField).validate_python(text)


@pytest.mark.parametrize(
    ("east", "north", "steps"),
    [(0, 0, 0), (9_999, 0, 0), (10_000, 0, 1), (6_000, 8_000, 1), (6_000, 7_999, 0), (0, 70_000, 7)],
)
def test_whole_steps_of_distance_are_exact(east: int, north: int, steps: int) -> None:
    assert (
        Location(300_000, 300_000).whole_steps_from(Location(300_000 + east, 300_000 + north), 10_000)
        == steps
    )


@pytest.mark.parametrize("text", ["2026-11-23", "23/11/2026", "2026-11-23T00:00:00", MIDNIGHT])
def test_dates_in_every_form(text: object) -> None:
    assert TypeAdapter(Day).validate_python(text) == dt.date(2026, 11, 23)


@pytest.mark.parametrize("text", ["2026-11-31", "31/02/2026", "yesterday", 7, MIDNIGHT.replace(hour=9)])
def test_what_is_no_date_is_refused(text: object) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(Day).validate_python(text)


def test_a_crn_is_a_letter_and_six_digits() -> None:
    assert TypeAdapter(Crn).validate_python(" x123456 ".strip()) == "X123456"
    for text in ("X12345", "1234567", "XX12345", "X1234567890123456789"):
        with pytest.raises(ValidationError):
            TypeAdapter(Crn).validate_python(text)


def test_a_fault_says_where_what_and_what_was_expected() -> None:
    fault = Fault("'x' is not a number", "a number", file="cases.csv", row=7, column="points")
    assert fault.sentence == "cases.csv, row 7, column points: 'x' is not a number; expected a number"
    assert Fault("there is no officer", "at least one").where == "the input"
    with pytest.raises(ValidationError) as caught:
        TypeAdapter(dict[str, int]).validate_python({"a": 1.5, "b": "many"})
    assert [each.path for each in json_faults(caught.value, prefix="limits")] == ["limits.a", "limits.b"]
