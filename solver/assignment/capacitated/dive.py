"""Dives: prices are tuned, the tasks on which the agents' knapsacks agree are given away, and so on to the bottom.

At given multipliers every agent's knapsack is filled as in ascent.py. A running mean of these fillings tends to a
solution of the relaxation's convex form (the volume algorithm; Barahona and Anbil 2000): where it is nearly
whole, a task is given to its agent for good, and the multipliers of the rest are tuned again from where they
stand. Diving of this kind is known from column generation (Sadykov and others 2019); no columns are needed here.
A dive takes up the whole problem, or what a share of the best plan's tasks leaves when the others stay.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from solver.assignment.capacitated.ascent import relax
from solver.assignment.capacitated.instance import Instance, Ints
from solver.assignment.capacitated.knapsack import STEP_EFFORT, Bytes, Room, room
from solver.assignment.capacitated.walk import Random, Walk, WalkSettings, draw, first_random
from solver.assignment.compiled import compiled

Floats = npt.NDArray[np.float64]

MEMORY = 0.1
"""What the newest fillings weigh in the running mean."""
FIRST_TUNING, TUNING = 60, 30
"""Subgradient steps before tasks are first given away, and between one lot and the next."""
LAST_LENGTH = 0.3
"""How long the last of these steps is beside the first."""
REACH, SHARE_OF_GAP = 2.5, 0.02
"""Length of a step in cost times missing coverage: so many units, or where that is more this share of the gap."""
AGREED = 0.9
"""The mean filling from which a task is given away together with others."""
LOT = 0.1
"""The largest share of the open tasks that are given away at once."""
NOISE = 0.1
"""A random part of the order in which tasks are given away: no dive is like the last."""
AT_ONCE = 1_000_000
"""Steps of work after which tuning is interrupted, so that a request to stop is heard."""
MEAN_EFFORT = 3
"""Nanoseconds that a pair takes beside its knapsack, each time."""
POLISH = 300_000
"""Steps of chains and kicks that follow a dive."""
WHOLE = 0.25
"""The share of dives that take up the whole problem."""
LEAST_SHARE, MOST_SHARE = 0.5, 0.9
"""Between these lies the share of the problem that the other dives take up: chosen on generated instances."""
LARGEST = 40_000
"""Pairs that a dive takes up at most; one lot on more would take too long for the grain of cancelling."""


class Tuning(NamedTuple):
    """What a dive sets out with. multipliers: int64 (n,), in units of 1 / `scale`. reach: a step's length, scaled."""

    multipliers: Ints
    scale: int
    reach: float


class Depth(NamedTuple):
    """Where a dive stands.

    cost, weight: int64 (m, n), weight above capacity for tasks given away. capacity: int64 (m,), what is left.
    multipliers: float64 (n,). mean: float64 (m, n), the running mean of fillings. agent: int64 (n,), -1 while open.
    take: int8 (m, n). random: uint64 (1,).
    """

    cost: Ints
    weight: Ints
    capacity: Ints
    multipliers: Floats
    mean: Floats
    agent: Ints
    take: Bytes
    random: Random


@compiled
def tune(depth: Depth, scale: int, reach: float, steps: tuple[int, int, int], space: Room) -> None:
    """Tune the multipliers of open tasks along what the mean filling lacks or has too much of.

    reach: a step's length, scaled as multipliers are. steps: the first of these steps, the one after the last, and
    of how many altogether they are part.
    """
    first, end, total = steps
    agents, tasks = depth.cost.shape
    missing = np.zeros(tasks)
    for step in range(first, end):
        whole = np.rint(depth.multipliers).astype(np.int64)
        relax(depth.cost, depth.weight, depth.capacity, whole, scale, depth.take, space)
        norm = 0.0
        for t in range(tasks):
            if depth.agent[t] >= 0:
                continue
            missing[t] = 1.0
            for a in range(agents):
                depth.mean[a, t] += MEMORY * (depth.take[a, t] - depth.mean[a, t])
                missing[t] -= depth.mean[a, t]
            norm += missing[t] * missing[t]
        length = reach / max(norm, 1.0) * LAST_LENGTH ** (step / total)
        for t in range(tasks):
            if depth.agent[t] < 0:
                depth.multipliers[t] += length * missing[t]


