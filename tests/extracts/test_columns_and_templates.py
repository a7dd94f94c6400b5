"""The register of columns agrees with the records, and templates are made from it."""

from __future__ import annotations

import csv
import dataclasses
import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from pydantic.alias_generators import to_camel

from models.allocation.case import Case
from models.allocation.officer import Officer
from models.errors import InputError
from models.extracts import read_allocation
from models.extracts.columns import CASES, OFFICERS, PROBLEM, SHEETS, Kind, Sheet, columns_markdown
from models.extracts.header import Header
from models.extracts.templates import write_templates

RECORDS: list[tuple[Sheet, type]] = [(OFFICERS, Officer), (CASES, Case), (PROBLEM, Header)]


def fields_of(record: Any) -> dict[str, bool]:
    """The contract's name of each field, and whether it is required."""
    return {
        {"new_cases_last_7_days": "newCasesLast7Days", "t2a": "t2a"}.get(field.name, to_camel(field.name)): (
            field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING
        )
        for field in dataclasses.fields(record)
    }


@pytest.mark.parametrize(("sheet", "record"), RECORDS, ids=lambda item: getattr(item, "name", ""))
def test_the_columns_are_the_fields_in_their_order(sheet: Sheet, record: type) -> None:
    found = {column.field: column.required for column in sheet.columns}
    assert found == fields_of(record)
    assert list(found) == list(fields_of(record))


def test_a_location_is_two_columns() -> None:
    for sheet in (OFFICERS, CASES):
        assert [column.path for column in sheet.columns if column.field == "location"] == [
            ("location", "easting"),
            ("location", "northing"),
        ]


def test_every_example_in_the_register_is_one_that_reading_accepts(tmp_path: Path) -> None:
    rows = {sheet: {column.name: column.example for column in sheet.columns} for sheet in SHEETS}
    rows[OFFICERS]["grade"] = "PO"
    for sheet, row in rows.items():
        with (tmp_path / f"{sheet.name}.csv").open("w", newline="", encoding="utf-8") as stream:
            csv.writer(stream).writerows([row.keys(), row.values()])
    problem = read_allocation(tmp_path)
    (officer,), (case,) = problem.officers, problem.cases
    assert problem.as_of == dt.date(2026, 11, 23)
    assert problem.oversight_limits == {"N03S01": 40, "N03S02": 35}
    assert (len(officer.leave), officer.tier_limits, officer.training_stage) == (2, {"A": 10, "B": 20}, 2)
    assert case.pinned_staff_code == officer.staff_code
    assert case.override_reason == "continuity"


def test_every_column_says_what_it_means() -> None:
    for sheet in SHEETS:
        for column in sheet.columns:
            assert column.meaning
            assert column.example
            assert column.required or sheet is PROBLEM or column.kind in Kind
            assert "|" not in column.meaning + column.allowed + column.example
    assert {column.name for column in CASES.columns if column.required} == {"crn", "tier", "caseType"}


def test_words_of_a_choice_are_those_that_the_record_knows(tmp_path: Path) -> None:
    for sheet, record in RECORDS:
        for column in sheet.columns:
            if column.kind is Kind.CHOICE:
                assert column.words, f"{record.__name__}.{column.name} names its words"
    grades = next(column for column in OFFICERS.columns if column.name == "grade").words
    lines = [f"N03A00{number},N03F01,{grade},37" for number, grade in enumerate(grades)]
    text = "\n".join(["staffCode,teamCode,grade,contractedHours", *lines])
    (tmp_path / "officers.csv").write_text(text, encoding="utf-8")
    (tmp_path / "cases.csv").write_text("crn,tier,caseType\n", encoding="utf-8")
    problem = read_allocation(tmp_path, as_of=dt.date(2026, 11, 23))
    assert tuple(officer.grade for officer in problem.officers) == grades


def test_the_markdown_has_a_row_for_each_column() -> None:
    lines = columns_markdown().splitlines()
    for sheet in SHEETS:
        assert any(line.startswith(f"### {sheet.name}") for line in lines)
        for column in sheet.columns:
            assert sum(line.startswith(f"| `{column.name}` |") for line in lines) >= 1
    assert all(line.count("|") == 6 for line in lines if line.startswith("|"))


def test_templates_lack_nothing_but_officers(tmp_path: Path) -> None:
    written = write_templates(tmp_path / "new")
    assert [path.name for path in written] == ["officers.csv", "cases.csv", "problem.csv", "columns.md"]
    with pytest.raises(InputError) as caught:
        read_allocation(tmp_path / "new", default_as_of=dt.date(2026, 11, 23))
    (fault,) = caught.value.faults
    assert fault.sentence == "officers.csv: there is no officer; expected at least one officer"
    with (tmp_path / "new" / "officers.csv").open("a", encoding="utf-8") as stream:
        stream.write("N03A001,N03F01,PO,37\n")
    assert len(read_allocation(tmp_path / "new", default_as_of=dt.date(2026, 11, 23)).officers) == 1
    explained = (tmp_path / "new" / "columns.md").read_text(encoding="utf-8")
    assert columns_markdown() in explained


def test_templates_replace_nothing(tmp_path: Path) -> None:
    (tmp_path / "cases.csv").write_text("mine", encoding="utf-8")
    with pytest.raises(FileExistsError):
        write_templates(tmp_path)
    assert (tmp_path / "cases.csv").read_text(encoding="utf-8") == "mine"
