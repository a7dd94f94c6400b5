"""Faults between the records of an unpaid work problem: each found at its place, all at once, and no false ones."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

import pytest

from models.allocation.terms import Sex
from models.unpaid_work.checks import JsonPlaces, unpaid_work_faults
from models.unpaid_work.person import Person
from models.unpaid_work.problem import UnpaidWorkProblem
from models.unpaid_work.project import Project
from models.unpaid_work.supervisor import Supervisor
from models.unpaid_work.terms import Absence, ProjectType
from tests.support.unpaid import (
    FIRST,
    FOUR,
    NINE,
    X,
    Y,
    allocation,
    day,
    open_on,
    person,
    project,
    supervisor,
    told,
)


def faults(
    people: Iterable[Person] = (person(),),
    projects: Iterable[Project] = (project(),),
    supervisors: Iterable[Supervisor] = (supervisor(),),
    first: dt.date = FIRST,
) -> list[str]:
    """Every fault of a problem, in sentences."""
    made = UnpaidWorkProblem(first, 4, tuple(people), tuple(projects), tuple(supervisors))
    return [fault.sentence for fault in unpaid_work_faults(made, JsonPlaces("team.json"))]


def test_a_sound_problem() -> None:
    assert faults() == []
    assert faults(supervisors=()) == []  # individual placements need none


def test_nobody_and_nowhere() -> None:
    assert faults((), ()) == [
        "team.json, people: there is nobody with unpaid work; expected at least one person",
        "team.json, projects: there is no project; expected at least one project",
    ]


@pytest.mark.parametrize(("year", "sound"), [(1949, False), (1950, True), (2150, True), (2151, False)])
def test_years_that_can_be(year: int, sound: bool) -> None:
    far = dt.date(year, 6, 1)
    where = ["from", "people[0].sentenceDate", "people[0].completeBy"]
    found = faults([person(sentence_date=far, complete_by=far)], first=far)
    expected = f"{far} is in the year {year}; expected a day from 1950 to 2150"
    assert found == ([] if sound else [f"team.json, {place}: {expected}" for place in where])


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"sentence_date": day(2), "complete_by": day(2)}, None),
        (
            {"sentence_date": day(2), "complete_by": day(1)},
            "completeBy: the date to complete by, 2026-11-24, is before the sentence; "
            "expected a date on or after 2026-11-25",
        ),
        ({"weekly_minutes_min": 420, "weekly_minutes_max": 420}, None),
        ({"weekly_minutes_min": 900}, None),  # the policy's maximum is not known here
        (
            {"weekly_minutes_min": 421, "weekly_minutes_max": 420},
            "weeklyMinutesMin: the least minutes a week, 421, are more than the most; "
            "expected at most weeklyMinutesMax, 420",
        ),
        ({"keep_apart_crns": (Y,)}, None),
        (
            {"keep_apart_crns": (Y, X)},
            "keepApartCrns: X000001 is to be kept apart from itself; expected others",
        ),
        ({"unavailable": (Absence(day(1), day(1)),)}, None),
        (
            {"unavailable": (Absence(day(1), day(1)), Absence(day(2), day(1)))},
            "unavailable: an absence ends before it begins; expected from on or before to",
        ),
        ({"allocations": (allocation("P77"),)}, None),  # untidy, and a finding
        (
            {"allocations": (allocation(), allocation(end_time=NINE))},
            "allocations[1].endTime: this ends before it begins; expected an end after the start, on the same day",
        ),
        (
            {"allocations": (allocation(end_date_inclusive=day(-71)),)},
            "allocations[0].endDateInclusive: the allocation ends before it begins; "
            "expected a date on or after 2026-09-14",
        ),
        ({"allocations": (allocation(end_date_inclusive=day(-70)),)}, None),
        ({"appointments": (told(1, "P77"), told(1, end=FOUR - 1))}, None),
        (
            {"appointments": (told(1), told(2, start=FOUR, end=NINE))},
            "appointments[1].endTime: this ends before it begins; expected an end after the start, on the same day",
        ),
        (
            {"appointments": (told(1), told(2), told(1))},
            "appointments[2].date: the appointment is there twice; expected each once",
        ),
    ],
)
def test_a_person(fields: dict[str, Any], sentence: str | None) -> None:
    expected = [] if sentence is None else [f"team.json, people[0].{sentence}"]
    assert faults([person(**fields)]) == expected


def test_events_of_a_person() -> None:
    assert faults([person(), person(event_number=2), person(Y)]) == []
    assert faults([person(), person(Y), person()]) == [
        "team.json, people[2].eventNumber: X000001 (event 1) is there twice (first at team.json, people[0]); "
        "expected each event of a person once"
    ]


def test_the_sex_of_a_person_is_one() -> None:
    def both(one: Sex | None, other: Sex | None) -> list[str]:
        return faults([person(sex=one), person(event_number=2, sex=other)])

    assert both(Sex.MALE, Sex.MALE) == both(None, Sex.MALE) == both(Sex.FEMALE, None) == []
    assert both(Sex.FEMALE, Sex.MALE) == [
        "team.json, people[1].sex: X000001 is female at team.json, people[0] and male here; "
        "expected the same for every event of a person"
    ]


@pytest.mark.parametrize(
    ("made", "sentence"),
    [
        (project(start_date_inclusive=day(1), end_date_exclusive=day(2)), None),
        (
            project(start_date_inclusive=day(1), end_date_exclusive=day(1)),
            "endDateExclusive: the project ends before it begins; expected a date after 2026-11-24",
        ),
        (project(places=3, min_people=3), None),
        (project(places=2, min_people=None), None),  # the policy decides; a finding
        (project(places=2, min_people=3, project_type=ProjectType.INDIVIDUAL), None),
        (
            project(places=2, min_people=3),
            "minPeople: the group needs 3 people and has 2 places: it can never run; expected at most 2",
        ),
        (
            project("P01", open_on(), open_on(start=FOUR, end=FOUR)),
            "availability[1].endTime: this ends before it begins; expected an end after the start, on the same day",
        ),
        (
            project("P01", open_on(end_date_exclusive=FIRST)),
            "availability[0].endDateExclusive: the slot ends before it begins; expected a date after 2026-11-23",
        ),
        (project("P01", open_on(end_date_exclusive=day(1))), None),
    ],
)
def test_a_project(made: Project, sentence: str | None) -> None:
    assert faults(projects=[made]) == ([] if sentence is None else [f"team.json, projects[0].{sentence}"])


def test_projects_and_supervisors_twice() -> None:
    assert faults(
        projects=[project(), project()],
        supervisors=[supervisor(), supervisor(unavailable=(Absence(day(2), day(1)),))],
    ) == [
        "team.json, projects[1].projectCode: project P01 is there twice; expected each project code once",
        "team.json, supervisors[1].staffCode: supervisor N03U001 is there twice; expected each staff code once",
        "team.json, supervisors[1].unavailable: an absence ends before it begins; expected from on or before to",
    ]


def test_all_faults_come_at_once() -> None:
    spoilt = person(complete_by=dt.date(2026, 9, 1), weekly_minutes_min=2, weekly_minutes_max=1)
    assert (
        len(faults([spoilt, spoilt], [project(), project(min_people=11)], [supervisor(), supervisor()])) == 8
    )
