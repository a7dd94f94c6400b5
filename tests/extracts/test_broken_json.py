"""JSON that is broken, hostile, or no allocation problem."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from models.extracts.limits import LIMITS, Limits

if TYPE_CHECKING:
    from pathlib import Path

    from tests.extracts.conftest import Refused

    Data = dict[str, Any]


@dataclass(frozen=True)
class Broken:
    """One kind of broken JSON: the data or the text changed; each fault's path and a clause of its sentence."""

    name: str
    expected: tuple[tuple[str | None, str], ...]
    data: Callable[[Data], object] = lambda data: data
    text: Callable[[str], str] = lambda text: text
    limits: Limits = LIMITS


def data(name: str, path: str | None, clause: str, change: Callable[[Data], object]) -> Broken:
    """Data with one fault."""
    return Broken(name, ((path, clause),), data=change)


def text(name: str, path: str | None, clause: str, change: Callable[[str], str]) -> Broken:
    """Text with one fault."""
    return Broken(name, ((path, clause),), text=change)


def put(place: str, number: int, **fields: Any) -> Callable[[Data], None]:
    """Fields of one officer or case replaced."""
    return lambda top: top[place][number].update(fields)


def unpaid_work(top: Data) -> None:
    """Another problem altogether."""
    top.clear()
    top.update({"from": "2026-11-23", "people": [], "projects": []})


