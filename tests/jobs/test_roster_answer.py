"""Rosters and repairs as jobs answer them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from api.jobs.answer import Asked, answer
from api.jobs.roster_answer import disruption_of
from api.store.records import JobKind
from models.errors import UsageError
from models.extracts import read_unpaid_work
from models.policy.policy import default_policy
from models.record import reader
from models.unpaid_work.roster import Roster
from solver.verify.unpaid_work import broken_by

EXAMPLE = read_unpaid_work(Path(__file__).parents[2] / "examples" / "upw")


@pytest.fixture(scope="module")
def made() -> dict[str, Any]:
    return answer(Asked(JobKind.ROSTER, EXAMPLE.as_json(), {}, {"work": 0.2})).plan


def test_a_roster_is_one_that_the_checker_passes(made: dict[str, Any]) -> None:
    roster = reader(Roster).validate_python(made)
    assert not broken_by(EXAMPLE, roster, default_policy())


def test_a_roster_begins_from_one_in_hand(made: dict[str, Any]) -> None:
    asked = Asked(JobKind.ROSTER, EXAMPLE.as_json(), {}, {"work": 0.05}, start=made)
    answered = answer(asked)
    assert answered.plan["objective"]["total"] <= made["objective"]["total"]
    assert answered.summary["people"] == len(EXAMPLE.people)


def test_a_repair_does_without_what_is_missing(made: dict[str, Any]) -> None:
    session = made["sessions"][0]
    question = {"closedProjects": [session["projectCode"]], "dates": [session["date"]]}
    mended = answer(Asked(JobKind.REPAIR, EXAMPLE.as_json(), question, {"work": 0.2}, start=made)).plan
    there = {(each["projectCode"], each["date"]) for each in mended["sessions"]}
    assert (session["projectCode"], session["date"]) not in there
    assert mended["question"]["kind"] == "REPAIR"


@pytest.mark.parametrize(
    "question",
    [
        {"withoutSupervisors": ["NOBODY"]},
        {"closedProjects": ["NOWHERE"]},
        {"absent": [{"crn": "Z999999", "date": "2026-11-24"}]},
        {"dates": ["soon"]},
    ],
)
def test_a_repair_without_what_there_is_not_is_refused(question: dict[str, Any]) -> None:
    with pytest.raises(UsageError):
        disruption_of(EXAMPLE, question)


def test_a_disruption_without_dates_is_of_every_day() -> None:
    code = EXAMPLE.projects[0].project_code
    found = disruption_of(EXAMPLE, {"closedProjects": [code]})
    assert [each.date for each in found.projects_closed] == list(EXAMPLE.days)


def test_a_repair_needs_a_roster_and_a_roster_that_is_one() -> None:
    for start in (None, {"sessions": 7}):
        with pytest.raises(UsageError):
            answer(Asked(JobKind.REPAIR, EXAMPLE.as_json(), {}, {"work": 0.1}, start=start))
