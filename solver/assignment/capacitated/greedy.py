"""A first plan at once: the tasks with most to lose are placed first, each where it is best and fits.

Martello and Toth (1981) with two measures of what is good: cost, and the share of capacity that a task takes.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from solver.assignment.capacitated.instance import Instance, Ints

Floats = npt.NDArray[np.float64]


def greedy_plan(instance: Instance) -> Ints | None:
    """The cheaper of the feasible plans of both measures; None when neither places every task."""
    share = instance.weight / np.maximum(1, instance.capacity)[None, :]
    found = [
        plan for measure in (instance.cost.astype(np.float64), share) for plan in _placed(instance, measure)
    ]
    return min(found, key=instance.value, default=None)


def _placed(instance: Instance, measure: Floats) -> list[Ints]:
    """The plan that places by least `measure` (n, m), tasks with the largest regret first; empty if one is left."""
    open_to = np.where(instance.eligible, measure, np.inf)
    best = np.sort(open_to, axis=1)[:, :2]
    with np.errstate(invalid="ignore"):
        regret = best[:, 1] - best[:, 0] if instance.agents > 1 else best[:, 0]
    plan = np.zeros(instance.tasks, np.int64)
    left = instance.capacity.copy()
    for task in np.argsort(-regret, kind="stable").tolist():
        choices = np.where(instance.weight[task] <= left, open_to[task], np.inf)
        agent = int(choices.argmin())
        if not np.isfinite(choices[agent]):
            return []
        plan[task] = agent
        left[agent] -= instance.weight[task, agent]
    return [plan]
