"""Unpaid work JSON broken in many ways: each fault with its path."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from tests.extracts_unpaid.conftest import Refused

    Change = Callable[[dict[str, Any]], object]

CASES: list[tuple[str, Change, list[tuple[str | None, str]]]] = [
    ("no first day", lambda top: top.pop("from"), [("from", "no first day")]),
    ("no weeks", lambda top: top.pop("weeks"), [("weeks", "no number of weeks")]),
    ("no list of people", lambda top: top.pop("people"), [("people", "is missing")]),
    ("people that are no list", lambda top: top.update(people={}), [("people", "not a list")]),
    ("an unknown field of the problem", lambda top: top.update(week=3), [("week", "unknown")]),
    (
        "an unknown field of a person",
        lambda top: top["people"][0].update(name="?"),
        [("people[0].name", "unknown")],
    ),
    (
        "a faulty appointment",
        lambda top: top["people"][1]["appointments"][1].update(startTime="noon"),
        [("people[1].appointments[1].startTime", "not a time")],
    ),
    (
        "an appointment upside down",
        lambda top: top["people"][1]["appointments"][1].update(endTime="09:00"),
        [("people[1].appointments[1].endTime", "ends before it begins")],
    ),
    (
        "an allocation upside down",
        lambda top: top["people"][1]["allocations"][1].update(endDateInclusive="2026-01-01"),
        [("people[1].allocations[1].endDateInclusive", "ends before it begins")],
    ),
    (
        "a slot upside down",
        lambda top: top["projects"][0]["availability"][0].update(endTime="08:00"),
        [("projects[0].availability[0].endTime", "ends before it begins")],
    ),
    (
        "a faulty slot",
        lambda top: top["projects"][0]["availability"][0].pop("dayOfWeek"),
        [("projects[0].availability[0].dayOfWeek", "missing")],
    ),
    (
        "a supervisor's span without end",
        lambda top: top["supervisors"][0]["unavailable"][0].pop("to"),
        [("supervisors[0].unavailable[0].to", "missing")],
    ),
    (
        "a person that is no object",
        lambda top: top["people"].append("X100009"),
        [("people[3]", "not an object")],
    ),
    (
        "an unknown half-day",
        lambda top: top["people"][0].update(availability=["NEVER"]),
        [("people[0].availability[0]", "not known")],
    ),
    (
        "faults of every list at once",
        lambda top: (
            top["people"][0].update(crn="?"),
            top["people"][2].update(completeBy="2025-01-01"),
            top["projects"][1].update(places=-1),
            top["supervisors"][1].update(staffCode="N03U007"),
        ),
        [
            ("people[0].crn", "not a CRN"),
            ("people[2].completeBy", "before the sentence"),
            ("projects[1].places", "too small"),
            ("supervisors[1].staffCode", "twice"),
        ],
    ),
]


@pytest.mark.parametrize(("name", "change", "expected"), CASES, ids=[name for name, _, _ in CASES])
def test_each_fault_has_its_path(
    name: str,
    change: Change,
    expected: list[tuple[str | None, str]],
    sound_json: dict[str, Any],
    json_file: Callable[[Any], Path],
    refused: Refused,
) -> None:
    change(sound_json)
    found = refused(json_file(sound_json))
    assert [place for place, _ in found] == [("upw.json", None, path) for path, _ in expected], found
    for (_, sentence), (_, clause) in zip(found, expected, strict=True):
        assert clause in sentence


def test_a_repeated_key_is_a_fault(json_file: Callable[[Any], Path], refused: Refused) -> None:
    ((place, sentence), *_) = refused(
        json_file('{"from": "2026-11-23", "weeks": 8, "weeks": 9, "people": []}')
    )
    assert place == ("upw.json", None, "weeks")
    assert "there twice" in sentence
