"""Whole choices of agents as columns: the master problem that prices tasks, and plans picked from its columns.

A column is a set of tasks for one agent with what it costs. The master picks one column per agent so that
every task is covered; its duals, kept within a box about the best prices so far, are where the Lagrangian is
looked at next, which yields new columns. When prices and columns agree, the bound is the best that exact
choices of single agents can give, and the same columns, taken whole, make very good plans.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import csc_matrix

from solver.assignment.bound import BoundProof, Lagrangian, dearest, fits_reach
from solver.assignment.full_model import CPSAT_WORK, in_cpsat
from solver.assignment.knapsack import Choice, convex_cost
from solver.assignment.problem import Ints
from solver.assignment.relaxation import Floats
from solver.engine import Limits, Stop, run

MOST_ROWS = 1_200
"""Tasks and agents together beyond which the master is too slow to pay."""
MOST_PICKED = 3_000
"""Columns that a plan is picked from."""
ITERATION_WORK = 1.2e-5
"""Work units of one iteration of the simplex on the master, and"""
ROW_WORK = 2e-8
"""so many more for each of its rows."""
ENTRY_WORK = 4e-7
"""Work units per entry of the master's matrix, which is made anew each time."""
NOTHING = 1e-6
"""Less than this of a column is none."""


class Pool:
    """The columns found so far, each once."""

    def __init__(self, relaxation: Lagrangian) -> None:
        self.relaxation = relaxation
        self.agents: list[int] = []
        self.tasks: list[Ints] = []
        self.costs: list[int] = []
        self.sides: list[Ints] = []
        self._seen: set[tuple[int, bytes]] = set()
        table, inst = relaxation.table, relaxation.inst
        self.rows = [
            (set(tasks.tolist()), set(agents.tolist()), int(most))
            for tasks, agents, most in zip(table.row_tasks, table.row_agents, table.row_most, strict=True)
        ]
        self.shared = np.flatnonzero(relaxation.shared)
        limited = inst.budget < relaxation.tasks
        right = [int(inst.intake[owner]) for owner in self.shared] + [inst.budget if limited else 0]
        self.side_most = np.array(right + [most for _, _, most in self.rows], dtype=np.float64)

    def __len__(self) -> int:
        return len(self.agents)

    def add(self, agent: int, tasks: Ints) -> bool:
        """Add the column of `tasks` at `agent` unless it is there."""
        key = (agent, tasks.tobytes())
        if key in self._seen:
            return False
        self._seen.add(key)
        inst = self.relaxation.inst
        load = int(inst.base[agent] + inst.weight[tasks, agent].sum())
        price = 0
        if agent < len(inst.base) - 1:
            price = int(convex_cost(inst.edges[agent], inst.prices[agent], inst.cost_at[agent], load))
        self.agents.append(agent)
        self.tasks.append(tasks)
        self.costs.append(price + int(inst.price[tasks, agent].sum()))
        self.sides.append(self._side(agent, tasks))
        return True

    def _side(self, agent: int, tasks: Ints) -> Ints:
        """What the column uses of each shared intake, of the moves and of each counted limit."""
        relaxation = self.relaxation
        inst, table = relaxation.inst, relaxation.table
        enters = int(table.enters_owner[tasks, agent].sum())
        used = [enters if owner == inst.owner[agent] else 0 for owner in self.shared]
        used.append(int(table.moves[tasks, agent].sum()) if inst.budget < relaxation.tasks else 0)
        names = set(tasks.tolist()) if self.rows else set()
        used += [len(names & members) if agent in there else 0 for members, there, _ in self.rows]
        return np.array(used, dtype=np.int64)

    def add_choices(self, marks: Choice) -> int:
        """Add every agent's choice of one look at the Lagrangian; returns how many were new."""
        task_of, start = self.relaxation.by_agent
        new = 0
        for agent in range(self.relaxation.agents):
            here = slice(start[agent], start[agent + 1])
            new += self.add(agent, task_of[here][marks[here] == 1])
        return new

    def add_plan(self, assignment: Ints) -> None:
        """Add what a plan gives each agent."""
        order = np.argsort(assignment, kind="stable")
        ends = np.searchsorted(assignment[order], np.arange(self.relaxation.agents + 1))
        for agent in range(self.relaxation.agents):
            self.add(agent, order[ends[agent] : ends[agent + 1]].astype(np.int64))

    def matrix(self, keep: Ints) -> tuple[csc_matrix, Floats]:
        """Rows tasks, agents, sides by the columns `keep`; and their costs."""
        tasks, agents = self.relaxation.tasks, self.relaxation.agents
        parts = [
            np.concatenate(
                [self.tasks[k], [tasks + self.agents[k]], tasks + agents + np.flatnonzero(self.sides[k])]
            )
            for k in keep
        ]
        values = [
            np.concatenate([np.ones(len(self.tasks[k]) + 1), self.sides[k][self.sides[k] > 0]]) for k in keep
        ]
        start = np.zeros(len(keep) + 1, dtype=np.int64)
        np.cumsum([len(part) for part in parts], out=start[1:])
        shape = (tasks + agents + len(self.side_most), len(keep))
        matrix = csc_matrix(
            (np.concatenate(values), np.concatenate(parts).astype(np.int64), start), shape=shape
        )
        return matrix, np.array([self.costs[k] for k in keep], dtype=np.float64)


