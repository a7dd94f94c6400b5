"""The lower bound: one-agent rows, moves and counted limits priced into the objective, agents solved exactly.

Everything is in whole numbers: prices are multiplied by a `scale`, multipliers are integers, and each agent's
share is a safe integer bound (see `knapsack`). The result is a `BoundProof` that anyone can recompute
(`solver.verify.bound`), so no rounding has to be trusted.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from solver.assignment.arrays import UNBOUNDED, Instance
from solver.assignment.compiled import compiled
from solver.assignment.knapsack import TOO_LARGE, Choice, choose, tuned
from solver.assignment.problem import Ints
from solver.assignment.relaxation import Duals, Tables

LARGEST = 1 << 61
"""No sum inside the bound may reach this; the scale is chosen so."""

PairSlices = tuple[Ints, Ints, Ints, Ints]
"""Task, weight, 1 where it counts towards intake, and cost, pair by pair."""


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
    agent: int,
    pairs: PairSlices,
    guide: tuple[int, int, int, int],
    most: int,
    chosen: Choice,
    cells: Ints,
) -> tuple[int, int, int]:
    """One agent's least value: with newcomers under the ceiling, or with none and no ceiling."""
    tasks, weight, enters, cost = pairs
    bands = (inst.edges[agent], inst.prices[agent], inst.cost_at[agent])
    intake = min(inst.intake[inst.owner[agent]], tasks.shape[0])
    open_most = min(most, inst.ceiling[agent])
    open_case = choose(
        cost, weight, enters, bands, (inst.base[agent], open_most, intake), guide, chosen, cells
    )
    if open_most >= most:
        return open_case
    own = np.flatnonzero(inst.home[tasks] == agent)
    alone = np.zeros(own.shape[0], dtype=np.uint8)
    limits = (inst.base[agent], min(most, inst.base[agent] + weight[own].sum()), 0)
    closed = choose(cost[own], weight[own], enters[own], bands, limits, guide, alone, cells)
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
    start: Ints,
    pairs: PairSlices,
    guides: tuple[int, Ints, Ints, Ints],
    most: Ints,
    found: tuple[Ints, Ints, Choice, Ints],
) -> None:
    """Solve every agent; `found` receives values (m, 3), how often each task is chosen, the choices, and the cells."""
    values, times, marks, cells = found
    tasks, weight, enters, cost = pairs
    for agent in range(start.shape[0] - 1):
        begin, end = start[agent], start[agent + 1]
        guide = (guides[0], guides[1][agent], guides[2][agent], guides[3][agent])
        mine = (tasks[begin:end], weight[begin:end], enters[begin:end], cost[begin:end])
        chosen = marks[begin:end]
        least = _agent(inst, agent, mine, guide, most[agent], chosen, cells)
        values[agent, 0], values[agent, 1], values[agent, 2] = least
        for i in np.flatnonzero(chosen):
            times[mine[0][i]] += 1


@compiled
def _tune(
    inst: Instance, start: Ints, pairs: PairSlices, scale: int, most: Ints, found: tuple[Ints, Ints]
) -> None:
    """Tune every agent's load price and entry price, given and received in `found`."""
    _, weight, enters, cost = pairs
    load, entry = found
    for agent in range(start.shape[0] - 1):
        begin, end = start[agent], start[agent + 1]
        intake = min(inst.intake[inst.owner[agent]], end - begin)
        limits = (inst.base[agent], min(most[agent], inst.ceiling[agent]), intake)
        bands = (inst.edges[agent], inst.prices[agent], inst.cost_at[agent])
        guide = (scale, load[agent], entry[agent])
        load[agent], entry[agent] = tuned(
            cost[begin:end], weight[begin:end], enters[begin:end], bands, limits, guide
        )


def dearest(inst: Instance) -> int:
    """More than placing any one task can cost: no task is worth more, so no price need be higher."""
    pool = len(inst.base) - 1
    heaviest = int(inst.weight[:, :pool].max(initial=0))
    return (
        (int(np.abs(inst.prices).max(initial=0)) + 1) * heaviest + int(np.abs(inst.price).max(initial=0)) + 1
    )


