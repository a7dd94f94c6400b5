"""Degenerate problems neither crash nor overflow, and what is said of them is true."""

from __future__ import annotations

import numpy as np
import pytest

from solver.assignment.capacitated import GapSolution, solve_gap
from solver.engine import Limits, Status

WORK = Limits(seconds=None, work=0.2, seed=1)


def solved(cost: object, weight: object, capacity: object, eligible: object = None) -> GapSolution:
    return solve_gap(
        np.array(cost, np.int64),
        np.array(weight, np.int64),
        np.array(capacity, np.int64),
        eligible=None if eligible is None else np.array(eligible, np.bool_),
        limits=WORK,
    )


def test_no_tasks() -> None:
    found = solved(np.zeros((0, 3)), np.zeros((0, 3)), [1, 2, 3])
    assert found.status is Status.OPTIMAL
    assert (found.value, found.bound) == (0, 0)
    assert found.assignment is not None
    assert found.assignment.shape == (0,)


def test_no_tasks_and_no_agents() -> None:
    assert solved(np.zeros((0, 0)), np.zeros((0, 0)), np.zeros(0)).status is Status.OPTIMAL


def test_no_agents() -> None:
    assert solved(np.zeros((2, 0)), np.zeros((2, 0)), np.zeros(0)).status is Status.INFEASIBLE


def test_one_agent() -> None:
    found = solved([[5], [7]], [[2], [3]], [5])
    assert found.status is Status.OPTIMAL
    assert (found.value, found.bound) == (12, 12)
    assert solved([[5], [7]], [[2], [3]], [4]).status is Status.INFEASIBLE


def test_zero_weights_go_where_they_are_cheapest() -> None:
    found = solved([[5, 2], [1, 7], [3, 3]], np.zeros((3, 2)), [0, 0])
    assert (found.status, found.value) == (Status.OPTIMAL, 6)


def test_a_task_without_an_eligible_agent() -> None:
    found = solved([[1, 1], [1, 1]], [[1, 1], [1, 1]], [5, 5], [[True, True], [False, False]])
    assert found.status is Status.INFEASIBLE
    assert found.bound is None


def test_a_task_heavier_than_every_capacity() -> None:
    assert solved([[1, 1]], [[9, 9]], [5, 5]).status is Status.INFEASIBLE


def test_a_negative_capacity_cannot_hold_even_nothing() -> None:
    assert solved([[1, 1]], [[1, 1]], [5, -1]).status is Status.INFEASIBLE


def test_infeasible_by_combination_is_proven_twice() -> None:
    # Three tasks of weight 3 in two knapsacks of 5: the sum fits, but no two share one.
    found = solved(np.ones((3, 2)), np.full((3, 2), 3), [5, 5])
    assert found.status is Status.INFEASIBLE


@pytest.mark.parametrize("tasks", [6, 40])
def test_weights_of_a_thousand_million(tasks: int) -> None:
    draw = np.random.default_rng(tasks)
    weight = draw.integers(10**9 // 2, 10**9, (tasks, 4))
    cost = draw.integers(-(10**6), 10**6, (tasks, 4))
    capacity = np.full(4, int(weight.sum()) // 12)
    found = solved(cost, weight, capacity)
    assert found.assignment is not None
    assert found.value is not None
    assert found.bound is not None
    assert found.bound <= found.value
    loads = [int(weight[found.assignment == agent, agent].sum()) for agent in range(4)]
    assert max(loads) <= int(capacity[0])


def test_costs_near_the_largest_allowed() -> None:
    cost = np.array([[2**47, 2**47 - 1], [2**46, 2**47]])
    found = solved(cost, [[1, 1], [1, 1]], [1, 1])
    assert found.value == 2**47 - 1 + 2**46
    assert found.bound is not None
    assert found.bound <= found.value


def test_a_thousand_equal_tasks() -> None:
    found = solved(np.ones((1000, 5)), np.ones((1000, 5)), np.full(5, 200))
    assert (found.status, found.value, found.bound) == (Status.OPTIMAL, 1000, 1000)
