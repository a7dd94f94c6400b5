"""Prices of a plan in hand, taken over: in order, around cases that have come or gone, and never believed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from models.allocation.plan import Plan
from models.allocation.problem import AllocationProblem
from models.policy.policy import default_policy
from models.synthetic import allocation_parameters, generate_allocation
from solver.allocation.adoption import adopted, laid_along
from solver.allocation.allocate import plan
from solver.allocation.instance import compile_instance
from solver.allocation.proof import unproven
from solver.allocation.staged import kernel
from solver.assignment.joining import joined
from solver.assignment.sharing import shared, ties_of
from solver.engine import Limits
from solver.verify.bound import recomputed_bound
from tests.support.problems import held, officer, problem, rebalance

WORK = Limits(seconds=None, work=1.0, threads=1)


def unit() -> AllocationProblem:
    """Three officers; the first holds most cases."""
    officers = [officer(f"N03A00{number}") for number in range(1, 4)]
    tiers = ("A1", "B1", "C1", "D1")
    cases = [
        held(f"X0000{10 + number}", tiers[number % 4], officers[0 if number % 3 else 1])
        for number in range(24)
    ]
    return problem(officers, cases)


def first_plan() -> Plan:
    made = plan(unit(), default_policy(), rebalance(99), WORK, optimiser=kernel)
    assert made.bound_proof is not None
    return made


def pinned_at_home(whole: AllocationProblem, row: int) -> AllocationProblem:
    pinned = replace(whole.cases[row], pinned_staff_code=whole.cases[row].current_staff_code)
    return replace(whole, cases=(*whole.cases[:row], pinned, *whole.cases[row + 1 :]))


@pytest.mark.parametrize("gone", [(), (0,), (5,), (8,), (2, 3), (0, 4, 8)])
def test_values_are_laid_along_what_they_came_from(gone: tuple[int, ...]) -> None:
    many = np.array([5.0, 9.0, 1.0, 7.0, 7.5, 3.0, 8.0, 2.0, 6.0])
    kept = np.delete(np.arange(9), gone)
    assert laid_along(many[kept] + 0.1, many).tolist() == kept.tolist()


def test_prices_of_the_same_question_are_taken_over_as_they_are() -> None:
    made = first_plan()
    arrays = compile_instance(unit(), default_policy(), rebalance(99)).kernel
    known = adopted(arrays, 0, made.bound_proof)
    assert known is not None
    assert made.bound_proof is not None
    assert known.multipliers.task.tolist() == list(made.bound_proof.task)
    assert known.multipliers.load.tolist() == list(made.bound_proof.load)


def test_after_a_pin_the_prices_of_the_other_cases_are_taken_over() -> None:
    made = first_plan()
    assert made.bound_proof is not None
    arrays = compile_instance(pinned_at_home(unit(), 7), default_policy(), rebalance(99)).kernel
    assert arrays.tasks == 23
    known = adopted(arrays, 0, made.bound_proof)
    assert known is not None
    worth = list(made.bound_proof.task)
    # Like cases have like prices, so it matters which price goes, not which of its twins.
    assert sorted(known.multipliers.task.tolist()) == sorted(worth[:7] + worth[8:])


def test_prices_for_other_officers_or_beyond_measure_are_left_alone() -> None:
    made = first_plan()
    assert made.bound_proof is not None
    whole = unit()
    more = problem([*whole.officers, officer("N03A009")], list(whole.cases))
    arrays = compile_instance(more, default_policy(), rebalance(99)).kernel
    assert adopted(arrays, 0, made.bound_proof) is None
    assert adopted(arrays, 0, None) is None
    arrays = compile_instance(whole, default_policy(), rebalance(99)).kernel
    wild = replace(made.bound_proof, load=(1 << 62, *made.bound_proof.load[1:]))
    assert adopted(arrays, 0, wild) is None


def test_a_plan_from_another_plan_is_proven_by_itself_and_no_worse() -> None:
    made = first_plan()
    assert made.bound_proof is not None
    changed = pinned_at_home(unit(), 7)
    spoilt = replace(
        made, bound_proof=replace(made.bound_proof, load=tuple(9 * p for p in made.bound_proof.load))
    )
    fresh = plan(changed, default_policy(), rebalance(99), WORK, optimiser=kernel)
    for start in (made, spoilt):
        again = plan(changed, default_policy(), rebalance(99), WORK, start=start, optimiser=kernel)
        assert again.bound is not None
        assert again.bound <= min(again.objective.total, fresh.objective.total)
        assert unproven(changed, again, default_policy()) == ()


def test_after_a_pin_linked_cases_share_as_before_and_the_old_bound_is_there_at_once() -> None:
    whole = generate_allocation(
        allocation_parameters(), seed=7, cases=90, officers=8, fill=1.18, waiting=0.06
    ).problem
    made = plan(whole, default_policy(), rebalance(999), WORK, optimiser=kernel)
    assert made.bound_proof is not None
    assert any(any(share.parts) for share in made.bound_proof.shares)
    linked = {each.crn for each in whole.cases if each.together_group is not None}
    moved = [
        each.crn
        for each in made.assignments
        if each.previous_staff_code not in (None, each.staff_code) and each.crn not in linked
    ]
    assert moved
    for crn in moved[:3]:
        row = next(number for number, each in enumerate(whole.cases) if each.crn == crn)
        instance = compile_instance(pinned_at_home(whole, row), default_policy(), rebalance(999))
        budget = made.bound_proof.skip_budget
        arrays = joined(instance.kernel, budget)
        ties = list(ties_of(arrays, budget))
        taken = adopted(arrays, budget, made.bound_proof, ties)
        assert taken is not None
        assert [share.parts.tolist() for share in taken.shares] == [
            list(share.parts) for share in made.bound_proof.shares
        ]
        proven = recomputed_bound(shared(arrays, taken.shares, ties), taken.multipliers)
        assert proven + instance.settled_price >= made.bound_proof.bound
