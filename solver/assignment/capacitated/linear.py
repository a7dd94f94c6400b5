"""The linear relaxation, for prices to start from: what a task is worth and what a unit of capacity costs."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from solver.assignment.capacitated.instance import Instance, Ints

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Prices:
    """Duals of the relaxation and its rounding.

    task: float64 (n,), what assigning the task costs at the margin. capacity: float64 (m,), what one more unit
    would save, never negative. nearest: int64 (n,), the agent that has most of the task.
    """

    task: Floats
    capacity: Floats
    nearest: Ints


def relaxed_prices(instance: Instance, seconds: float | None) -> Prices | None:
    """Prices from the dual simplex of HiGHS; None when it finds no optimum in the time given."""
    from scipy.optimize import linprog
    from scipy.sparse import coo_matrix

    tasks, agents = np.nonzero(instance.eligible)
    columns = np.arange(len(tasks))
    rows: Any = coo_matrix((np.ones(len(tasks)), (tasks, columns)), shape=(instance.tasks, len(tasks)))
    # Sparse matrices are allowed here, but the stubs do not know it.
    loads: Any = coo_matrix(
        (instance.weight[tasks, agents].astype(np.float64), (agents, columns)),
        shape=(instance.agents, len(tasks)),
    )
    found = linprog(
        instance.cost[tasks, agents].astype(np.float64),
        A_ub=loads,
        b_ub=instance.capacity.astype(np.float64),
        A_eq=rows,
        b_eq=np.ones(instance.tasks),
        bounds=(0, None),
        method="highs-ds",
        options={"time_limit": math.inf if seconds is None else seconds},
    )
    if found.status != 0:
        return None
    shares = np.zeros((instance.tasks, instance.agents))
    shares[tasks, agents] = found.x
    return Prices(
        np.asarray(found.eqlin.marginals),
        np.maximum(0.0, -np.asarray(found.ineqlin.marginals)),
        shares.argmax(axis=1).astype(np.int64),
    )


def plain_prices(instance: Instance) -> Prices:
    """Prices without a relaxation: capacity costs nothing, a task what its cheapest agent takes."""
    cost = np.where(instance.eligible, instance.cost, np.iinfo(np.int64).max)
    nearest = cost.argmin(axis=1).astype(np.int64)
    return Prices(
        cost[np.arange(instance.tasks), nearest].astype(np.float64), np.zeros(instance.agents), nearest
    )
