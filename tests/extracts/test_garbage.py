"""Whatever bytes come, the answer is a problem or faults, never another exception."""

from __future__ import annotations

import io
import json
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from models.errors import InputError
from models.extracts import read_allocation, read_plan
from models.extracts.report import fault_lines, fault_report_json
from models.faults import Fault

OFFICERS = "staffCode,teamCode,grade,contractedHours\nN03A001,N03F01,PO,37\n"
CASES = 'crn,tier,caseType,overrideText,leave\nX100001,B2,CUSTODY,"a ""b""\nc",\n'
JSON = json.dumps(
    {
        "asOf": "2026-11-23",
        "officers": [{"staffCode": "A", "teamCode": "B", "grade": "PO", "contractedHours": 37, "leave": []}],
        "cases": [{"crn": "X100001", "tier": "B2", "caseType": "CUSTODY", "location": {"easting": 1}}],
    }
)
SOME = settings(max_examples=settings().max_examples // 2)


def workbook_bytes() -> bytes:
    """A workbook of both tables."""
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream) as book:
        for name, text in (("officers", OFFICERS), ("cases", CASES)):
            sheet = book.add_worksheet(name)
            for row, line in enumerate(text.splitlines()):
                sheet.write_row(row, 0, line.split(","))
    return stream.getvalue()


def parquet_bytes() -> bytes:
    """Cases as Parquet."""
    stream = io.BytesIO()
    pl.DataFrame({"crn": ["X100001"] * 50, "tier": ["B2"] * 50, "points": [1] * 50}).write_parquet(stream)
    return stream.getvalue()


WORKBOOK = workbook_bytes()
PARQUET = parquet_bytes()
Splices = list[tuple[float, int, bytes]]
SPLICES = st.lists(
    st.tuples(st.floats(0, 1), st.integers(0, 20), st.binary(max_size=8)), min_size=1, max_size=4
)


def spliced(data: bytes, splices: Splices) -> bytes:
    """The bytes with some of them replaced: at a share of the length, so many, by these."""
    for share, count, new in splices:
        at = int(share * len(data))
        data = data[:at] + new + data[at + count :]
    return data


def faults_of(path: Path) -> tuple[Fault, ...] | None:
    """The faults of an input, None when it is sound."""
    try:
        read_allocation(path)
    except InputError as error:
        return error.faults
    return None


def answer(path: Path) -> None:
    """Reads a problem; faults are an answer, and each has words and a file, and can be shown anywhere."""
    faults = faults_of(path)
    if faults is None:
        return
    assert faults
    for fault in faults:
        assert fault.file
        assert fault.problem
        assert fault.expected
    assert "".join(fault_lines(faults)).isprintable()
    assert json.dumps(fault_report_json(faults), ensure_ascii=False).encode()


def folder_with(name: str, data: bytes) -> None:
    """Reads a folder in which one file holds these bytes."""
    with tempfile.TemporaryDirectory() as folder:
        files = {"officers.csv": OFFICERS.encode(), "cases.csv": CASES.encode()} | {name: data}
        if name == "cases.parquet":
            del files["cases.csv"]
        for file, content in files.items():
            (Path(folder) / file).write_bytes(content)
        answer(Path(folder))


def file_with(name: str, data: bytes) -> None:
    """Reads one file of these bytes, as a problem and as a plan."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(data)
        answer(path)
        with pytest.raises(InputError):
            read_plan(path)


@SOME
@given(st.binary(max_size=200) | SPLICES.map(lambda splices: spliced(CASES.encode(), splices)))
def test_any_bytes_as_csv(data: bytes) -> None:
    folder_with("cases.csv", data)


@SOME
@given(
    st.text(
        st.sampled_from(list('crn,tier;caseType"\n\r\t= X100001B2CUSTODY\ufeff\x0b\x85\u2028')), max_size=120
    )
)
def test_any_text_as_csv(text: str) -> None:
    folder_with("cases.csv", text.encode())


@SOME
@given(SPLICES)
def test_any_bytes_as_json(splices: Splices) -> None:
    file_with("pdu.json", spliced(JSON.encode(), splices))


VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
NAMES = [
    "crn",
    "tier",
    "caseType",
    "case_type",
    "points",
    "teamCodes",
    "location",
    "staffCode",
    "teamCode",
    "grade",
]
NAMES += [
    "contractedHours",
    "tierLimits",
    "leave",
    "lastDay",
    "skills",
    "pinnedStaffCode",
    "currentStaffCode",
    "t2a",
]
RECORDS = st.lists(st.dictionaries(st.sampled_from(NAMES), VALUES, max_size=6) | VALUES, max_size=3) | VALUES


@SOME
@given(
    st.fixed_dictionaries(
        {"officers": RECORDS, "cases": RECORDS}, optional={"asOf": VALUES, "tierScheme": VALUES}
    )
)
def test_any_values_in_json(data: dict[str, Any]) -> None:
    file_with("pdu.json", json.dumps(data).encode())


@SOME
@given(SPLICES)
def test_any_bytes_as_parquet(splices: Splices) -> None:
    folder_with("cases.parquet", spliced(PARQUET, splices))


@SOME
@given(SPLICES)
def test_any_bytes_as_a_workbook(splices: Splices) -> None:
    file_with("pdu.xlsx", spliced(WORKBOOK, splices))


PARTS = ["xl/workbook.xml", "xl/_rels/workbook.xml.rels", "xl/sharedStrings.xml", "xl/styles.xml"]
PARTS += ["xl/worksheets/sheet1.xml", "xl/worksheets/sheet2.xml"]


def with_part(name: str, edit: Callable[[bytes], bytes]) -> bytes:
    """The workbook with one part edited, packed as it should be."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(WORKBOOK)) as old, zipfile.ZipFile(stream, "w") as new:
        for part in old.namelist():
            data = old.read(part)
            new.writestr(part, edit(data) if part == name else data)
    return stream.getvalue()


@SOME
@given(st.sampled_from(PARTS), SPLICES)
def test_any_bytes_as_a_part_of_a_workbook(name: str, splices: Splices) -> None:
    file_with("pdu.xlsx", with_part(name, lambda data: spliced(data, splices)))
