"""The bound raised level by level: where no plan is cheaper than a target a little above it, the bound is that.

Only pairs that a plan below the target could use are kept. What a pair costs at least is known exactly at given
multipliers: its agent's knapsack with the task inside, the other agents' without it, all recomputed in whole
numbers. Near the bound little is left and the multipliers of what is left rise further, so that the tree closes in
a few nodes (variable fixing under an assumed value; Posta, Ferland and Michelon 2012).
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from solver.assignment.capacitated.instance import Instance, Ints
from solver.assignment.capacitated.knapsack import STEP_EFFORT, Bytes, Room, room, solve_knapsack
from solver.assignment.capacitated.tree import Tree
from solver.assignment.compiled import compiled

CLIMBS = 60
"""Subgradient steps after pairs were excluded."""
ROUNDS = 6
"""How often pairs are excluded before the tree begins, at most."""
WORTHWHILE = 0.03
"""The share of pairs that another round must have excluded to be followed by one more."""
LEVELS = 16
"""A target lies above the bound by this part of the gap to the best plan, in whole units of cost, at least 1."""
MOST_STEPS = 10_000_000
"""Steps beyond which one agent's knapsacks, one for each of its pairs, would take too long: nothing is excluded."""


@compiled
def pair_losses(
    profit: Ints, weight: Ints, capacity: int, take: Bytes, space: Room, losses: tuple[Ints, Ints]
) -> int:
    """One agent's knapsack, returned, and what each task costs it: losses[0] (n,) with it, losses[1] (n,) without.

    profit, weight: int64 (n,), weight above capacity where the pair is excluded: both losses are 0 there.
    """
    inside, outside = losses
    _, full = solve_knapsack(profit, weight, capacity, take, space)
    spare = np.zeros(profit.shape[0], np.int8)
    own_profit = profit.copy()
    for t in range(profit.shape[0]):
        inside[t] = 0
        outside[t] = 0
        if weight[t] > capacity:
            continue
        own_profit[t] = 0
        _, rest = solve_knapsack(own_profit, weight, capacity - weight[t], spare, space)
        inside[t] = full - profit[t] - rest
        if take[t]:
            _, other = solve_knapsack(own_profit, weight, capacity, spare, space)
            outside[t] = full - other
        own_profit[t] = profit[t]
    return int(full)


class Narrowing:
    """Pair by pair, the scaled bound of its use: `least` (n, m), once `finished`."""

    def __init__(self, part: Instance, multipliers: Ints, scale: int) -> None:
        self._part, self._multipliers, self._scale = part, multipliers, scale
        self._space = room(part.tasks, int(part.capacity.max(initial=0)))
        self._inside = np.zeros((part.agents, part.tasks), np.int64)
        self._outside = np.zeros((part.agents, part.tasks), np.int64)
        self._full: list[int] = []
        self.too_large = False

    @property
    def finished(self) -> bool:
        return self.too_large or len(self._full) == self._part.agents

    @property
    def least(self) -> Ints:
        """Bound, the pair's own agent with it, and all others without its task."""
        bound = int(self._multipliers.sum()) - sum(self._full)
        least: Ints = bound + self._inside + self._outside.sum(axis=0) - self._outside
        return least.T

    def work(self) -> int:
        """One agent more; returns the steps spent."""
        part, agent = self._part, len(self._full)
        begun = int(self._space.effort[0])
        capacity = int(part.capacity[agent])
        able = part.eligible[:, agent]
        weight = np.where(able, part.weight[:, agent], capacity + 1)
        profit = self._multipliers - self._scale * np.where(able, part.cost[:, agent], 0)
        take: Bytes = np.zeros(part.tasks, np.int8)
        solve_knapsack(profit, weight, capacity, take, self._space)
        once = (int(self._space.effort[0]) - begun) // STEP_EFFORT
        if once * int(able.sum()) > MOST_STEPS:
            self.too_large = True
            return once
        losses = (self._inside[agent], self._outside[agent])
        self._full.append(int(pair_losses(profit, weight, capacity, take, self._space, losses)))
        return (int(self._space.effort[0]) - begun) // STEP_EFFORT


class Raising:
    """A bound on its way up; `bound` holds for the whole problem, `plan` is a plan met on the way."""

    def __init__(self, instance: Instance, multipliers: Ints, scale: int, bound: int) -> None:
        self._instance = instance
        self._root = multipliers
        self._scale = scale
        self._least: Ints | None = None
        self._beginning: Iterator[int] | None = None
        self._tree: Tree | None = None
        self._target = bound
        self.bound = bound
        self.plan: Ints | None = None

    @property
    def full(self) -> bool:
        """Whether the tree has no room for more nodes."""
        return self._tree is not None and self._tree.full

    def work(self, steps: int, value: int) -> int:
        """Raise the bound towards `value`, that of the best plan, for about `steps` steps; returns those spent."""
        spent = 0
        while spent < steps and self.bound < value and not self.full and self.plan is None:
            if self._beginning is None and self._tree is None:
                self._beginning = self._begin(value)
            if self._beginning is not None:
                used = next(self._beginning, None)
                if used is None:
                    self._beginning = None
                spent += used or 1
            elif self._tree is not None:
                spent += self._branch(self._tree, steps - spent, min(self._target, value))
        return max(spent, 1)

    def _branch(self, tree: Tree, steps: int, target: int) -> int:
        spent = tree.work(steps, target)
        self.plan, tree.plan = tree.plan, None
        if self.plan is not None:
            # The nodes that led to it are gone: what is left says nothing above its value.
            target = min(target, self._instance.value(self.plan))
        proven = tree.bound
        self.bound = max(self.bound, target if proven is None else min(proven, target))
        if self.bound >= target:
            self._tree = None
        return spent

    def _begin(self, value: int) -> Iterator[int]:
        """The next level: exclude pairs, climb, exclude again; the tree is planted last. Yields the steps spent."""
        self._target = min(self.bound + max(1, (value - self.bound) // LEVELS), value)
        multipliers, scaled = self._root, self.bound * self._scale
        part = self._instance
        tree = None
        for turn in range(ROUNDS):
            least = self._least if turn == 0 else None
            if least is None:
                narrowing = Narrowing(part, multipliers, self._scale)
                while not narrowing.finished:
                    yield narrowing.work()
                least = np.full_like(part.cost, -(2**62)) if narrowing.too_large else narrowing.least
            if turn == 0:
                self._least = least
            before = int(part.eligible.sum())
            usable = part.eligible & (least <= (self._target - 1) * self._scale)
            if not usable.any(axis=1).all():
                # Every plan below the target would need a pair that no such plan uses.
                self.bound = self._target
                self._tree = None
                return
            part = Instance(part.cost, part.weight, part.capacity, usable)
            tree = Tree(part, multipliers, self._scale, scaled)
            yield tree.climb_root(CLIMBS, self._target)
            top = tree.root_multipliers
            if top is None or before - int(usable.sum()) < WORTHWHILE * before:
                break
            multipliers = top
        self._tree = tree
