"""The solver on the plain problem: right answers, honest status, one plan per seed, and an end when asked."""

from __future__ import annotations

import threading
from collections.abc import Callable

import numpy as np
import pytest

from benchmarks.gap_instances import generate
from models.errors import UsageError
from solver.assignment.capacitated import GapSolution, multiplier_bound, solve_gap
from solver.assignment.capacitated.greedy import greedy_plan
from solver.assignment.capacitated.instance import Instance, Ints, checked
from solver.engine import Limits, Progress, Status, Stop

Make = Callable[[int], Instance]
Least = Callable[[Instance], int | None]
Check = Callable[[Ints, Ints, Ints, Ints], int]

WORK = Limits(seconds=None, work=0.2, seed=1)


def solved(instance: Instance, limits: Limits = WORK) -> GapSolution:
    return solve_gap(
        instance.cost, instance.weight, instance.capacity, eligible=instance.eligible, limits=limits
    )


def test_against_every_assignment(tiny: Make, least: Least) -> None:
    for seed in range(9000, 9060):
        instance = tiny(seed)
        optimum = least(instance)
        found = solved(instance, Limits(seconds=None, work=0.5, seed=seed))
        if optimum is None:
            assert found.status is Status.INFEASIBLE
            assert found.assignment is None
            assert found.value is None
            assert found.bound is None
            continue
        assert found.assignment is not None
        assert instance.feasible(found.assignment)
        assert found.value == instance.value(found.assignment) == optimum
        assert found.bound is not None
        assert found.bound <= optimum
        assert (found.status is Status.OPTIMAL) == (found.bound == optimum)


@pytest.mark.parametrize("kind", ["c", "d", "e"])
def test_plans_are_plans_and_bounds_can_be_checked(kind: str, cost_if_allowed: Check) -> None:
    given = generate(kind, 5, 40, 7)
    found = solve_gap(given.cost, given.weight, given.capacity, limits=WORK)
    assert found.assignment is not None
    assert cost_if_allowed(given.cost, given.weight, given.capacity, found.assignment) == found.value
    every = np.ones(given.cost.shape, np.bool_)
    again = multiplier_bound(given.cost, given.weight, given.capacity, every, found.multipliers, found.scale)
    assert again == found.multiplier_value
    assert found.bound is not None
    assert found.value is not None
    assert again <= found.bound <= found.value
    assert found.gap is not None
    assert found.gap < 0.005


def test_same_seed_same_plan_on_one_thread_and_on_two() -> None:
    given = generate("d", 6, 60, 3)
    plans = [
        solve_gap(
            given.cost,
            given.weight,
            given.capacity,
            limits=Limits(seconds=None, work=0.3, seed=5, threads=threads),
        )
        for threads in (1, 2, 2)
    ]
    for plan in plans[1:]:
        assert plan.assignment is not None
        assert plans[0].assignment is not None
        assert plan.assignment.tolist() == plans[0].assignment.tolist()
        assert plan.multipliers.tolist() == plans[0].multipliers.tolist()
        assert plan.bound == plans[0].bound


def test_stopped_at_once_and_later(cost_if_allowed: Check) -> None:
    given = generate("d", 8, 120, 2)
    early = Stop()
    early.request()
    nothing = solve_gap(given.cost, given.weight, given.capacity, limits=Limits(seconds=None), stop=early)
    assert nothing.status in (Status.UNKNOWN, Status.FEASIBLE)
    late = Stop()
    seen: list[Progress] = []

    def watch(progress: Progress) -> None:
        seen.append(progress)
        if progress.best is not None:
            late.request()

    found = solve_gap(
        given.cost, given.weight, given.capacity, limits=Limits(seconds=None), stop=late, on_progress=watch
    )
    assert found.assignment is not None
    assert cost_if_allowed(given.cost, given.weight, given.capacity, found.assignment) == found.value
    assert seen
    assert seen[-1].best is not None
    assert found.value is not None
    assert found.value <= seen[-1].best


def test_stopped_from_another_thread_at_many_moments(cost_if_allowed: Check) -> None:
    given = generate("c", 10, 100, 4)
    start = solve_gap(given.cost, given.weight, given.capacity, limits=WORK).assignment
    assert start is not None
    for wait in range(8):
        stop = Stop()
        timer = threading.Timer(0.01 * wait, stop.request)
        timer.start()
        found = solve_gap(
            given.cost,
            given.weight,
            given.capacity,
            limits=Limits(seconds=None, seed=wait),
            stop=stop,
            start=start,
        )
        timer.join()
        assert found.assignment is not None
        assert cost_if_allowed(given.cost, given.weight, given.capacity, found.assignment) == found.value


def test_a_start_is_never_lost() -> None:
    given = generate("d", 5, 50, 9)
    good = solve_gap(given.cost, given.weight, given.capacity, limits=Limits(seconds=None, work=1.0))
    again = solve_gap(
        given.cost,
        given.weight,
        given.capacity,
        limits=Limits(seconds=None, work=0.0),
        start=good.assignment,
    )
    assert again.value is not None
    assert good.value is not None
    assert again.value <= good.value


def test_a_time_limit_ends_the_search() -> None:
    given = generate("d", 10, 100, 1)
    found = solve_gap(given.cost, given.weight, given.capacity, limits=Limits(seconds=0.3))
    assert found.seconds > 0
    assert found.status in (Status.FEASIBLE, Status.UNKNOWN)


@pytest.mark.parametrize(
    ("cost", "weight", "capacity", "words"),
    [
        (np.ones((2, 2)), np.ones((2, 3)), np.ones(2), "do not fit"),
        (np.ones((2, 2)), np.ones((2, 2)), np.ones(3), "do not fit"),
        (np.ones((2, 2)), -np.ones((2, 2)), np.ones(2), "negative"),
        (np.full((2, 2), 2**50), np.ones((2, 2)), np.ones(2), "costs are too large"),
        (np.ones((2, 2)), np.full((2, 2), 2**50), np.ones(2), "weights are too large"),
    ],
)
def test_arrays_that_make_no_problem(cost: Ints, weight: Ints, capacity: Ints, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        solve_gap(cost, weight, capacity)


def test_eligibility_of_another_shape() -> None:
    ones = np.ones((2, 2), np.int64)
    with pytest.raises(UsageError, match="eligible"):
        solve_gap(ones, ones, np.array([2, 2]), eligible=np.ones((2, 1), np.bool_))


def test_a_greedy_plan_holds_capacities_or_is_none(tiny: Make, least: Least) -> None:
    found = 0
    for seed in range(30_000, 30_200):
        instance = tiny(seed)
        optimum = least(instance)
        plan = greedy_plan(instance)
        if plan is None:
            continue
        assert instance.feasible(plan)
        assert optimum is not None
        assert instance.value(plan) >= optimum
        found += 1
    assert found > 60
    # Regret by cost: task 1 would lose 8 away from agent 0, task 0 only 1, and agent 0 has room for one.
    cost, weight = np.array([[1, 2], [1, 9]]), np.ones((2, 2), np.int64)
    worked = greedy_plan(checked(cost, weight, np.array([1, 2]), None))
    assert worked is not None
    assert worked.tolist() == [1, 0]
