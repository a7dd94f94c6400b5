"""A walk over local optima: kick a few tasks, repair by ejection chains, keep what is better or nearly so."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from solver.assignment.capacitated.chains import Stack, best_chain, stack
from solver.assignment.capacitated.instance import Instance, Ints
from solver.assignment.capacitated.landscape import Landscape, Plan, landscape, plan_of, put, unused
from solver.assignment.compiled import compiled

Floats = npt.NDArray[np.float64]

RARE, COMMON = 0.1, 0.5
"""Shares of kicks that end within capacities, below and above which the price of overrun changes."""
DEARER, CHEAPER = 1.25, 1.1

Random = npt.NDArray[np.uint64]


@dataclass(frozen=True)
class WalkSettings:
    """How a walk searches; chosen on generated instances, one setting for all.

    depth, breadth, effort: of a chain's search. kicks: the most tasks thrown at once. warmth: mean worsening
    accepted, as a share of the plan's present loss. overrun: price of overrun in prices of capacity.
    """

    depth: int = 5
    breadth: int = 5
    effort: int = 2000
    kicks: int = 1
    warmth: float = 0.001
    overrun: float = 3.0


class Trail(NamedTuple):
    """What a walk keeps between rounds.

    random: uint64 (1,). loss, warmth: float64 (1,). best_value: int64 (1,). found: int64 (2,), whether there is a
    feasible plan and how many kicks ended in one. best: int64 (n,). undo_task, undo_agent: int64 (u,).
    queue, queued: int64 (m,). kicks: int64 (1,).
    """

    random: Random
    loss: Floats
    warmth: Floats
    best_value: Ints
    found: Ints
    best: Ints
    undo_task: Ints
    undo_agent: Ints
    queue: Ints
    queued: Ints
    kicks: Ints


@compiled
def draw(random: Random, below: int) -> int:
    """A number from 0 to `below` - 1 (xorshift64; Marsaglia 2003)."""
    x = random[0]
    x ^= x << np.uint64(13)
    x ^= x >> np.uint64(7)
    x ^= x << np.uint64(17)
    random[0] = x
    number = np.int64(((x >> np.uint64(32)) * np.uint64(below)) >> np.uint64(32))
    return int(number)


@compiled
def overrun_of(land: Landscape, plan: Plan) -> int:
    """Load above capacity, summed over agents."""
    total = 0
    for a in range(land.capacity.shape[0]):
        total += max(0, plan.load[a] - land.capacity[a])
    return total


@compiled
def loss_of(land: Landscape, plan: Plan) -> float:
    """The plan's loss against the linear bound, overrun included."""
    total = 0.0
    for t in range(plan.agent.shape[0]):
        total += land.reduced[t, plan.agent[t]]
    for a in range(land.capacity.shape[0]):
        total += unused(land, a, plan.load[a])
    return total


@compiled
def value_of(land: Landscape, plan: Plan) -> int:
    """The plan's cost."""
    total = 0
    for t in range(plan.agent.shape[0]):
        total += land.cost[t, plan.agent[t]]
    return total


@compiled
def _enqueue(trail: Trail, waiting: int, agent: int) -> int:
    if trail.queued[agent]:
        return waiting
    trail.queued[agent] = 1
    trail.queue[waiting] = agent
    return waiting + 1


@compiled
def _repair(
    land: Landscape, plan: Plan, trail: Trail, search: Stack, counts: tuple[int, int, int]
) -> tuple[float, int, int]:
    """Chains from every queued agent until none improves. Returns (change of loss, moves logged, effort spent)."""
    waiting, logged, effort = counts
    change = 0.0
    spent = 0
    while waiting > 0:
        x = draw(trail.random, waiting)
        agent = trail.queue[x]
        waiting -= 1
        trail.queue[x] = trail.queue[waiting]
        trail.queued[agent] = 0
        best_chain(land, plan, agent, effort, search)
        spent += effort - search.effort[0] + plan.size[agent]
        if logged + search.best_size[0] > trail.undo_task.shape[0]:
            continue
        for x in range(search.best_size[0]):
            task = search.best_task[x]
            held = plan.agent[task]
            trail.undo_task[logged] = task
            trail.undo_agent[logged] = held
            logged += 1
            change += put(land, plan, task, search.best_agent[x])
            waiting = _enqueue(trail, waiting, held)
            waiting = _enqueue(trail, waiting, search.best_agent[x])
    return change, logged, spent


@compiled
def _kick(land: Landscape, plan: Plan, trail: Trail, most: int) -> tuple[float, int, int]:
    """Throw up to `most` tasks to near agents. Returns (change of loss, moves logged, agents queued)."""
    change = 0.0
    logged = 0
    waiting = 0
    for _ in range(1 + draw(trail.random, most)):
        task = draw(trail.random, plan.agent.shape[0])
        agent = land.near[task, draw(trail.random, min(land.nears[task], 4))]
        held = plan.agent[task]
        if agent == held:
            continue
        trail.undo_task[logged] = task
        trail.undo_agent[logged] = held
        logged += 1
        change += put(land, plan, task, agent)
        waiting = _enqueue(trail, waiting, held)
        waiting = _enqueue(trail, waiting, agent)
    return change, logged, waiting


