"""Rules over one person: each kept, broken, and at the nearest edge."""

from __future__ import annotations

from typing import Any

import pytest

from models.allocation.terms import Location, Sex
from models.unpaid_work.project import Project
from models.unpaid_work.terms import Absence, HalfDay, PlacementPreference, ProjectType, TravelMode
from tests.support.problems import policy_with
from tests.support.unpaid import (
    BOB,
    FOUR,
    NINE,
    NOON,
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
    supervisor,
    violations,
)

# available: P01 is open on Tuesdays 09:00 to 16:00, which touches the morning and the afternoon.

MORNING, AFTERNOON = HalfDay.TUESDAY_MORNING, HalfDay.TUESDAY_AFTERNOON


def test_available_in_every_half_day_that_is_touched() -> None:
    for there, expected in (
        ((MORNING, AFTERNOON), []),
        ((MORNING,), [("available", X)]),
        ((), [("available", X)]),
    ):
        assert broken(problem([person(availability=there)]), Book()) == expected, there


def test_available_looks_at_the_appointment_and_not_the_session() -> None:
    # Half past twelve is where the morning ends: 12:30 touches it alone, 12:31 the afternoon too.
    one = problem([person(availability=(MORNING,))])
    whole = drawn(Book(end=FOUR)).sessions
    assert broken(one, Book(end=750), sessions=whole) == []
    assert broken(one, Book(end=751), sessions=whole) == [("available", X)]


def test_available_on_the_weekday_itself() -> None:
    one = problem(
        [person(availability=(HalfDay.WEDNESDAY_MORNING, HalfDay.WEDNESDAY_AFTERNOON))], [every_day()]
    )
    assert broken(one, Book(on=2)) == []
    (violation,) = violations(one, drawn(Book(on=1)))
    assert violation.sentence == (
        "P01 on 2026-11-24, 09:00 to 16:00: X000001 is not available on tuesday morning and tuesday afternoon"
    )


def test_available_from_the_sentence_to_the_date_to_complete_by() -> None:
    for sentence, complete, expected in (
        (day(1), day(1), []),
        (day(2), day(9), [("available", X)]),
        (day(-9), day(0), [("available", X)]),
    ):
        assert broken(problem([person(sentence_date=sentence, complete_by=complete)]), Book(on=1)) == expected


def test_available_but_for_dated_exceptions() -> None:
    for first, last, expected in (
        (2, 9, []),
        (-5, 0, []),
        (1, 1, [("available", X)]),
        (-5, 9, [("available", X)]),
    ):
        one = problem([person(unavailable=(Absence(day(first), day(last)),))])
        assert broken(one, Book(on=1)) == expected, (first, last)


# one_place_at_a_time

TWO = [every_day(), every_day("P02")]
TWO_SUPERVISORS = [supervisor(), supervisor(BOB)]


def test_one_project_a_day() -> None:
    one = problem([person()], TWO, TWO_SUPERVISORS)
    assert broken(one, Book(on=1), Book(on=2, at="P02")) == []
    assert broken(one, Book(end=NOON), Book(at="P02", start=840, under=BOB)) == [("one_place_at_a_time", X)]


def test_one_place_at_a_time_and_two_sessions_of_one_project_on_a_day() -> None:
    morning_and_afternoon = project("P01", open_on(end=NOON), open_on(start=NOON))
    one = problem([person()], [morning_and_afternoon])
    assert broken(one, Book(end=NOON), Book(start=NOON)) == []
    overlapping = problem([person()], TWO, TWO_SUPERVISORS)
    assert broken(overlapping, Book(), Book(at="P02", start=FOUR - 1, under=BOB)) == [
        ("one_place_at_a_time", X),  # at the same time
        ("one_place_at_a_time", X),  # and two projects on one day
    ]


def test_one_place_at_a_time_holds_over_all_events_of_a_person() -> None:
    two_events = [person(), person(event_number=2)]
    one = problem(two_events, TWO, TWO_SUPERVISORS)
    assert broken(one, Book(on=1), Book(on=2, event=2)) == []
    assert broken(one, Book(end=NOON), Book(at="P02", start=840, event=2, under=BOB)) == [
        ("one_place_at_a_time", X)
    ]
    assert broken(one, Book(), Book(event=2)) == [("one_place_at_a_time", X), ("weekly_limit", X)]


# weekly_limit: a day at P01 is 420 minutes.


def test_weekly_limit_at_its_edge() -> None:
    for most, expected in ((841, []), (840, []), (839, [("weekly_limit", X)])):
        one = problem([person(weekly_minutes_max=most)], [every_day()])
        assert broken(one, Book(on=0), Book(on=6)) == expected, most


def test_weekly_limit_runs_from_monday_to_sunday() -> None:
    one = problem([person(weekly_minutes_max=420)], [every_day()])
    assert broken(one, Book(on=6), Book(on=7)) == []  # Sunday and the Monday after
    assert broken(one, Book(on=7), Book(on=13)) == [("weekly_limit", X)]


