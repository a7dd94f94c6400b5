"""Dives: every task ends at an agent that may have it, what was to stay stays, and nothing is made worse."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from benchmarks.gap_instances import generate
from solver.assignment.capacitated import solve_gap
from solver.assignment.capacitated.ascent import Ascent
from solver.assignment.capacitated.dive import Dive, Dives, Tuning
from solver.assignment.capacitated.instance import Instance, checked
from solver.assignment.capacitated.linear import relaxed_prices
from solver.engine import Limits

Make = Callable[[int], Instance]
Least = Callable[[Instance], int | None]


def climbed(instance: Instance) -> tuple[Ascent, np.ndarray]:
    prices = relaxed_prices(instance, None)
    assert prices is not None
    ascent = Ascent(instance, prices.task)
    ascent.work(2_000_000, ascent.bound + 20)
    return ascent, prices.capacity


def test_a_dive_gives_every_task_away_and_leaves_the_rest() -> None:
    given = generate("d", 6, 48, 3)
    allowed = np.random.default_rng(1).random(given.cost.shape) < 0.8
    allowed[:, 0] |= ~allowed.any(axis=1)
    instance = checked(given.cost, given.weight, given.capacity, allowed)
    ascent, _ = climbed(instance)
    plan = np.where(instance.eligible, instance.weight, 1 << 20).argmin(axis=1)
    assert instance.feasible(plan)
    agents = np.array([0, 2, 3, 5])
    tasks = np.flatnonzero(np.isin(plan, agents))
    dive = Dive(
        instance, plan, tasks, agents, Tuning(ascent.multipliers, ascent.scale, 2.5 * ascent.scale), 7
    )
    while not dive.finished:
        assert dive.work() > 0
    landed = dive.landed(np.ones(instance.agents))
    assert instance.eligible[np.arange(instance.tasks), landed].all()
    others = np.setdiff1d(np.arange(instance.tasks), tasks)
    assert (landed[others] == plan[others]).all()
    assert np.isin(landed[tasks], agents).all()


def test_dives_only_keep_what_is_as_good(tiny: Make, least: Least) -> None:
    reached = tried = 0
    for seed in range(40_000, 40_160):
        instance = tiny(seed)
        optimum = least(instance)
        if optimum is None or instance.agents < 2 or relaxed_prices(instance, None) is None:
            continue
        ascent, prices = climbed(instance)
        start = ascent.plan
        for plan in np.ndindex(*(instance.agents,) * instance.tasks):
            if instance.feasible(np.array(plan)):
                start = np.array(plan)
                break
        assert start is not None
        dives = Dives(instance, ascent.multipliers, ascent.scale, ascent.bound, prices, seed)
        dives.work(100_000, start)
        tried += 1
        if dives.plan is not None:
            assert instance.feasible(dives.plan)
            assert optimum <= instance.value(dives.plan) <= instance.value(start)
            reached += instance.value(dives.plan) == optimum
    assert tried > 50
    assert reached > 0.75 * tried


def test_a_dive_comes_near_the_bound() -> None:
    given = generate("d", 8, 80, 4)
    instance = checked(given.cost, given.weight, given.capacity, None)
    ascent, prices = climbed(instance)
    everywhere = np.where(instance.eligible, instance.weight, 1 << 20).argmin(axis=1)
    assert instance.feasible(everywhere)
    found = []
    for _ in range(2):
        dives = Dives(instance, ascent.multipliers, ascent.scale, ascent.bound, prices, 3)
        dives.work(15_000_000, everywhere)
        assert dives.plan is not None
        assert instance.feasible(dives.plan)
        found.append(dives.plan)
    assert (found[0] == found[1]).all()
    assert instance.value(found[0]) < 1.01 * ascent.bound


def test_dearer_money_changes_little() -> None:
    given = generate("d", 6, 60, 8)
    limits = Limits(seconds=None, work=0.5, seed=1)
    gaps = []
    for factor in (1, 1000):
        found = solve_gap(factor * given.cost, given.weight, given.capacity, limits=limits)
        assert found.gap is not None
        gaps.append(found.gap)
    assert max(gaps) < 0.004