@compiled
def _give(depth: Depth, task: int, agent: int, barred: int) -> None:
    """Give `task` to `agent` for good."""
    depth.agent[task] = agent
    depth.capacity[agent] -= depth.weight[agent, task]
    depth.multipliers[task] = 0.0
    for a in range(depth.capacity.shape[0]):
        depth.weight[a, task] = barred
        depth.mean[a, task] = 0.0
    for t in range(depth.agent.shape[0]):
        if depth.weight[agent, t] > depth.capacity[agent]:
            depth.mean[agent, t] = 0.0


@compiled
def give_lot(depth: Depth, barred: int) -> int:
    """Give away one lot; returns how many tasks it had, 0 when no filling holds any open task.

    barred: a weight above every capacity.
    """
    agents, tasks = depth.cost.shape
    left = 0
    for t in range(tasks):
        left += depth.agent[t] < 0
    most = max(1, int(left * LOT))
    given = 0
    while given < most:
        best, task, agent = -1.0, -1, -1
        for t in range(tasks):
            if depth.agent[t] >= 0:
                continue
            for a in range(agents):
                if depth.mean[a, t] > 0.01 and depth.weight[a, t] <= depth.capacity[a]:
                    worth = depth.mean[a, t] + NOISE * (draw(depth.random, 1 << 20) / float(1 << 20))
                    if worth > best:
                        best, task, agent = worth, t, a
        if task < 0 or (given > 0 and depth.mean[agent, task] < AGREED):
            break
        _give(depth, task, agent, barred)
        given += 1
    return given


