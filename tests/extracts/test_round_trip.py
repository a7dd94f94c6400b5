"""Whatever problem there is, its extracts read back to it."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.allocation.case import Case
from models.allocation.officer import Officer
from models.allocation.problem import AllocationProblem
from models.allocation.terms import CaseType, Grade, Sex
from models.extracts import read_allocation
from models.extracts.grid import is_formula
from models.extracts.write import write_allocation
from models.record import reader

DAYS = st.dates(dt.date(1990, 1, 1), dt.date(2099, 12, 31))
CODES = st.from_regex(r"[A-Z0-9][A-Z0-9/.é-]{0,10}", fullmatch=True).filter(
    lambda code: not code.endswith("U")
)
SKILLS = st.lists(st.from_regex(r"[A-Z][A-Z0-9_&'é]{0,12}", fullmatch=True), max_size=3)
LABELS = st.from_regex(r"[a-z0-9][a-z0-9 '\"|.]{0,10}[a-z0-9]", fullmatch=True)
TEXTS = st.text(
    st.characters(codec="utf-8", exclude_characters="\0", exclude_categories=["Cs"]), max_size=60
).filter(lambda text: text == text.strip() and text != "" and not is_formula(text))
PLACES = st.fixed_dictionaries({"easting": st.integers(0, 1_400_000), "northing": st.integers(0, 1_400_000)})
COUNTS = st.integers(0, 1_000_000_000)
TIERS = {
    None: ["A0", "B2", "C1S", "D3", "E", "MISSING", "NOT_SUPERVISED"],
    "V2": ["A0", "B2", "C1S", "D3"],
    "V3": ["A", "D", "G", "B2", "MISSING"],
}
"""Tiers that are sound, by the problem's scheme."""
SEXES = st.sampled_from(list(Sex))


def leave() -> st.SearchStrategy[list[dict[str, str]]]:
    """Spans of days, each ending on or after its beginning."""
    span = st.tuples(DAYS, st.integers(0, 30)).map(
        lambda pair: {"from": str(pair[0]), "to": str(pair[0] + dt.timedelta(days=pair[1]))}
    )
    return st.lists(span, max_size=2)


@st.composite
def officers(draw: st.DrawFn, code: str, team: str) -> dict[str, Any]:
    """One officer as JSON, any optional field there or not."""
    hours = draw(st.integers(0, 800)) / 10
    since = draw(DAYS)
    optional = {
        "reductionHours": st.floats(0, hours, allow_subnormal=False),
        "basePoints": st.integers(0, 100_000),
        "skills": SKILLS,
        "sex": SEXES,
        "active": st.booleans(),
        "authorisedFrom": st.just(str(since)),
        "authorisedUntil": st.integers(0, 900).map(lambda days: str(since + dt.timedelta(days=days))),
        "lastDay": DAYS.map(str),
        "trainingStage": st.integers(1, 3),
        "seniorCode": CODES,
        "tierLimits": st.dictionaries(st.sampled_from("ABCDEFG"), COUNTS, max_size=3),
        "newCasesLast7Days": COUNTS,
        "leave": leave(),
        "location": PLACES,
    }
    grade = draw(st.sampled_from(list(Grade)))
    required = {"staffCode": code, "teamCode": team, "grade": grade, "contractedHours": hours}
    return required | draw(st.fixed_dictionaries({}, optional=optional))


@st.composite
def cases(draw: st.DrawFn, number: int, staff: list[tuple[str, str]], tiers: list[str]) -> dict[str, Any]:
    """One case as JSON, held with its team or waiting, pinned to somebody who is there."""
    optional = {
        "t2a": st.booleans(),
        "points": st.integers(0, 10_000),
        "requiredSkills": SKILLS,
        "preferredSkills": SKILLS,
        "teamCodes": st.lists(CODES, max_size=2),
        "heldSince": DAYS.map(str),
        "officerChanges": COUNTS,
        "previousStaffCodes": st.lists(CODES, max_size=2),
        "excludedStaffCodes": st.lists(CODES, max_size=2),
        "officerSex": SEXES,
        "preferredOfficerSex": SEXES,
        "protectedUntil": DAYS.map(str),
        "dueBy": DAYS.map(str),
        "restricted": st.booleans(),
        "location": PLACES,
    }
    found = {
        "crn": f"{draw(st.sampled_from('ABXZ'))}{number:06d}",
        "tier": draw(st.sampled_from(tiers)),
        "caseType": draw(st.sampled_from(list(CaseType))),
    } | draw(st.fixed_dictionaries({}, optional=optional))
    if draw(st.booleans()):
        found["currentStaffCode"], found["currentTeamCode"] = draw(st.sampled_from(staff))
    if draw(st.booleans()):
        found["pinnedStaffCode"] = draw(st.sampled_from(staff))[0]
        if draw(st.booleans()):
            found["overrideReason"] = draw(
                st.sampled_from(["suitability", "no_staff", "continuity", "other"])
            )
            found["overrideText"] = draw(TEXTS)
    else:
        group = draw(st.sampled_from(["togetherGroup", "apartGroup"]))
        found[group] = draw(LABELS)
    return found


@st.composite
def problems(draw: st.DrawFn) -> dict[str, Any]:
    """A problem as JSON that has no fault."""
    pairs = draw(st.lists(st.tuples(CODES, CODES), min_size=1, max_size=4, unique=True))
    scheme = draw(st.sampled_from(list(TIERS)))
    return {
        "asOf": str(draw(DAYS)),
        "tierScheme": scheme,
        "oversightLimits": draw(st.dictionaries(CODES, COUNTS, max_size=2)),
        "officers": [draw(officers(code, team)) for code, team in pairs],
        "cases": [draw(cases(number, pairs, TIERS[scheme])) for number in range(draw(st.integers(0, 5)))],
    }


@settings(max_examples=settings().max_examples // 2)
@given(problems())
def test_extracts_read_back_to_the_problem(data: dict[str, Any]) -> None:
    problem = reader(AllocationProblem).validate_python(data)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_allocation(problem, folder / "pdu")
        (folder / "pdu.json").write_text(json.dumps(problem.as_json()), encoding="utf-8")
        from_tables = read_allocation(folder / "pdu")
        from_json = read_allocation(folder / "pdu.json")
    assert from_tables == problem
    assert from_json == problem
    assert from_tables.input_hash == from_json.input_hash == problem.input_hash


@pytest.mark.parametrize("text", ["one\rtwo", "one\ntwo", "one\r\ntwo", 'a "quote", and more', "'", "\t|;"])
def test_whatever_stands_in_a_text_comes_back(text: str, tmp_path: Path) -> None:
    case = Case("X100001", "B2", CaseType.CUSTODY, pinned_staff_code="A", override_reason="other")
    problem = AllocationProblem(
        dt.date(2026, 11, 23),
        (Officer("A", "T", Grade.PO, 37.0),),
        (dataclasses.replace(case, override_text=f"a{text}b"),),
    )
    write_allocation(problem, tmp_path)
    assert read_allocation(tmp_path) == problem