def test_weekly_limit_in_a_week_that_the_horizon_cuts() -> None:
    # From Wednesday: the first week is Wednesday to Sunday, the second begins on the Monday.
    one = problem([person(weekly_minutes_max=420)], [every_day()], first=day(2), weeks=1)
    assert broken(one, Book(on=6), Book(on=7)) == []
    assert broken(one, Book(on=2), Book(on=6)) == [("weekly_limit", X)]


def test_weekly_limit_of_a_body_is_the_least_of_its_records() -> None:
    one = problem(
        [person(weekly_minutes_max=840), person(event_number=2, weekly_minutes_max=839)], [every_day()]
    )
    assert broken(one, Book(on=0), Book(on=7, event=2)) == []
    assert broken(one, Book(on=0), Book(on=1, event=2)) == [("weekly_limit", X)]


def test_day_limit_is_eight_hours() -> None:
    long = project("P01", open_on(start=480, end=1080))
    one = problem([person()], [long])
    assert broken(one, Book(start=480, end=960)) == []
    (violation,) = violations(one, drawn(Book(start=480, end=961)))
    assert violation.sentence == "X000001 has 481 minutes on 2026-11-24; the limit is 480"


def test_blank_weekly_limit_is_the_policys() -> None:
    one = problem([person()], [every_day()])
    tight = policy_with(unpaid_work={"defaults": {"weekly_minutes_max": 839}})
    assert broken(one, Book(on=0), Book(on=1)) == []
    assert broken(one, Book(on=0), Book(on=1), policy=tight) == [("weekly_limit", X)]


# never_beyond_requirement


@pytest.mark.parametrize(
    ("fields", "remaining"),
    [
        ({"required_minutes": 420}, 420),
        ({"required_minutes": 400, "adjustment_minutes": 20}, 420),
        ({"required_minutes": 840, "credited_minutes": 421}, 419),
        ({"required_minutes": 600, "credited_ete_minutes": 180}, 420),
        ({"required_minutes": 600, "credited_ete_minutes": 9999}, 420),  # 30 % of 600 and no more
        (
            {"required_minutes": 601, "credited_minutes": 1, "credited_ete_minutes": 181},
            420,
        ),  # 180.3 down to 180
        ({"required_minutes": 600, "credited_ete_minutes": 181, "adjustment_minutes": -1}, 419),
    ],
)
def test_never_beyond_the_requirement(fields: dict[str, Any], remaining: int) -> None:
    one = problem([person(**fields)])
    expected = [] if remaining >= 420 else [("never_beyond_requirement", X)]
    assert broken(one, Book()) == expected
    assert broken(one, Book(end=NINE + remaining)) == []


def test_never_beyond_the_requirement_over_all_appointments_of_each_event() -> None:
    two_events = [person(required_minutes=840), person(event_number=2, required_minutes=420)]
    one = problem(two_events, [every_day()])
    assert broken(one, Book(on=0), Book(on=7), Book(on=1, event=2)) == []
    (violation,) = violations(
        one, drawn(Book(on=0), Book(on=7), Book(on=14, end=NINE + 1), Book(on=1, event=2))
    )
    assert violation.sentence == "X000001 (event 1) is booked for 841 minutes; 840 remain"


# induction_first

INDUCTION = every_day("IND", project_type=ProjectType.INDUCTION)


def test_induction_comes_first() -> None:
    one = problem([person(induction_done=False)], [every_day(), INDUCTION])
    assert broken(one, Book(on=1, at="IND")) == []
    assert broken(one, Book(on=1, at="IND"), Book(on=2)) == []
    assert broken(one, Book(on=2, at="IND"), Book(on=1)) == [("induction_first", X)]
    assert broken(one, Book(on=1)) == [("induction_first", X)]


def test_one_induction_and_none_when_it_is_done() -> None:
    fresh = problem([person(induction_done=False)], [every_day(), INDUCTION])
    assert broken(fresh, Book(on=1, at="IND"), Book(on=2, at="IND")) == [("induction_first", X)]
    done = problem([person(induction_done=True)], [every_day(), INDUCTION])
    assert broken(done, Book(on=1)) == []
    assert broken(done, Book(on=1), Book(on=2, at="IND")) == [("induction_first", X)]


def test_blank_induction_is_the_policys() -> None:
    one = problem([person(induction_done=None)], [every_day(), INDUCTION])
    fresh = policy_with(unpaid_work={"defaults": {"induction_done": False}})
    assert broken(one, Book(on=1)) == []
    assert broken(one, Book(on=1), policy=fresh) == [("induction_first", X)]


# suitable_project


