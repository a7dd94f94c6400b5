"""Whoever has nothing is told the rules that stand in the way, and what would help."""

from __future__ import annotations

import pytest

from models.policy.policy import default_policy
from models.unpaid_work.person import Person
from models.unpaid_work.problem import UnpaidWorkProblem
from models.unpaid_work.project import Project
from models.unpaid_work.roster import RosterQuestion, Unplaced
from models.unpaid_work.terms import PlacementPreference, ProjectType
from solver.unpaid_work.draft import Draft
from solver.unpaid_work.facts import RosterFacts
from solver.unpaid_work.reasons import unplaced
from solver.unpaid_work.reckoning import Reckoning
from tests.support.unpaid import person, problem, project, supervisor

NOTHING = Draft({}, ())


def told(of: UnpaidWorkProblem) -> Unplaced:
    """What the one person of a team hears of a roster in which nothing runs."""
    facts = RosterFacts(of, default_policy(), RosterQuestion())
    found = unplaced(Reckoning(facts, NOTHING))
    assert len(found) == 1
    return found[0]


@pytest.mark.parametrize(
    ("who", "where", "rules", "remedy"),
    [
        (
            person(weekly_minutes_max=0, weekly_minutes_min=0),
            project(),
            ("weekly_limit",),
            "a weekly limit that leaves room",
        ),
        (person(), project(places=0), ("session_size",), "places at P01"),
        (person(), project(min_people=3), ("session_size",), "a lower least number at P01"),
        (person(), project(required_skills=("DRIVING",)), ("supervised",), "needs a supervisor on Tuesday"),
        (
            person(placement_preference=PlacementPreference.FEMALE_ONLY_GROUP),
            project(),
            ("group_preference",),
            "a women-only group or an individual placement, and the person's sex recorded",
        ),
        (
            person(placement_preference=PlacementPreference.INDIVIDUAL),
            project(),
            ("group_preference",),
            "an individual placement",
        ),
        (person(needs=("STEP_FREE",)), project(), ("suitable_project",), "one with STEP_FREE"),
        (
            person(restrictions=("CHILDREN",)),
            project(tags=("CHILDREN",)),
            ("suitable_project",),
            "one without CHILDREN",
        ),
        (person(excluded_project_codes=("P01",)), project(), ("suitable_project",), "not excluded"),
        (person(), project(project_type=ProjectType.ETE), ("project_open",), "not ETE or induction"),
    ],
)
def test_the_rule_and_the_remedy_are_the_ones_that_matter(
    who: Person, where: Project, rules: tuple[str, ...], remedy: str
) -> None:
    found = told(problem([who], [where]))
    assert found.rules == rules
    assert remedy in found.sentence


def test_where_every_supervisor_is_elsewhere_one_more_would_help() -> None:
    who = person(excluded_project_codes=("P02",))
    facts = RosterFacts(
        problem([who], [project(), project("P02")], [supervisor()]), default_policy(), RosterQuestion()
    )
    at_the_other = {
        session: 0 for session in range(len(facts.sessions)) if facts.sessions.project[session] == 1
    }
    found = unplaced(Reckoning(facts, Draft(at_the_other, ())))
    assert found[0].rules == ("supervised", "session_size")
    assert "a supervisor, or more people, on Tuesday" in found[0].sentence
