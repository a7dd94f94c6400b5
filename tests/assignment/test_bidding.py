"""Guessed prices: worked by hand, and a bound below every plan however they were guessed."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest

from solver.assignment.arrays import prepare
from solver.assignment.bidding import bid
from solver.assignment.bound import Lagrangian, scale_for
from solver.assignment.climb import Climb, guessed
from solver.assignment.feasible import breaches
from solver.assignment.kernel import solve
from solver.assignment.problem import NOWHERE, AssignmentProblem, Bands, Ints
from solver.assignment.relaxation import tables
from solver.engine import Limits
from solver.verify.bound import bound_holds


def flat(price: list[list[int]], **fields: object) -> AssignmentProblem:
    """New tasks of weight 1 at agents whose load costs nothing: pair prices are all there is."""
    prices = np.array(price)
    tasks, agents = prices.shape
    whole = AssignmentProblem(
        pair_price=prices,
        weight=np.ones(tasks, dtype=np.int64),
        eligible=np.ones((tasks, agents), dtype=np.bool_),
        base_load=np.zeros(agents, dtype=np.int64),
        bands=Bands(np.tile(np.array([0, 100]), (agents, 1)), np.zeros((agents, 1), dtype=np.int64)),
        home=np.full(tasks, NOWHERE),
        owner=np.arange(agents),
        skip_weight=np.ones(tasks, dtype=np.int64),
    )
    return replace(whole, **fields)  # type: ignore[arg-type]  # fields of the problem, by name


def test_an_owner_costs_what_the_first_one_too_many_would_pay_to_be_there() -> None:
    # all three would rather have the first, who takes one; going elsewhere costs them 9, 4 and 6 more
    problem = flat([[1, 10], [2, 6], [3, 9]], intake_limit=np.array([1, 3]))
    inst = prepare(problem, 0)
    prices = bid(inst, tables(inst), np.zeros(3))
    assert prices.owner.tolist() == [6.0, 0.0, 0.0]
    assert prices.task.tolist() == [7.0, 6.0, 9.0]
    # 7 + 6 + 9 less 6 for the one place: the least total, 1 + 6 + 9
    relaxation = Lagrangian(inst, tables(inst), 0, scale_for(inst))
    climb = Climb.linear(relaxation, prices)
    assert climb.step(16) == 16 * relaxation.scale


def test_what_is_skipped_costs_as_much_as_the_dearest_that_no_longer_fits() -> None:
    # by weight the tasks cost 8, 5 and 2; two units may be skipped, so the last of them is the first to be placed
    problem = flat([[8, 9], [5, 9], [2, 9]])
    inst = prepare(problem, 2)
    prices = bid(inst, tables(inst), np.zeros(3))
    assert prices.load[-1] == 2.0
    assert prices.task.tolist() == [2.0, 2.0, 2.0]


def small(seed: int) -> AssignmentProblem:
    """Five tasks at three officers with bands, limits of intake and prices."""
    rng = np.random.default_rng(seed)
    home = rng.integers(-1, 3, 5)
    return AssignmentProblem(
        pair_price=rng.integers(0, 30, (5, 3)),
        weight=rng.integers(1, 9, 5),
        eligible=np.ones((5, 3), dtype=np.bool_),
        base_load=rng.integers(0, 9, 3),
        bands=Bands(
            np.tile(np.arange(0, 60, 6, dtype=np.int64), (3, 1)),
            np.tile(np.arange(9, dtype=np.int64) * 2, (3, 1)),
        ),
        home=home,
        owner=np.array([0, 1, seed % 2]),
        skip_weight=rng.integers(1, 4, 5),
        intake_limit=rng.integers(1, 3, 2),
        intake_ceiling=np.full(3, 30),
    )


def plans_of(problem: AssignmentProblem, budget: int) -> list[Ints]:
    every = itertools.product(range(NOWHERE, problem.agents), repeat=problem.tasks)
    return [plan for plan in map(np.array, every) if not breaches(problem, plan, budget)]


@pytest.mark.parametrize("seed", range(12))
def test_the_bound_of_guessed_prices_is_below_every_plan(seed: int) -> None:
    problem, budget = small(seed), seed % 4
    plans = plans_of(problem, budget)
    if not plans:
        return
    least = min(problem.total(plan) for plan in plans)
    inst = prepare(problem, budget)
    table = tables(inst)
    relaxation = Lagrangian(inst, table, budget, scale_for(inst))
    guess = guessed(inst, table, inst.base)
    climb = Climb.linear(relaxation, bid(inst, table, guess.load))
    climb.step(least)
    assert climb.best is not None
    assert climb.best.bound <= least
    assert bound_holds(problem, climb.best)


def test_a_run_that_ends_at_once_has_a_bound() -> None:
    problem = small(3)
    for limits in (Limits(seconds=0.0, threads=1), Limits(seconds=None, work=0.0, threads=1)):
        found = solve(problem, limits=limits, skip_budget=30)
        assert found.bound is not None
        assert found.total is not None
        assert found.bound <= found.total
