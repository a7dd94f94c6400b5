"""Neighbourhoods of a few agents, solved to proof: multipliers, then a small tree that must beat what is there.

Inside a neighbourhood the relaxation is nearly tight, so most are closed by the bound at the root and the rest
by a few nodes; the number of agents adapts until that is just so.
"""

from __future__ import annotations

import enum

import numpy as np
import numpy.typing as npt

from solver.assignment.capacitated.ascent import whole_scale
from solver.assignment.capacitated.instance import LARGEST_SUM, Instance, Ints
from solver.assignment.capacitated.tree import Tree

Floats = npt.NDArray[np.float64]

PIECE = 200_000
"""Steps between looks at how a neighbourhood stands."""
CLIMBS = 60
"""Subgradient steps at the root."""
WIDEST = 25
"""Root gaps, in units of cost, beyond which a tree is not begun."""
NEW_STEPS = 15_000
"""Steps that a neighbourhood takes before its first knapsack, besides two for each pair."""
NODES = 80
"""Nodes after which a neighbourhood is given up as too large."""
FIRST_SIZE = 24.0
"""Agents in the first neighbourhood, times the root of the tasks that each has: chosen on generated instances."""
GROW, SHRINK = 0.25, 0.35
"""How the number of agents answers to a neighbourhood closed, and to one given up."""


class Outcome(enum.Enum):
    """How work on a neighbourhood stands."""

    OPEN = enum.auto()
    CLOSED = enum.auto()
    GIVEN_UP = enum.auto()


class Neighbourhood:
    """The agents `agents` (k,) of `plan` with all they hold, to be shared out anew among them."""

    def __init__(self, instance: Instance, plan: Ints, agents: Ints, multipliers: Floats) -> None:
        self._whole = plan
        self._agents = agents
        self._tasks = np.flatnonzero(np.isin(plan, agents))
        pairs = np.ix_(self._tasks, agents)
        self._part = Instance(
            np.ascontiguousarray(instance.cost[pairs]),
            np.ascontiguousarray(instance.weight[pairs]),
            instance.capacity[agents],
            np.ascontiguousarray(instance.eligible[pairs]),
        )
        self._value = int(instance.cost[self._tasks, plan[self._tasks]].sum())
        self._start = multipliers[self._tasks]
        self._tree: Tree | None = None
        self.plan: Ints | None = None

    @property
    def pairs(self) -> int:
        """Pairs inside, by which work is counted."""
        return int(self._part.cost.size)

    def work(self, steps: int) -> tuple[int, Outcome]:
        """About `steps` steps of search; an improved whole plan is left in `plan`."""
        if self._tree is None:
            return self._climb()
        spent = self._tree.work(steps, self._value)
        if self._tree.plan is not None:
            self._keep(self._tree.plan)
            self._tree.plan = None
        if self._tree.bound is None:
            return spent, Outcome.CLOSED
        return spent, Outcome.GIVEN_UP if self._tree.nodes > NODES else Outcome.OPEN

    def _climb(self) -> tuple[int, Outcome]:
        """The root: multipliers first, and the tree if they do not close it."""
        scale = whole_scale(self._part)
        self._tree = Tree(self._part, np.rint(self._start * scale).astype(np.int64), scale, -LARGEST_SUM)
        used = self._tree.climb_root(CLIMBS, self._value)
        bound = self._tree.bound
        if bound is None or bound >= self._value:
            return used, Outcome.CLOSED
        return used, Outcome.GIVEN_UP if self._value - bound > WIDEST else Outcome.OPEN

    def _keep(self, part: Ints) -> None:
        value = self._part.value(part)
        if value < self._value and self._part.feasible(part):
            self._value = value
            self.plan = self._whole.copy()
            self.plan[self._tasks] = self._agents[part]


class Neighbourhoods:
    """One neighbourhood after another around the best plan."""

    def __init__(self, instance: Instance, multipliers: Floats, prices: Floats, seed: int) -> None:
        self._instance = instance
        self._multipliers = multipliers
        priced = np.where(instance.eligible, instance.cost + prices[None, :] * instance.weight, np.inf)
        self._reduced = priced - priced.min(axis=1, keepdims=True)
        self._prices = prices
        self._draw = np.random.default_rng(seed)
        first = FIRST_SIZE / (max(1, instance.tasks) / instance.agents) ** 0.5
        self._size = max(2.0, min(first, instance.agents - 1.0))
        self._at: Neighbourhood | None = None
        self.plan: Ints | None = None

    def work(self, steps: int, best: Ints) -> int:
        """Search for about `steps` steps, new neighbourhoods being cut out of `best`; returns those spent."""
        spent = 0
        while spent < steps:
            if self._at is None:
                self._at = self._next(best if self.plan is None else self.plan)
                spent += NEW_STEPS + 2 * self._at.pairs
            used, outcome = self._at.work(PIECE)
            spent += used
            if self._at.plan is not None:
                self.plan = self._at.plan
            if outcome is Outcome.CLOSED:
                self._size = min(self._size + GROW, self._instance.agents - 1.0)
                self._at = None
            elif outcome is Outcome.GIVEN_UP:
                self._size = max(self._size - SHRINK, 2.0)
                self._at = None
        return spent

    def _next(self, plan: Ints) -> Neighbourhood:
        whole = int(self._size) + int(self._draw.random() < self._size % 1)
        # What an agent loses, on its tasks and its idle capacity, is what a neighbourhood can win back.
        loss = self._prices * (self._instance.capacity - self._instance.loads(plan))
        np.add.at(loss, plan, self._reduced[np.arange(len(plan)), plan])
        odds = loss + loss.mean() + 1e-9
        chosen = self._draw.choice(len(odds), max(2, whole), replace=False, p=odds / odds.sum())
        agents = np.sort(chosen)
        return Neighbourhood(self._instance, plan, agents.astype(np.int64), self._multipliers)