@compiled
def settle(land: Landscape, plan: Plan, trail: Trail, search: Stack, effort: int) -> int:
    """Bring the plan to a local optimum, without a kick; returns the effort spent."""
    waiting = 0
    for agent in range(land.capacity.shape[0]):
        waiting = _enqueue(trail, waiting, agent)
    _, _, spent = _repair(land, plan, trail, search, (waiting, 0, effort))
    trail.loss[0] = loss_of(land, plan)
    _note(land, plan, trail)
    return spent


@compiled
def _note(land: Landscape, plan: Plan, trail: Trail) -> bool:
    """Keep the plan if it is feasible and the best so far."""
    if overrun_of(land, plan) > 0:
        return False
    trail.found[1] += 1
    value = value_of(land, plan)
    if trail.found[0] and value >= trail.best_value[0]:
        return False
    trail.found[0] = 1
    trail.best_value[0] = value
    trail.best[:] = plan.agent
    return True


@compiled
def wander(
    land: Landscape, plan: Plan, trail: Trail, search: Stack, effort: int, kicks: int, budget: int
) -> int:
    """Kick and repair until `budget` steps are spent; returns the steps spent."""
    trail.loss[0] = loss_of(land, plan)
    spent = 0
    while spent < budget:
        trail.kicks[0] += 1
        change, logged, waiting = _kick(land, plan, trail, kicks)
        more, logged, effort_spent = _repair(land, plan, trail, search, (waiting, logged, effort))
        spent += effort_spent + 2 * land.capacity.shape[0]
        change += more
        luck = (draw(trail.random, 1 << 30) + 1.0) / (1 << 30)
        better = _note(land, plan, trail)
        if better or change <= -np.log(luck) * trail.warmth[0] * trail.loss[0]:
            trail.loss[0] += change
            continue
        for x in range(logged - 1, -1, -1):
            put(land, plan, trail.undo_task[x], trail.undo_agent[x])
    return spent


def first_random(seed: int) -> Random:
    """The state that `draw` starts from."""
    return np.array([(seed * 2654435761 + 88172645463325252) % 2**64 or 1], np.uint64)


class Walk:
    """One walk: where it stands, what it has found, and rounds of work on it."""

    def __init__(
        self, instance: Instance, prices: Floats, start: Ints, seed: int, settings: WalkSettings
    ) -> None:
        self._instance = instance
        self._settings = settings
        self._land = landscape(instance, prices, settings.overrun)
        self._floor = self._land.overrun / 2
        self._stack = stack(instance.agents, settings.depth, settings.breadth)
        self._trail = Trail(
            first_random(seed),
            np.zeros(1),
            np.array([settings.warmth]),
            np.zeros(1, np.int64),
            np.zeros(2, np.int64),
            np.zeros(instance.tasks, np.int64),
            np.zeros(4096, np.int64),
            np.zeros(4096, np.int64),
            np.zeros(instance.agents, np.int64),
            np.zeros(instance.agents, np.int64),
            np.zeros(1, np.int64),
        )
        self.restart(start)

    @property
    def best(self) -> Ints | None:
        """The best assignment found that holds all capacities."""
        return self._trail.best.copy() if self._trail.found[0] else None

    @property
    def best_value(self) -> int | None:
        """The cost of `best`."""
        return int(self._trail.best_value[0]) if self._trail.found[0] else None

    def restart(self, start: Ints) -> None:
        """Go on from `start` (n,), which may overrun capacities."""
        self._plan = plan_of(self._instance, start)
        settle(self._land, self._plan, self._trail, self._stack, self._settings.effort)

    @property
    def overrun(self) -> Floats:
        """float64 (m,): the present price of a unit of load above capacity."""
        return self._land.overrun

    def polish(self, start: Ints, steps: int) -> int:
        """As `restart` and `work`, but what was found before is forgotten."""
        self._trail.found[0] = 0
        self.restart(start)
        return self.work(steps)

    def work(self, steps: int) -> int:
        """Search for about `steps` steps; returns those spent. Overrun becomes dearer while it is common."""
        kicks, feasible = int(self._trail.kicks[0]), int(self._trail.found[1])
        spent = int(
            wander(
                self._land,
                self._plan,
                self._trail,
                self._stack,
                self._settings.effort,
                self._settings.kicks,
                steps,
            )
        )
        share = (int(self._trail.found[1]) - feasible) / max(1, int(self._trail.kicks[0]) - kicks)
        if share < RARE:
            self._land.overrun[:] *= DEARER
        elif share > COMMON:
            self._land.overrun[:] = np.maximum(self._land.overrun / CHEAPER, self._floor)
        return spent
