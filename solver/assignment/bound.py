"""The lower bound: one-agent rows, moves and counted limits priced into the objective, agents solved exactly.

Everything is in whole numbers: prices are multiplied by a `scale`, multipliers are integers, and each agent's
share is a safe integer bound (see `knapsack`). The result is a `BoundProof` that anyone can recompute
(`solver.verify.bound`), so no rounding has to be trusted.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from solver.assignment.arrays import UNBOUNDED, Instance
from solver.assignment.compiled import compiled
from solver.assignment.knapsack import TOO_LARGE, Choice, choose
from solver.assignment.problem import Bools, Ints
from solver.assignment.relaxation import Duals, Tables

LARGEST = 1 << 61
"""No sum inside the bound may reach this; the scale is chosen so."""


@dataclass(frozen=True)
class BoundProof:
    """Integer multipliers from which `bound` follows. The pool, where skipped tasks are, is the last agent.

    scale: what prices are multiplied by. skip_budget: the most weight of skipped tasks the bound holds for.
    task: int64 (n,), worth of placing each task. owner: int64 (o + 1,), move: int, row: int64 (rows,), prices
    (>= 0) of an intake place, a move, a place under a counted limit. load, entry, reach: int64 (m + 1,), per
    agent the load price and entry price that tell which tasks are in doubt, and how far doubt reaches.
    bound: no plan that skips at most `skip_budget` has a smaller total.
    """

    scale: int
    skip_budget: int
    task: Ints
    owner: Ints
    move: int
    row: Ints
    load: Ints
    entry: Ints
    reach: Ints
    bound: int

    def as_dict(self) -> dict[str, object]:
        """The proof as plain numbers and lists, ready for JSON."""
        return {
            name: value.tolist() if isinstance(value, np.ndarray) else value
            for name, value in vars(self).items()
        }


@compiled
def _agent(
    inst: Instance,
    tasks: Ints,
    agent: int,
    counted: Bools,
    cost: Ints,
    guide: tuple[int, int, int, int],
    most: Ints,
    chosen: Choice,
) -> tuple[int, int, int]:
    """One agent's least value: with newcomers under the ceiling, or with none and no ceiling."""
    price, weight = np.empty(tasks.shape[0], dtype=np.int64), np.empty(tasks.shape[0], dtype=np.int64)
    enters, home_only = np.zeros(tasks.shape[0], dtype=np.int64), np.zeros(tasks.shape[0], dtype=np.bool_)
    for i in range(tasks.shape[0]):
        price[i], weight[i] = cost[tasks[i], agent], inst.weight[tasks[i], agent]
        enters[i] = counted[tasks[i], agent]
        home_only[i] = inst.home[tasks[i]] == agent
    bands = (inst.edges[agent], inst.prices[agent], inst.cost_at[agent])
    intake = min(inst.intake[inst.owner[agent]], tasks.shape[0])
    open_most = min(most[agent], inst.ceiling[agent])
    open_case = choose(price, weight, enters, bands, (inst.base[agent], open_most, intake), guide, chosen)
    if open_most >= most[agent]:
        return open_case
    own = np.flatnonzero(home_only)
    alone = np.zeros(own.shape[0], dtype=np.uint8)
    alone_most = min(most[agent], inst.base[agent] + weight[own].sum())
    limits = (inst.base[agent], alone_most, 0)
    closed = choose(price[own], weight[own], enters[own], bands, limits, guide, alone)
    if closed[1] < open_case[1]:
        chosen[:] = 0
        chosen[own] = alone
    return (
        min(open_case[0], closed[0]),
        min(open_case[1], closed[1]),
        min(open_case[2], closed[2]),
    )


@compiled
def _evaluate(
    inst: Instance,
    by_agent: tuple[Ints, Ints],
    counted: Bools,
    cost: Ints,
    guides: tuple[int, Ints, Ints, Ints],
    most: Ints,
    found: tuple[Ints, Ints, Choice],
) -> None:
    """Solve every agent.

    values: int64 (m, 3); times: int64 (n,), how often each task was chosen; marks: uint8 by the positions of
    `by_agent`, the choices themselves.
    """
    task_of, start = by_agent
    values, times, marks = found
    for agent in range(start.shape[0] - 1):
        tasks = task_of[start[agent] : start[agent + 1]]
        chosen = np.zeros(tasks.shape[0], dtype=np.uint8)
        guide = (guides[0], guides[1][agent], guides[2][agent], guides[3][agent])
        least = _agent(inst, tasks, agent, counted, cost, guide, most, chosen)
        values[agent, 0], values[agent, 1], values[agent, 2] = least
        for i in range(tasks.shape[0]):
            marks[start[agent] + i] = chosen[i]
            times[tasks[i]] += chosen[i]


