"""The bound is a bound: whole numbers, never above the optimum, and the knapsacks under it are exact."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from solver.assignment.capacitated import multiplier_bound
from solver.assignment.capacitated.ascent import Ascent
from solver.assignment.capacitated.bound import knapsack_bound
from solver.assignment.capacitated.instance import Instance
from solver.assignment.capacitated.knapsack import room, solve_knapsack
from solver.assignment.capacitated.linear import plain_prices, relaxed_prices

Make = Callable[[int], Instance]
Least = Callable[[Instance], int | None]


def recomputed(instance: Instance, ascent: Ascent) -> int:
    return multiplier_bound(
        instance.cost,
        instance.weight,
        instance.capacity,
        instance.eligible,
        ascent.multipliers,
        ascent.scale,
    )


@pytest.mark.parametrize("block", range(4))
def test_never_above_the_exhaustive_optimum(block: int, tiny: Make, least: Least) -> None:
    feasible = closed = 0
    for seed in range(500 * block, 500 * block + 500):
        instance = tiny(seed)
        optimum = least(instance)
        if optimum is None:
            continue
        feasible += 1
        ascent = Ascent(instance, plain_prices(instance).task)
        ascent.work(20_000, optimum)
        bound = recomputed(instance, ascent)
        assert bound <= optimum
        assert bound >= ascent.bound  # the search's own figure is never better than what can be vouched for
        closed += bound == optimum
    assert feasible > 200
    assert closed > 0.8 * feasible


def test_any_multipliers_give_a_bound(tiny: Make, least: Least) -> None:
    for seed in range(5000, 5400):
        instance = tiny(seed)
        optimum = least(instance)
        draw = np.random.default_rng(seed)
        multipliers = draw.integers(-400, 800, instance.tasks)
        bound = multiplier_bound(
            instance.cost, instance.weight, instance.capacity, instance.eligible, multipliers, 16
        )
        assert optimum is None or bound <= optimum


def test_a_bound_worked_by_hand() -> None:
    # Costs 1 and 3 for both tasks, weights 2, each agent holds one task: the optimum is 1 + 3 = 4.
    cost = np.array([[1, 3], [1, 3]])
    weight = np.full((2, 2), 2)
    capacity = np.array([2, 2])
    eligible = np.ones((2, 2), np.bool_)
    # u = (3, 3): agent 0 gains 2 by one task, agent 1 gains 0, so 6 - 2 - 0 = 4.
    assert multiplier_bound(cost, weight, capacity, eligible, np.array([3, 3]), 1) == 4
    # u = (5/2, 5/2): 5 - 3/2 - 0 = 7/2, and costs are whole, so 4 again.
    assert multiplier_bound(cost, weight, capacity, eligible, np.array([5, 5]), 2) == 4
    # u = (1, 1) is worth 2 - 0 - 0.
    assert multiplier_bound(cost, weight, capacity, eligible, np.array([1, 1]), 1) == 2


def brute(profit: list[int], weight: list[int], capacity: int) -> int:
    best = 0
    for chosen in range(1 << len(profit)):
        taken = [x for x in range(len(profit)) if chosen >> x & 1]
        if sum(weight[x] for x in taken) <= capacity:
            best = max(best, sum(profit[x] for x in taken))
    return best


Items = st.lists(st.tuples(st.integers(-50, 200), st.integers(0, 60)), max_size=9)


@given(items=Items, capacity=st.integers(0, 200), unit=st.sampled_from([1, 7, 10**7, 10**9 + 7]))
def test_both_knapsacks_are_exact(items: list[tuple[int, int]], capacity: int, unit: int) -> None:
    profit = [item[0] for item in items]
    weight = [item[1] * unit for item in items]
    best = brute(profit, weight, capacity * unit)
    profits, weights = np.array(profit, np.int64), np.array(weight, np.int64)
    assert knapsack_bound(profits, weights, capacity * unit) == best
    take = np.zeros(len(items), np.int8)
    value, upper = solve_knapsack(profits, weights, capacity * unit, take, room(len(items), capacity * unit))
    chosen = np.flatnonzero(take)
    assert int(weights[chosen].sum()) <= capacity * unit
    assert int(profits[chosen].sum()) == value <= best <= upper
    if unit < 10:
        assert value == upper


def test_a_knapsack_too_large_for_tables_gets_an_upper_bound() -> None:
    draw = np.random.default_rng(3)
    weight = draw.integers(10**9, 2 * 10**9, 60) * 2 + 1
    profit = weight + draw.integers(0, 10, 60)
    capacity = int(weight.sum()) // 2
    upper = knapsack_bound(profit, weight, capacity)
    take = np.zeros(60, np.int8)
    value, loose = solve_knapsack(profit, weight, capacity, take, room(60, capacity))
    assert value <= upper <= loose + 1


def test_the_relaxation_prices_capacity_and_tasks() -> None:
    # One unit of room at the cheap agent for two tasks: its price is what going elsewhere costs more.
    cost = np.array([[1, 4], [1, 6]])
    weight = np.ones((2, 2), np.int64)
    instance = Instance(cost, weight, np.array([1, 2]), np.ones((2, 2), np.bool_))
    prices = relaxed_prices(instance, None)
    assert prices is not None
    assert prices.capacity[1] == 0
    assert 3 - 1e-9 <= prices.capacity[0] <= 5 + 1e-9
    assert prices.nearest.tolist() == [1, 0]


def test_no_prices_where_the_relaxation_is_infeasible() -> None:
    instance = Instance(
        np.ones((3, 1), np.int64), np.ones((3, 1), np.int64), np.array([2]), np.ones((3, 1), np.bool_)
    )
    assert relaxed_prices(instance, None) is None
