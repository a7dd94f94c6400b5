"""Rules over sessions, and over who is in one together: each kept, broken, and at the nearest edge."""

from __future__ import annotations

from typing import Any

import pytest

from models.allocation.terms import Sex
from models.unpaid_work.terms import Absence, Frequency, HalfDay, ProjectType, TravelMode, Weekday
from tests.support.problems import policy_with
from tests.support.unpaid import (
    ANN,
    BOB,
    FOUR,
    NINE,
    NOON,
    Book,
    X,
    Y,
    Z,
    broken,
    day,
    drawn,
    every_day,
    open_on,
    person,
    problem,
    project,
    session,
    supervisor,
    violations,
)

# project_open: P01 is open on Tuesdays 09:00 to 16:00; the first is day 1.


@pytest.mark.parametrize(
    ("start", "end", "is_open"),
    [(NINE, FOUR, True), (600, 660, True), (NINE - 1, FOUR, False), (NINE, FOUR + 1, False)],
)
def test_a_session_lies_within_the_availability(start: int, end: int, is_open: bool) -> None:
    one = problem([person()])
    assert broken(one, Book(start=start, end=end)) == ([] if is_open else [("project_open", None)])


def test_a_session_is_on_the_weekday_and_in_the_horizon() -> None:
    one = problem([person()], weeks=2)
    for on, expected in ((1, []), (8, []), (2, [("project_open", None)]), (15, [("project_open", None)])):
        assert broken(one, Book(on=on)) == expected, on
    two = problem([person()], [project("P01", open_on(start_date_inclusive=day(-30)))])
    (violation,) = violations(two, drawn(Book(on=-6)))
    assert violation.sentence == "2026-11-17 is outside the horizon"


def test_a_session_is_not_on_a_non_working_day() -> None:
    one = problem([person()], non_working_days=(day(1),))
    assert broken(one, Book(on=8)) == []
    (violation,) = violations(one, drawn(Book(on=1)))
    assert violation.sentence == "2026-11-24 is a non-working day"


def test_a_session_is_within_the_dates_of_project_and_slot() -> None:
    for first, end, expected in (
        (day(1), day(2), []),  # the end is exclusive
        (day(2), None, [("project_open", None)]),
        (None, day(1), [("project_open", None)]),
    ):
        dated = project(start_date_inclusive=first, end_date_exclusive=end)
        assert broken(problem([person()], [dated]), Book(on=1)) == expected
        slot = open_on(start_date_inclusive=first or day(-20), end_date_exclusive=end)
        assert broken(problem([person()], [project("P01", slot)]), Book(on=1)) == expected


def test_sessions_of_one_project_do_not_overlap() -> None:
    one = problem([person(), person(Y)], supervisors=[supervisor(), supervisor(BOB)])
    assert broken(one, Book(end=NOON), Book(Y, start=NOON, under=BOB)) == []
    assert broken(one, Book(end=NOON + 1), Book(Y, start=NOON, under=BOB)) == [("project_open", None)]


def test_sessions_nobody_can_make_sense_of() -> None:
    one = problem([person()])
    lost = [session(at="P09"), session(start=FOUR, end=NINE)]
    assert broken(one, Book(), sessions=[session(), *lost]) == [("project_open", None)] * 2


def test_ete_is_not_rostered() -> None:
    college = project(project_type=ProjectType.ETE, supervisor_needed=False)
    assert broken(problem([person()], [college]), Book(under=None)) == [("project_open", None)]


def test_a_one_off_slot_is_open_on_its_first_date_alone() -> None:
    one = problem([person()], [project("P01", open_on(frequency=Frequency.ONCE))])
    assert broken(one, Book(on=1)) == []
    assert broken(one, Book(on=8)) == [("project_open", None)]


# supervised


def test_a_session_has_the_supervisor_it_needs() -> None:
    one = problem([person()])
    assert broken(one, Book(under=ANN)) == []
    assert broken(one, Book(under=None)) == [("supervised", None)]
    assert broken(one, Book(under="N03U099")) == [("supervised", None)]


def test_a_session_that_needs_none_has_none() -> None:
    one = problem([person()], [project(supervisor_needed=False)])
    assert broken(one, Book(under=None)) == []
    assert broken(one, Book(under=ANN)) == [("supervised", None)]


def test_a_supervisor_has_every_required_skill() -> None:
    for skills, expected in (
        (("DRIVER", "CHAINSAW"), []),
        (("DRIVER",), [("supervised", None)]),
        ((), [("supervised", None)]),
    ):
        one = problem(
            [person()], [project(required_skills=("DRIVER", "CHAINSAW"))], [supervisor(skills=skills)]
        )
        assert broken(one, Book()) == expected