def scale_for(inst: Instance) -> int:
    """The largest power of two up to 1024 with which no sum in the bound can overflow; 0 if there is none."""
    pool = len(inst.base) - 1
    load = int(inst.base[:pool].sum()) + int(inst.weight[:, :pool].max(initial=0)) * len(inst.home)
    steepest = int(np.abs(inst.prices).max(initial=0)) + 1
    size = 4 * load * steepest + 16 * (len(inst.home) + 1) * dearest(inst)
    scale = 1024
    while scale and scale * size >= LARGEST:
        scale //= 2
    return scale


class Lagrangian:
    """The relaxation of one instance: evaluates multipliers and climbs."""

    def __init__(self, inst: Instance, table: Tables, skip_budget: int, scale: int) -> None:
        self.inst, self.table, self.skip_budget, self.scale = inst, table, skip_budget, scale
        self.tasks, self.agents = inst.price.shape
        agent_of, task_of = np.nonzero(inst.allowed.T)
        start = np.searchsorted(agent_of, np.arange(self.agents + 1))
        self.by_agent = (task_of.astype(np.int64), start.astype(np.int64))
        self.pair_agent = agent_of.astype(np.int64)
        self.weight = inst.weight[task_of, agent_of]
        self.enters = table.enters_owner[task_of, agent_of].astype(np.int64)
        self.scaled = inst.price[task_of, agent_of] * scale
        self.moves = np.flatnonzero(table.moves[task_of, agent_of]) if inst.budget < self.tasks else None
        self.row_pairs = [
            np.flatnonzero(np.isin(task_of, tasks) & np.isin(agent_of, agents))
            for tasks, agents in zip(table.row_tasks, table.row_agents, strict=True)
        ]
        shared = np.bincount(inst.owner, minlength=len(inst.intake)) > 1
        self.shared = shared & (inst.intake < UNBOUNDED)
        self.most = np.maximum(table.most, inst.base)
        self._cells = np.zeros(1, dtype=np.int64)

    @property
    def cells(self) -> int:
        """How many cells agents' tables have had so far: the larger part of a look, where many tasks are in doubt."""
        return int(self._cells[0])

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
        """int64 (pairs,): the price of each allowed pair less what the multipliers pay, scaled, agent by agent."""
        cost = self.scaled - proof.task[self.by_agent[0]]
        if proof.owner.any():
            cost += proof.owner[self.inst.owner[self.pair_agent]] * self.enters
        if proof.move and self.moves is not None:
            cost[self.moves] += proof.move
        for row in np.flatnonzero(proof.row):
            cost[self.row_pairs[row]] += proof.row[row]
        return cost

    def tuned(self, proof: BoundProof) -> BoundProof:
        """The proof with each agent's own prices moved to where they leave little in doubt."""
        tasks, start = self.by_agent
        load, entry = proof.load.copy(), proof.entry.copy()
        pairs = (tasks, self.weight, self.enters, self.costs(proof))
        _tune(self.inst, start, pairs, proof.scale, self.most, (load, entry))
        return replace(proof, load=load, entry=entry)

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
        tasks, start = self.by_agent
        pairs = (tasks, self.weight, self.enters, self.costs(proof))
        _evaluate(self.inst, start, pairs, guides, self.most, (values, times, marks, self._cells))
        return self.constant(proof) + sum(int(v) for v in values[:, 0]), values, times, marks

    @staticmethod
    def settled_reach(values: Ints, proof: BoundProof) -> Ints:
        """The reach of `proof`, -1 where the programme was too large and only the linear bound stands."""
        return np.where(values[:, 1] == TOO_LARGE, -1, proof.reach).astype(np.int64)


def fits_reach(values: Ints, reach: Ints, slack: int) -> Ints:
    """The reach that the last values call for: as far as value and linear bound differ, and a little more."""
    need = np.where(values[:, 1] < UNBOUNDED, values[:, 1] - values[:, 2], 2 * np.maximum(reach, slack))
    need = np.where(values[:, 1] == TOO_LARGE, 0, need)
    return np.where(reach < 0, reach, np.maximum(need + slack, 0)).astype(np.int64)