@dataclass(frozen=True)
class Prices:
    """Duals of the master, float64: task (n,), side (sides,), agent (m,).

    value: its optimum with the box. strain: how much of the box's edge it uses, 0 when the box does not matter.
    """

    task: Floats
    side: Floats
    agent: Floats
    value: float
    strain: float


class Master:
    """Column generation from the best prices of a climb. work: what its programmes have taken so far, without looks."""

    def __init__(self, relaxation: Lagrangian, proof: BoundProof, value: int) -> None:
        self.relaxation = relaxation
        self.pool = Pool(relaxation)
        self.best, self.best_value = proof, value
        self.proof = proof
        self.done = False
        self.work = 0.0
        self.last: Prices | None = None
        self._box: float | None = None

    def _sides(self, proof: BoundProof) -> Floats:
        shared = proof.owner[self.pool.shared]
        return np.concatenate([shared, [proof.move], proof.row]).astype(np.float64)

    def start(self, reach: Ints, plan: Ints | None) -> None:
        """Begin with the choices at the best prices and, if there is one, the best plan."""
        self.proof = replace(self.best, reach=reach)
        if plan is not None:
            self.pool.add_plan(plan)
        self._look(self.best.task.astype(np.float64), self._sides(self.best))

    def step(self, upper: int) -> None:
        """One round: prices from the columns, a look at the Lagrangian there, new columns."""
        scale = self.relaxation.scale
        gap = max(upper - self.best_value / scale, 1.0)
        if self._box is None:
            self._box = gap / 4
        prices = self._prices(self._box)
        if prices is None:
            self.done = True
            return
        self.last = prices
        task = 0.8 * prices.task * scale + 0.2 * self.best.task
        side = 0.8 * prices.side * scale + 0.2 * self._sides(self.best)
        improved = self._look(task, side)
        if not improved:
            self._box *= 0.8
        elif prices.strain > NOTHING:
            self._box *= 2.0
        converged = prices.strain < NOTHING and prices.value - self.best_value / scale < 0.5
        self.done = converged or self.best_value >= (upper - 1) * scale + 1

    def _look(self, task: Floats, side: Floats) -> bool:
        """Evaluate the Lagrangian at these scaled prices and keep what it finds; True when it is the best."""
        relaxation, scale = self.relaxation, self.relaxation.scale
        shared = len(self.pool.shared)
        owner = np.zeros_like(self.best.owner)
        owner[self.pool.shared] = np.rint(side[:shared]).astype(np.int64)
        proof = replace(
            self.proof,
            task=np.rint(task).astype(np.int64),
            owner=owner,
            move=round(float(side[shared])),
            row=np.rint(side[shared + 1 :]).astype(np.int64),
        )
        most = 2 * dearest(relaxation.inst) * scale
        proof = replace(proof, task=np.clip(proof.task, -most, most))
        proof = relaxation.tuned(proof)
        value, values, _, marks = relaxation.evaluate(proof)
        self.pool.add_choices(marks)
        self.proof = replace(proof, reach=fits_reach(values, proof.reach, 20 * scale))
        if value <= self.best_value:
            return False
        self.best = replace(proof, reach=relaxation.settled_reach(values, proof), bound=-(-value // scale))
        self.best_value = value
        return True

    def _prices(self, box: float) -> Prices | None:
        """The duals of the master with columns that let them stray from the best prices by `box` for nothing."""
        pool, relaxation = self.pool, self.relaxation
        tasks, agents, scale = relaxation.tasks, relaxation.agents, relaxation.scale
        matrix, cost = pool.matrix(np.arange(len(pool)))
        sides = len(pool.side_most)
        centre, centre_side = self.best.task / scale, self._sides(self.best) / scale
        eye = np.arange(tasks)
        rows = np.concatenate([matrix.indices, eye, eye, tasks + agents + np.arange(sides)])
        values = np.concatenate([matrix.data, np.ones(tasks), -np.ones(tasks), -np.ones(sides)])
        start = np.concatenate([matrix.indptr, matrix.nnz + 1 + np.arange(2 * tasks + sides)])
        whole = csc_matrix((values, rows, start), shape=(matrix.shape[0], len(start) - 1))
        costs = np.concatenate([cost, centre + box, box - centre, centre_side + box])
        solver: Any = linprog  # its stubs know no sparse matrices
        result = solver(
            costs,
            A_eq=whole[: tasks + agents],
            b_eq=np.ones(tasks + agents),
            A_ub=whole[tasks + agents :],
            b_ub=pool.side_most,
            bounds=(0, None),
            method="highs-ds",
        )
        self.work += int(result.nit) * (ITERATION_WORK + ROW_WORK * matrix.shape[0]) + whole.nnz * ENTRY_WORK
        if result.status != 0:
            return None
        dual = result.eqlin.marginals
        side = np.maximum(-result.ineqlin.marginals, 0.0)
        strain = float(result.x[len(pool) :].sum())
        return Prices(dual[:tasks], side, dual[tasks:], float(result.fun), strain)

    def pick(self, upper: int, plan: Ints, limits: Limits, stop: Stop) -> tuple[Ints, Ints] | None:
        """A plan from whole columns by CP-SAT, as pairs (task, agent) in no order; None when none is found.

        A task may be covered twice (it is placed once). Links are left to whoever makes a plan of the pairs.
        """
        pool, prices = self.pool, self.last
        if prices is None:
            return None
        pool.add_plan(plan)
        matrix, cost = pool.matrix(np.arange(len(pool)))
        dual = np.concatenate([prices.task, prices.agent, -prices.side])
        spare = cost - matrix.T @ dual
        given = [self._given(k, plan) for k in range(len(pool))]
        order = np.argsort(spare, kind="stable")[:MOST_PICKED]
        keep = order[spare[order] <= upper - self.best_value / self.relaxation.scale]
        keep = np.union1d(keep, np.flatnonzero(given))
        chosen = self._choose(keep, plan, limits, stop)
        if chosen is None:
            return None
        task = np.concatenate([pool.tasks[k] for k in chosen])
        agent = np.concatenate([np.full(len(pool.tasks[k]), pool.agents[k]) for k in chosen])
        return task.astype(np.int64), agent.astype(np.int64)

    def _choose(self, keep: Ints, plan: Ints, limits: Limits, stop: Stop) -> list[int] | None:
        from ortools.sat.python import cp_model

        pool = self.pool
        model = cp_model.CpModel()
        take = {int(k): model.new_bool_var("") for k in keep}
        covers: list[list[cp_model.IntVar]] = [[] for _ in range(self.relaxation.tasks)]
        of_agent: list[list[cp_model.IntVar]] = [[] for _ in range(self.relaxation.agents)]
        for k, variable in take.items():
            of_agent[pool.agents[k]].append(variable)
            for task in pool.tasks[k]:
                covers[task].append(variable)
            model.add_hint(variable, self._given(k, plan))
        for some in of_agent:
            model.add_exactly_one(some)
        for some in covers:
            model.add_bool_or(some)
        variables = list(take.values())
        for row, most in enumerate(pool.side_most.tolist()):
            used = [int(pool.sides[k][row]) for k in take]
            if any(used):
                model.add(cp_model.LinearExpr.weighted_sum(variables, used) <= int(most))
        model.minimize(cp_model.LinearExpr.weighted_sum(variables, [pool.costs[k] for k in take]))
        result = run(model, in_cpsat(limits), stop=stop)
        self.work += result.work * CPSAT_WORK
        if result.values is None:
            return None
        return [k for k, variable in take.items() if result.values[variable.index]]

    def _given(self, column: int, plan: Ints) -> bool:
        """Whether the column is what `plan` gives its agent."""
        agent, tasks = self.pool.agents[column], self.pool.tasks[column]
        return bool((plan == agent).sum() == len(tasks) and (plan[tasks] == agent).all())
