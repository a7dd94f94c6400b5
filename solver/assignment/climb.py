"""Climbing the Lagrangian: averaged subgradients from the relaxation's prices, and sifting to get those."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from solver.assignment.arrays import Instance
from solver.assignment.bound import BoundProof, Lagrangian, fits_reach
from solver.assignment.knapsack import TOO_LARGE
from solver.assignment.problem import Ints
from solver.assignment.relaxation import (
    Duals,
    Floats,
    LinearProgramme,
    Tables,
    cheapest,
    first_prices,
    reduced,
)

SLACK = 20
"""How much further than needed the doubt about tasks reaches in the next round, in units of the objective."""


class Climb:
    """An ascent in progress: `step` moves the prices once; `best` is the best proof so far."""

    def __init__(self, relaxation: Lagrangian, duals: Duals) -> None:
        self.relaxation = relaxation
        self.proof = relaxation.start(duals)
        self.best: BoundProof | None = None
        self.best_value = -(1 << 62)
        self._task = self.proof.task.astype(np.float64)
        self._side = self._side_prices(self.proof)
        self._at_best = (self._task.copy(), self._side.copy())
        self._direction: Floats = np.zeros(len(self._task))
        self._side_direction: Floats = np.zeros(len(self._side))
        self._theta, self._stalled = 0.3, 0

    @staticmethod
    def _side_prices(proof: BoundProof) -> Floats:
        return np.concatenate([proof.owner, [proof.move], proof.row]).astype(np.float64)

    def _side_excess(self, marks: Ints) -> Floats:
        """How far the chosen pairs exceed intake (where it is priced), moves and counted limits."""
        relaxation = self.relaxation
        table, inst = relaxation.table, relaxation.inst
        task, agent = relaxation.by_agent[0][marks], relaxation.pair_agent[marks]
        enters = table.enters_owner[task, agent]
        taken = np.bincount(inst.owner[agent[enters]], minlength=len(inst.intake))
        owner = np.where(relaxation.shared, taken - np.minimum(inst.intake, relaxation.tasks), 0)
        move = [int(table.moves[task, agent].sum()) - inst.budget if inst.budget < relaxation.tasks else 0]
        rows = []
        for number, (tasks, agents) in enumerate(zip(table.row_tasks, table.row_agents, strict=True)):
            counted = np.isin(task, tasks) & np.isin(agent, agents)
            rows.append(int(counted.sum()) - int(table.row_most[number]))
        return np.concatenate([owner, move, rows]).astype(np.float64)

    def step(self, upper: int | None) -> int:
        """Evaluate the present prices, keep them if they are the best, move on; returns the value, scaled."""
        relaxation, proof = self.relaxation, self.proof
        scale = relaxation.scale
        value, values, times, marks = relaxation.evaluate(proof)
        if value > self.best_value:
            gained = value - self.best_value
            reach = np.where(values[:, 1] == TOO_LARGE, -1, proof.reach)
            self.best, self.best_value = replace(proof, reach=reach, bound=-(-value // scale)), value
            self._at_best = (self._task.copy(), self._side.copy())
            self._stalled = 0 if gained > scale // 2 else self._stalled + 1
        else:
            self._stalled += 1
        if self._stalled >= 6:
            self._theta, self._stalled = max(self._theta * 0.6, 1e-4), 0
            self._task, self._side = self._at_best[0].copy(), self._at_best[1].copy()
        self._move((1 - times).astype(np.float64), self._side_excess(np.flatnonzero(marks)), value, upper)
        self.proof = replace(
            proof,
            task=np.rint(self._task).astype(np.int64),
            owner=np.rint(self._side[: len(proof.owner)]).astype(np.int64),
            move=round(float(self._side[len(proof.owner)])),
            row=np.rint(self._side[len(proof.owner) + 1 :]).astype(np.int64),
            reach=fits_reach(values, proof.reach, SLACK * scale),
        )
        return value

    def _move(self, lack: Floats, excess: Floats, value: int, upper: int | None) -> None:
        relaxation = self.relaxation
        excess = np.where((self._side <= 0) & (excess < 0), 0.0, excess)
        self._direction = lack + 0.6 * self._direction
        self._side_direction = excess + 0.6 * self._side_direction
        size = float((self._direction**2).sum() + (self._side_direction**2).sum())
        if size == 0.0:
            return
        target = upper * relaxation.scale if upper is not None else value + abs(value) // 200
        distance = max(target - value, relaxation.scale)
        step = self._theta * distance / size
        self._task = self._task + step * self._direction
        self._side = np.maximum(self._side + step * self._side_direction, 0.0)


def sift(
    inst: Instance,
    table: Tables,
    loads: Ints,
    solve: Callable[[LinearProgramme, Ints, Ints], tuple[Duals, Floats] | None],
    enough: float = 2e-4,
) -> tuple[Duals, Ints, Ints, Floats] | None:
    """Duals, pairs and their values in the relaxation; None when `solve` gave up before a first answer.

    loads: int64 (m,), loads of some plan, to guess the first columns by. solve: runs the linear programme,
    or returns None. enough: pricing ends when what is missing is this small a part of the value.
    """
    tasks, agents = inst.price.shape
    everyone = np.arange(tasks)
    programme = LinearProgramme(inst, table)
    used = np.zeros((tasks, agents), dtype=np.bool_)
    used[everyone, inst.home] = inst.allowed[everyone, inst.home]
    guess = first_prices(inst, loads)
    guess = 0.5 * guess + 0.5 * guess[:-1].mean()
    guess[-1] = 0.0
    nothing = np.zeros(len(inst.intake)), 0.0, np.zeros(len(inst.row_base))
    used |= cheapest(reduced(inst, table, Duals(np.zeros(tasks), guess, *nothing)), 6)
    answer = None
    for _ in range(30):
        task, agent = np.nonzero(used)
        solved = solve(programme, task, agent)
        if solved is None:
            return answer
        cost = reduced(inst, table, solved[0])
        missing = cost < -1e-6
        under = np.minimum(cost.min(axis=1), 0.0)
        deficit = -under.sum()
        # no pair may pay at the prices handed on: one that many agents want would count many times
        answer = (replace(solved[0], task=solved[0].task + under), task, agent, solved[1])
        if not missing.any() or deficit < enough * programme.value:
            return answer
        used = cheapest(np.where(used, cost, np.inf), 12)
        used[everyone, inst.home] = inst.allowed[everyone, inst.home]
        used |= cheapest(cost, 5) & missing
    return answer
