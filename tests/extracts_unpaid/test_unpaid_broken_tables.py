"""Unpaid work extracts broken in every way we could think of: each gives exactly its faults, each at its place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from models.extracts.limits import LIMITS, Limits

if TYPE_CHECKING:
    from tests.extracts_unpaid.conftest import Place, Refused, Tables

    Spoil = Callable[[Tables], object]


@dataclass(frozen=True)
class Broken:
    """One kind of broken input, and each fault's place and a clause of its sentence."""

    name: str
    spoil: Spoil
    expected: tuple[tuple[Place, str], ...]
    limits: Limits = LIMITS


def cell(name: str, table: str, row: int, column: str, value: str, clause: str) -> Broken:
    """One cell that is wrong by itself."""
    place = (f"{table}.csv", row, column)
    return Broken(name, lambda sound: sound.put(table, row, **{column: value}), ((place, clause),))


def cells(name: str, table: str, row: int, column: str, clause: str, **values: str) -> Broken:
    """Several cells of one row; the fault stands at `column`."""
    return Broken(
        name, lambda sound: sound.put(table, row, **values), (((f"{table}.csv", row, column), clause),)
    )


def several(name: str, spoil: Spoil, *expected: tuple[Place, str], limits: Limits = LIMITS) -> Broken:
    """Anything else."""
    return Broken(name, spoil, expected, limits)


def remove(*names: str) -> Spoil:
    """Removes tables."""

    def spoil(sound: Tables) -> None:
        for name in names:
            (sound.folder / f"{name}.csv").unlink()

    return spoil


def headings_only(*names: str) -> Spoil:
    """Empties tables."""

    def spoil(sound: Tables) -> None:
        for name in names:
            sound.write(name, sound.rows(name)[:1])

    return spoil


def again(table: str, row: int) -> Spoil:
    """A row a second time, below all others."""

    def spoil(sound: Tables) -> None:
        rows = sound.rows(table)
        sound.write(table, [*rows, rows[row - 1]])

    return spoil


def both(*spoils: Spoil) -> Spoil:
    """One after the other."""
    return lambda sound: [spoil(sound) for spoil in spoils]


def put(table: str, row: int, **values: str) -> Spoil:
    """Other cells in a row."""
    return lambda sound: sound.put(table, row, **values)


def text(name: str, content: str | bytes) -> Spoil:
    """Replaces a file, or adds one."""
    data = content.encode() if isinstance(content, str) else content
    return lambda sound: (sound.folder / name).write_bytes(data)


FILES = [
    several("people missing", remove("people"), (("people.csv", None, None), "is missing")),
    several("projects missing", remove("projects"), (("projects.csv", None, None), "is missing")),
    several(
        "slots missing", remove("project_availability"), (("project_availability.csv", None, None), "missing")
    ),
    several("supervisors missing", remove("supervisors"), (("supervisors.csv", None, None), "is missing")),
    several(
        "people under another name",
        lambda sound: (sound.folder / "people.csv").rename(sound.folder / "peple.csv"),
        (("people.csv", None, None), "there is 'peple.csv'"),
    ),
    several(
        "two tables of people",
        text("people.parquet", b"PAR1"),
        (("people.csv", None, None), "there are people.csv and people.parquet"),
    ),
    several(
        "nobody at all",
        headings_only("people", "allocations", "appointments"),
        (("people.csv", None, None), "there is nobody"),
    ),
    several(
        "no project at all",
        headings_only("projects", "project_availability"),
        (("projects.csv", None, None), "there is no project"),
    ),
    several("people in a PDF", text("people.csv", "%PDF-1.7"), (("people.csv", None, None), "a PDF")),
    several("an empty file", text("supervisors.csv", ""), (("supervisors.csv", None, None), "is empty")),
    several(
        "two rows about the problem",
        again("problem", 2),
        (("problem.csv", 3, None), "more than one row"),
    ),
    several(
        "too many rows",
        remove("appointments"),
        (("people.csv", 4, None), "too many rows"),
        limits=Limits(rows=2),
    ),
    several(
        "a quote that is never closed",
        text("supervisors.csv", 'staffCode,availability\nN03U007,"none\n'),
        (("supervisors.csv", 2, None), "never closed"),
    ),
]

HEADINGS = [
    several(
        "a required column missing",
        lambda sound: sound.drop("people", "completeBy"),
        (("people.csv", 1, "completeBy"), "this column is missing"),
    ),
    several(
        "an unknown column",
        lambda sound: sound.write(
            "supervisors", [["staffCode", "availability", "skils"], ["N03U007", "none", "DRIVING"]]
        ),
        (("supervisors.csv", 1, "skils"), "perhaps skills"),
    ),
    several(
        "a column twice",
        lambda sound: sound.write(
            "supervisors", [["staffCode", "availability", "Staff Code"], ["N03U007", "none", "N03U007"]]
        ),
        (("supervisors.csv", 1, "staffCode"), "two columns are staffCode"),
    ),
    several(
        "a key column of appointments missing",
        lambda sound: sound.drop("appointments", "projectCode"),
        (("appointments.csv", 1, "projectCode"), "this column is missing"),
    ),
]

