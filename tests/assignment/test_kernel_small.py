"""Small problems, where exhaustive search says what is right."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from solver.assignment.kernel import minimise_skipped, solve
from solver.assignment.problem import AssignmentProblem, Ints
from solver.engine import Limits, Status
from solver.verify.bound import recomputed_bound

RandomProblem = Callable[[int, int, int], AssignmentProblem]
Exhaustive = Callable[[AssignmentProblem, int], tuple[int, Ints] | None]
Breaches = Callable[[AssignmentProblem, Ints], list[str]]

QUICK = Limits(seconds=None, work=0.05, seed=3)


@pytest.mark.parametrize("seed", range(200))
def test_bound_and_plan_against_exhaustive_search(
    seed: int, random_problem: RandomProblem, exhaustive: Exhaustive, breaches: Breaches
) -> None:
    problem = random_problem(seed, 5, 4)
    budget = seed % 7
    best = exhaustive(problem, budget)
    solution = solve(problem, limits=QUICK, skip_budget=budget)
    if solution.proof is not None and best is not None:
        assert solution.bound is not None
        assert solution.bound <= best[0]
        assert recomputed_bound(problem, solution.proof) == solution.bound
    if solution.assignment is None:
        assert solution.status == Status.UNKNOWN
        assert best is None
        return
    assert breaches(problem, solution.assignment) == []
    assert problem.skipped_weight(solution.assignment) <= budget
    assert solution.total == problem.total(solution.assignment)
    assert best is not None
    assert solution.total >= best[0]
    assert (solution.status == Status.OPTIMAL) == (solution.total == solution.bound)


@pytest.mark.parametrize("seed", range(2000, 2060))
def test_least_skipped_weight_against_exhaustive_search(
    seed: int, random_problem: RandomProblem, exhaustive: Exhaustive, breaches: Breaches
) -> None:
    problem = random_problem(seed, 4, 3)
    solution = minimise_skipped(problem, limits=QUICK)
    least = next((budget for budget in range(21) if exhaustive(problem, budget) is not None), None)
    if solution.assignment is None:
        assert least is None
        return
    assert breaches(problem, solution.assignment) == []
    assert solution.total == problem.skipped_weight(solution.assignment)
    assert least is not None
    assert solution.total >= least
    assert solution.bound is None or solution.bound <= least
