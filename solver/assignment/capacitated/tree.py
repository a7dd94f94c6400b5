"""Branching on top of the multipliers: the bound goes on rising where relaxing alone has stopped.

A node gives some tasks to agents; their load and cost are taken out. Branching picks a task that the node's
knapsacks want nowhere or in several places, and tries every agent for it. Nodes are taken up in the order of
their bounds, so the least bound among open nodes holds for the whole problem at any moment. Every bound is a
whole number from whole multipliers, as in ascent.py.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from solver.assignment.capacitated.ascent import DEFLECTION, relax
from solver.assignment.capacitated.instance import Instance, Ints
from solver.assignment.capacitated.knapsack import STEP_EFFORT, Bytes, Room, room
from solver.assignment.compiled import compiled

Floats = npt.NDArray[np.float64]

CLIMB = 30
"""Subgradient steps at a node."""
AIM = 4
"""Units of cost above its parent's bound that a node's steps aim at, at least."""
NODE_STEPS = 4_000
"""Steps that a node takes besides its knapsacks."""
MOST_NUMBERS = 1 << 24
"""Multipliers kept in open nodes, all together; beyond that the tree grows no further (128 MB)."""


@compiled
def climb_node(
    arrays: tuple[Ints, Ints, Ints],
    multipliers: Floats,
    active: Bytes,
    numbers: tuple[int, int, int, int, int],
    best: Floats,
    take: Bytes,
    space: Room,
) -> int:
    """The best scaled bound of a node by a few steps from `multipliers`; `best` (n,) receives where it was found.

    arrays: cost, weight (m, n) and capacity (m,) of the node. active: int8 (n,), 0 for tasks already given; their
    multipliers are 0 and they fit nowhere. numbers: scale, scaled cost of the given tasks, scaled target
    (enough is enough there), scaled aim of the steps, and how many; the last is a twentieth as long as the first.
    """
    cost, weight, capacity = arrays
    scale, given, target, aim, steps = numbers
    cooling = 0.05 ** (1.0 / steps)
    tasks = multipliers.shape[0]
    at = multipliers.copy()
    direction = np.zeros(tasks)
    length = 1.0
    top = -(1 << 62)
    for _ in range(steps):
        whole = np.rint(at).astype(np.int64)
        value = given + relax(cost, weight, capacity, whole, scale, take, space)
        if value > top:
            top = value
            best[:] = whole
        if value >= target:
            break
        norm = 0.0
        for t in range(tasks):
            if active[t]:
                covered = 0
                for a in range(capacity.shape[0]):
                    covered += take[a, t]
                direction[t] = DEFLECTION * direction[t] + 1.0 - covered
                norm += direction[t] * direction[t]
        if norm == 0.0:
            break
        step = length * max(aim - value, scale // 4 + 1) / norm
        length *= cooling
        for t in range(tasks):
            if active[t]:
                at[t] += step * direction[t]
    return top


@dataclass(order=True)
class Node:
    """An open node. bound: scaled. given: (task, agent) pairs. multipliers: float64 (n,)."""

    bound: int
    number: int
    given: tuple[tuple[int, int], ...] = field(compare=False)
    multipliers: Floats = field(compare=False)


class Tree:
    """Open nodes; `bound` holds for the whole problem, `plan` is a plan met on the way."""

    def __init__(self, instance: Instance, multipliers: Ints, scale: int, bound: int) -> None:
        self._instance = instance
        self._cost = np.ascontiguousarray(np.where(instance.eligible, instance.cost, 0).T)
        heavy = instance.capacity[None, :] + 1
        self._weight = np.ascontiguousarray(np.where(instance.eligible, instance.weight, heavy).T)
        self._scale = scale
        self._space = room(instance.tasks, int(instance.capacity.max(initial=0)))
        self._take: Bytes = np.zeros((instance.agents, instance.tasks), np.int8)
        self._numbered = 0
        self._open = [Node(bound, 0, (), multipliers.astype(np.float64))]
        self._closed_at: int | None = None
        self._waiting: list[tuple[Node, int, int]] = []
        self._least = bound
        self.plan: Ints | None = None

    @property
    def nodes(self) -> int:
        """How many nodes were kept so far."""
        return self._numbered

    @property
    def root_multipliers(self) -> Ints | None:
        """int64 (n,): those of the least open node; None when none is open."""
        return np.rint(self._open[0].multipliers).astype(np.int64) if self._open else None

    @property
    def bound(self) -> int | None:
        """The least cost that any open node still allows; None when none is open: nothing beats the target."""
        least = self._scaled_bound
        return None if least is None else -(-least // self._scale)

    @property
    def _scaled_bound(self) -> int | None:
        parts = [node.bound for node in self._open[:1]] + [node.bound for node, _, _ in self._waiting]
        return min(parts) if parts else None

    @property
    def full(self) -> bool:
        """Whether there is no room for more nodes."""
        return (len(self._open) + self._instance.agents) * self._instance.tasks > MOST_NUMBERS

    def work(self, steps: int, target: int) -> int:
        """Branch for about `steps` steps, looking for plans cheaper than `target`; returns the steps spent."""
        begun = int(self._space.effort[0])
        spent = 0
        limit = (target - 1) * self._scale
        while spent < steps and not self.full and self.plan is None:
            if not self._waiting:
                while self._open and self._open[0].bound > limit:
                    heapq.heappop(self._open)
                if not self._open:
                    break
                self._branch(heapq.heappop(self._open))
            if not self._waiting:
                continue
            node, task, agent = self._waiting[-1]
            self._visit(node, task, agent, limit)
            self._waiting.pop()
            spent += NODE_STEPS + (int(self._space.effort[0]) - begun) // STEP_EFFORT
            begun = int(self._space.effort[0])
        return max(spent, 1)

    def climb_root(self, steps: int, target: int) -> int:
        """Better multipliers for the root, before any branching; returns the steps of work spent."""
        root = self._open[0]
        best = np.zeros_like(root.multipliers)
        weight, capacity, active, _ = self._arrays(())
        enough = (target - 1) * self._scale + 1
        numbers = (self._scale, 0, enough, enough, steps)
        arrays = (self._cost, weight, capacity)
        bound = int(climb_node(arrays, root.multipliers, active, numbers, best, self._take, self._space))
        self._open = [Node(bound, 0, (), best)] if bound < numbers[2] else []
        return NODE_STEPS + int(self._space.effort[0]) // STEP_EFFORT

    def _arrays(self, given: tuple[tuple[int, int], ...]) -> tuple[Ints, Ints, Bytes, int]:
        """Weights, capacities, active tasks and scaled cost of a node."""
        weight = self._weight.copy()
        capacity = self._instance.capacity.copy()
        active: Bytes = np.ones(self._instance.tasks, np.int8)
        cost = 0
        for task, agent in given:
            capacity[agent] -= self._weight[agent, task]
            cost += int(self._cost[agent, task])
            active[task] = 0
            weight[:, task] = self._instance.capacity + 1
        return weight, capacity, active, cost * self._scale

    def _branch(self, node: Node) -> None:
        """Queue the children of `node`: one for each agent that its branching task may go to."""
        weight, capacity, active, _ = self._arrays(node.given)
        whole = np.rint(node.multipliers).astype(np.int64)
        relax(self._cost, weight, capacity, whole, self._scale, self._take, self._space)
        covered = self._take.sum(axis=0, dtype=np.int64)
        open_tasks = np.flatnonzero((active == 1) & (covered != 1))
        if not len(open_tasks):
            self._settle(node)
            open_tasks = np.flatnonzero(active)
            if not len(open_tasks):
                return
        size = np.where(weight <= capacity[:, None], weight, 0).max(axis=0)[open_tasks]
        task = int(open_tasks[np.argmax(size * (1 + np.abs(covered[open_tasks] - 1)))])
        fits = np.flatnonzero(weight[:, task] <= capacity)
        self._waiting = [(node, task, int(agent)) for agent in fits]

    def _settle(self, node: Node) -> None:
        """The knapsacks agree on a plan: keep it if it holds capacities and is the cheapest met."""
        plan = self._take.argmax(axis=0).astype(np.int64)
        for task, agent in node.given:
            plan[task] = agent
        if not self._instance.feasible(plan):
            return
        # The cheaper one must not be lost: the nodes that led to it are gone.
        if self.plan is None or self._instance.value(plan) < self._instance.value(self.plan):
            self.plan = plan

    def _visit(self, node: Node, task: int, agent: int, limit: int) -> None:
        """Bound the child that gives `task` to `agent`; keep it while it may hold a plan within `limit`."""
        given = (*node.given, (task, agent))
        weight, capacity, active, cost = self._arrays(given)
        start = node.multipliers.copy()
        start[task] = 0.0
        best = np.zeros_like(start)
        # A poor plan is a poor aim: steps towards it would be far too long.
        aim = min(limit + 1, node.bound + max(AIM * self._scale, (limit + 1 - node.bound) // 5))
        numbers = (self._scale, cost, limit + 1, aim, CLIMB)
        arrays = (self._cost, weight, capacity)
        bound = int(climb_node(arrays, start, active, numbers, best, self._take, self._space))
        bound = max(bound, node.bound)
        if not active.any():
            self._settle(Node(bound, 0, given, best))
            return
        covered = self._take.sum(axis=0, dtype=np.int64)[active == 1]
        if (covered == 1).all():
            self._settle(Node(bound, 0, given, best))
        if bound <= limit:
            self._numbered += 1
            heapq.heappush(self._open, Node(bound, self._numbered, given, best))