PEOPLE = [
    cell("a wrong CRN", "people", 2, "crn", "12345", "not a CRN"),
    cell("no minutes", "people", 2, "requiredMinutes", "", "is missing"),
    cell("minutes below zero", "people", 2, "requiredMinutes", "-60", "too small"),
    cell("minutes and a half", "people", 2, "creditedMinutes", "30.5", "not a whole number"),
    cell("a date that is none", "people", 2, "sentenceDate", "31/02/2026", "not a date"),
    cell("availability left blank", "people", 2, "availability", "", "half-days"),
    cell(
        "an unknown half-day",
        "people",
        2,
        "availability",
        "TUESDAY_NIGHT",
        "'TUESDAY_NIGHT' is not a half-day",
    ),
    cell("a whole day as availability", "people", 2, "availability", "TUESDAY", "not a half-day"),
    cell("a chance above one", "people", 2, "attendanceProbability", "75", "at most 1"),
    cell("a chance in per cent", "people", 2, "attendanceProbability", "75%", "not a number"),
    cell("neither yes nor no", "people", 2, "riskInGroup", "maybe", "yes"),
    cell("an unknown preference", "people", 2, "placementPreference", "ALONE", "not known"),
    cell("an unknown way to travel", "people", 2, "travelMode", "BOAT", "not known"),
    cell("an event number of nought", "people", 2, "eventNumber", "0", "at least 1"),
    cell("a keep-apart code that is no CRN", "people", 2, "keepApartCrns", "X100002;7", "'7' is not a CRN"),
    cells("half a location", "people", 2, "northing", "half of a location", easting="435300"),
    cell("a formula", "people", 2, "maxTravelMinutes", "=B2*2", "formula"),
    cell("a span that is none", "people", 2, "unavailable", "Christmas", "not a span"),
    cell(
        "an absence upside down", "people", 2, "unavailable", "2027-01-02/2026-12-21", "ends before it begins"
    ),
    cell("apart from oneself", "people", 2, "keepApartCrns", "X100001", "kept apart from itself"),
    cell("a year with a slip", "people", 2, "sentenceDate", "1026-10-01", "in the year 1026"),
    cells(
        "to be done before the sentence",
        "people",
        2,
        "completeBy",
        "before the sentence",
        completeBy="2026-09-01",
    ),
    cells(
        "least minutes above the most",
        "people",
        2,
        "weeklyMinutesMin",
        "more than the most",
        weeklyMinutesMin="900",
        weeklyMinutesMax="840",
    ),
    cells("two sexes", "people", 4, "sex", "at people.csv, row 3", sex="MALE"),
    several(
        "one event twice",
        both(again("people", 2)),
        (("people.csv", 5, "eventNumber"), "X100001 (event 1) is there twice (first at people.csv, row 2)"),
    ),
]

PROJECTS = [
    cell("an unknown kind of project", "projects", 2, "projectType", "TEAM", "not known"),
    cell("no places", "projects", 2, "places", "", "is missing"),
    cell("a commitment below zero", "projects", 2, "commitmentSessionsPerWeek", "-1", "too small"),
    cells("a group that can never run", "projects", 2, "minPeople", "it can never run", minPeople="11"),
    cells(
        "a project upside down",
        "projects",
        2,
        "endDateExclusive",
        "ends before it begins",
        endDateExclusive="2026-04-01",
    ),
    several(
        "a project twice",
        again("projects", 3),
        (("projects.csv", 4, "projectCode"), "project P02 is there twice"),
    ),
    cell("a slot of no project", "project_availability", 3, "projectCode", "P77", "not among the projects"),
    cell("an unknown weekday", "project_availability", 2, "dayOfWeek", "TUES", "not known"),
    cell("an unknown frequency", "project_availability", 2, "frequency", "MONTHLY", "not known"),
    cell("a time that is none", "project_availability", 2, "startTime", "9 o'clock", "not a time"),
    cell("a time after midnight", "project_availability", 2, "endTime", "24:30", "not a time"),
    cells(
        "a slot upside down", "project_availability", 2, "endTime", "ends before it begins", endTime="08:00"
    ),
    cells(
        "a slot that ends too soon",
        "project_availability",
        3,
        "endDateExclusive",
        "ends before it begins",
        endDateExclusive="2026-10-01",
    ),
]

SUPERVISORS = [
    cell("a supervisor without code", "supervisors", 2, "staffCode", "", "is missing"),
    cell("a code with blanks", "supervisors", 2, "staffCode", "N03 U007", "not a code"),
    cell("a group of nobody", "supervisors", 2, "maxGroup", "0", "at least 1"),
    cell("a sex that is none", "supervisors", 2, "sex", "W", "not known"),
    several(
        "a supervisor twice",
        again("supervisors", 3),
        (("supervisors.csv", 4, "staffCode"), "N03U008 is there twice"),
    ),
]

