"""What a plan loses, located: every task's reduced cost and every agent's idle or overrun capacity.

With prices p >= 0 of capacity, let reduced[t, a] = cost[t, a] + p[a] * weight[t, a] less its minimum over a.
Then the cost of a plan within capacities is a constant (a lower bound) plus

    sum_t reduced[t, agent of t] + sum_a p[a] * (capacity[a] - load[a]),

a sum of terms that are not negative: it says which tasks and agents the gap comes from. Overrun is priced above p.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from solver.assignment.capacitated.instance import Instance, Ints
from solver.assignment.compiled import compiled

Floats = npt.NDArray[np.float64]

NEAR = 12
"""The most agents that are tried for a task, cheapest first by reduced cost."""


class Landscape(NamedTuple):
    """The instance as the search sees it.

    reduced: float64 (n, m), its row minimum 0, infinite where not eligible. cost, weight: int64 (n, m).
    capacity: int64 (m,). idle, overrun: float64 (m,), prices of a unit of load below and above capacity.
    near: int64 (n, NEAR or m), agents by rising reduced cost; nears: int64 (n,), how many of them are eligible.
    second: float64 (n,), reduced cost at the second nearest agent.
    """

    reduced: Floats
    cost: Ints
    weight: Ints
    capacity: Ints
    idle: Floats
    overrun: Floats
    near: Ints
    nears: Ints
    second: Floats


class Plan(NamedTuple):
    """A complete assignment and its bookkeeping; capacities may be overrun.

    agent: int64 (n,). load, size: int64 (m,). members: int64 (m, n), the tasks of each agent in its first `size`
    places. place: int64 (n,), where a task stands among its agent's members.
    """

    agent: Ints
    load: Ints
    size: Ints
    members: Ints
    place: Ints


def landscape(instance: Instance, prices: Floats, overrun: float) -> Landscape:
    """The landscape of `instance` at capacity prices `prices` (m,); overrun costs `overrun` times as much."""
    priced = np.where(instance.eligible, instance.cost + prices[None, :] * instance.weight, np.inf)
    reduced = np.ascontiguousarray(priced - priced.min(axis=1, keepdims=True))
    width = min(NEAR, instance.agents)
    near = np.ascontiguousarray(np.argsort(reduced, axis=1, kind="stable")[:, :width])
    sorted_costs = np.take_along_axis(reduced, near, axis=1)
    least = _least_price(instance, prices)
    return Landscape(
        reduced,
        instance.cost,
        instance.weight,
        instance.capacity,
        prices.astype(np.float64),
        np.maximum(prices, least) * overrun,
        near.astype(np.int64),
        np.isfinite(sorted_costs).sum(axis=1).astype(np.int64),
        np.ascontiguousarray(sorted_costs[:, 1]) if width > 1 else np.full(instance.tasks, np.inf),
    )


def _least_price(instance: Instance, prices: Floats) -> float:
    """A price for overrun where capacity is free: a fifth of the mean price, or of cost per weight."""
    if prices.any():
        return float(prices.mean()) / 5
    cost = np.where(instance.eligible, instance.cost, 0)
    weight = np.where(instance.eligible, instance.weight, 0)
    return (1.0 + float(np.ptp(cost))) / (1.0 + float(weight.mean()))


def plan_of(instance: Instance, assignment: Ints) -> Plan:
    """The bookkeeping of `assignment` (n,)."""
    tasks, agents = instance.cost.shape
    plan = Plan(
        assignment.astype(np.int64),
        instance.loads(assignment),
        np.zeros(agents, np.int64),
        np.zeros((agents, tasks), np.int64),
        np.zeros(tasks, np.int64),
    )
    for task, agent in enumerate(assignment.tolist()):
        plan.members[agent, plan.size[agent]] = task
        plan.place[task] = plan.size[agent]
        plan.size[agent] += 1
    return plan


@compiled
def unused(land: Landscape, agent: int, load: int) -> float:
    """The price of `load` at `agent`: idle capacity, or overrun."""
    left = land.capacity[agent] - load
    price: float = land.idle[agent] * left if left >= 0 else -land.overrun[agent] * left
    return price


@compiled
def put(land: Landscape, plan: Plan, task: int, agent: int) -> float:
    """Move `task` to `agent`; returns what that adds to the plan's loss."""
    held = plan.agent[task]
    before = unused(land, held, plan.load[held]) + unused(land, agent, plan.load[agent])
    last = plan.members[held, plan.size[held] - 1]
    plan.members[held, plan.place[task]] = last
    plan.place[last] = plan.place[task]
    plan.size[held] -= 1
    plan.members[agent, plan.size[agent]] = task
    plan.place[task] = plan.size[agent]
    plan.size[agent] += 1
    plan.load[held] -= land.weight[task, held]
    plan.load[agent] += land.weight[task, agent]
    plan.agent[task] = agent
    after = unused(land, held, plan.load[held]) + unused(land, agent, plan.load[agent])
    change: float = after - before + land.reduced[task, agent] - land.reduced[task, held]
    return change
