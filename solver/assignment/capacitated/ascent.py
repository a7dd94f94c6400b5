"""The search for multipliers: deflected subgradients with Polyak's step towards the best plan in hand.

The relaxation and its bound are stated in bound.py. A step solves one knapsack per agent; tasks wanted by
nobody become dearer, tasks wanted by several cheaper.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from solver.assignment.capacitated.instance import Instance, Ints
from solver.assignment.capacitated.knapsack import STEP_EFFORT, Bytes, Room, room, solve_knapsack
from solver.assignment.compiled import compiled

Floats = npt.NDArray[np.float64]

DEFLECTION = 0.7
"""The share of the last direction that the next one keeps (Camerini, Fratta and Maffioli 1975)."""
PATIENCE = 15
"""Steps without a better bound before the step is shortened."""
SHORTEN = 0.7
AGAIN = 1
"""How often the climb is begun afresh: later targets are better than the first."""
SHORTEST = 1e-4
GREATEST_SCALE = 1 << 12


@compiled
def relax(
    cost: Ints, weight: Ints, capacity: Ints, multipliers: Ints, scale: int, take: Bytes, space: Room
) -> int:
    """scale times the Lagrangian bound at `multipliers`; `take` (m, n) receives the knapsacks' choices.

    cost, weight: int64 (m, n), weight above capacity where not eligible. capacity: int64 (m,).
    """
    agents, tasks = cost.shape
    total = 0
    for t in range(tasks):
        total += multipliers[t]
    profit = np.empty(tasks, np.int64)
    for a in range(agents):
        for t in range(tasks):
            profit[t] = multipliers[t] - scale * cost[a, t]
        _, upper = solve_knapsack(profit, weight[a], capacity[a], take[a], space)
        total -= upper
    return total


def whole_scale(instance: Instance) -> int:
    """The denominator of multipliers: a power of two, fine where costs are small enough for exact sums."""
    spread = np.abs(np.where(instance.eligible, instance.cost, 0)).max(axis=1, initial=0)
    total = max(1, int(spread.sum()))
    scale = GREATEST_SCALE
    while scale > 1 and total * scale >= 2**44:
        scale //= 2
    return scale


class Ascent:
    """Multipliers on their way up; `bound` and `multipliers` are the best so far, `plan` an optimal plan if met.

    last_step: the work of one relaxation, in the steps that work is counted in.
    """

    def __init__(self, instance: Instance, start: Floats) -> None:
        self._cost = np.ascontiguousarray(np.where(instance.eligible, instance.cost, 0).T)
        heavy = instance.capacity[None, :] + 1
        self._weight = np.ascontiguousarray(np.where(instance.eligible, instance.weight, heavy).T)
        self._capacity = instance.capacity
        self.scale = whole_scale(instance)
        self.take: Bytes = np.zeros((instance.agents, instance.tasks), np.int8)
        self._space = room(instance.tasks, int(instance.capacity.max(initial=0)))
        self._start: Floats = start * self.scale
        self.multipliers: Ints = np.rint(self._start).astype(np.int64)
        self._scaled = self.value_at(self.multipliers)
        self._begin()
        self._again = AGAIN
        self.last_step = 0
        self.plan: Ints | None = None

    def _begin(self) -> None:
        """Stand at the start again, with long steps; the best so far is kept."""
        self._at: Floats = self._start
        self._direction: Floats = np.zeros_like(self._start)
        self._length = 1.0
        self._idle = 0
        self._pass_best = -(2**62)
        self._pass_at: Ints = np.rint(self._start).astype(np.int64)

    @property
    def bound(self) -> int:
        """The best bound so far, rounded up because costs are whole."""
        return -(-self._scaled // self.scale)

    @property
    def scaled_bound(self) -> int:
        """`bound` before division by `scale` and rounding."""
        return self._scaled

    @property
    def finished(self) -> bool:
        return self._length < SHORTEST

    def value_at(self, multipliers: Ints) -> int:
        """scale times the bound at `multipliers` (n,)."""
        return relax(
            self._cost, self._weight, self._capacity, multipliers, self.scale, self.take, self._space
        )

    def work(self, steps: int, target: int) -> int:
        """Climb towards `target` (the best plan's value, or a guess) for about `steps` steps; returns those spent."""
        begun = int(self._space.effort[0])
        spent = 0
        while spent < steps and not self.finished:
            before = spent
            self._climb(target * self.scale)
            spent = (int(self._space.effort[0]) - begun) // STEP_EFFORT
            self.last_step = spent - before
        return spent

    def _climb(self, target: int) -> None:
        whole = np.rint(self._at).astype(np.int64)
        value = self.value_at(whole)
        if value > self._scaled:
            self._scaled = value
            self.multipliers = whole
        if value > self._pass_best:
            self._idle = self._idle + 1 if value <= self._pass_best + self.scale // 20 else 0
            self._pass_best = value
            self._pass_at = whole
        else:
            self._idle += 1
        subgradient = 1.0 - self.take.sum(axis=0, dtype=np.int64)
        self._direction = DEFLECTION * self._direction + subgradient
        norm = float(self._direction @ self._direction)
        if not subgradient.any():
            # The knapsacks agree: they make a plan, and no plan costs less than this bound.
            self.plan = self.take.argmax(axis=0).astype(np.int64)
            self._length = 0.0
            return
        if self._idle > PATIENCE:
            self._length *= SHORTEN
            self._idle = 0
            self._at = self._pass_at.astype(np.float64)
            self._direction = np.zeros_like(self._direction)
            if self._length < SHORTEST and self._again > 0:
                self._again -= 1
                self._begin()
            return
        if norm > 0:
            self._at = self._at + self._length * max(target - value, 1) / norm * self._direction
