"""Every form of the same unpaid work facts is the same problem, and what tables forgive."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest
import xlsxwriter

from models.errors import InputError
from models.extracts import read_unpaid_work
from models.extracts.register import Kind
from models.extracts.unpaid_columns import DEFAULT_WEEKS, UNPAID_WORK
from models.unpaid_work.person import ToldAppointment
from models.unpaid_work.problem import UnpaidWorkProblem
from models.unpaid_work.terms import Frequency, HalfDay, PlacementPreference, Weekday

if TYPE_CHECKING:
    from tests.extracts_unpaid.conftest import Tables

NATIVE: dict[Kind, Callable[[str], Any]] = {
    Kind.DAY: dt.date.fromisoformat,
    Kind.WHOLE: int,
    Kind.METRES: int,
    Kind.NUMBER: float,
    Kind.YES_NO: lambda text: text == "yes",
    Kind.TIME: lambda text: text if text == "24:00" else dt.time.fromisoformat(text),
}
"""Cells as a spreadsheet or a data frame keeps them; it has no time 24:00."""


def natives(sound: Tables) -> dict[str, dict[str, list[Any]]]:
    """The tables as columns of native values, None where blank."""
    found = {}
    for sheet in UNPAID_WORK.sheets:
        rows = sound.rows(sheet.name)
        found[sheet.name] = {
            column.name: [
                NATIVE.get(column.kind, str)(cell) if cell else None
                for cell in (row[position] for row in rows[1:])
            ]
            for position, column in enumerate(sheet.columns)
        }
    return found


def as_workbook(tables: dict[str, dict[str, list[Any]]], path: Path) -> Path:
    with xlsxwriter.Workbook(path) as book:
        day = book.add_format({"num_format": "dd/mm/yyyy"})
        time = book.add_format({"num_format": "hh:mm"})
        for title, columns in tables.items():
            sheet = book.add_worksheet(title)
            for position, (name, values) in enumerate(columns.items()):
                sheet.write(0, position, name)
                for row, value in enumerate(values, start=1):
                    if isinstance(value, dt.date):
                        sheet.write_datetime(row, position, value, day)
                    elif isinstance(value, dt.time):
                        sheet.write_datetime(row, position, value, time)
                    elif value is not None:
                        sheet.write(row, position, value)
    return path


def as_parquet(tables: dict[str, dict[str, list[Any]]], folder: Path) -> Path:
    folder.mkdir()
    for title, columns in tables.items():
        plain = {
            name: [str(value) for value in values] if "24:00" in values else values
            for name, values in columns.items()
        }
        pl.DataFrame(plain).write_parquet(folder / f"{title}.parquet")
    return folder


def test_every_form_gives_the_problem_and_its_hash(
    sound: Tables, sound_problem: UnpaidWorkProblem, sound_json: dict[str, Any], tmp_path: Path
) -> None:
    tables = natives(sound)
    (tmp_path / "upw.json").write_text(json.dumps(sound_json), encoding="utf-8")
    forms = [
        sound.folder,
        as_workbook(tables, tmp_path / "upw.xlsx"),
        as_parquet(tables, tmp_path / "parquet"),
        tmp_path / "upw.json",
    ]
    for form in forms:
        read = read_unpaid_work(form)
        assert read == sound_problem, form.name
        assert read.input_hash == sound_problem.input_hash


def test_what_belongs_to_a_person_or_project_is_joined_in_its_order(sound: Tables) -> None:
    sound.write("appointments", [sound.rows("appointments")[number] for number in (0, 3, 2, 1)])
    problem = read_unpaid_work(sound.folder)
    assert [len(person.appointments) for person in problem.people] == [0, 2, 1]
    assert [each.project_code for each in problem.people[1].appointments] == ["P02", "P01"]
    assert [len(person.allocations) for person in problem.people] == [0, 2, 0]
    assert [len(project.availability) for project in problem.projects] == [2, 0]


def test_a_blank_event_number_is_the_first_event(sound: Tables) -> None:
    sound.put("appointments", 4, eventNumber="")
    assert len(read_unpaid_work(sound.folder).people[2].appointments) == 1
    sound.drop("people", "eventNumber")
    sound.write("people", sound.rows("people")[:3])
    for name in ("allocations", "appointments"):
        sound.drop(name, "eventNumber")
    problem = read_unpaid_work(sound.folder)
    assert [person.event_number for person in problem.people] == [1, 1]
    assert [len(person.appointments) for person in problem.people] == [0, 3]


def test_optional_tables_may_be_missing(sound: Tables) -> None:
    for name in ("allocations", "appointments", "problem"):
        (sound.folder / f"{name}.csv").unlink()
    problem = read_unpaid_work(sound.folder, default_start=dt.date(2026, 11, 30))
    assert (problem.first, problem.weeks) == (dt.date(2026, 11, 30), DEFAULT_WEEKS)
    assert not any(person.allocations or person.appointments for person in problem.people)
    christmas = dt.date(2026, 12, 25)
    assert problem.non_working_days is None
    assert christmas in problem.closed_days


def test_the_first_day_that_is_asked_for_goes_before_the_stated_one(
    sound: Tables, json_file: Callable[[Any], Path], sound_json: dict[str, Any]
) -> None:
    monday = dt.date(2026, 12, 7)
    for form in (sound.folder, json_file(sound_json)):
        assert read_unpaid_work(form, start=monday).first == monday
        assert read_unpaid_work(form, default_start=monday).first == dt.date(2026, 11, 23)


def test_days_without_sessions_are_given_none_or_the_bank_holidays(sound: Tables) -> None:
    expected: dict[str, tuple[dt.date, ...] | None] = {
        "2026-12-25; 28/12/2026": (dt.date(2026, 12, 25), dt.date(2026, 12, 28)),
        "none": (),
        "": None,
    }
    for cell, days in expected.items():
        sound.put("problem", 2, nonWorkingDays=cell)
        assert read_unpaid_work(sound.folder).non_working_days == days


@pytest.mark.parametrize("cell", ["09:00", "9:00", "09:00:00", "0.375", "1899-12-31 09:00:00"])
def test_times_are_written_as_spreadsheets_write_them(cell: str, sound: Tables) -> None:
    sound.put("appointments", 2, startTime=cell)
    assert read_unpaid_work(sound.folder).people[1].appointments[0].start_time == 540


@pytest.mark.parametrize(
    "cell", ["Tuesday morning;tuesday-afternoon", " TUESDAY_MORNING ; Tuesday_Afternoon"]
)
def test_half_days_match_whatever_their_case_and_blanks(cell: str, sound: Tables) -> None:
    sound.put("people", 2, availability=cell)
    found = read_unpaid_work(sound.folder).people[0].availability
    assert found == (HalfDay.TUESDAY_MORNING, HalfDay.TUESDAY_AFTERNOON)


def test_words_and_headings_match_whatever_their_case(sound: Tables) -> None:
    sound.put("people", 3, placementPreference="female-only group", sex="f", crn="x100002")
    sound.put("allocations", 2, dayOfWeek="tuesday", frequency="Fortnightly")
    rows = sound.rows("appointments")
    sound.write(
        "appointments",
        [["CRN", "Delius event number", "PROJECT CODE", "Date", "start_time", "End Time"], *rows[1:]],
    )
    person = read_unpaid_work(sound.folder).people[1]
    assert person.placement_preference is PlacementPreference.FEMALE_ONLY_GROUP
    assert person.allocations[0].day_of_week is Weekday.TUESDAY
    assert person.allocations[0].frequency is Frequency.FORTNIGHTLY
    assert person.appointments[0] == ToldAppointment("P01", dt.date(2026, 11, 24), 540, 960)


def test_each_kind_of_problem_is_told_from_the_other(sound: Tables, json_file: Callable[[Any], Path]) -> None:
    from models.extracts import read_allocation

    with pytest.raises(InputError) as caught:
        read_allocation(sound.folder)
    assert "unpaid work" in caught.value.faults[0].sentence
    with pytest.raises(InputError) as caught:
        read_unpaid_work(json_file({"asOf": "2026-11-23", "officers": [], "cases": []}))
    assert "this is an allocation problem" in caught.value.faults[0].sentence
