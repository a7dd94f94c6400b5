"""The tree and the neighbourhoods prove what they say: against every assignment of small problems."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from benchmarks.gap_instances import generate
from solver.assignment.capacitated import solve_gap
from solver.assignment.capacitated.ascent import Ascent
from solver.assignment.capacitated.instance import Instance, checked
from solver.assignment.capacitated.linear import plain_prices
from solver.assignment.capacitated.neighbourhood import Neighbourhood, Neighbourhoods, Outcome
from solver.assignment.capacitated.tree import Tree
from solver.engine import Limits, Status

Make = Callable[[int], Instance]
Least = Callable[[Instance], int | None]


def planted(instance: Instance, steps: int, target: int) -> Tree:
    ascent = Ascent(instance, plain_prices(instance).task)
    ascent.work(steps, target)
    return Tree(instance, ascent.multipliers, ascent.scale, ascent.scaled_bound)


def test_closed_exactly_when_nothing_beats_the_target(tiny: Make, least: Least) -> None:
    closed = beaten = 0
    for seed in range(20_000, 20_250):
        instance = tiny(seed)
        optimum = least(instance)
        if optimum is None:
            continue
        # Few steps, so that the root is loose and the tree has work to do.
        tree = planted(instance, 50, optimum)
        while tree.bound is not None:
            assert tree.bound <= optimum
            tree.work(50, optimum)
            assert tree.plan is None or instance.value(tree.plan) >= optimum
            tree.plan = None
        closed += 1
        tree = planted(instance, 50, optimum)
        found = None
        while tree.bound is not None and found is None:
            tree.work(50, optimum + 1)
            if tree.plan is not None and instance.value(tree.plan) <= optimum:
                found = instance.value(tree.plan)
            tree.plan = None
        assert found == optimum
        beaten += 1
    assert closed == beaten > 100


def test_a_neighbourhood_never_worsens_and_keeps_the_rest() -> None:
    given = generate("d", 6, 48, 11)
    instance = checked(given.cost, given.weight, given.capacity, None)
    start = solve_gap(given.cost, given.weight, given.capacity, limits=Limits(seconds=None, work=0.05))
    assert start.assignment is not None
    agents = np.array([1, 3, 4])
    around = Neighbourhood(instance, start.assignment, agents, start.multipliers / start.scale)
    outcome = Outcome.OPEN
    while outcome is Outcome.OPEN:
        _, outcome = around.work(10_000)
    if around.plan is not None:
        assert instance.feasible(around.plan)
        assert instance.value(around.plan) < instance.value(start.assignment)
        others = ~np.isin(start.assignment, agents)
        assert (around.plan[others] == start.assignment[others]).all()


def test_neighbourhoods_repair_a_bad_plan() -> None:
    given = generate("c", 6, 36, 2)
    instance = checked(given.cost, given.weight, given.capacity, None)
    good = solve_gap(given.cost, given.weight, given.capacity, limits=Limits(seconds=None, work=0.5))
    assert good.assignment is not None
    bad = good.assignment.copy()
    # Exchange two tasks at a loss, wherever capacities allow it.
    for first in range(instance.tasks):
        swapped = bad.copy()
        other = (first + 1) % instance.tasks
        swapped[first], swapped[other] = bad[other], bad[first]
        if instance.feasible(swapped) and instance.value(swapped) > instance.value(bad):
            bad = swapped
    worse = instance.value(bad)
    assert worse > instance.value(good.assignment)
    prices = np.zeros(instance.agents)
    around = Neighbourhoods(instance, good.multipliers / good.scale, prices, 1)
    around.work(2_000_000, bad)
    assert around.plan is not None
    assert instance.feasible(around.plan)
    assert instance.value(around.plan) < worse


def test_small_problems_are_closed() -> None:
    for kind in "cde":
        given = generate(kind, 5, 30, 3)
        found = solve_gap(given.cost, given.weight, given.capacity, limits=Limits(seconds=None, work=3.0))
        assert found.status is Status.OPTIMAL
        assert found.value == found.bound
        assert found.multiplier_value is not None
        assert found.bound is not None
        assert found.multiplier_value <= found.bound
