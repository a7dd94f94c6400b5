"""Rebalancing: moves pay for themselves, and run again on its own result it finds nothing worth moving."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from models.allocation.officer import OfficerKey
from models.allocation.plan import Plan
from models.allocation.problem import AllocationProblem
from models.policy.policy import default_policy
from models.synthetic import allocation_parameters, generate_allocation
from solver.allocation.allocate import plan
from solver.allocation.staged import kernel
from solver.engine import Limits
from solver.verify import recompute, verify_edited
from tests.support.problems import rebalance

POLICY = default_policy()
LIMITS = Limits(seconds=None, work=0.3, threads=1)


def _unit(seed: int) -> AllocationProblem:
    return generate_allocation(
        allocation_parameters(), seed=seed, cases=80, officers=7, fill=1.18, waiting=0.05
    ).problem


def carried_out(problem: AllocationProblem, made: Plan) -> AllocationProblem:
    """The problem on the evening after the plan: cases with their new holders, taken on today and counted as new."""
    at = {each.crn: each for each in made.assignments}
    cases, received = [], dict.fromkeys(problem.officers_of, 0)
    for case in problem.cases:
        now = at.get(case.crn)
        if now is None:
            cases.append(case)
            continue
        changed = case.waiting or now.staff_code != case.current_staff_code
        received[now.staff_code] += changed
        cases.append(
            replace(
                case,
                current_staff_code=now.staff_code,
                current_team_code=now.team_code,
                held_since=problem.as_of if changed else case.held_since,
                officer_changes=case.officer_changes + (changed and not case.waiting),
            )
        )
    officers = []
    for officer in problem.officers:
        more = received.pop(officer.staff_code, 0)  # once a person, whatever their teams
        officers.append(replace(officer, new_cases_last_7_days=officer.new_cases_last_7_days + more))
    return replace(problem, officers=tuple(officers), cases=tuple(cases))


@given(seed=st.integers(0, 10**6), moves=st.sampled_from([2, 9999]))
@settings(max_examples=settings().max_examples // 20)
def test_run_again_it_finds_nothing_worth_moving_beyond_the_gap(seed: int, moves: int) -> None:
    # Carrying out a second plan after the first costs at least what going there at once would have cost, and that
    # is at least the bound: so the second can gain no more than the first plan's distance from its bound.
    problem = _unit(seed)
    first = plan(problem, POLICY, rebalance(9999), LIMITS, optimiser=kernel)
    evening = carried_out(problem, first)
    second = plan(evening, POLICY, rebalance(moves), LIMITS, optimiser=kernel)
    stay = {each.crn: holder_of(evening, each.crn) for each in second.assignments}
    before = recompute(evening, second.question, stay, POLICY)
    assert first.bound is not None
    assert before.total - second.objective.total <= first.objective.total - first.bound


def holder_of(problem: AllocationProblem, crn: str) -> OfficerKey:
    case = problem.cases[problem.case_numbers[crn]]
    holder = problem.holder(case)
    assert holder is not None
    return problem.officers[holder].key


@given(seed=st.integers(0, 10**6), moves=st.integers(1, 12))
@settings(max_examples=settings().max_examples // 20)
def test_every_move_pays_for_itself(seed: int, moves: int) -> None:
    problem = _unit(seed)
    made = plan(problem, POLICY, rebalance(moves), LIMITS, optimiser=kernel)
    placed = {each.crn: OfficerKey(each.staff_code, each.team_code) for each in made.assignments}
    moved = [each for each in made.assignments if each.previous_staff_code not in {None, each.staff_code}]
    assert len(moved) <= moves
    for each in moved:
        back = {**placed, each.crn: holder_of(problem, each.crn)}
        if _keeps_every_rule(problem, made, back):
            assert recompute(problem, made.question, back, POLICY).total > made.objective.total
            assert any(reason.startswith("gains ") for reason in each.reason)


def _keeps_every_rule(problem: AllocationProblem, made: Plan, placed: Mapping[str, OfficerKey]) -> bool:
    """Without the move a rule may be broken: it made room for something else."""
    lines: list[tuple[str, str | None, str | None]] = [
        (crn, key.staff_code, key.team_code) for crn, key in placed.items()
    ]
    lines += [(each.crn, None, None) for each in made.unallocated]
    return not verify_edited(problem, lines, made.question, POLICY)
