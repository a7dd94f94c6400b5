"""Whatever stands in the cells of unpaid work extracts, the answer is a problem or faults, never another exception."""

from __future__ import annotations

import copy
import csv
import dataclasses
import datetime as dt
import json
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.errors import InputError
from models.extracts import read_unpaid_work
from models.extracts.unpaid_columns import UNPAID_WORK
from models.extracts.unpaid_write import write_unpaid_work
from models.faults import Fault
from models.synthetic import generate_unpaid_work, unpaid_work_parameters
from models.unpaid_work.problem import AttendanceRecord

SMALL = dataclasses.replace(
    generate_unpaid_work(unpaid_work_parameters(), seed=2, people=12, projects=4, supervisors=4, weeks=3),
    attendance_history=(AttendanceRecord("X100001", "P01", dt.date(2026, 11, 3), attended=True),),
)
DATA: dict[str, Any] = SMALL.as_json()
TEXTS = (
    *("", "0", "-1", "1e9", "none", "X100001", "P01", "2026-11-23", "9999-12-31", "0001-01-01", "24:00"),
    *("09:00", "TUESDAY", "MONDAY_MORNING", "2026-12-01/2026-11-01", ";;", "=1+1", "\u00e9" * 50),
)
ODD: st.SearchStrategy[str] = st.sampled_from(TEXTS) | st.text(
    st.characters(codec="utf-8", exclude_categories=["Cs"], exclude_characters="\0"), max_size=12
)
ODD_JSON: st.SearchStrategy[Any] = st.one_of(
    ODD, st.none(), st.booleans(), st.integers(-(10**12), 10**12), st.just([]), st.just({"from": []})
)
SOME = settings(max_examples=settings().max_examples // 2)


def faults_of(path: Path) -> tuple[Fault, ...]:
    """The faults of an input, none when it is sound."""
    try:
        read_unpaid_work(path)
    except InputError as error:
        return error.faults
    return ()


def answer(path: Path) -> bool:
    """Whether there is a problem; else every fault has words and a place."""
    faults = faults_of(path)
    for fault in faults:
        assert fault.problem
        assert fault.expected
        assert fault.file
    return not faults


@pytest.fixture(scope="module")
def tables() -> dict[str, list[list[str]]]:
    """The rows of every extract of a small team."""
    with tempfile.TemporaryDirectory() as name:
        write_unpaid_work(SMALL, Path(name))
        assert answer(Path(name))
        found = {}
        for sheet in UNPAID_WORK.sheets:
            with (Path(name) / f"{sheet.name}.csv").open(encoding="utf-8", newline="") as stream:
                found[sheet.name] = list(csv.reader(stream))
    return found


@SOME
@given(
    changes=st.lists(
        st.tuples(st.sampled_from(UNPAID_WORK.sheets), st.integers(0, 40), st.integers(0, 40), ODD),
        min_size=1,
        max_size=6,
    )
)
def test_odd_cells_are_answered(changes: list[Any], tables: dict[str, list[list[str]]]) -> None:
    spoilt = copy.deepcopy(tables)
    for sheet, row, column, text in changes:
        rows = spoilt[sheet.name]
        cells = rows[row % len(rows)]
        cells[column % len(cells)] = text
    with tempfile.TemporaryDirectory() as name:
        for title, rows in spoilt.items():
            with (Path(name) / f"{title}.csv").open("w", encoding="utf-8", newline="") as stream:
                csv.writer(stream).writerows(rows)
        answer(Path(name))


def spoil(data: Any, steps: list[int], value: Any) -> None:
    """Puts the value somewhere inside, following the steps."""
    for number, step in enumerate(steps, start=1):
        keys = list(data) if isinstance(data, dict) else list(range(len(data)))
        if not keys:
            return
        key = keys[step % len(keys)]
        if number == len(steps) or not isinstance(data[key], dict | list):
            data[key] = value
            return
        data = data[key]


@SOME
@given(
    changes=st.lists(
        st.tuples(st.lists(st.integers(0, 40), min_size=1, max_size=6), ODD_JSON), min_size=1, max_size=4
    )
)
def test_odd_json_is_answered(changes: list[tuple[list[int], Any]]) -> None:
    data = copy.deepcopy(DATA)
    for steps, value in changes:
        spoil(data, steps, value)
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "upw.json"
        path.write_text(json.dumps(data), encoding="utf-8")
        answer(path)
