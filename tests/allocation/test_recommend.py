"""One case, now: every price is the exact difference it makes, and who is refused is refused by a rule."""

from __future__ import annotations

import json

import pytest
from hypothesis import given

from models.allocation.officer import OfficerKey
from models.allocation.plan import Question
from models.allocation.problem import AllocationProblem
from models.allocation.terms import Grade
from models.errors import UsageError
from models.policy.policy import Policy, default_policy
from solver.allocation.recommend import Recommender
from solver.verify import recompute, verify_edited
from tests.support.problems import case, held, officer, problem, small_questions


def _at_home(given_problem: AllocationProblem) -> dict[str, OfficerKey]:
    found = {}
    for one in given_problem.cases:
        holder = given_problem.holder(one)
        if holder is not None:
            found[one.crn] = given_problem.officers[holder].key
    return found


@given(asked=small_questions(max_cases=6, max_officers=4))
def test_prices_are_exact_and_refusals_are_the_checkers(
    asked: tuple[AllocationProblem, Question, Policy],
) -> None:
    given_problem, _, policy = asked
    recommender = Recommender.of(given_problem, policy)
    home = _at_home(given_problem)
    waiting = [one.crn for one in given_problem.cases if one.waiting]
    plain = {one.crn for one in given_problem.cases if one.override_reason is None}
    for crn in [each for each in waiting if each in plain]:
        before = recompute(given_problem, Question(), home, policy)
        for option in recommender.recommend(crn).options:
            at = OfficerKey(option.staff_code, option.team_code)
            lines: list[tuple[str, str | None, str | None]] = [(each, *key) for each, key in home.items()]
            lines += [(each, *at) if each == crn else (each, None, None) for each in waiting]
            broken = [each.rule for each in verify_edited(given_problem, lines, Question(), policy)]
            assert option.eligible == (broken == [])
            assert option.eligible == (option.rules == ())
            assert (option.rank is None) == (not option.eligible)
            if option.eligible:
                after = recompute(given_problem, Question(), {**home, crn: at}, policy)
                assert option.price.total == after.total - before.total
                assert option.price.pressure == after.pressure - before.pressure


def test_officers_are_ranked_by_price_and_the_refused_come_last_with_their_rules() -> None:
    idle, busy = officer("N03A001"), officer("N03A002", base_points=1000)
    trainee = officer("N03A003", grade=Grade.PSO)
    recommender = Recommender.of(problem([busy, trainee, idle], [case(tier="B2")]), default_policy())
    found = recommender.recommend("X000001")
    assert [(each.rank, each.staff_code) for each in found.options] == [
        (1, "N03A001"),
        (2, "N03A002"),
        (None, "N03A003"),
    ]
    # B2 in the community is 115 points: 0 to 115 of 2176 is 0.0 to 5.3 %, 1,000 to 1,115 is 46.0 to 51.2 %.
    assert [(each.before, each.after) for each in found.options[:2]] == [(0.0, 5.3), (46.0, 51.2)]
    # 115 points from 0: 108 in band 0 cost nothing, 7 in band 1 cost 7. From 1,000: 88 in band 9, 27 in band 10.
    assert [each.price.pressure for each in found.options[:2]] == [7, 88 * 9 + 27 * 10]
    assert [each.rule for each in found.options[2].rules] == ["grade_may_hold_tier"]
    assert json.loads(json.dumps(found.as_json()))["options"][0]["price"]["changeOfOfficer"] == 0


def test_a_held_case_shows_what_a_move_would_cost_and_its_holder_among_the_options() -> None:
    busy, idle = officer("N03A002", base_points=2500), officer("N03A001")
    recommender = Recommender.of(problem([busy, idle], [held("X000001", "C2", busy)]), default_policy())
    options = recommender.recommend("X000001").options
    assert [(each.staff_code, each.current) for each in options] == [("N03A001", False), ("N03A002", True)]
    assert options[0].price.change_of_officer == 63 * 8  # held since nobody knows when: 0 months, 8 bands
    assert options[1].price.change_of_officer == 0


def test_a_case_that_cannot_be_asked_about_says_what_to_do() -> None:
    stranger = case(current_staff_code="N03A099", current_team_code="N03F01")
    given_problem = problem([officer()], [stranger])
    recommender = Recommender.of(given_problem, default_policy())
    with pytest.raises(UsageError, match="release"):
        recommender.recommend("X000001")
    with pytest.raises(UsageError, match="no case"):
        recommender.recommend("X999999")
    released = Recommender.of(given_problem, default_policy(), ("findings",))
    assert released.recommend("X000001").options[0].eligible
