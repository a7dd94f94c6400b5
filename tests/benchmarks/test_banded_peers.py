"""Every solver that comes with the project finds the optimum of tiny problems and proves it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.banded_peers import SOLVERS, Answer, Asked, ask
from solver.assignment.feasible import breaches
from solver.assignment.milp import milp_of
from solver.assignment.problem import NOWHERE, AssignmentProblem
from solver.engine import Limits

Tiny = Callable[[int], AssignmentProblem]
Optimum = Callable[[AssignmentProblem, int], int | None]
LIMITS = Limits(seconds=20.0, seed=1, threads=1)


def asked(problem: AssignmentProblem, skip_budget: int) -> Asked:
    return Asked(problem, problem.home.copy(), skip_budget, 0, LIMITS)


def check(problem: AssignmentProblem, skip_budget: int, answer: Answer, least: int | None) -> None:
    """The answer is a plan of total `least` with a bound that meets it, or none when there is no plan."""
    if least is None:
        assert answer.assignment is None
        return
    assert answer.assignment is not None
    assert breaches(problem, answer.assignment, skip_budget) == []
    assert problem.total(answer.assignment) == least
    assert answer.bound == least
    assert answer.status == "OPTIMAL"


@settings(max_examples=settings().max_examples // 2)
@given(seed=st.integers(0, 2**32 - 1), skip_budget=st.integers(0, 6))
def test_the_linear_form_has_the_same_optimum(
    tiny: Tiny, optimum: Optimum, seed: int, skip_budget: int
) -> None:
    problem = tiny(seed)
    answer = SOLVERS["highs"](asked(problem, skip_budget))
    check(problem, skip_budget, answer, optimum(problem, skip_budget))


@settings(max_examples=settings().max_examples // 8)
@given(seed=st.integers(0, 2**32 - 1), skip_budget=st.integers(0, 6))
def test_the_full_model_agrees(tiny: Tiny, optimum: Optimum, seed: int, skip_budget: int) -> None:
    problem = tiny(seed)
    answer = SOLVERS["cpsat"](asked(problem, skip_budget))
    check(problem, skip_budget, answer, optimum(problem, skip_budget))


def test_the_linear_form_prices_every_plan_as_the_problem_does(tiny: Tiny) -> None:
    # Fixing the pairs of a plan leaves the bands, whose cheapest filling is the price of the loads.
    from scipy.optimize import Bounds, LinearConstraint, milp

    for seed in range(40):
        problem = tiny(seed)
        form = milp_of(problem, 10**6)
        least = np.zeros(len(form.most))
        stay = np.flatnonzero(problem.home[form.tasks] == form.agents)
        least[stay] = 1.0
        if problem.capacity is not None or not problem.may_skip:
            continue  # then staying at home, the others skipped, may be no plan
        most = form.most.copy()
        most[np.setdiff1d(np.arange(len(form.tasks)), stay)] = 0.0
        found = milp(
            form.price,
            integrality=form.whole,
            bounds=Bounds(least, most),
            constraints=[LinearConstraint(form.rows, form.lower, form.upper)],
        )
        assert found.fun is not None
        assert found.x is not None
        assert round(found.fun) + form.constant == problem.total(problem.home)
        assert form.assignment(found.x).tolist() == problem.home.tolist()


@pytest.mark.parametrize("solver", ["evenhand", "cpsat", "highs"])
def test_an_answer_from_a_process_of_its_own(tiny: Tiny, optimum: Optimum, solver: str) -> None:
    problem = tiny(7)
    assert problem.tasks > 2
    assert (problem.home == NOWHERE).any()
    budget = problem.skipped_weight(problem.home)
    check(problem, budget, ask(solver, asked(problem, budget)), optimum(problem, budget))


def test_a_solver_that_fails_is_an_answer(tiny: Tiny) -> None:
    answer = ask("no such solver", asked(tiny(7), 0))
    assert answer.status.startswith("FAILED: KeyError")
    assert answer.assignment is None
    assert answer.bound is None
