"""The register of unpaid work's columns agrees with the records, and templates are made from it."""

from __future__ import annotations

import csv
import dataclasses
import datetime as dt
import enum
from pathlib import Path
from typing import Any

import pytest
from pydantic.alias_generators import to_camel

from models.errors import InputError
from models.extracts import read_unpaid_work
from models.extracts.register import Kind, Sheet
from models.extracts.templates import write_templates
from models.extracts.unpaid_assemble import UnpaidHeader
from models.extracts.unpaid_columns import (
    ALLOCATIONS,
    APPOINTMENTS,
    ATTENDANCE_HISTORY,
    PEOPLE,
    PROJECT_AVAILABILITY,
    PROJECTS,
    SUPERVISORS,
    UNPAID_PROBLEM,
    UNPAID_WORK,
)
from models.extracts.unpaid_rows import AllocationRow, AppointmentRow, SlotRow
from models.unpaid_work.person import Person
from models.unpaid_work.problem import AttendanceRecord
from models.unpaid_work.project import Project
from models.unpaid_work.supervisor import Supervisor
from models.unpaid_work.terms import Frequency, PlacementPreference, ProjectType, TravelMode, Weekday

RECORDS: list[tuple[Sheet, Any, set[str]]] = [
    (PEOPLE, Person, {"allocations", "appointments"}),
    (PROJECTS, Project, {"availability"}),
    (PROJECT_AVAILABILITY, SlotRow, set()),
    (SUPERVISORS, Supervisor, set()),
    (ALLOCATIONS, AllocationRow, set()),
    (APPOINTMENTS, AppointmentRow, set()),
    (ATTENDANCE_HISTORY, AttendanceRecord, set()),
    (UNPAID_PROBLEM, UnpaidHeader, set()),
]
"""Each table, the record of its rows, and the record's fields that are tables of their own."""


@pytest.mark.parametrize(
    ("sheet", "record", "elsewhere"), RECORDS, ids=[sheet.name for sheet, _, _ in RECORDS]
)
def test_the_columns_are_the_fields(sheet: Sheet, record: Any, elsewhere: set[str]) -> None:
    fields = {
        "from" if field.name == "first" else to_camel(field.name): (
            field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING
        )
        for field in dataclasses.fields(record)
    }
    required_children = {"availability": False} if record is Project else {}
    assert {column.field: column.required for column in sheet.columns} == {
        name: needed for name, needed in (fields | required_children).items() if name not in elsewhere
    }


@pytest.mark.parametrize(
    ("sheet", "column", "words"),
    [
        (PEOPLE, "placementPreference", PlacementPreference),
        (PEOPLE, "travelMode", TravelMode),
        (PROJECTS, "projectType", ProjectType),
        (PROJECT_AVAILABILITY, "dayOfWeek", Weekday),
        (PROJECT_AVAILABILITY, "frequency", Frequency),
        (ALLOCATIONS, "dayOfWeek", Weekday),
        (ALLOCATIONS, "frequency", Frequency),
    ],
)
def test_words_of_a_choice_are_those_that_the_record_knows(
    sheet: Sheet, column: str, words: type[enum.StrEnum]
) -> None:
    found = sheet.column(column)
    assert found is not None
    assert found.kind is Kind.CHOICE
    assert set(found.words) == set(words)


def test_every_example_in_the_register_is_one_that_reading_accepts(tmp_path: Path) -> None:
    for sheet in UNPAID_WORK.sheets:
        with (tmp_path / f"{sheet.name}.csv").open("w", newline="", encoding="utf-8") as stream:
            csv.writer(stream).writerows([sheet.names, [column.example for column in sheet.columns]])
    problem = read_unpaid_work(tmp_path)
    (person,), (project,), (supervisor,) = problem.people, problem.projects, problem.supervisors
    assert len(person.allocations) == len(person.appointments) == len(project.availability) == 1
    assert person.appointments[0].project_code == project.project_code
    assert project.availability[0].open_on(person.appointments[0].date)
    assert (len(person.unavailable), len(supervisor.skills)) == (2, 2)
    assert problem.non_working_days == (dt.date(2026, 12, 25), dt.date(2026, 12, 28))


def test_every_column_says_what_it_means_in_the_markdown() -> None:
    lines = UNPAID_WORK.markdown().splitlines()
    for sheet in UNPAID_WORK.sheets:
        assert any(line.startswith(f"### {sheet.name}") for line in lines)
        for column in sheet.columns:
            assert column.meaning
            assert column.example
            assert sum(line.startswith(f"| `{column.name}` |") for line in lines) >= 1
    assert all(line.count("|") == 6 for line in lines if line.startswith("|"))
    assert "### problem (optional, one row)" in lines
    assert "### allocations (optional)" in lines


def test_templates_lack_nothing_but_people_and_projects(tmp_path: Path) -> None:
    written = write_templates(tmp_path / "new", UNPAID_WORK)
    assert [path.name for path in written] == [
        *(f"{sheet.name}.csv" for sheet in UNPAID_WORK.sheets),
        "columns.md",
    ]
    with pytest.raises(InputError) as caught:
        read_unpaid_work(tmp_path / "new", default_start=dt.date(2026, 11, 23))
    assert [fault.sentence for fault in caught.value.faults] == [
        "people.csv: there is nobody with unpaid work; expected at least one person",
        "projects.csv: there is no project; expected at least one project",
    ]
    explained = (tmp_path / "new" / "columns.md").read_text(encoding="utf-8")
    assert UNPAID_WORK.markdown() in explained
    assert "Needed: `people.csv`, `projects.csv`, `project_availability.csv`, `supervisors.csv`." in explained
