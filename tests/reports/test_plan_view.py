"""A plan beside its problem: what the plan does to each case."""

from __future__ import annotations

from dataclasses import replace

import pytest

from api.reports.view import PlanView, gap_in_words, workload
from models.allocation.officer import OfficerKey
from models.allocation.plan import Question
from models.policy.policy import default_policy
from solver.allocation.allocate import plan
from solver.engine import Limits
from tests.support.problems import held, officer, problem


def test_changes_by_kind(view: PlanView) -> None:
    changes = view.changes
    assert {each.crn for each in changes["placed"]} == {"X000011", "X000012"}
    assert len(changes["moved"]) == 2
    assert all(each.previous_staff_code == "N03A001" for each in changes["moved"])
    assert len(changes["stays"]) == 6
    assert changes["transferred"] == ()
    assert (view.waiting, view.out) == (3, 1)


def test_officers_are_by_team_with_what_they_receive_and_give(view: PlanView) -> None:
    assert [(row.load.team_code, row.load.staff_code) for row in view.officers] == [
        ("N03F01", "N03A001"),
        ("N03F01", "N03A003"),
        ("N03F02", "N03A002"),
    ]
    assert len(view.officers[0].given) == 2
    assert "X000011" in {each.crn for each in view.officers[1].received}
    assert sum(len(row.received) for row in view.officers) == 4


def test_a_move_between_a_persons_own_teams_is_a_transfer() -> None:
    one, two = officer("N03A001", "N03F01"), officer("N03A001", "N03F02")
    made = problem([one, two], [held("X000001", "A3", one)])
    policy = default_policy()
    answered = plan(made, policy, Question(), Limits(20.0, threads=1))
    shifted = replace(answered, assignments=(replace(answered.assignments[0], team_code="N03F02"),))
    assert PlanView.of(made, answered, policy).change_of(answered.assignments[0]) == "stays"
    assert [each.crn for each in PlanView.of(made, shifted, policy).changes["transferred"]] == ["X000001"]


def test_a_released_case_is_placed_not_moved() -> None:
    one, two = officer("N03A001"), officer("N03A002")
    made = problem([one, two], [held("X000001", "A3", one)])
    policy = default_policy()
    view = PlanView.of(
        made, plan(made, policy, Question(released=("N03A001",)), Limits(20.0, threads=1)), policy
    )
    assert [each.staff_code for each in view.changes["placed"]] == ["N03A002"]
    assert view.holder("X000001") == OfficerKey("N03A001", "N03F01")
    assert [len(row.given) for row in view.officers] == [1, 0]


def test_points_are_those_at_the_officer(view: PlanView) -> None:
    points = {each.crn: view.points(each) for each in view.plan.assignments}
    assert points["X000012"] == 41  # D2 in the community
    assert points["X000011"] == 115  # B2


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, "proven optimal"),
        ({"status": "FEASIBLE", "gap": 0.0012}, "proven to be within 0.12 % of the best"),
        ({"status": "FEASIBLE", "gap": None, "bound": None}, "not known"),
        ({"status": "FEASIBLE", "gap": 0.0}, "among plans that leave this much unallocated"),
        ({"question": Question(strategy="least_loaded")}, "least loaded first"),
    ],
)
def test_headline(view: PlanView, changes: dict[str, object], words: str) -> None:
    assert words in replace(view, plan=replace(view.plan, **changes)).headline  # type: ignore[arg-type]  # each case names fields of its own


@pytest.mark.parametrize(
    ("gap", "words"), [(0.0, "0 %"), (0.00001, "less than 0.01 %"), (0.0123, "1.23 %"), (1.0, "100.00 %")]
)
def test_a_gap_is_never_rounded_down_to_nothing(gap: float, words: str) -> None:
    assert gap_in_words(gap) == words


def test_workload_in_words() -> None:
    assert (workload(None), workload(96.12)) == ("-", "96.1")


def test_findings_are_counted_by_rule_most_first() -> None:
    gone = officer("N03A099")
    made = problem(
        [officer(active=False)],
        [
            held("X000001", "D2", officer()),
            held("X000002", "D2", gone),
            held("X000003", "D2", gone),
        ],
    )
    policy = default_policy()
    found = PlanView.of(made, plan(made, policy, Question(), Limits(20.0, threads=1)), policy)
    assert [(rule, len(each)) for rule, each in found.findings_by_rule.items()] == [
        ("one_officer", 2),
        ("active_and_staying", 1),
    ]
