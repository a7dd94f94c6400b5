"""The linear relaxation, solved over few columns that are priced out until none is missing (sifting).

Rows: one agent per task, load per agent, intake per owner, moves, counted limits. The bands are columns, so the
prices of load come out as duals. Columns that cannot pay are never built: each round adds those whose reduced
cost under the last duals is negative.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.optimize import linprog
from scipy.sparse import coo_matrix, csr_matrix

from solver.assignment.arrays import UNBOUNDED, Instance
from solver.assignment.problem import Bools, Ints

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Duals:
    """Prices from a relaxation, all float64.

    task: (n,) what placing a task is worth; load: (m,) price of a unit
    of load; owner: (o,), move: one number, row: (rows,) prices of intake, of a move, of counted limits (>= 0).
    """

    task: Floats
    load: Floats
    owner: Floats
    move: float
    row: Floats


@dataclass(frozen=True)
class Tables:
    """What relaxation and bound need of an instance beside its arrays.

    enters_owner, moves: bool (n, m). row_tasks, row_agents: per row the tasks counted and the agents (bool (m,)).
    row_most: int64 (rows,), what a row can count at most in any feasible plan. most: int64 (m,), a load that no
    feasible plan exceeds.
    """

    enters_owner: Bools
    moves: Bools
    row_tasks: list[Ints]
    row_agents: list[Ints]
    row_most: Ints
    most: Ints


def tables(inst: Instance) -> Tables:
    """The tables of `inst`."""
    tasks, agents = inst.price.shape
    pool = agents - 1
    enters = inst.owner[None, :] != inst.owner[inst.home][:, None]
    enters[:, pool] = False
    moves = enters & (inst.home != pool)[:, None]
    home_load = inst.base.copy()
    np.add.at(home_load, inst.home, inst.weight[np.arange(tasks), inst.home])
    reach = inst.base + np.where(inst.allowed, inst.weight, 0).sum(axis=0)
    most = np.minimum(np.minimum(reach, inst.capacity), np.maximum(inst.ceiling, home_load))
    row_tasks, row_agents = rows_of(inst)
    at_home = [int(np.isin(inst.home[t], a).sum()) for t, a in zip(row_tasks, row_agents, strict=True)]
    row_most = np.maximum(inst.row_limit - inst.row_base, np.array(at_home, dtype=np.int64))
    return Tables(enters, moves, row_tasks, row_agents, row_most.astype(np.int64), most)


def rows_of(inst: Instance) -> tuple[list[Ints], list[Ints]]:
    """Per counted limit its tasks and its agents, read back from the lists by class and cell."""
    rows, agents = len(inst.row_base), len(inst.base)
    tasks_of: list[Ints] = [np.zeros(0, dtype=np.int64)] * rows
    agents_of: list[list[int]] = [[] for _ in range(rows)]
    owner_of = np.repeat(np.arange(len(inst.class_start) - 1), np.diff(inst.class_start))
    cell_of = np.repeat(np.arange(len(inst.cell_start) - 1), np.diff(inst.cell_start))
    members: dict[int, Ints] = {}
    for cell, row in zip(cell_of.tolist(), inst.row_of.tolist(), strict=True):
        kind = cell // agents
        if kind not in members:
            members[kind] = owner_of[inst.class_of == kind]
        tasks_of[row] = members[kind]
        agents_of[row].append(cell % agents)
    return tasks_of, [np.array(some, dtype=np.int64) for some in agents_of]


def reduced(inst: Instance, table: Tables, duals: Duals) -> Floats:
    """float64 (n, m): reduced cost of each pair under `duals`, inf where not allowed."""
    cost = inst.price - duals.task[:, None] + duals.load[None, :] * inst.weight
    cost += np.where(table.enters_owner, duals.owner[inst.owner][None, :], 0.0)
    if duals.move:
        cost += duals.move * table.moves
    for row in np.flatnonzero(duals.row):
        cost[np.ix_(table.row_tasks[row], table.row_agents[row])] += duals.row[row]
    return np.where(inst.allowed, cost, np.inf)


class LinearProgramme:
    """The linear programme over a set of pairs; `solve` returns duals and the values of the pairs.

    value: the last optimum, less what the base loads cost.
    """

    def __init__(self, inst: Instance, table: Tables) -> None:
        self.inst, self.table = inst, table
        self.value = 0.0
        self.tasks, self.agents = inst.price.shape
        low = np.maximum(inst.edges[:, :-1], inst.base[:, None])
        high = inst.edges[:, 1:].copy()
        high[:, -1] = UNBOUNDED // 2
        high = np.minimum(high, np.maximum(table.most, inst.base)[:, None])
        self.band_agent, self.band = np.nonzero(high > low)
        self.width = (high - low)[self.band_agent, self.band]
        self.new = np.flatnonzero(inst.home == self.agents - 1)
        heaviest = float(inst.weight[:, : self.agents - 1].max(initial=0))
        self.missing = 2.0 * (
            float(inst.prices.max(initial=0)) * heaviest + float(np.abs(inst.price).max(initial=1))
        )
        limits = np.flatnonzero(inst.intake < UNBOUNDED)
        self.owner_row = np.full(len(inst.intake), -1)
        self.owner_row[limits] = np.arange(len(limits))
        self.owners = limits
        self.move_row = len(limits)
        self.first_row = len(limits) + 1

    def solve(self, pair_t: Ints, pair_a: Ints, seconds: float | None) -> tuple[Duals, Floats] | None:
        inst = self.inst
        count, bands, short = len(pair_t), len(self.band), len(self.new)
        scale = max(1.0, float(inst.weight.max(initial=1)) / 100.0)
        index = np.arange(count)
        weights = inst.weight[pair_t, pair_a] / scale
        loaded = weights != 0
        rows = np.concatenate([pair_t, self.tasks + pair_a[loaded], self.tasks + self.band_agent, self.new])
        cols = np.concatenate(
            [index, index[loaded], count + np.arange(bands), count + bands + np.arange(short)]
        )
        vals = np.concatenate([np.ones(count), weights[loaded], -np.ones(bands), np.ones(short)])
        width = count + bands + short
        equal = coo_matrix((vals, (rows, cols)), shape=(self.tasks + self.agents, width)).tocsr()
        unequal, right = self._limits(pair_t, pair_a, width)
        linear_programme: Any = linprog  # its stubs know no sparse matrices
        load_price = inst.prices[self.band_agent, self.band] * scale
        price = np.concatenate([inst.price[pair_t, pair_a], load_price, np.full(short, self.missing)])
        bounds = np.zeros((width, 2))
        bounds[:, 1] = np.inf
        bounds[count : count + bands, 1] = self.width / scale
        options = {} if seconds is None else {"time_limit": max(seconds, 0.01)}
        result = linear_programme(
            price,
            A_eq=equal,
            b_eq=np.concatenate([np.ones(self.tasks), np.zeros(self.agents)]),
            A_ub=unequal,
            b_ub=right,
            bounds=bounds,
            method="highs-ds",
            options=options,
        )
        if result.status != 0:
            return None
        self.value = float(result.fun)
        equal_dual, limit_dual = result.eqlin.marginals, -result.ineqlin.marginals
        owner = np.zeros(len(inst.intake))
        owner[self.owners] = limit_dual[: len(self.owners)]
        duals = Duals(
            task=equal_dual[: self.tasks],
            load=-equal_dual[self.tasks :] / scale,
            owner=np.maximum(owner, 0.0),
            move=max(0.0, float(limit_dual[self.move_row])),
            row=np.maximum(limit_dual[self.first_row :], 0.0),
        )
        return duals, result.x[:count]

    def _limits(self, pair_t: Ints, pair_a: Ints, width: int) -> tuple[csr_matrix, Floats]:
        inst, table = self.inst, self.table
        row = self.owner_row[inst.owner[pair_a]]
        enter = np.flatnonzero(table.enters_owner[pair_t, pair_a] & (row >= 0))
        moves = np.flatnonzero(table.moves[pair_t, pair_a])
        rows, cols = [row[enter], np.full(len(moves), self.move_row)], [enter, moves]
        for number, (tasks, agents) in enumerate(zip(table.row_tasks, table.row_agents, strict=True)):
            inside = np.zeros((2, max(self.tasks, self.agents)), dtype=np.bool_)
            inside[0, tasks], inside[1, agents] = True, True
            counted = np.flatnonzero(inside[0, pair_t] & inside[1, pair_a])
            rows.append(np.full(len(counted), self.first_row + number))
            cols.append(counted)
        where = (np.concatenate(rows), np.concatenate(cols))
        shape = (self.first_row + len(table.row_tasks), width)
        budget = min(inst.budget, self.tasks)
        right = np.concatenate([inst.intake[self.owners], [budget], table.row_most]).astype(np.float64)
        return coo_matrix((np.ones(len(where[0])), where), shape=shape).tocsr(), right


def first_prices(inst: Instance, state_load: Ints) -> Floats:
    """float64 (m,): the price of the band that each load stands in."""
    band = (inst.edges[:, :-1] <= state_load[:, None]).sum(axis=1) - 1
    return np.asarray(inst.prices[np.arange(len(state_load)), np.maximum(band, 0)], dtype=np.float64)


def cheapest(cost: Floats, count: int) -> Bools:
    """bool like `cost`: the `count` cheapest finite entries of each row."""
    count = min(count, cost.shape[1])
    chosen = np.zeros(cost.shape, dtype=np.bool_)
    best = np.argpartition(cost, count - 1, axis=1)[:, :count]
    np.put_along_axis(chosen, best, True, axis=1)
    return chosen & np.isfinite(cost)