ALL = [
    data("points of a thousand million", "cases[0].points", "10000", put("cases", 0, points=10**9)),
    data(
        "work that is no case, of as much",
        "officers[0].basePoints",
        "100000",
        put("officers", 0, basePoints=10**9),
    ),
    Broken(
        "records that are no objects",
        (("officers[0]", "not an object"), ("cases[0]", "not an object"), ("cases[1]", "not an object")),
        data=lambda top: top.update(officers=[None, top["officers"][0]], cases=["X1", 7]),
    ),
    Broken(
        "a record with a repeated and an unknown field",
        (("officers[1].new_cases_last_7_days", "whole number"), ("officers[1].shoes", "unknown")),
        data=lambda top: (
            put("officers", 1, new_cases_last_7_days="x", shoes=9)(top),
            put("cases", 1, pinnedStaffCode="N03A002")(top),
        ),
    ),
    data("a sound t2a beside a fault", "cases[0].tier", "not a tier", put("cases", 0, tier="Z9", t2a=True)),
    data("a field by another name", "cases[0].case_type", "unknown", put("cases", 0, case_type="CUSTODY")),
    Broken(
        "a faulty field by another name",
        (("cases[0].case_type", "not known"),),
        data=lambda top: (top["cases"][0].pop("caseType"), put("cases", 0, case_type="PRISON")(top)),
    ),
    Broken(
        "an officer's faulty field by another name",
        (("officers[1].contracted_hours", "not a number"),),
        data=lambda top: (
            top["officers"][1].pop("contractedHours"),
            put("officers", 1, contracted_hours="full")(top),
            put("cases", 1, pinnedStaffCode="N03A002")(top),
        ),
    ),
    text("nothing but blanks", "line 1, column 4", "not JSON", lambda _: "   "),
    text("a brace missing", "line 3, column 1", "not JSON", lambda _: '{"asOf":\n"2026-11-23",\n'),
    text("a comment", "line 2, column 1", "not JSON", lambda text: "\n// mine\n" + text),
    text("two problems in one file", None, "not JSON", lambda text: text + text),
    text("NaN", None, "NaN is no number", lambda text: text.replace("37,", "NaN,").replace("37}", "NaN}")),
    text("infinity", None, "-Infinity is no number", lambda text: text.replace("37}", "-Infinity}")),
    text("nested without end", None, "nested far too deeply", lambda _: "[" * 200_000),
    text(
        "a number of 5,000 digits",
        None,
        "too many digits",
        lambda text: text.replace("37}", "9" * 5_000 + "}"),
    ),
    text(
        "a float beyond all floats",
        "officers[0].contractedHours",
        "finite",
        lambda text: text.replace("37}", "1e999}"),
    ),
    text("a NUL character", None, "NUL", lambda text: text + "\0"),
    text("half a character", None, "surrogate", lambda text: text.replace("X100001", "\\ud800")),
    text("a PDF", None, "PDF", lambda _: "%PDF-1.7"),
    text("a list", None, "the JSON is a list", lambda text: f"[{text}]"),
    text("a bare value", None, "a bare value", lambda _: "17"),
    text("a key twice", "asOf", "there twice", lambda text: text.replace("{", '{"asOf": "2026-11-22", ', 1)),
    text(
        "a key of a case twice",
        "cases[1].crn",
        "'crn' is there twice",
        lambda text: text.replace('"X100002"', '"X100002", "crn": "X100003"'),
    ),
    data(
        "an unpaid work problem",
        None,
        "unpaid work",
        unpaid_work,
    ),
    data("no plan date", "asOf", "no plan date", lambda top: top.pop("asOf")),
    data("a plan date that is a number", "asOf", "not a date", lambda top: top.update(asOf=20261123)),
    data("no officers", "officers", "no officer", lambda top: top.update(officers=[])),
    data("officers missing", "officers", "is missing", lambda top: top.pop("officers")),
    data("cases that are no list", "cases", "not a list", lambda top: top.update(cases={"crn": "X100001"})),
    data(
        "a case that is no object", "cases[1]", "not an object", lambda top: top["cases"].__setitem__(1, "X1")
    ),
    data("an unknown field of the problem", "asof", "unknown", lambda top: top.update(asof="2026-11-23")),
    data("an unknown field of a case", "cases[0].colour", "unknown", put("cases", 0, colour="red")),
    data(
        "an unknown field of a location",
        "cases[0].location.up",
        "unknown",
        put("cases", 0, location={"easting": 1, "northing": 1, "up": 1}),
    ),
    data(
        "half of a location",
        "cases[0].location.northing",
        "missing",
        put("cases", 0, location={"easting": 1}),
    ),
    data(
        "a list that is text",
        "cases[0].requiredSkills",
        "not a list",
        put("cases", 0, requiredSkills="WELSH"),
    ),
    data(
        "one bad item of a list", "cases[0].teamCodes[1]", "not a code", put("cases", 0, teamCodes=["a", ""])
    ),
    data(
        "a limit that is text",
        "officers[0].tierLimits.A",
        "not a whole number",
        put("officers", 0, tierLimits={"A": "many"}),
    ),
    data(
        "leave without an end",
        "officers[0].leave[0].to",
        "missing",
        put("officers", 0, leave=[{"from": "2026-11-23"}]),
    ),
    data("an unknown scheme", "tierScheme", "not known", lambda top: top.update(tierScheme="V9")),
    data("an unknown tier", "cases[0].tier", "not a tier", put("cases", 0, tier="Z9")),
    data("a CRN twice", "cases[1].crn", "first at pdu.json, cases[0]", put("cases", 1, crn="X100001")),
    data(
        "a pin to nobody", "cases[1].pinnedStaffCode", "not among", put("cases", 1, pinnedStaffCode="N03A999")
    ),
    data("grade DMY", "officers[1].grade", "missing", put("officers", 1, grade="DMY")),
    data("an officer twice", "officers[1].staffCode", "there twice", put("officers", 1, staffCode="N03A001")),
    Broken(
        "faults of every kind at once",
        (
            ("tierScheme", "not known"),
            ("officers[0].grade", "missing"),
            ("cases[0].crn", "not a CRN"),
            ("cases[1].tier", "not a tier"),
        ),
        data=lambda top: (
            top.update(tierScheme="V9"),
            put("officers", 0, grade="")(top),
            put("cases", 0, crn="1")(top),
            put("cases", 1, tier="Z9")(top),
        ),
    ),
    Broken(
        "more faults than are listed",
        (("cases[0].tier", "missing"), (None, "more than 1 faults")),
        data=lambda top: [case.pop("tier") for case in top["cases"]],
        limits=Limits(faults=1),
    ),
    Broken("a file too large", ((None, "at most 0 MB"),), limits=Limits(json_bytes=100)),
]


@pytest.mark.parametrize("broken", ALL, ids=lambda broken: broken.name)
def test_each_fault_of_json_is_named_by_its_path(
    broken: Broken, sound_json: Data, json_file: Callable[[Any], Path], refused: Refused
) -> None:
    broken.data(sound_json)
    path = json_file(broken.text(json.dumps(sound_json)))
    found = refused(path, broken.limits)
    assert all(place[0] == "pdu.json" and place[1] is None for place, _ in found)
    paths = [place[2] for place, _ in found]
    if broken.name != "two problems in one file":  # whose place depends on the length of the first
        assert paths == [place for place, _ in broken.expected], found
    for (_, sentence), (_, clause) in zip(found, broken.expected, strict=True):
        assert clause in sentence


def test_json_that_is_not_utf_8(json_file: Callable[[Any], Path], refused: Refused) -> None:
    path = json_file("")
    path.write_bytes('{"asOf": "é"}'.encode("cp1252"))
    (((file, _, _), sentence),) = refused(path)
    assert file == "pdu.json"
    assert "not UTF-8" in sentence
