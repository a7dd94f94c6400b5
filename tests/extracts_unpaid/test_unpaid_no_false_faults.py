"""One wrong cell is one fault: nothing else looks wrong because of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from models.extracts.register import Column, Kind, Sheet
from models.extracts.unpaid_columns import UNPAID_WORK

if TYPE_CHECKING:
    from tests.extracts_unpaid.conftest import Refused, Tables

WRONG = {
    Kind.CRN: "?",
    Kind.CODE: "a b",
    Kind.CHOICE: "?",
    Kind.WHOLE: "?",
    Kind.NUMBER: "?",
    Kind.YES_NO: "perhaps",
    Kind.DAY: "?",
    Kind.METRES: "?",
    Kind.CODES: "a b",
    Kind.SKILLS: "a=b",
    Kind.LEAVE: "?",
    Kind.DAYS: "?",
    Kind.HALF_DAYS: "?",
    Kind.TIME: "?",
}
EVERY = [(sheet, column) for sheet in UNPAID_WORK.sheets for column in sheet.columns]
FULL_ROW = {"people": 3, "project_availability": 3, "allocations": 3}
"""The row of the sound input in which every cell is filled, where it is not the first."""


@pytest.mark.parametrize(
    ("sheet", "column"), EVERY, ids=[f"{sheet.name}.{column.name}" for sheet, column in EVERY]
)
def test_a_wrong_cell_is_one_fault(sheet: Sheet, column: Column, sound: Tables, refused: Refused) -> None:
    row = FULL_ROW.get(sheet.name, 2)
    sound.put(sheet.name, row, **{column.name: WRONG[column.kind]})
    assert [place for place, _ in refused(sound.folder)] == [(f"{sheet.name}.csv", row, column.name)]


@pytest.mark.parametrize(
    ("sheet", "column"),
    [(sheet, column) for sheet, column in EVERY if column.required],
    ids=[f"{sheet.name}.{column.name}" for sheet, column in EVERY if column.required],
)
def test_a_blank_required_cell_is_one_fault(
    sheet: Sheet, column: Column, sound: Tables, refused: Refused
) -> None:
    row = FULL_ROW.get(sheet.name, 2)
    sound.put(sheet.name, row, **{column.name: ""})
    ((place, sentence),) = refused(sound.folder)
    assert place == (f"{sheet.name}.csv", row, column.name)
    assert "this is missing; expected" in sentence


@pytest.mark.parametrize(
    ("sheet", "column"),
    [(sheet, column) for sheet, column in EVERY if column.required],
    ids=[f"{sheet.name}.{column.name}" for sheet, column in EVERY if column.required],
)
def test_a_missing_required_column_is_one_fault(
    sheet: Sheet, column: Column, sound: Tables, refused: Refused
) -> None:
    sound.drop(sheet.name, column.name)
    ((place, sentence),) = refused(sound.folder)
    assert place == (f"{sheet.name}.csv", 1, column.name)
    assert "this column is missing" in sentence
