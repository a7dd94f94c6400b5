"""Small instances and an independent judge of them."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import numpy as np
import pytest

from solver.assignment.capacitated.instance import Instance, Ints, checked

Make = Callable[[int], Instance]


@pytest.fixture(scope="session")
def tiny() -> Make:
    """A random instance that can be enumerated: up to 6 tasks and 3 agents, some pairs not eligible."""

    def make(seed: int) -> Instance:
        draw = np.random.default_rng(seed)
        shape = (int(draw.integers(1, 7)), int(draw.integers(1, 4)))
        cost = draw.integers(-20, 40, shape)
        weight = draw.integers(0, 12, shape)
        capacity = draw.integers(0, 4 + 8 * shape[0] // shape[1], shape[1])
        eligible = draw.random(shape) < 0.9
        return checked(cost, weight, capacity, eligible)

    return make


@pytest.fixture(scope="session")
def least() -> Callable[[Instance], int | None]:
    """The optimum by trying every assignment; None when there is none."""

    def search(instance: Instance) -> int | None:
        every = np.array(list(itertools.product(range(instance.agents), repeat=instance.tasks)))
        tasks = np.arange(instance.tasks)
        fits = instance.eligible[tasks, every].all(axis=1)
        for agent in range(instance.agents):
            load = np.where(every == agent, instance.weight[:, agent], 0).sum(axis=1)
            fits &= load <= instance.capacity[agent]
        costs = instance.cost[tasks, every].sum(axis=1)[fits]
        return int(costs.min()) if len(costs) else None

    return search


@pytest.fixture(scope="session")
def cost_if_allowed() -> Callable[[Ints, Ints, Ints, Ints], int]:
    """An independent checker: the cost of a plan, after asserting that it is one."""

    def check(cost: Ints, weight: Ints, capacity: Ints, plan: Ints) -> int:
        loads = dict.fromkeys(range(len(capacity)), 0)
        for task, agent in enumerate(plan.tolist()):
            loads[agent] += int(weight[task][agent])
        assert len(plan) == len(cost)
        assert all(load <= capacity[agent] for agent, load in loads.items())
        return sum(int(cost[task][agent]) for task, agent in enumerate(plan.tolist()))

    return check