BOOKINGS = [
    cell("an allocation of nobody", "allocations", 2, "crn", "X999999", "not among the people"),
    cells(
        "an allocation of an event that is not there",
        "allocations",
        2,
        "eventNumber",
        "has no event 3 among the people; expected 1 or 2",
        eventNumber="3",
    ),
    cell("an appointment of nobody", "appointments", 4, "crn", "X999999", "not among the people"),
    cell("an appointment without date", "appointments", 2, "date", "", "is missing"),
    cell("an allocation without frequency", "allocations", 3, "frequency", "", "is missing"),
    cells(
        "an appointment upside down", "appointments", 2, "endTime", "ends before it begins", endTime="09:00"
    ),
    cells(
        "an allocation that ends too soon",
        "allocations",
        3,
        "endDateInclusive",
        "the allocation ends before it begins",
        endDateInclusive="2026-10-02",
    ),
    several(
        "an appointment twice",
        again("appointments", 2),
        (("appointments.csv", 5, "date"), "the appointment is there twice"),
    ),
    several(
        "rows of a person whose own row is faulty are not told apart",
        both(put("people", 3, crn="?"), put("appointments", 2, startTime="?")),
        (("people.csv", 3, "crn"), "not a CRN"),
        (("appointments.csv", 2, "startTime"), "not a time"),
    ),
    several(
        "slots of a project whose own row is faulty are not told apart",
        put("projects", 2, projectCode="P 1"),
        (("projects.csv", 2, "projectCode"), "not a code"),
    ),
]

PROBLEM = [
    cell("a first day that is none", "problem", 2, "from", "soon", "not a date"),
    cell("no weeks at all", "problem", 2, "weeks", "0", "at least 1"),
    cell("too many weeks", "problem", 2, "weeks", "52", "at most 26"),
    cell("a closed day that is none", "problem", 2, "nonWorkingDays", "2026-12-25;Easter", "not a date"),
    several(
        "no first day",
        put("problem", 2, **{"from": ""}),
        (("problem.csv", None, "from"), "there is no first day"),
    ),
    several(
        "a first day in no possible year",
        put("problem", 2, **{"from": "9999-12-31"}),
        (("problem.csv", None, "from"), "in the year 9999"),
    ),
]

ALL = [*FILES, *HEADINGS, *PEOPLE, *PROJECTS, *SUPERVISORS, *BOOKINGS, *PROBLEM]


@pytest.mark.parametrize("broken", ALL, ids=lambda broken: broken.name)
def test_each_fault_is_named_at_its_place(broken: Broken, sound: Tables, refused: Refused) -> None:
    broken.spoil(sound)
    found = refused(sound.folder, broken.limits)
    assert [place for place, _ in found] == [place for place, _ in broken.expected], found
    for (_, sentence), (_, clause) in zip(found, broken.expected, strict=True):
        assert clause in sentence


def test_there_are_at_least_sixty_kinds() -> None:
    assert len({broken.name for broken in ALL}) == len(ALL) >= 60


def test_all_faults_of_all_tables_come_at_once(sound: Tables, refused: Refused) -> None:
    sound.put("people", 2, crn="?", requiredMinutes="")
    sound.put("people", 3, weeklyMinutesMin="2000")
    sound.put("projects", 2, places="many")
    sound.put("project_availability", 2, endTime="08:00")
    sound.put("supervisors", 3, sex="W")
    sound.put("appointments", 4, date="?")
    sound.put("problem", 2, weeks="52")
    places = [place for place, _ in refused(sound.folder)]
    assert sorted(places, key=str) == sorted(
        [
            ("people.csv", 2, "crn"),
            ("people.csv", 2, "requiredMinutes"),
            ("people.csv", 3, "weeklyMinutesMin"),
            ("projects.csv", 2, "places"),
            ("project_availability.csv", 2, "endTime"),
            ("supervisors.csv", 3, "sex"),
            ("appointments.csv", 4, "date"),
            ("problem.csv", 2, "weeks"),
        ],
        key=str,
    )
    assert len({file for file, _, _ in places}) == len(
        [1 for number, (file, _, _) in enumerate(places) if number == 0 or places[number - 1][0] != file]
    ), "each file's faults stand together"


def test_a_list_of_faults_that_is_too_long_says_so(sound: Tables, refused: Refused) -> None:
    for row in (2, 3, 4):
        sound.put("people", row, crn="?", requiredMinutes="?")
    found = refused(sound.folder, Limits(faults=3))
    assert [place[0] for place, _ in found] == ["people.csv"] * 4
    assert sum("more than 3 faults" in sentence for _, sentence in found) == 1