def test_a_supervisor_is_there_for_the_whole_session() -> None:
    # The person leaves at noon; the session goes on until four.
    morning = supervisor(availability=(HalfDay.TUESDAY_MORNING,))
    one = problem([person()], supervisors=[morning])
    assert broken(one, Book(end=750)) == []
    assert broken(one, Book(end=NOON), sessions=[session()]) == [("supervised", None)]


def test_a_supervisor_is_not_away() -> None:
    for first, last, expected in ((2, 3, []), (1, 3, [("supervised", None)])):
        away = supervisor(unavailable=(Absence(day(first), day(last)),))
        assert broken(problem([person()], supervisors=[away]), Book()) == expected


def test_a_supervisors_hours_in_a_calendar_week() -> None:
    people = [person(), person(Y)]
    for most, expected in ((840, []), (839, [("supervised", None)])):
        one = problem(people, [every_day()], [supervisor(weekly_minutes_max=most)])
        assert broken(one, Book(on=0), Book(Y, on=6)) == expected
        assert broken(one, Book(on=6), Book(Y, on=7)) == []  # Sunday and Monday


def test_a_supervisors_blank_hours_are_the_policys() -> None:
    one = problem([person()])
    short = policy_with(unpaid_work={"defaults": {"supervisor_weekly_minutes_max": 419}})
    assert broken(one, Book()) == []
    # Said twice: such a session is too long for the supervisor whatever the week, and the week is too.
    assert broken(one, Book(), policy=short) == [("supervised", None)] * 2


# one_place_at_a_time, for supervisors: 60 minutes between two projects.

NEIGHBOURS = [every_day(), every_day("P02")]


@pytest.mark.parametrize(("start", "allowed"), [(780, True), (779, False), (NOON, False), (NOON - 1, False)])
def test_a_supervisor_needs_an_hour_between_two_projects(start: int, allowed: bool) -> None:
    one = problem([person(), person(Y)], NEIGHBOURS)
    later = Book(Y, at="P02", start=start)
    expected = [] if allowed else [("one_place_at_a_time", None)]
    assert broken(one, Book(end=NOON), later) == expected
    assert broken(one, later, Book(end=NOON)) == expected


def test_a_supervisor_needs_no_time_between_sessions_of_one_project() -> None:
    one = problem([person(), person(Y)])
    assert broken(one, Book(end=NOON), Book(Y, start=NOON)) == []
    elsewhere = problem([person(), person(Y)], NEIGHBOURS)
    assert broken(elsewhere, Book(), Book(Y, on=2, at="P02")) == []
    assert broken(elsewhere, Book(), Book(Y, at="P02")) == [("one_place_at_a_time", None)]


# supervisor_sex

MAN, WOMAN, UNKNOWN = (supervisor(sex=sex) for sex in (Sex.MALE, Sex.FEMALE, None))


@pytest.mark.parametrize(
    ("demand", "allowed"),
    [
        ({"no_male_supervisor": True}, [WOMAN]),
        ({"no_female_supervisor": True}, [MAN]),
        ({"no_male_supervisor": True, "no_female_supervisor": True}, []),
        ({"excluded_supervisor_codes": (BOB,)}, [MAN, WOMAN, UNKNOWN]),
        ({"excluded_supervisor_codes": (BOB, ANN)}, []),
        ({}, [MAN, WOMAN, UNKNOWN]),
    ],
)
def test_supervisor_sex_and_exclusions(demand: dict[str, Any], allowed: list[object]) -> None:
    for who in (MAN, WOMAN, UNKNOWN):
        one = problem([person(**demand), person(Y)], supervisors=[who])
        expected = [] if who in allowed else [("supervisor_sex", X)]
        assert broken(one, Book(), Book(Y)) == expected


def test_no_supervisor_is_of_no_sex() -> None:
    one = problem([person(no_male_supervisor=True)], [project(supervisor_needed=False)])
    assert broken(one, Book(under=None)) == []


# keep_apart


def test_keep_apart_works_both_ways_and_in_one_session() -> None:
    for people in (
        [person(keep_apart_crns=(Y,)), person(Y)],
        [person(), person(Y, keep_apart_crns=(X, "X000099"))],
    ):
        one = problem(people, [every_day()])
        assert broken(one, Book(on=1), Book(Y, on=2)) == []
        assert broken(one, Book(on=1, end=NOON), Book(Y, on=1, start=NOON)) == []
        (violation,) = violations(one, drawn(Book(), Book(Y)))
        assert violation.sentence == (
            "X000001 and X000002 are to be kept apart, and both are at P01 on 2026-11-24, 09:00 to 16:00"
        )


def test_keep_apart_binds_every_event_of_a_person() -> None:
    one = problem([person(), person(event_number=2, keep_apart_crns=(Y,)), person(Y), person(Z)])
    assert broken(one, Book(), Book(Z), Book(Y, on=8), Book(event=2, on=15)) == []
    assert broken(one, Book(), Book(Y), Book(Z), Book(event=2, on=8)) == [("keep_apart", X)]


