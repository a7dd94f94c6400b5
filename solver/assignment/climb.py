"""Climbing the Lagrangian: averaged subgradients from the relaxation's prices, and sifting to get those."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from solver.assignment.arrays import Instance
from solver.assignment.bound import LARGEST, BoundProof, Lagrangian, dearest, fits_reach
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

SLACK = 1
"""How much further than needed the doubt about tasks reaches in the next round, in units of the objective."""
SETTLED = 1e-4
"""The length of step, as a part of the distance to the best plan, at which a climb has come to its end."""
AGAIN = 0.02
"""The length of step at which a climb that has come to its end sets out once more, in no hurry."""
PATIENT = 10
"""How many steps may fail then before they become shorter; 5 at first."""
FADE = 0.1
"""The most weight of the newest choices in the average that gives the direction; a tenth of it is the least."""
LAPSE = 50
"""Looks after which that weight is halved, when they have brought the bound hardly nearer to the best plan,"""
HARDLY = 0.02
"""which is by less than this part of what lay between them."""
LEAST_FADE = 1e-3
"""The least that it becomes."""
LIGHT = 5
"""A task that weighs less than this is taken to weigh as much, where steps are in proportion to weights."""


class Climb:
    """An ascent by averaged choices (the volume algorithm of Barahona and Anbil), a look at a time.

    The direction is what the average of all choices so far lacks; it begins as the relaxation's own solution,
    which lacks nothing. The newest choices weigh in it what makes it shortest, within bounds that narrow. Heavy tasks'
    prices are large, so their steps are too. Steps start from the best prices. `best` is the best proof so far.
    """

    def __init__(self, relaxation: Lagrangian, duals: Duals) -> None:
        self.relaxation = relaxation
        self.proof = self._safe(relaxation.start(duals))
        self.best: BoundProof | None = None
        self.best_value = -(1 << 62)
        self._centre = self._prices(self.proof)
        self._average: Floats = np.zeros(len(self._centre))
        self._length, self._failures, self._patience = 0.3, 0, 5
        heavy = np.maximum(relaxation.inst.weight[:, :-1].max(axis=1, initial=0), LIGHT).astype(np.float64)
        self._measure = np.ones(len(self._centre))
        self._measure[: len(heavy)] = heavy / heavy.mean()
        self._fade, self._looks, self._before = FADE, 0, self.best_value
        self._most = 2.0 * dearest(relaxation.inst) * relaxation.scale

    @classmethod
    def onward(cls, relaxation: Lagrangian, proof: BoundProof, length: float) -> Climb:
        """An ascent from multipliers that are good already, whose first step is short; the first look is at them."""
        proof = rescaled(proof, relaxation.scale)
        climb = cls(relaxation, known(relaxation.inst, proof))
        climb.proof, climb._centre = climb._safe(proof), cls._prices(proof)
        climb._length = length
        return climb

    @classmethod
    def linear(cls, relaxation: Lagrangian, duals: Duals) -> Climb:
        """With nothing in doubt, so that a look takes no more time at poor prices than at good ones."""
        climb = cls(relaxation, duals)
        climb.proof = replace(climb.proof, reach=np.full_like(climb.proof.reach, -1))
        return climb

    def settled(self) -> bool:
        """Whether the steps have become too small to matter."""
        return self._length <= SETTLED

    def _safe(self, proof: BoundProof) -> BoundProof:
        """The proof with prices of load that whoever recomputes it can multiply by any load."""
        inst = self.relaxation.inst
        load = int(inst.base.max()) + int(inst.weight[:, :-1].max(initial=0)) * (len(inst.home) + 2)
        most = LARGEST // 8 // max(load, 1)
        return replace(proof, load=np.clip(proof.load, -most, most))

    @staticmethod
    def _prices(proof: BoundProof) -> Floats:
        """Every multiplier in one array: tasks, owners, moves, counted limits."""
        return np.concatenate([proof.task, proof.owner, [proof.move], proof.row]).astype(np.float64)

    def _lack(self, times: Ints, marks: Ints) -> Floats:
        """What the choices lack of each task, and by how much they exceed the limits that are priced."""
        relaxation = self.relaxation
        table, inst = relaxation.table, relaxation.inst
        task, agent = relaxation.by_agent[0][marks], relaxation.pair_agent[marks]
        enters = relaxation.enters[marks] > 0
        taken = np.bincount(inst.owner[agent[enters]], minlength=len(inst.intake))
        owner = np.where(relaxation.shared, taken - np.minimum(inst.intake, relaxation.tasks), 0)
        limited = relaxation.moves is not None
        move = [int(table.moves[task, agent].sum()) - inst.budget if limited else 0]
        chosen = np.zeros(len(relaxation.enters), dtype=np.bool_)
        chosen[marks] = True
        used = [int(chosen[pairs].sum()) for pairs in relaxation.row_pairs]
        rows = np.array(used, dtype=np.int64) - table.row_most
        return np.concatenate([1 - times, owner, move, rows]).astype(np.float64)

    def step(self, upper: int | None) -> int:
        """Evaluate the present prices, keep them if they are the best, move on; returns the value, scaled."""
        relaxation, proof = self.relaxation, self.relaxation.tuned(self.proof)
        scale = relaxation.scale
        value, values, times, marks = relaxation.evaluate(proof)
        lack = self._lack(times, np.flatnonzero(marks))
        if value > self.best_value:
            if self.best is not None and float((self._measure * lack) @ self._average) > 0:
                self._length *= 1.1
            reach = relaxation.settled_reach(values, proof)
            self.best, self.best_value = replace(proof, reach=reach, bound=-(-value // scale)), value
            self._centre, self._failures = self._prices(proof), 0
        else:
            self._failures += 1
            if self._failures == self._patience:
                self._length, self._failures = self._length * 0.66, 0
                if self.settled() and self._patience < PATIENT:
                    self._length, self._patience = AGAIN, PATIENT
        weight = self._newest(lack, upper)
        self._average = weight * lack + (1 - weight) * self._average
        moved = self._moved(upper)
        tasks, owners = len(proof.task), len(proof.owner)
        self.proof = replace(
            proof,
            task=moved[:tasks],
            owner=moved[tasks : tasks + owners],
            move=int(moved[tasks + owners]),
            row=moved[tasks + owners + 1 :],
            reach=fits_reach(values, proof.reach, SLACK * scale),
        )
        return value

    def _newest(self, lack: Floats, upper: int | None) -> float:
        """The weight of the newest choices that makes the average lack least, within bounds."""
        self._looks += 1
        if self._looks % LAPSE == 0:
            target = self.best_value if upper is None else upper * self.relaxation.scale
            if self.best_value - self._before < HARDLY * (target - self._before):
                self._fade = max(self._fade / 2, LEAST_FADE)
            self._before = self.best_value
        apart = lack - self._average
        size = float((self._measure * apart**2).sum())
        ideal = -float((self._measure * apart) @ self._average) / size if size > 0 else 1.0
        return min(max(ideal, self._fade / 10), self._fade)

    def _moved(self, upper: int | None) -> Ints:
        """The best prices moved along the average direction, whole numbers, limits' prices never negative."""
        scale, tasks = self.relaxation.scale, self.relaxation.tasks
        direction = self._average.copy()
        side, way = self._centre[tasks:], direction[tasks:]
        way[(side <= 0) & (way < 0)] = 0.0
        target = upper * scale if upper is not None else self.best_value + abs(self.best_value) // 200
        distance = max(target - self.best_value, scale)
        size = float((self._measure * direction**2).sum())
        step = self._length * distance / max(size, 1e-3)
        goal = self._centre + step * self._measure * direction
        moved = np.rint(np.clip(goal, -self._most, self._most)).astype(np.int64)
        moved[tasks:] = np.maximum(moved[tasks:], 0)
        return moved