def scale_for(inst: Instance) -> int:
    """The largest power of two up to 1024 with which no sum in the bound can overflow; 0 if there is none."""
    pool = len(inst.base) - 1
    load = [int(inst.base[:pool].max(initial=0)) + int(inst.weight[:, :pool].max(axis=1, initial=0).sum())]
    steepest = int(np.abs(inst.prices).max(initial=0)) + 1
    size = sum(load) * steepest * 4 + int(np.abs(inst.price).max(axis=1, initial=0).sum()) * 4
    size += int(inst.base[:pool].sum()) * steepest
    scale = 1024
    while scale and scale * size >= LARGEST:
        scale //= 2
    return scale


class Lagrangian:
    """The relaxation of one instance: evaluates multipliers and climbs."""

    def __init__(self, inst: Instance, table: Tables, skip_budget: int, scale: int) -> None:
        self.inst, self.table, self.skip_budget, self.scale = inst, table, skip_budget, scale
        self.tasks, self.agents = inst.price.shape
        task_of, agent_of = np.nonzero(inst.allowed)
        order = np.argsort(agent_of, kind="stable")
        start = np.searchsorted(agent_of[order], np.arange(self.agents + 1))
        self.by_agent = (task_of[order].astype(np.int64), start.astype(np.int64))
        self.pair_agent = agent_of[order]
        shared = np.bincount(inst.owner, minlength=len(inst.intake)) > 1
        self.shared = shared & (inst.intake < UNBOUNDED)
        self.most = np.maximum(table.most, inst.base)
        self.scaled = inst.price * scale

    def start(self, duals: Duals) -> BoundProof:
        """The relaxation's prices as integers; what an agent's own programme sees is not priced twice."""
        inst, scale = self.inst, self.scale
        owner = np.rint(duals.owner * scale).astype(np.int64)
        entry = np.where(self.shared, 0, owner)[inst.owner]
        entry[inst.intake[inst.owner] >= self.tasks] = 0
        return BoundProof(
            scale=scale,
            skip_budget=self.skip_budget,
            task=np.rint(duals.task * scale).astype(np.int64),
            owner=np.where(self.shared, owner, 0),
            move=round(duals.move * scale) if inst.budget < self.tasks else 0,
            row=np.rint(duals.row * scale).astype(np.int64),
            load=np.rint(duals.load * scale).astype(np.int64),
            entry=entry,
            reach=np.full(self.agents, 64 * scale, dtype=np.int64),
            bound=-LARGEST,
        )

    def costs(self, proof: BoundProof) -> Ints:
        """int64 (n, m): the price of each pair less what the multipliers pay, scaled."""
        cost = self.scaled - proof.task[:, None]
        if proof.owner.any():
            cost += np.where(self.table.enters_owner, proof.owner[self.inst.owner][None, :], 0)
        if proof.move:
            cost += proof.move * self.table.moves
        for row in np.flatnonzero(proof.row):
            cost[np.ix_(self.table.row_tasks[row], self.table.row_agents[row])] += proof.row[row]
        return cost

    def constant(self, proof: BoundProof) -> int:
        """What the multipliers earn whatever is chosen, in exact integers."""
        total: int = int(proof.task.sum()) - proof.move * min(self.inst.budget, self.tasks)
        for price, most in ((proof.owner, self.inst.intake), (proof.row, self.table.row_most)):
            total -= sum(int(price[k]) * int(most[k]) for k in np.flatnonzero(price))
        return total

    def evaluate(self, proof: BoundProof) -> tuple[int, Ints, Ints, Choice]:
        """The scaled bound, values (m, 3), how often each task is chosen, and the choices."""
        values = np.zeros((self.agents, 3), dtype=np.int64)
        times = np.zeros(self.tasks, dtype=np.int64)
        marks = np.zeros(len(self.by_agent[0]), dtype=np.uint8)
        guides = (proof.scale, proof.load, proof.entry, proof.reach)
        _evaluate(
            self.inst,
            self.by_agent,
            self.table.enters_owner,
            self.costs(proof),
            guides,
            self.most,
            (values, times, marks),
        )
        return self.constant(proof) + sum(int(v) for v in values[:, 0]), values, times, marks


def fits_reach(values: Ints, reach: Ints, slack: int) -> Ints:
    """The reach that the last values call for: as far as value and linear bound differ, and a little more."""
    need = np.where(values[:, 1] < UNBOUNDED, values[:, 1] - values[:, 2], 2 * np.maximum(reach, slack))
    need = np.where(values[:, 1] == TOO_LARGE, 0, need)
    return np.where(reach < 0, reach, np.maximum(need + slack, 0)).astype(np.int64)
