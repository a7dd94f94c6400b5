"""Whatever unpaid work problem there is, its extracts read back to it."""

from __future__ import annotations

import datetime as dt
import json
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from models.extracts import read_unpaid_work
from models.extracts.unpaid_write import write_unpaid_work
from models.record import reader
from models.unpaid_work.problem import UnpaidWorkProblem
from models.unpaid_work.terms import (
    Frequency,
    HalfDay,
    PlacementPreference,
    ProjectType,
    TravelMode,
    Weekday,
    show_time,
)

DAYS = st.dates(dt.date(1990, 1, 1), dt.date(2099, 12, 31))
CODES = st.from_regex(r"[A-Z0-9][A-Z0-9/.é-]{0,10}", fullmatch=True)
SKILLS = st.lists(st.from_regex(r"[A-Z][A-Z0-9_&'é]{0,12}", fullmatch=True), max_size=3)
PLACES = st.fixed_dictionaries({"easting": st.integers(0, 1_400_000), "northing": st.integers(0, 1_400_000)})
MINUTES = st.integers(0, 10_000_000)
COUNTS = st.integers(0, 10_000)
SEXES = st.sampled_from(["FEMALE", "MALE"])
HALF_DAYS = st.lists(st.sampled_from(list(HalfDay)), max_size=6)
CRNS = st.integers(500_000, 999_999).map(lambda number: f"Z{number}")


@st.composite
def times(draw: st.DrawFn) -> dict[str, str]:
    """A start, and an end after it, at most midnight."""
    start = draw(st.integers(0, 1439))
    return {"startTime": show_time(start), "endTime": show_time(draw(st.integers(start + 1, 1440)))}


def absences() -> st.SearchStrategy[list[dict[str, str]]]:
    """Spans of days, each ending on or after its beginning."""
    span = st.tuples(DAYS, st.integers(0, 30)).map(
        lambda pair: {"from": str(pair[0]), "to": str(pair[0] + dt.timedelta(days=pair[1]))}
    )
    return st.lists(span, max_size=2)


@st.composite
def spans(draw: st.DrawFn, end: str) -> dict[str, str]:
    """A first day, and perhaps a last one after it under the name `end`."""
    first = draw(DAYS)
    found = {"startDateInclusive": str(first)}
    if draw(st.booleans()):
        found[end] = str(first + dt.timedelta(days=draw(st.integers(1, 900))))
    return found


@st.composite
def allocations(draw: st.DrawFn) -> dict[str, str]:
    """One existing allocation."""
    return {
        "projectCode": draw(CODES),
        "dayOfWeek": draw(st.sampled_from(list(Weekday))),
        "frequency": draw(st.sampled_from(list(Frequency))),
        **draw(times()),
        **draw(spans("endDateInclusive")),
    }


@st.composite
def people(draw: st.DrawFn, crn: str, event: int) -> dict[str, Any]:
    """One requirement as JSON, any optional field there or not."""
    least = draw(MINUTES)
    sentence = draw(DAYS)
    told = st.tuples(CODES, DAYS, times()).map(
        lambda parts: {"projectCode": parts[0], "date": str(parts[1]), **parts[2]}
    )
    optional = {
        "adjustmentMinutes": st.integers(-10_000_000, 10_000_000),
        "creditedMinutes": MINUTES,
        "creditedEteMinutes": MINUTES,
        "inductionDone": st.booleans(),
        "unavailable": absences(),
        "weeklyMinutesMin": st.just(least),
        "weeklyMinutesMax": st.integers(least, 10_000_000),
        "attendanceProbability": st.floats(0, 1, allow_subnormal=False),
        "riskInGroup": st.booleans(),
        "placementPreference": st.sampled_from(list(PlacementPreference)),
        "noMaleSupervisor": st.booleans(),
        "noFemaleSupervisor": st.booleans(),
        "restrictions": SKILLS,
        "needs": SKILLS,
        "excludedProjectCodes": st.lists(CODES, max_size=2),
        "excludedSupervisorCodes": st.lists(CODES, max_size=2),
        "keepApartCrns": st.lists(CRNS, max_size=2),
        "travelMode": st.sampled_from(list(TravelMode)),
        "maxTravelMinutes": MINUTES,
        "travelMinutes": MINUTES,
        "location": PLACES,
        "allocations": st.lists(allocations(), max_size=2),
        "appointments": st.lists(told, max_size=2, unique_by=str),
    }
    required = {
        "crn": crn,
        "eventNumber": event,
        "requiredMinutes": draw(MINUTES),
        "sentenceDate": str(sentence),
        "completeBy": str(sentence + dt.timedelta(days=draw(st.integers(0, 900)))),
        "availability": draw(HALF_DAYS),
    }
    return required | draw(st.fixed_dictionaries({}, optional=optional))


