"""Why somebody is where they are in a roster, and why not elsewhere: worked by hand."""

from __future__ import annotations

from typing import Any

import pytest

from models.errors import UsageError
from models.policy.policy import default_policy
from models.unpaid_work.problem import UnpaidWorkProblem
from models.unpaid_work.roster import Unplaced
from models.unpaid_work.terms import Weekday
from solver.explain.rosters import RosterExplainer
from solver.explain.sayings import Explanation, Reason, hours, minutes
from solver.verify.unpaid_work import Drawn
from tests.support.unpaid import (
    Book,
    X,
    Y,
    Z,
    day,
    drawn,
    honest_roster,
    open_on,
    person,
    placement,
    problem,
    project,
)

TUESDAYS = (1, 8, 15, 22)


def explainer(of: UnpaidWorkProblem, lines: Drawn, **fields: Any) -> RosterExplainer:
    return RosterExplainer.of(of, default_policy(), honest_roster(of, lines, **fields))


def sentences(found: Explanation) -> list[str]:
    return [reason.sentence for reason in found.reasons]


THURSDAY = project("P02", open_on(Weekday.THURSDAY), tags=("CHILDREN",))
TEAM = problem([person(X), person(Y), person(Z, restrictions=("CHILDREN",))], [project(), THURSDAY])
LINES = drawn(
    *[Book(crn, on) for crn in (X, Y) for on in TUESDAYS],
    placements=[placement(X, reason=("nearest that has room",)), placement(Y)],
)


def test_what_the_alternatives_would_have_cost() -> None:
    # On Thursdays nothing runs: four sessions of 420 minutes at 1 minute each would be supervised for X alone.
    team = problem([person(X), person(Y)], [project(), THURSDAY])
    found = explainer(team, LINES).why(team.people[0])
    assert found.subject == "X000001 (event 1)"
    assert sentences(found) == [
        "X000001 goes to P01 Tuesday 09:00-16:00: nearest that has room",
        "P02 Thursday 09:00-16:00 alone would cost 1,680 minutes more (+1,680 minutes supervised)",
    ]


def test_no_alternative_is_said_to_be_none() -> None:
    team = problem([person(X), person(Y)])
    found = explainer(team, LINES).why(team.people[0])
    assert sentences(found)[1:] == ["no other slot can take X000001 beside those who are there"]


def test_somebody_with_nothing_hears_of_the_rules() -> None:
    unplaced = Unplaced(Z, 1, ("session_size",), "every session is full")
    found = explainer(TEAM, LINES, unplaced=(unplaced,)).why(TEAM.people[2])
    assert found.reasons[0] == Reason("every session is full", "session_size")
    # Tuesday 1 of 2 could take Z, with 4,000,000 + 200 * 7,200 + 40 * 1,680 tenths gained.
    assert sentences(found)[1] == "P01 Tuesday 09:00-16:00 would change the total by -550,720 minutes"
    assert sentences(found)[2] == "1 of 2 slots are excluded by rules; ask why not"


def test_single_appointments_are_no_placement() -> None:
    team = problem([person(X), person(Y)])
    found = explainer(team, drawn(Book(X), Book(Y))).why(team.people[0])
    assert sentences(found)[0] == "X000001 has 1 single appointment and no regular slot"


def test_why_not_at_a_project_names_every_rule() -> None:
    found = explainer(TEAM, LINES).why_not(TEAM.people[2], "P02")
    assert [reason.rule for reason in found.reasons] == ["suitable_project"]
    assert "is to avoid CHILDREN, which P02 has" in sentences(found)[0]


def test_why_not_where_no_rule_forbids_it() -> None:
    ask = explainer(TEAM, LINES)
    (reason,) = ask.why_not(TEAM.people[2], "P01").reasons
    assert reason == Reason(
        "P01 Tuesday 09:00-16:00: no rule forbids it; alone it would change the total by -550,720 minutes"
    )
    (there,) = ask.why_not(TEAM.people[0], "P01").reasons
    assert there.sentence == "P01 Tuesday 09:00-16:00: the person is there"
    (closed,) = ask.why_not(TEAM.people[0], "P01", Weekday.MONDAY).reasons
    assert closed == Reason("P01 on Mondays has no slot: the project is not open then", "project_open")


def test_why_not_on_a_date() -> None:
    ask = explainer(TEAM, LINES)
    assert ask.why_not_on(TEAM.people[2], "P02", day(3)).reasons[0].rule == "suitable_project"
    assert sentences(ask.why_not_on(TEAM.people[0], "P01", day(1))) == ["the person is booked there"]
    assert ask.why_not_on(TEAM.people[0], "P01", day(2)).reasons[0].rule == "project_open"
    assert ask.why_not_on(TEAM.people[0], "P01", day(29)).reasons[0].rule == "project_open"
    free = ask.why_not_on(TEAM.people[2], "P01", day(1))
    assert "no rule forbids it" in sentences(free)[0]


def test_a_full_session_is_a_reason_for_its_date() -> None:
    of = problem([person(X), person(Y)], [project(places=1)])
    ask = explainer(of, drawn(*[Book(Y, on) for on in TUESDAYS]), unplaced=())
    (reason,) = ask.why_not_on(of.people[0], "P01", day(8)).reasons
    assert reason.rule == "session_size"
    assert "P01 on 2026-12-01, 09:00 to 16:00 is full" in reason.sentence


def test_unknown_projects_are_bad_usage() -> None:
    ask = explainer(TEAM, LINES)
    with pytest.raises(UsageError, match="P99"):
        ask.why_not(TEAM.people[0], "P99")
    with pytest.raises(UsageError, match="P99"):
        ask.why_not_on(TEAM.people[0], "P99", day(1))
    assert ask.person(X) == TEAM.people[0]


def test_prices_and_lengths_in_words() -> None:
    assert [minutes(each) for each in (16_800, -42, 0)] == ["1,680 minutes", "-4.2 minutes", "0 minutes"]
    assert [hours(each) for each in (12_840, 60, 90)] == ["214 hours", "1 hour", "1.5 hours"]
    assert Explanation("X", (Reason("because", "pinned"),)).as_json() == {
        "subject": "X",
        "reasons": [{"sentence": "because", "rule": "pinned"}],
    }
