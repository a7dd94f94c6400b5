"""The generalised assignment problem as arrays, checked once and then trusted.

minimise    sum_{t, a} cost[t, a] * x[t, a]
subject to  sum_a x[t, a] = 1 for every task t
            sum_t weight[t, a] * x[t, a] <= capacity[a] for every agent a
            x[t, a] in {0, 1}, x[t, a] = 0 where not eligible
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from models.errors import UsageError

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

LARGEST_SUM = 2**50
"""Sums of costs and of weights stay below this, so that int64 and the doubles that guide the search hold them."""


@dataclass(frozen=True)
class Instance:
    """n tasks and m agents, numbered from 0.

    cost, weight: int64 (n, m), any value where not eligible. capacity: int64 (m,). eligible: bool (n, m), False
    also where a task alone is heavier than the agent's capacity.
    """

    cost: Ints
    weight: Ints
    capacity: Ints
    eligible: Bools

    @property
    def tasks(self) -> int:
        return int(self.cost.shape[0])

    @property
    def agents(self) -> int:
        return int(self.cost.shape[1])

    def loads(self, assignment: Ints) -> Ints:
        """int64 (m,): what `assignment` (n,) puts at each agent."""
        loads = np.zeros(self.agents, np.int64)
        np.add.at(loads, assignment, self.weight[np.arange(self.tasks), assignment])
        return loads

    def value(self, assignment: Ints) -> int:
        """The cost of `assignment` (n,)."""
        return int(self.cost[np.arange(self.tasks), assignment].sum())

    def feasible(self, assignment: Ints) -> bool:
        """Whether every task has an eligible agent and every capacity holds."""
        inside = assignment.shape == (self.tasks,) and bool(
            ((assignment >= 0) & (assignment < self.agents)).all()
        )
        if not inside or not self.eligible[np.arange(self.tasks), assignment].all():
            return False
        return bool((self.loads(assignment) <= self.capacity).all())

    @property
    def plainly_infeasible(self) -> bool:
        """Whether one agent, one task or the sum of all weights already shows that there is no assignment."""
        if (self.capacity < 0).any() or not self.eligible.any(axis=1).all():
            return True
        lightest = np.where(self.eligible, self.weight, LARGEST_SUM).min(axis=1, initial=LARGEST_SUM)
        return int(lightest.sum()) > int(self.capacity.sum())


def checked(cost: Ints, weight: Ints, capacity: Ints, eligible: Bools | None) -> Instance:
    """The instance of these arrays; raises UsageError when shapes or sizes are not those of a problem."""
    cost, weight, capacity = (np.ascontiguousarray(part, np.int64) for part in (cost, weight, capacity))
    if cost.ndim != 2 or weight.shape != cost.shape or capacity.shape != (cost.shape[1],):
        raise UsageError(
            f"cost {cost.shape}, weight {weight.shape} and capacity {capacity.shape} do not fit: "
            "they are (tasks, agents) twice and (agents,)"
        )
    allowed = np.ones(cost.shape, np.bool_) if eligible is None else np.array(eligible, np.bool_)
    if allowed.shape != cost.shape:
        raise UsageError(f"eligible is {allowed.shape}, but cost is {cost.shape}")
    if (weight[allowed] < 0).any():
        raise UsageError("a weight is negative")
    # Capacities beyond everything that could be assigned say no more than that sum does.
    heaviest = np.where(allowed, weight, 0).max(axis=1, initial=0)
    dearest = np.abs(np.where(allowed, cost, 0)).max(axis=1, initial=0)
    for what, parts in (("weights", heaviest), ("costs", dearest)):
        if sum(int(part) for part in parts) >= LARGEST_SUM:
            raise UsageError(f"the {what} are too large: the largest of every task add up to 2**50 or more")
    capacity = np.minimum(capacity, int(heaviest.sum()))
    return Instance(cost, weight, capacity, allowed & (weight <= capacity[None, :]))
