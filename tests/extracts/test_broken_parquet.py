"""Parquet files that are broken or hold what a table may not hold."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest

from models.extracts.limits import LIMITS, Limits

if TYPE_CHECKING:
    from pathlib import Path

    from tests.extracts.conftest import Input, Place, Refused

FILE = "cases.parquet"
CASES: dict[str, list[Any]] = {"crn": ["X100001"], "tier": ["B2"], "caseType": ["COMMUNITY"]}


def frame(**columns: list[Any]) -> Callable[[Path], None]:
    """A file of sound cases with other columns."""
    return lambda path: pl.DataFrame(CASES | columns).write_parquet(path)


def content(change: Callable[[bytes], bytes]) -> Callable[[Path], None]:
    """A sound file whose bytes are changed."""

    def spoil(path: Path) -> None:
        frame()(path)
        path.write_bytes(change(path.read_bytes()))

    return spoil


@pytest.mark.parametrize(
    ("spoil", "place", "clause"),
    [
        pytest.param(content(lambda data: data[:-20]), (FILE, None, None), "broken", id="cut off"),
        pytest.param(content(lambda data: data[:8]), (FILE, None, None), "broken", id="nearly nothing"),
        pytest.param(
            content(lambda data: data[:4] + b"\xff" * (len(data) - 8) + data[-4:]),
            (FILE, None, None),
            "broken",
            id="garbled",
        ),
        pytest.param(
            lambda path: path.write_text("crn,tier\n"), (FILE, None, None), "not a Parquet", id="CSV"
        ),
        pytest.param(lambda path: path.write_bytes(b""), (FILE, None, None), "is empty", id="empty"),
        pytest.param(
            frame(requiredSkills=[["WELSH"]]),
            (FILE, 1, "requiredSkills"),
            "holds lists or objects",
            id="a list",
        ),
        pytest.param(
            frame(location=[{"easting": 1}]), (FILE, 1, "location"), "holds lists or objects", id="an object"
        ),
        pytest.param(
            frame(overrideText=[b"\x00"]), (FILE, 1, "overrideText"), "lists or objects", id="bytes"
        ),
        pytest.param(
            frame(points=[3.5]), (FILE, 2, "points"), "'3.5' is not a whole number", id="half a point"
        ),
        pytest.param(
            frame(points=[float("nan")]), (FILE, 2, "points"), "not a whole number", id="not a number"
        ),
        pytest.param(
            frame(heldSince=[dt.datetime.fromisoformat("2026-02-01T10:30:00")]),
            (FILE, 2, "heldSince"),
            "not a date",
            id="a time",
        ),
        pytest.param(frame(crn=["X1"]), (FILE, 2, "crn"), "not a CRN", id="no CRN"),
        pytest.param(frame(shoeSize=[9]), (FILE, 1, "shoeSize"), "unknown", id="an unknown column"),
        pytest.param(frame(overrideText=["x" * 600_000]), (FILE, 2, None), "far too long", id="a huge cell"),
        pytest.param(
            frame(overrideText=["x" * 40_000]), (FILE, 2, "overrideText"), "40,000 char", id="a long cell"
        ),
    ],
)
def test_each_fault_of_a_parquet_file_is_named(
    spoil: Callable[[Path], object], place: Place, clause: str, sound: Input, refused: Refused
) -> None:
    (sound.folder / "cases.csv").unlink()
    spoil(sound.folder / FILE)
    ((found, sentence),) = refused(sound.folder)
    assert found == place
    assert clause in sentence


def test_too_many_rows_of_parquet(sound: Input, refused: Refused) -> None:
    (sound.folder / "cases.csv").unlink()
    pl.DataFrame({name: values * 5 for name, values in CASES.items()}).write_parquet(sound.folder / FILE)
    ((found, sentence),) = refused(sound.folder, Limits(rows=4))
    assert found == (FILE, None, None)
    assert "there are 5 rows" in sentence
    assert LIMITS.rows >= 250_000
