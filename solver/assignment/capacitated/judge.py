"""CP-SAT as judge of feasibility: whether capacities can be met at all."""

from __future__ import annotations

import numpy as np

from solver.assignment.capacitated.instance import Instance
from solver.engine import Limits, Run, Stop, run

LARGEST_MODEL = 20_000
"""Eligible pairs beyond which the question is left open."""


def judge(instance: Instance, limits: Limits, stop: Stop) -> Run | None:
    """Ask CP-SAT for any plan. INFEASIBLE is confirmed by a second solve; None when the model would be too large.

    The values of the run are 0 or 1 by eligible pair, in the order of `numpy.nonzero(instance.eligible)`.
    """
    from ortools.sat.python import cp_model

    tasks, agents = np.nonzero(instance.eligible)
    if len(tasks) > LARGEST_MODEL:
        return None
    model = cp_model.CpModel()
    chosen = [model.new_bool_var("") for _ in tasks]
    for task in range(instance.tasks):
        model.add_exactly_one(chosen[x] for x in np.flatnonzero(tasks == task))
    for agent in range(instance.agents):
        mine = np.flatnonzero(agents == agent).tolist()
        weights = instance.weight[tasks[mine], agent].tolist()
        load = cp_model.LinearExpr.weighted_sum([chosen[x] for x in mine], weights)
        model.add(load <= int(instance.capacity[agent]))
    return run(model, limits, stop=stop)
