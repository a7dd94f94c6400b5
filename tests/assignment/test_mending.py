"""A plan that one limit has come to refuse is mended by few changes, and keeps to every limit again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from solver.assignment.arrays import prepare
from solver.assignment.kernel import repaired, solve
from solver.assignment.primal import Primal
from solver.assignment.problem import NOWHERE, AssignmentProblem, Bands, CountLimit, Ints
from solver.engine import Limits

Breaches = Callable[[AssignmentProblem, Ints], list[str]]
QUICK = Limits(seconds=None, work=0.05, seed=3, threads=1)


def unit(seed: int, tasks: int = 60, agents: int = 6) -> AssignmentProblem:
    """Held and new tasks, all eligible, at officers of whom the first hold nearly everything."""
    rng = np.random.default_rng(seed)
    home = rng.integers(0, agents // 2, tasks)
    home[rng.random(tasks) < 0.1] = NOWHERE
    return AssignmentProblem(
        pair_price=rng.integers(0, 40, (tasks, agents)),
        weight=rng.integers(10, 40, tasks),
        eligible=np.ones((tasks, agents), dtype=np.bool_),
        base_load=np.zeros(agents, dtype=np.int64),
        bands=Bands(
            np.tile(np.arange(0, 2000, 40, dtype=np.int64), (agents, 1)),
            np.tile(np.arange(49, dtype=np.int64) ** 2, (agents, 1)),
        ),
        home=home,
        owner=np.array([0, *range(agents - 1)]),
        skip_weight=rng.integers(1, 5, tasks),
    )


def tightened(problem: AssignmentProblem, plan: Ints, limit: str) -> AssignmentProblem:
    """The problem with one limit set so that the plan breaks it by little, at one agent or owner that tasks entered."""
    loads = problem.loads(plan)
    entered = problem.owner[plan] != np.where(problem.home == NOWHERE, -1, problem.owner[problem.home])
    received = np.bincount(problem.owner[plan[entered]], minlength=int(problem.owner.max()) + 1)
    agent = int(plan[entered][0])
    if limit == "capacity":
        return replace(problem, capacity=np.where(np.arange(problem.agents) == agent, loads - 5, 10**6))
    if limit == "intake_ceiling":
        return replace(problem, intake_ceiling=np.where(np.arange(problem.agents) == agent, loads - 5, 10**6))
    if limit == "intake_limit":
        owners = np.arange(len(received))
        return replace(
            problem, intake_limit=np.where(owners == problem.owner[agent], received - 1, received + 3)
        )
    counted, alone = np.arange(problem.tasks), np.array([agent])
    count = CountLimit(counted, alone, 0, int((plan == agent).sum()) - 1)
    return replace(problem, count_limits=(count,))


@pytest.mark.parametrize("limit", ["capacity", "intake_ceiling", "intake_limit", "count_limit"])
@pytest.mark.parametrize("seed", range(4))
def test_one_limit_too_tight_costs_few_changes(seed: int, limit: str, breaches: Breaches) -> None:
    problem = unit(seed)
    plan = solve(problem, limits=QUICK, skip_budget=0).assignment
    assert plan is not None
    changed = tightened(problem, plan, limit)
    assert set(breaches(changed, plan)) == {limit}
    mended = repaired(changed, plan)
    assert breaches(changed, mended) == []
    assert 1 <= int((mended != plan).sum()) <= 4
    assert changed.skipped_weight(mended) == 0


@pytest.mark.parametrize("seed", range(4))
def test_a_plan_that_is_one_is_left_as_it_is(seed: int) -> None:
    problem = unit(seed)
    plan = solve(problem, limits=QUICK, skip_budget=0).assignment
    assert plan is not None
    assert repaired(problem, plan).tolist() == plan.tolist()


def test_what_cannot_be_mended_is_told() -> None:
    problem = replace(unit(1), capacity=np.full(6, 5))
    primal = Primal(prepare(problem, int(problem.skip_weight.sum())), 0)
    assert not primal.mend(np.zeros(problem.tasks, dtype=np.int64))