@pytest.mark.parametrize(
    ("who", "where", "refused"),
    [
        ({"restrictions": ("CHILDREN",)}, {"tags": ("ADULTS",)}, False),
        ({"restrictions": ("CHILDREN",)}, {"tags": ("ADULTS", "CHILDREN")}, True),
        ({"needs": ("STEP_FREE",)}, {"features": ("STEP_FREE", "TOILETS")}, False),
        ({"needs": ("STEP_FREE", "TOILETS")}, {"features": ("STEP_FREE",)}, True),
        ({"needs": ("STEP_FREE",)}, {"tags": ("STEP_FREE",)}, True),
        ({"excluded_project_codes": ("P02",)}, {}, False),
        ({"excluded_project_codes": ("P02", "P01")}, {}, True),
    ],
)
def test_suitable_project(who: dict[str, Any], where: dict[str, Any], refused: bool) -> None:
    one = problem([person(**who)], [project(**where)])
    assert broken(one, Book()) == ([("suitable_project", X)] if refused else [])


# group_preference

MIXED = PlacementPreference.MIXED_GROUP
WOMEN = PlacementPreference.FEMALE_ONLY_GROUP
ALONE = PlacementPreference.INDIVIDUAL


def _kind(kind: ProjectType, *, female_only: bool = False) -> Project:
    return project(project_type=kind, female_only=female_only)


@pytest.mark.parametrize(
    ("sex", "preference", "where", "refused"),
    [
        (Sex.MALE, MIXED, _kind(ProjectType.GROUP), False),
        (Sex.MALE, MIXED, _kind(ProjectType.GROUP, female_only=True), True),
        (None, MIXED, _kind(ProjectType.GROUP, female_only=True), True),
        (Sex.FEMALE, MIXED, _kind(ProjectType.GROUP, female_only=True), False),
        (Sex.FEMALE, WOMEN, _kind(ProjectType.GROUP, female_only=True), False),
        (Sex.FEMALE, WOMEN, _kind(ProjectType.GROUP), True),
        (Sex.FEMALE, WOMEN, _kind(ProjectType.INDIVIDUAL), False),
        (Sex.MALE, ALONE, _kind(ProjectType.INDIVIDUAL), False),
        (Sex.MALE, ALONE, _kind(ProjectType.GROUP), True),
        (Sex.FEMALE, ALONE, _kind(ProjectType.GROUP, female_only=True), True),
        (Sex.MALE, MIXED, _kind(ProjectType.INDIVIDUAL, female_only=True), True),
    ],
)
def test_group_preference(
    sex: Sex | None, preference: PlacementPreference, where: Project, refused: bool
) -> None:
    one = problem([person(sex=sex, placement_preference=preference)], [where])
    assert broken(one, Book()) == ([("group_preference", X)] if refused else [])


def test_inductions_are_exempt_from_the_preference_but_not_from_women_only() -> None:
    for female_only, expected in ((False, []), (True, [("group_preference", X)])):
        induction = every_day("IND", project_type=ProjectType.INDUCTION, female_only=female_only)
        who = person(sex=Sex.MALE, placement_preference=ALONE, induction_done=False)
        assert broken(problem([who], [induction]), Book(at="IND")) == expected


# travel_limit: 90 minutes by policy; public transport covers 250 metres a minute.

HERE = Location(400_000, 300_000)


@pytest.mark.parametrize(
    ("who", "there", "refused"),
    [
        ({"travel_minutes": 90}, HERE, False),
        ({"travel_minutes": 91}, HERE, True),
        ({"travel_minutes": 91, "max_travel_minutes": 91}, HERE, False),
        ({}, Location(422_500, 300_000), False),  # 22,500 m: 90 minutes
        ({}, Location(422_501, 300_000), True),  # a metre more: 91
        ({}, Location(413_500, 318_000), False),  # 13,500 and 18,000: 22,500 again
        ({"travel_minutes": 1}, Location(522_500, 300_000), False),  # what is stated is the truth
        ({"travel_mode": TravelMode.CAR}, Location(454_000, 300_000), False),  # 54,000 m at 600
        ({"travel_mode": TravelMode.WALK}, Location(407_201, 300_000), True),  # 7,200 m at 80
        ({}, None, False),
        ({"location": None}, Location(522_500, 300_000), False),
        ({"max_travel_minutes": 0}, HERE, False),
        ({"max_travel_minutes": 0}, Location(400_001, 300_000), True),
    ],
)
def test_travel_limit(who: dict[str, Any], there: Location | None, refused: bool) -> None:
    one = problem([person(**{"location": HERE, **who})], [project(location=there)])
    assert broken(one, Book()) == ([("travel_limit", X)] if refused else [])


def test_what_breaks_several_rules_is_told_of_each() -> None:
    who = person(
        availability=(),
        required_minutes=1,
        excluded_project_codes=("P01",),
        travel_minutes=999,
        weekly_minutes_max=0,
    )
    assert broken(problem([who]), Book()) == [
        ("available", X),
        ("weekly_limit", X),
        ("never_beyond_requirement", X),
        ("suitable_project", X),
        ("travel_limit", X),
    ]