class Dive:
    """One dive: `tasks` (k,) of `plan` are given away anew among `agents` (j,), everything else stays."""

    def __init__(
        self, instance: Instance, plan: Ints, tasks: Ints, agents: Ints, prices: Tuning, seed: int
    ) -> None:
        self._plan, self._tasks, self._agents = plan, tasks, agents
        self._scale, self._reach = prices.scale, prices.reach
        pairs = np.ix_(tasks, agents)
        held = np.zeros(instance.agents, np.int64)
        np.add.at(held, plan[tasks], instance.weight[tasks, plan[tasks]])
        capacity = (instance.capacity - instance.loads(plan) + held)[agents]
        self._barred = int(max(0, capacity.max(initial=0))) + 1
        eligible = instance.eligible[pairs]
        self._cost = np.ascontiguousarray(np.where(eligible, instance.cost[pairs], 0).T)
        self._weight = np.ascontiguousarray(np.where(eligible, instance.weight[pairs], self._barred).T)
        self._depth = Depth(
            self._cost,
            self._weight.copy(),
            capacity,
            prices.multipliers[tasks].astype(np.float64),
            np.full(self._cost.shape, 1.0 / len(agents)),
            np.full(len(tasks), -1, np.int64),
            np.zeros(self._cost.shape, np.int8),
            first_random(seed),
        )
        self._space = room(len(tasks), int(capacity.max(initial=0)))
        self._done, self._steps, self._at_once = 0, FIRST_TUNING, 1
        self._open = len(tasks)

    def work(self) -> int:
        """Tune for a while, then give away one lot; returns the steps of work spent."""
        begun = int(self._space.effort[0])
        width = MEAN_EFFORT * len(self._agents)
        count = min(self._at_once, self._steps - self._done)
        tune(
            self._depth, self._scale, self._reach, (self._done, self._done + count, self._steps), self._space
        )
        self._done += count
        spent = (int(self._space.effort[0]) - begun + width * self._open * count) // STEP_EFFORT
        self._at_once = max(1, AT_ONCE * count // max(1, spent))
        if self._done == self._steps:
            given = int(give_lot(self._depth, self._barred))
            spent += width * (given + 1) * len(self._tasks) // STEP_EFFORT
            self._done, self._steps = 0, TUNING
            self._open = self._open - given if given else 0
        return spent

    @property
    def finished(self) -> bool:
        return self._open == 0

    def landed(self, overrun: Floats) -> Ints:
        """The whole plan; tasks that fitted nowhere go where cost and overrun, `overrun` (m,) a unit, are least."""
        plan = self._plan.copy()
        agent, capacity = self._depth.agent, self._depth.capacity
        for task in np.flatnonzero(agent < 0).tolist():
            beyond = np.maximum(0, self._weight[:, task] - np.maximum(0, capacity))
            price = self._cost[:, task] + overrun[self._agents] * beyond
            agent[task] = np.where(self._weight[:, task] < self._barred, price, np.inf).argmin()
            capacity[agent[task]] -= self._weight[agent[task], task]
        plan[self._tasks] = self._agents[agent]
        return plan


class Dives:
    """One dive after another, each ended by ejection chains; `plan` is a plan as good as the best or better."""

    def __init__(
        self,
        instance: Instance,
        multipliers: Ints,
        scale: int,
        bound: int,
        capacity_prices: Floats,
        seed: int,
    ) -> None:
        self._instance = instance
        self._multipliers, self._scale, self._bound = multipliers, scale, bound
        self._capacity_prices = capacity_prices
        self._draw = np.random.default_rng(seed)
        self._walk: Walk | None = None
        self._seed = seed
        self._dive: Dive | None = None
        self._begun = 0
        self.plan: Ints | None = None

    def work(self, steps: int, best: Ints) -> int:
        """Dive for about `steps` steps, new dives setting out from `best` (n,); returns the steps spent."""
        spent = 0
        while spent < steps:
            if self._dive is None:
                self._dive = self._next(best if self.plan is None else self.plan)
            spent += self._dive.work()
            if self._dive.finished:
                spent += self._polish(self._dive, best)
                self._dive = None
        return spent

    def _polish(self, dive: Dive, best: Ints) -> int:
        """Chains and kicks from where the dive landed; the outcome is kept if it is as good as the best."""
        if self._walk is None:
            self._walk = Walk(self._instance, self._capacity_prices, best, self._seed, WalkSettings())
        spent = self._walk.polish(dive.landed(self._walk.overrun), POLISH)
        found, value = self._walk.best, self._walk.best_value
        known = self._instance.value(best if self.plan is None else self.plan)
        if found is not None and value is not None and value <= known:
            self.plan = found
        return spent

    def _next(self, plan: Ints) -> Dive:
        """A dive into the whole, into some agents with all they hold, or into some tasks of all agents."""
        instance = self._instance
        self._begun += 1
        agents, tasks = np.arange(instance.agents), np.arange(instance.tasks)
        share = LEAST_SHARE + (MOST_SHARE - LEAST_SHARE) * float(self._draw.random())
        most = LARGEST / instance.cost.size
        if most >= 1 and (self._begun <= 2 or self._draw.random() < WHOLE):
            share = 1.0
        by_agents = bool(self._draw.random() < 0.5)
        if share < 1.0 and by_agents:
            # Tasks fall in proportion to agents, so pairs fall with the square.
            some = max(2, round(min(share, most**0.5) * instance.agents))
            agents = np.sort(self._draw.choice(agents, min(some, instance.agents), replace=False))
            tasks = np.flatnonzero(np.isin(plan, agents))
        elif share < 1.0:
            some = max(2, round(min(share, most) * instance.tasks))
            tasks = np.sort(self._draw.choice(tasks, min(some, instance.tasks), replace=False))
        seed = int(self._draw.integers(1, 2**62))
        reach = self._scale * max(REACH, SHARE_OF_GAP * (instance.value(plan) - self._bound))
        prices = Tuning(self._multipliers, self._scale, reach)
        return Dive(instance, plan, tasks, agents.astype(np.int64), prices, seed)
