"""Pairs that no better plan uses, against exhaustive search: none that is left out is missed."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from solver.assignment.arrays import UNBOUNDED
from solver.assignment.fixing import least_with, level_of
from solver.assignment.kernel import solve
from solver.assignment.problem import NOWHERE, AssignmentProblem
from solver.engine import Limits
from tests.support.every_plan import Breaches, plans

RandomProblem = Callable[[int, int, int], AssignmentProblem]

QUICK = Limits(seconds=None, work=0.05, seed=3)
SEEDS = range(60)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("above", [0, 1, 12])
def test_every_cheaper_plan_keeps_to_the_pairs_in_doubt(
    seed: int, above: int, random_problem: RandomProblem, breaches: Breaches
) -> None:
    problem, budget = random_problem(seed, 4, 3), seed % 7
    found = solve(problem, limits=QUICK, skip_budget=budget)
    if found.proof is None or found.total is None:
        return
    most = found.total + above
    pairs = least_with(problem, found.proof) < most
    assert not (pairs & ~problem.eligible).any()
    for plan in plans(problem, budget, breaches):
        if problem.total(plan) < most:
            placed = np.flatnonzero(plan != NOWHERE)
            assert pairs[placed, plan[placed]].all()


def test_much_is_ruled_out_beside_a_good_plan(random_problem: RandomProblem) -> None:
    left = there = 0
    for seed in SEEDS:
        problem = random_problem(seed, 4, 3)
        found = solve(problem, limits=QUICK, skip_budget=seed % 7)
        if found.proof is not None and found.total is not None:
            left += int((least_with(problem, found.proof) < found.total).sum())
            there += int(problem.eligible.sum())
    assert 2 * left < there


@pytest.mark.parametrize("seed", SEEDS)
def test_no_plan_costs_less_than_what_is_said_of_its_pairs(
    seed: int, random_problem: RandomProblem, breaches: Breaches
) -> None:
    problem, budget = random_problem(seed, 4, 3), seed % 7
    found = solve(problem, limits=QUICK, skip_budget=budget)
    if found.proof is None:
        return
    least = least_with(problem, found.proof)
    assert (least[~problem.eligible] == UNBOUNDED).all()
    for plan in plans(problem, budget, breaches):
        placed = np.flatnonzero(plan != NOWHERE)
        assert (least[placed, plan[placed]] <= problem.total(plan)).all()


def test_a_level_has_as_many_pairs_below_it_as_are_wanted() -> None:
    least = np.array([[5, 9, UNBOUNDED], [7, 3, 8]], dtype=np.int64)
    assert level_of(least, 100, 99) == 100
    assert level_of(least, 8, 99) == 8
    assert level_of(least, 100, 2) == 7
    assert int((least < level_of(least, 100, 2)).sum()) == 2