@st.composite
def projects(draw: st.DrawFn, code: str) -> dict[str, Any]:
    """One project as JSON."""
    places = draw(COUNTS)
    slot = st.tuples(
        st.sampled_from(list(Weekday)), times(), spans("endDateExclusive"), st.sampled_from(list(Frequency))
    ).map(lambda parts: {"dayOfWeek": parts[0], **parts[1], **parts[2], "frequency": parts[3]})
    optional = {
        "teamCode": CODES,
        "location": PLACES,
        "minPeople": st.integers(0, places),
        "riskLimit": COUNTS,
        "tags": SKILLS,
        "features": SKILLS,
        "femaleOnly": st.booleans(),
        "requiredSkills": SKILLS,
        "supervisorNeeded": st.booleans(),
        "vehicleSeats": COUNTS,
        "commitmentSessionsPerWeek": COUNTS,
        "availability": st.lists(slot, max_size=3),
    }
    required = {
        "projectCode": code,
        "projectType": draw(st.sampled_from(list(ProjectType))),
        "places": places,
    }
    dates = draw(spans("endDateExclusive")) if draw(st.booleans()) else {}
    return required | dates | draw(st.fixed_dictionaries({}, optional=optional))


@st.composite
def problems(draw: st.DrawFn) -> dict[str, Any]:
    """A problem as JSON that has no fault."""
    keys = draw(
        st.lists(
            st.tuples(st.sampled_from(["X100001", "X100002", "X100003"]), st.integers(1, 3)),
            min_size=1,
            max_size=4,
            unique=True,
        )
    )
    sexes = {crn: draw(st.none() | SEXES) for crn, _ in keys}
    supervisor = {
        "sex": SEXES,
        "skills": SKILLS,
        "unavailable": absences(),
        "weeklyMinutesMax": MINUTES,
        "maxGroup": st.integers(1, 1000),
        "location": PLACES,
    }
    return {
        "from": str(draw(DAYS)),
        "weeks": draw(st.integers(1, 26)),
        "nonWorkingDays": draw(st.none() | st.lists(DAYS.map(str), max_size=3)),
        "people": [draw(people(crn, event)) | {"sex": sexes[crn]} for crn, event in keys],
        "projects": [
            draw(projects(code)) for code in draw(st.lists(CODES, min_size=1, max_size=3, unique=True))
        ],
        "supervisors": [
            {"staffCode": code, "availability": draw(HALF_DAYS)}
            | draw(st.fixed_dictionaries({}, optional=supervisor))
            for code in draw(st.lists(CODES, max_size=3, unique=True))
        ],
    }


@settings(max_examples=settings().max_examples // 3)
@given(problems())
def test_extracts_read_back_to_the_problem(data: dict[str, Any]) -> None:
    problem = reader(UnpaidWorkProblem).validate_python(data)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_unpaid_work(problem, folder / "upw")
        (folder / "upw.json").write_text(json.dumps(problem.as_json()), encoding="utf-8")
        from_tables = read_unpaid_work(folder / "upw")
        from_json = read_unpaid_work(folder / "upw.json")
    assert from_tables == problem
    assert from_json == problem
    assert from_tables.input_hash == from_json.input_hash == problem.input_hash