def guessed(inst: Instance, table: Tables, loads: Ints) -> Duals:
    """Prices without a linear programme: of load, where `loads` stand; of tasks, their cheapest place at those."""
    tasks = len(inst.home)
    load = first_prices(inst, loads)
    load[-1] = 0.0
    nothing = np.zeros(len(inst.intake)), 0.0, np.zeros(len(inst.row_base))
    least = reduced(inst, table, Duals(np.zeros(tasks), load, *nothing)).min(axis=1)
    return Duals(np.where(np.isfinite(least), least, 0.0), load, *nothing)


def known(inst: Instance, proof: BoundProof) -> Duals:
    """The prices of a proof in hand."""
    scale = float(proof.scale)
    owner = proof.owner / scale
    np.maximum.at(owner, inst.owner, proof.entry / scale)
    return Duals(proof.task / scale, proof.load / scale, owner, proof.move / scale, proof.row / scale)


def rescaled(proof: BoundProof, scale: int) -> BoundProof:
    """The same multipliers for prices that are multiplied by another `scale`, rounded."""
    if proof.scale == scale:
        return proof
    part = scale / proof.scale
    names = ("task", "owner", "row", "load", "entry", "reach")
    numbers = {name: np.rint(getattr(proof, name) * part).astype(np.int64) for name in names}
    return replace(proof, scale=scale, move=round(proof.move * part), **numbers)


@dataclass(frozen=True)
class Answer:
    """What one linear programme said.

    duals: prices at which no pair pays. task, agent: the pairs it saw. value: float64, how much of each it uses.
    """

    duals: Duals
    task: Ints
    agent: Ints
    value: Floats


def sift(
    inst: Instance,
    table: Tables,
    plan: Ints,
    loads: Ints,
    seconds: Callable[[], float | None],
    enough: float = 2e-4,
) -> Iterator[Answer]:
    """Answers of the relaxation, each over the columns that the one before had missed.

    plan, loads: a plan and its loads, to guess the first columns by. seconds: time left for a linear programme.
    enough: pricing ends when what is missing is this small a part of the value.
    """
    tasks, agents = inst.price.shape
    everyone = np.arange(tasks)
    programme = LinearProgramme(inst, table)
    kept = np.zeros((tasks, agents), dtype=np.bool_)
    kept[everyone, inst.home] = inst.allowed[everyone, inst.home]
    kept[everyone, plan] = inst.allowed[everyone, plan]
    used = kept | cheapest(reduced(inst, table, guessed(inst, table, loads)), 4)
    for _ in range(30):
        task, agent = np.nonzero(used)
        solved = programme.solve(task, agent, seconds())
        if solved is None:
            return
        cost = reduced(inst, table, solved[0])
        missing = cost < -1e-6
        under = np.minimum(cost.min(axis=1), 0.0)
        # no pair may pay at the prices handed on: one that many agents want would count many times
        yield Answer(replace(solved[0], task=solved[0].task + under), task, agent, solved[1])
        if not missing.any() or -under.sum() < enough * programme.value:
            return
        used = cheapest(np.where(used, cost, np.inf), 12) | kept | (cheapest(cost, 5) & missing)