# risk_in_group and pick_up count people.


def test_risk_in_group() -> None:
    people = [person(risk_in_group=True), person(Y, risk_in_group=True), person(Z)]
    for limit, expected in ((None, []), (2, []), (1, [("risk_in_group", None)])):
        one = problem(people, [project(risk_limit=limit)])
        assert broken(one, Book(), Book(Y), Book(Z)) == expected, limit
    one = problem(people, [project(risk_limit=1)])
    assert broken(one, Book(), Book(Y, on=8), Book(Z)) == []


def test_pick_up() -> None:
    van = {"travel_mode": TravelMode.PICK_UP}
    people = [person(**van), person(Y, **van), person(Z, travel_mode=TravelMode.CAR)]
    for seats, expected in ((None, []), (2, []), (1, [("pick_up", None)]), (0, [("pick_up", None)])):
        one = problem(people, [project(vehicle_seats=seats)])
        assert broken(one, Book(), Book(Y), Book(Z)) == expected, seats


# session_size: overflow at most 5 in 100; chances by hand.


def _people(*chances: float) -> list[Any]:
    return [person(f"X00000{n}", attendance_probability=chance) for n, chance in enumerate(chances, 1)]


def _all(count: int) -> list[Book]:
    return [Book(f"X00000{n}") for n in range(1, count + 1)]


@pytest.mark.parametrize(
    ("places", "chances", "fits"),
    [
        (2, (1.0, 1.0), True),  # no more booked than there are places
        (2, (1.0, 1.0, 0.05), True),  # all three come with chance 0.05, the edge
        (2, (1.0, 1.0, 0.0500001), False),
        (2, (0.5, 0.5, 0.2), True),  # 0.05 exactly
        (2, (0.5, 0.5, 0.21), False),
        (1, (0.1, 0.5), True),  # 0.05 exactly, though 0.1 is no binary fraction
        (1, (0.2, 0.3), False),  # 0.06
        (1, (0.1, 0.2, 0.1), True),  # 1 - 0.9 * 0.8 * 0.9 - (0.1*0.8*0.9*2 + 0.2*0.81) = 0.046
        (0, (0.0,), True),
        (0, (0.05,), True),
        (0, (0.06,), False),
    ],
)
def test_session_size_overflow(places: int, chances: tuple[float, ...], fits: bool) -> None:
    one = problem(_people(*chances), [project(places=places)])
    assert broken(one, *_all(len(chances))) == ([] if fits else [("session_size", None)])


def test_session_size_is_what_the_supervisor_can_look_after() -> None:
    for group, expected in ((2, []), (1, [("session_size", None)])):
        one = problem(_people(0.9, 0.9), supervisors=[supervisor(max_group=group)])
        assert broken(one, *_all(2)) == expected
    blank = problem(_people(0.9, 0.9))
    assert broken(blank, *_all(2)) == []
    few = policy_with(unpaid_work={"defaults": {"supervisor_max_group": 1}})
    assert broken(blank, *_all(2), policy=few) == [("session_size", None)]


def test_session_size_says_the_chance() -> None:
    one = problem(_people(0.5, 0.5, 0.5), [project(places=2)])
    (violation,) = violations(one, drawn(*_all(3)))
    assert violation.sentence == (
        "P01 on 2026-11-24, 09:00 to 16:00: with 3 booked the chance that more than 2 come is 0.1250; "
        "at most 0.05 is allowed"
    )


def test_a_group_expects_its_least_number() -> None:
    for least, expected in ((1, []), (2, [("session_size", None)])):
        one = problem(_people(0.7, 0.3), [project(min_people=least)])  # 1 exactly, unlike 0.7 + 0.3 in floats
        assert broken(one, *_all(2)) == expected
    ten = problem(_people(*[0.1] * 9, 0.1)[:9], [project(min_people=None)])
    one_expected = policy_with(unpaid_work={"defaults": {"min_people": 1}})
    assert broken(ten, *_all(9), policy=one_expected) == [("session_size", None)]  # 0.9


@pytest.mark.parametrize("kind", [ProjectType.INDIVIDUAL, ProjectType.INDUCTION])
def test_other_sessions_need_one_booking(kind: ProjectType) -> None:
    who = person(attendance_probability=0.01, induction_done=kind is not ProjectType.INDUCTION)
    one = problem([who, person(Y, required_minutes=0)], [every_day(project_type=kind, min_people=None)])
    assert broken(one, Book()) == []
    assert broken(one, Book(), sessions=[session(on=2)]) == [("session_size", None)]


def test_two_slots_on_one_weekday_do_not_add_up() -> None:
    one = problem([person()], [project("P01", open_on(end=NOON), open_on(Weekday.TUESDAY, NOON, FOUR))])
    assert broken(one, Book(start=NOON)) == []
    assert broken(one, Book()) == [("project_open", None)]
