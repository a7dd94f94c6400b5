"""Other solvers on the same instances, each in a process of its own, under the same time and cores.

They are given the textbook model: a binary per pair, a row per task, a row per agent. HiGHS runs through
scipy, so nothing needs to be installed; SCIP needs the wheel of pyscipopt, which is not a dependency.
"""

from __future__ import annotations

import json
import math
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from benchmarks.gap_instances import GapInstance, Ints
from solver.engine import Limits, run

Floats = npt.NDArray[np.float64]

GRACE = 60.0
"""Seconds beyond the limit after which a peer's process is given up."""


@dataclass(frozen=True)
class PeerAnswer:
    """assignment: int64 (n,), None when nothing was found. bound: None when unknown. seconds: wall time."""

    assignment: Ints | None
    bound: int | None
    seconds: float


def _rounded_up(bound: float | None) -> int | None:
    """A float bound on whole costs, rounded to the safe side."""
    if bound is None or not math.isfinite(bound) or abs(bound) > 2**50:
        return None
    return math.ceil(bound - 1e-6)


def _highs(instance: GapInstance, limits: Limits) -> tuple[Ints | None, int | None]:
    from scipy.optimize import Bounds, LinearConstraint, milp
    from scipy.sparse import csr_array

    tasks, agents = instance.cost.shape
    column = np.arange(tasks * agents)
    rows = csr_array((np.ones(len(column)), (column // agents, column)), shape=(tasks, len(column)))
    loads = csr_array(
        (instance.weight.ravel().astype(float), (column % agents, column)), shape=(agents, len(column))
    )
    found = milp(
        instance.cost.ravel().astype(float),
        integrality=np.ones(len(column), np.int64),
        bounds=Bounds(0, 1),
        constraints=[
            LinearConstraint(rows, 1, 1),
            LinearConstraint(loads, -np.inf, instance.capacity.astype(float)),
        ],
        options={"time_limit": limits.seconds or math.inf, "mip_rel_gap": 0.0},
    )
    plan = None if found.x is None else found.x.reshape(tasks, agents).argmax(axis=1)
    return plan, _rounded_up(found.mip_dual_bound)


def _cp_sat(instance: GapInstance, limits: Limits) -> tuple[Ints | None, int | None]:
    from ortools.sat.python import cp_model

    tasks, agents = instance.cost.shape
    model = cp_model.CpModel()
    chosen = [[model.new_bool_var("") for _ in range(agents)] for _ in range(tasks)]
    for row in chosen:
        model.add_exactly_one(row)
    for agent in range(agents):
        weights = instance.weight[:, agent].tolist()
        load = cp_model.LinearExpr.weighted_sum([row[agent] for row in chosen], weights)
        model.add(load <= int(instance.capacity[agent]))
    flat = [variable for row in chosen for variable in row]
    model.minimize(cp_model.LinearExpr.weighted_sum(flat, instance.cost.ravel().tolist()))
    found = run(model, limits)
    plan = None if found.values is None else found.values.reshape(tasks, agents).argmax(axis=1)
    return plan, found.bound


def _scip(instance: GapInstance, limits: Limits) -> tuple[Ints | None, int | None]:
    import importlib

    scip = importlib.import_module("pyscipopt")
    tasks, agents = instance.cost.shape
    model = scip.Model()
    model.hideOutput()
    model.setParam("randomization/randomseedshift", limits.seed)
    if limits.seconds is not None:
        model.setParam("limits/time", limits.seconds)
    chosen = [[model.addVar(vtype="B") for _ in range(agents)] for _ in range(tasks)]
    for row in chosen:
        model.addCons(scip.quicksum(row) == 1)
    for agent in range(agents):
        load = scip.quicksum(int(instance.weight[t, agent]) * chosen[t][agent] for t in range(tasks))
        model.addCons(load <= int(instance.capacity[agent]))
    pairs = ((t, a) for t in range(tasks) for a in range(agents))
    model.setObjective(scip.quicksum(int(instance.cost[t, a]) * chosen[t][a] for t, a in pairs))
    model.optimize()
    if model.getNSols() == 0:
        return None, _rounded_up(model.getDualbound())
    best = model.getBestSol()
    plan = np.array([[best[variable] for variable in row] for row in chosen]).argmax(axis=1)
    return plan, _rounded_up(model.getDualbound())


_SOLVERS: dict[str, Callable[[GapInstance, Limits], tuple[Ints | None, int | None]]] = {
    "cp-sat": _cp_sat,
    "highs": _highs,
    "scip": _scip,
}
PEERS = tuple(_SOLVERS)


def run_peer(name: str, instance: GapInstance, limits: Limits) -> PeerAnswer:
    """The answer of peer `name`; raises RuntimeError with its last words when its process fails."""
    question = {
        "peer": name,
        "cost": instance.cost.tolist(),
        "weight": instance.weight.tolist(),
        "capacity": instance.capacity.tolist(),
        "seconds": limits.seconds,
        "seed": limits.seed,
        "threads": limits.threads,
    }
    ran = subprocess.run(
        [sys.executable, "-m", "benchmarks.peers"],
        input=json.dumps(question),
        capture_output=True,
        text=True,
        check=False,
        timeout=None if limits.seconds is None else limits.seconds + GRACE,
    )
    if ran.returncode != 0:
        raise RuntimeError(f"{name} failed: {ran.stderr.strip().splitlines()[-1:]}")
    answer = json.loads(ran.stdout.splitlines()[-1])
    plan = None if answer["assignment"] is None else np.array(answer["assignment"], np.int64)
    return PeerAnswer(plan, answer["bound"], answer["seconds"])


def main() -> None:
    """Answer the one question on standard input; the process of a peer."""
    question = json.load(sys.stdin)
    cost, weight, capacity = (np.array(question[part], np.int64) for part in ("cost", "weight", "capacity"))
    instance = GapInstance(question["peer"], cost, weight, capacity)
    limits = Limits(seconds=question["seconds"], seed=question["seed"], threads=question["threads"])
    begun = time.perf_counter()
    plan, bound = _SOLVERS[question["peer"]](instance, limits)
    seconds = time.perf_counter() - begun
    answer = {"assignment": None if plan is None else plan.tolist(), "bound": bound, "seconds": seconds}
    print(json.dumps(answer))


if __name__ == "__main__":
    main()
