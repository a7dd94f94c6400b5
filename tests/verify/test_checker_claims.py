"""A plan's claims: an honest plan passes, and each tampered claim is caught under its own rule."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import pytest

from models.allocation.plan import Finding, Plan, Unallocated
from models.allocation.problem import AllocationProblem
from models.allocation.terms import Grade
from models.policy.policy import default_policy
from solver.verify import mismatches, verify
from tests.support.plans import honest_plan
from tests.support.problems import allocate, case, held, officer, policy_with, problem, rebalance

A, B = officer(base_points=1500), officer("N03A002", grade=Grade.PSO)
X, Y, Z, W = "X000001", "X000002", "X000003", "X000004"
OVERRIDE = {"pinned_staff_code": "N03A002", "override_reason": "continuity", "override_text": "knows them"}
PROBLEM = problem(
    [A, B],
    [
        held(X, "B2", A),
        held(Y, "B2", B),  # a finding: a PSO
        case(Z, "B0", **OVERRIDE),
        case(W, "D2"),
    ],
)
PLAN = honest_plan(PROBLEM, {Z: B}, bound=None)


def rules(plan: Plan, of: AllocationProblem = PROBLEM) -> list[str]:
    """The rules under which the plan is refused."""
    return [each.rule for each in verify(of, plan, default_policy())]


def sentences(plan: Plan) -> list[str]:
    return [each.sentence for each in verify(PROBLEM, plan, default_policy())]


def test_an_honest_plan_passes() -> None:
    assert verify(PROBLEM, PLAN, default_policy()) == ()


@pytest.mark.parametrize(
    "item", ["unallocated_weight", "pressure", "change_of_officer", "fit", "total", "fixed"]
)
@pytest.mark.parametrize("by", [-1, 1])
def test_an_item_of_the_objective_off_by_one(item: str, by: int) -> None:
    true = getattr(PLAN.objective, item)
    lie = replace(PLAN, objective=replace(PLAN.objective, **{item: true + by}))
    assert rules(lie) == ["claimed_objective"]
    assert sentences(lie) == [f"{item.replace('_', ' ')} is stated as {true + by} and comes to {true}"]


def _with_bound(below: int, **fields: Any) -> Plan:
    return honest_plan(PROBLEM, {Z: B}, bound=PLAN.objective.total - below, **fields)


def test_bounds_and_gaps() -> None:
    decided = PLAN.objective.total - PLAN.objective.fixed
    assert decided > 10
    assert rules(_with_bound(0)) == []
    assert rules(_with_bound(10)) == []
    assert rules(_with_bound(10, gap=10 / decided + 1e-12)) == []
    assert rules(_with_bound(10, gap=10 / decided + 1e-6)) == ["claimed_bound"]
    assert rules(_with_bound(10, gap=10 / PLAN.objective.total)) == [
        "claimed_bound"
    ]  # watered down by the fixed
    assert rules(_with_bound(10, gap=None)) == ["claimed_bound"]
    assert rules(_with_bound(10, gap=0.0)) == ["claimed_bound"]
    assert rules(_with_bound(10, gap=math.nan)) == ["claimed_bound"]
    assert rules(replace(PLAN, gap=0.0)) == ["claimed_bound"]  # no bound, no gap
    above = _with_bound(-1)
    assert sentences(above) == [
        f"the bound {PLAN.objective.total + 1} is above the total {PLAN.objective.total}"
    ]


def test_optimal_needs_both_levels_proven() -> None:
    assert rules(_with_bound(0, status="OPTIMAL", unallocated_proven=True)) == []
    assert rules(_with_bound(0, status="OPTIMAL", unallocated_proven=False)) == ["claimed_bound"]
    assert rules(_with_bound(1, status="OPTIMAL", unallocated_proven=True)) == ["claimed_bound"]
    assert rules(replace(PLAN, status="OPTIMAL", unallocated_proven=True)) == ["claimed_bound"]


def test_a_status_that_cannot_be() -> None:
    assert sentences(replace(PLAN, status="INFEASIBLE")) == [
        "the status is INFEASIBLE, and leaving what waits unallocated is always a plan"
    ]
    assert sentences(replace(PLAN, status="BEST")) == ["'BEST' is no status"]
    assert rules(replace(PLAN, status="UNKNOWN")) == []


@pytest.mark.parametrize(
    "change",
    [
        {"available_points": 2177},
        {"points_before": 0},
        {"points_after": 1616},
        {"workload_before": 74.3},
        {"workload_after": None},
    ],
)
def test_a_row_of_the_workloads(change: dict[str, Any]) -> None:
    # A: 1500 + 115 = 1615 points of 2176 before and after, 74.2 %
    first, second = PLAN.officers
    assert (first.points_before, first.points_after, first.workload_before) == (1615, 1615, 74.2)
    lie = replace(PLAN, officers=(replace(first, **change), second))
    found = verify(PROBLEM, lie, default_policy())
    assert [(each.rule, each.staff_code, each.team_code) for each in found] == [
        ("claimed_workload", "N03A001", "N03F01")
    ]


def test_rows_missing_doubled_and_invented() -> None:
    first, second = PLAN.officers
    assert rules(replace(PLAN, officers=(second, first))) == []  # the order is no claim
    assert sentences(replace(PLAN, officers=(first,))) == ["N03A002 (N03F01) is missing from the officers"]
    assert sentences(replace(PLAN, officers=(first, second, second))) == [
        "N03A002 (N03F01) is there more than once"
    ]
    stranger = replace(second, staff_code="N03A009")
    assert sentences(replace(PLAN, officers=(first, second, stranger))) == [
        "N03A009 (N03F01) is not among the officers"
    ]


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("field", ["max_workload", "gini", "officers_over_100", "mean_cases", "max_cases"])
def test_a_figure_of_the_balance(when: str, field: str) -> None:
    figures = getattr(PLAN.balance, when)
    for value in (getattr(figures, field) + 1, None):
        lie = replace(PLAN, balance=replace(PLAN.balance, **{when: replace(figures, **{field: value})}))
        assert rules(lie) == ["claimed_workload"]


def test_a_finding_hidden_doubled_or_invented() -> None:
    grade, override = PLAN.findings
    assert (grade.crn, override.crn) == (Y, Z)
    assert rules(replace(PLAN, findings=(override, grade))) == []
    assert rules(replace(PLAN, findings=(replace(grade, sentence="in other words"), override))) == []
    assert sentences(replace(PLAN, findings=(override,))) == [
        f"the finding of rule grade_may_hold_tier is not shown: {grade.sentence}"
    ]
    assert rules(replace(PLAN, findings=(grade, grade, override))) == ["claimed_findings"]
    invented = Finding("authorised", X, "N03A001", "N03F01", "not so")
    assert sentences(replace(PLAN, findings=(grade, override, invented))) == [
        "the finding of rule authorised is not one of the input: not so"
    ]
    other_team = replace(grade, team_code=None)
    assert rules(replace(PLAN, findings=(other_team, override))) == ["claimed_findings"] * 2


def test_reasons_of_what_is_unallocated() -> None:
    def refused(*rule_ids: str, sentence: str = "nobody has room") -> list[str]:
        return sentences(replace(PLAN, unallocated=(Unallocated(W, rule_ids, sentence),)))

    assert refused("workload_ceiling", "required_skills") == []
    assert refused() == ["X000004 is unallocated and names no rule"]
    assert refused("workload_ceiling", "bad_luck") == [
        "X000004 is unallocated for bad_luck: there is no such rule"
    ]
    assert refused("pinned", sentence=" \n") == ["X000004 is unallocated without a sentence"]


def _assigned(crn: str, **fields: Any) -> Plan:
    lines = tuple(replace(each, **fields) if each.crn == crn else each for each in PLAN.assignments)
    return replace(PLAN, assignments=lines)


@pytest.mark.parametrize(
    "lie",
    [
        _assigned(Z, override_reason=None, override_text=None),  # hidden
        _assigned(Z, override_text=None),
        _assigned(Z, override_text="another text"),
        _assigned(Z, override_reason="other"),
        _assigned(X, override_reason="other"),  # none is recorded
        _assigned(X, override_text="because"),
    ],
)
def test_overrides_hidden_changed_or_invented(lie: Plan) -> None:
    assert rules(lie) == ["claimed_override"]


def test_an_override_is_shown_only_where_it_holds() -> None:
    # held and pinned elsewhere under an override: it stays, and no override is at work
    one = problem([A, B], [held(X, "D2", A, **OVERRIDE), held(Y, "D2", B, **OVERRIDE)])
    plan = honest_plan(one, {})
    first, second = plan.assignments
    assert rules(plan, one) == []
    shown = replace(first, override_reason="continuity", override_text="knows them")
    assert rules(replace(plan, assignments=(shown, second)), one) == ["claimed_override"]
    # held where it is pinned: the record may be shown, and need not be
    assert second.override_reason == "continuity"
    bare = replace(second, override_reason=None, override_text=None)
    assert rules(replace(plan, assignments=(first, bare)), one) == []
    moved = honest_plan(one, {X: B}, rebalance(1))
    assert rules(moved, one) == []


def test_the_previous_holder() -> None:
    assert rules(_assigned(X, previous_staff_code=None)) == ["claimed_holder"]
    assert rules(_assigned(X, previous_staff_code="N03A002")) == ["claimed_holder"]
    assert rules(_assigned(Z, previous_staff_code="N03A001")) == ["claimed_holder"]


def test_the_previous_holder_of_a_released_case_and_of_a_pools() -> None:
    lost = case(X, current_staff_code="N03A099", current_team_code="N03F01")
    pool = case(Y, current_staff_code="N03F01U")
    one = problem([A], [lost, pool])
    plan = honest_plan(one, {X: A, Y: A}, allocate("N03A099"))
    assert [each.previous_staff_code for each in plan.assignments] == ["N03A099", None]
    assert rules(plan, one) == []


def test_a_plan_made_from_something_else_is_told_apart() -> None:
    assert mismatches(PROBLEM, PLAN, default_policy()) == ()
    other = problem([A, B], [case(W, "D2")])
    assert mismatches(other, PLAN, default_policy()) == (
        "the plan was made from another input than the one it is checked against",
    )
    changed = policy_with(version="2026-12", limits={"new_cases": 4})
    assert mismatches(PROBLEM, PLAN, changed) == (
        f"the plan was made by policy 2026-11 ({default_policy().policy_hash[:8]}), "
        f"and is checked by policy 2026-12 ({changed.policy_hash[:8]})",
    )
