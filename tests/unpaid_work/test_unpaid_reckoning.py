"""Defaults, what remains, journeys and half-days."""

from __future__ import annotations

import dataclasses
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.allocation.terms import Location
from models.policy.policy import default_policy
from models.unpaid_work.bank_holidays import bank_holidays
from models.unpaid_work.defaults import filled
from models.unpaid_work.reckoning import remaining_minutes, travel_minutes_each_way
from models.unpaid_work.terms import TravelMode, Weekday, half_days_touched
from tests.support.unpaid import FOUR, NINE, day, person, problem, project, supervisor

POLICY = default_policy().unpaid_work


def test_blank_fields_take_the_policys_defaults() -> None:
    blank = problem([person()], [project(min_people=None)], non_working_days=None, weeks=8)
    made = filled(blank, POLICY)
    who, where, by = made.people[0], made.projects[0], made.supervisors[0]
    assert (who.weekly_minutes_min, who.weekly_minutes_max) == (420, 840)
    assert (who.attendance_probability, who.max_travel_minutes, who.induction_done) == (0.75, 90, True)
    assert (where.min_people, by.weekly_minutes_max, by.max_group) == (3, 2220, 10)
    assert made.non_working_days == bank_holidays(made.first, made.end)
    assert filled(made, POLICY) == made


def test_given_fields_stay_zeros_among_them() -> None:
    given = problem(
        [
            person(
                weekly_minutes_min=0,
                weekly_minutes_max=0,
                attendance_probability=0.0,
                max_travel_minutes=0,
                induction_done=False,
            )
        ],
        [project(min_people=0)],
        [supervisor(weekly_minutes_max=0, max_group=1)],
        non_working_days=(day(3),),
    )
    assert filled(given, POLICY) == given


def test_filling_touches_nothing_else() -> None:
    one = problem([person(location=Location(1, 2), travel_minutes=None)])
    who = dataclasses.replace(filled(one, POLICY).people[0], weekly_minutes_min=None, weekly_minutes_max=None)
    who = dataclasses.replace(who, attendance_probability=None, max_travel_minutes=None, induction_done=None)
    assert who == one.people[0]


@pytest.mark.parametrize(
    ("required", "adjustment", "credited", "ete", "remaining"),
    [
        (7200, 0, 0, 0, 7200),
        (7200, 600, 1200, 0, 6600),
        (7200, -600, 0, 0, 6600),
        (7200, 0, 0, 2160, 5040),  # 30 %
        (7200, 0, 0, 2161, 5040),
        (7200, 600, 0, 9999, 5640),  # 30 % of what was required, not of the adjusted
        (11, 0, 0, 9, 8),  # 3.3 down to 3
        (600, 0, 700, 0, 0),
        (600, -700, 0, 0, 0),
        (0, 0, 0, 0, 0),
    ],
)
def test_what_remains(required: int, adjustment: int, credited: int, ete: int, remaining: int) -> None:
    who = person(
        required_minutes=required,
        adjustment_minutes=adjustment,
        credited_minutes=credited,
        credited_ete_minutes=ete,
    )
    assert remaining_minutes(who, POLICY) == remaining


@given(st.integers(0, 600_000), st.integers(0, 600_000), st.sampled_from(TravelMode))
@settings(max_examples=100)
def test_a_journey_is_the_least_whole_minutes_that_cover_the_distance(
    east: int, north: int, mode: TravelMode
) -> None:
    who = person(location=Location(0, 0), travel_mode=mode)
    minutes = travel_minutes_each_way(who, project(location=Location(east, north)), POLICY)
    speed, squared = POLICY.travel.metres_a_minute[mode], east**2 + north**2
    assert (minutes * speed) ** 2 >= squared
    assert minutes == 0 or ((minutes - 1) * speed) ** 2 < squared
    assert math.isclose(minutes, math.hypot(east, north) / speed, abs_tol=1.000001)


def test_a_stated_journey_is_the_truth_and_an_unknown_place_is_none() -> None:
    far = project(location=Location(600_000, 0))
    assert travel_minutes_each_way(person(travel_minutes=7, location=Location(0, 0)), far, POLICY) == 7
    assert travel_minutes_each_way(person(travel_minutes=0, location=Location(0, 0)), far, POLICY) == 0
    assert travel_minutes_each_way(person(), far, POLICY) == 0
    assert travel_minutes_each_way(person(location=Location(0, 0)), project(), POLICY) == 0


@pytest.mark.parametrize(
    ("start", "end", "parts"),
    [
        (NINE, FOUR, ["MORNING", "AFTERNOON"]),
        (NINE, 750, ["MORNING"]),
        (NINE, 751, ["MORNING", "AFTERNOON"]),
        (750, 1050, ["AFTERNOON"]),
        (749, 1051, ["MORNING", "AFTERNOON", "EVENING"]),
        (1050, 1440, ["EVENING"]),
        (0, 1, ["MORNING"]),
    ],
)
def test_half_days(start: int, end: int, parts: list[str]) -> None:
    found = half_days_touched(Weekday.SUNDAY, start, end)
    assert [str(each) for each in found] == [f"SUNDAY_{part}" for part in parts]
