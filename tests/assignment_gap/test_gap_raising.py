"""The bound raised level by level: what is excluded costs too much indeed, and no level lies above the optimum."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import numpy as np
import pytest

from benchmarks.gap_instances import generate
from solver.assignment.capacitated import solve_gap
from solver.assignment.capacitated.ascent import Ascent
from solver.assignment.capacitated.instance import Instance, checked
from solver.assignment.capacitated.linear import plain_prices
from solver.assignment.capacitated.raising import Narrowing, Raising
from solver.engine import Limits

Make = Callable[[int], Instance]
Least = Callable[[Instance], int | None]


def test_a_pair_costs_at_least_what_is_said(tiny: Make) -> None:
    seen = 0
    for seed in range(50_000, 50_080):
        instance = tiny(seed)
        every = np.array(list(itertools.product(range(instance.agents), repeat=instance.tasks)))
        plans = [plan for plan in every if instance.feasible(plan)]
        if not plans:
            continue
        ascent = Ascent(instance, plain_prices(instance).task)
        ascent.work(200, min(instance.value(plan) for plan in plans))
        narrowing = Narrowing(instance, ascent.multipliers, ascent.scale)
        while not narrowing.finished:
            assert narrowing.work() >= 0
        assert not narrowing.too_large
        least = narrowing.least
        for plan in plans:
            value = instance.value(plan) * ascent.scale
            assert (least[np.arange(instance.tasks), plan] <= value).all()
            seen += 1
    assert seen > 100


def test_never_above_the_optimum_and_there_in_the_end(tiny: Make, least: Least) -> None:
    reached = 0
    for seed in range(60_000, 60_250):
        instance = tiny(seed)
        optimum = least(instance)
        if optimum is None:
            continue
        ascent = Ascent(instance, plain_prices(instance).task)
        # Few steps, so that there are levels to climb; a poor plan in hand, so that they are high.
        ascent.work(100, optimum + 30)
        value = optimum + seed % 40
        raising = Raising(instance, ascent.multipliers, ascent.scale, ascent.bound)
        for _ in range(500):
            if raising.bound >= value:
                break
            raising.work(5_000, value)
            assert raising.bound <= optimum
            if raising.plan is not None:
                assert instance.feasible(raising.plan)
                assert optimum <= instance.value(raising.plan) <= value
                value = min(value, instance.value(raising.plan))
                raising.plan = None
        assert raising.bound == value == optimum
        reached += 1
    assert reached > 100


def test_the_bound_rises_beyond_the_multipliers() -> None:
    given = generate("d", 8, 40, 2)
    instance = checked(given.cost, given.weight, given.capacity, None)
    found = solve_gap(given.cost, given.weight, given.capacity, limits=Limits(seconds=None, work=0.5))
    assert found.value is not None
    assert found.multiplier_value is not None
    raising = Raising(instance, found.multipliers, found.scale, found.multiplier_value)
    spent = raising.work(20_000_000, found.value)
    assert spent > 0
    assert found.multiplier_value < raising.bound <= found.value


def test_where_nothing_can_be_excluded_the_tree_still_closes(
    tiny: Make, least: Least, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("solver.assignment.capacitated.raising.MOST_STEPS", -1)
    reached = 0
    for seed in range(70_000, 70_060):
        instance = tiny(seed)
        optimum = least(instance)
        if optimum is None:
            continue
        ascent = Ascent(instance, plain_prices(instance).task)
        ascent.work(500, optimum)
        raising = Raising(instance, ascent.multipliers, ascent.scale, ascent.bound)
        for _ in range(500):
            if raising.bound >= optimum:
                break
            raising.work(5_000, optimum)
            raising.plan = None
        assert raising.bound == optimum
        reached += 1
    assert reached > 10
