"""A lower bound on the price of every roster: a price for each person and session (solver.unpaid_work.ascent).

Whatever the prices, the sum of everybody's least price at them (solver.unpaid_work.kept_up), less the most that
sessions can earn by them beyond what they cost, is a bound (Lagrange); the best one is kept.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse

from solver.unpaid_work import capacity
from solver.unpaid_work.ascent import earn
from solver.unpaid_work.board import Board
from solver.unpaid_work.facts import Floats, RosterFacts
from solver.unpaid_work.gatherings import gatherings_of
from solver.unpaid_work.granting import grant_all
from solver.unpaid_work.kept_up import choose, desk_of, least_price
from solver.unpaid_work.pairs import least_together
from solver.unpaid_work.promised import Promised, keeps_promises, promised_of, shares_of
from solver.unpaid_work.relaxed import Relaxation, relaxation_of
from solver.unpaid_work.side import side_of
from solver.unpaid_work.slots import Ints

MARGIN = 1e-9
"""The part of its own size by which a bound is lowered for the rounding of floats."""
PART = 60
"""Minutes a week by which the requirements of a body share what goes on after the horizon."""
ALL = 10_080
"""Minutes of a week: no limit."""
STEPS = 10
"""Steps of one round."""
AIM = 0.006
"""By which part of itself the bound is first expected to rise."""
LEAST_AIM = 1e-6
"""The part below which no more is expected."""
LEAST_SCALE = 1000.0
"""Tenths of a minute: a price moves in proportion to itself and this, so that those of scarce places get high soon."""
MOMENTUM = 0.7
"""The part of a step that goes on in the direction of the last one."""
PATIENCE = 15
"""Steps without a rise after which less is expected, and the best prices are taken up again."""
WORTHWHILE, LOWERED, RAISED = 0.005, 0.7, 1.02
"""The part of the expected rise that counts as one; what the expectation is multiplied by without one, and with one."""
SUPERVISED_EACH = 5
"""Steps after which the duals of who supervises what are found anew; in between the last ones serve."""


@dataclass
class _Pair:
    """Two requirements of a body. most: minutes a week; shares: of promised.shares_of.

    counted: whether each step looks at what they cost together, because that was more than each for itself.
    """

    both: Ints
    most: int
    shares: Floats
    counted: bool = False


class Bounding:
    """Rounds of prices. `bound` and `own_best` are the best so far, in tenths of a minute.

    tolls: float64 (n, s), the price of each requirement in each session, of the best bound. done: no more is expected.
    """

    def __init__(self, facts: RosterFacts, board: Board) -> None:
        self.facts, self.board = facts, board
        self.relaxation: Relaxation = relaxation_of(facts)
        self.promised: Promised = promised_of(facts, self.relaxation.stay)
        grant_all(self.promised, self.relaxation.most)
        self._desk = desk_of(facts)
        self._weight, self._most = _limits_of(facts, board.overflow + 1e-9)
        self.side = side_of(facts, board)
        side = self.side
        self.gatherings = gatherings_of(facts, self.relaxation.stay, side.session, side.under, side.room)
        self._kinds = np.stack([self.gatherings.session, self.gatherings.room], axis=1)
        promising = keeps_promises(facts)
        shared = [each for each in facts.bodies if len(each) > 1 and promising[list(each)].all()]
        paired = self.relaxation.paired
        self._shared = [each for each in shared if not paired[list(each)].all()]
        self._pairs = [
            _Pair(
                np.array(each),
                int(self.relaxation.most[each[0]]),
                shares_of(facts, self.promised, each) if each in shared else np.full((1, 2), float(ALL)),
            )
            for each in facts.bodies
            if paired[list(each)].all()
        ]
        self._dropped = _told_price(facts)
        shape = len(facts.problem.people), len(facts.sessions)
        self._taken = np.zeros(shape)
        self._held = np.zeros((len(self._kinds), shape[0]))
        self._told = np.zeros(shape, dtype=np.bool_)
        np.logical_or.at(self._told.T, self.gatherings.session, self.gatherings.must)
        nothing = np.zeros(shape)
        self._least_prices = np.zeros(shape[0])
        alone = self._choose(nothing)
        least = alone + self._sharing(nothing)
        self.own_best = math.floor(least - MARGIN * abs(least)) + self._dropped
        self.bound = self.own_best
        self.done = shape[1] == 0 or len(self._kinds) == 0
        self._duals = np.zeros(len(self.side.limits))
        self._now = self._first()
        self.tolls, self._direction = self._now, nothing
        self._highest = -math.inf
        self._aim, self._without, self._steps = AIM * max(1.0, float(alone)), 0, 0
        self._certify(self._value(nothing)[0], nothing)

    def _first(self) -> Floats:
        """Prices at which a full session just earns what it costs."""
        facts = self.facts
        room, price = np.ones(len(facts.sessions)), np.zeros(len(facts.sessions))
        np.maximum.at(room, self.side.session, self.side.room)
        price[self.side.session] = np.maximum(0.0, self.side.price)
        tolls: Floats = np.where(
            self.relaxation.stay > 0, facts.chance[:, None] * (price / room)[None, :], 0.0
        )
        return tolls

    def worth(self) -> Floats:
        """What each session earns at the best prices, under whoever has most room: float64 (s,)."""
        found = np.zeros(len(self.facts.sessions))
        if len(self._kinds):
            np.maximum.at(found, self.gatherings.session, self._earned(self.tolls))
        return found

    def _earned(self, tolls: Floats) -> Floats:
        those = self.gatherings
        return earn(
            self.board, tolls, self._weight, self._most, self._kinds, those.may, those.must, self._held
        )

    def _sharing(self, tolls: Floats) -> float:
        """How much more the bodies with several requirements cost than each step counts, who are counted from now on.

        Together nobody is asked to keep up what goes on, so it may be less than each for itself.
        """
        more = 0.0
        for pair in self._pairs:
            if not pair.counted:
                apart = sum(self._least(tolls, number, ALL) for number in pair.both.tolist())
                extra = self._joint(tolls, pair, np.empty((2, tolls.shape[1]))) - apart
                pair.counted = extra > 0
                more += max(0.0, extra)
        for numbers in self._shared:
            apart = sum(self._least(tolls, number, ALL) for number in numbers)
            more += max(0.0, self._least_of_body(tolls, numbers) - apart)
        return more

    def _joint(self, tolls: Floats, pair: _Pair, taken: Floats) -> float:
        """What two requirements cost together, and what they choose: taken (2, s)."""
        return float(
            least_together(
                self.board,
                self.relaxation,
                self.promised,
                pair.both,
                tolls[pair.both],
                pair.most,
                pair.shares,
                taken,
            )
        )

    def _choose(self, tolls: Floats) -> float:
        """The sum of everybody's least price, and what they choose, in self._taken."""
        choose(self.board, self.relaxation, self.promised, self._desk, tolls, self._taken, self._least_prices)
        return float(self._least_prices.sum())

    def _least(self, tolls: Floats, number: int, weekly: int) -> float:
        return least_price(
            self.board, self.relaxation, self.promised, self._desk, number, tolls[number], weekly
        )

    def _least_of_body(self, tolls: Floats, numbers: tuple[int, ...]) -> float:
        """The least price of several requirements that share what goes on afterwards."""
        parts = -(-int(self.relaxation.most[numbers[0]]) // PART) + len(numbers) - 1
        least = np.zeros(parts + 1)
        for number in numbers:
            alone = np.array([self._least(tolls, number, PART * part) for part in range(parts + 1)])
            least = np.array([(least[: part + 1] + alone[part::-1]).min() for part in range(parts + 1)])
        return float(least[-1])

    def _certify(self, value: float, tolls: Floats) -> None:
        """Keep the bound at these prices when it is the best. value: without the bodies that no step counts yet."""
        shared = value + self._sharing(tolls)
        self.bound = max(self.bound, math.ceil(shared - MARGIN * abs(shared) - 1e-3) + self._dropped)

    def _value(self, tolls: Floats, *, anew: bool = True) -> tuple[float, Floats]:
        """The bound but for some bodies, and who is held more (or less) than they come: float64 (n, s)."""
        side = self.side
        least = self._choose(tolls)
        taken = np.empty((2, tolls.shape[1]))
        for pair in self._pairs:
            apart = float(self._least_prices[pair.both].sum())
            more = self._joint(tolls, pair, taken) - apart if pair.counted else 0.0
            if more > 0:
                least += more
                self._taken[pair.both] = taken
        if len(self._kinds) == 0:
            return least + side.constant, self._taken.copy()
        gain = self._earned(tolls)[self.gatherings.of] - side.price
        solved = _linear(-gain, side.rows, side.limits) if anew else None
        runs = np.zeros(len(gain))
        if solved is not None:
            runs, self._duals = solved
        over = gain - side.rows.T @ self._duals
        if solved is None:
            order = np.lexsort((-over, side.session))
            first = order[np.unique(side.session[order], return_index=True)[1]]
            runs[first] = over[first] > 0
        value = least - float(self._duals @ side.limits + np.maximum(0.0, over).sum()) + side.constant
        running = np.bincount(self.gatherings.of, weights=runs, minlength=len(self._kinds))
        excess = self._taken.copy()
        np.subtract.at(excess.T, self.gatherings.session, self._held * running[:, None])
        return value, excess

    def advance(self, over: Callable[[], bool] = lambda: False) -> None:
        """One round of steps. over: asked before each, ends the round."""
        before = self._highest
        for _ in range(STEPS):
            if self.done or over():
                break
            self._step()
        if self._highest > before:
            self._certify(self._highest, self.tolls)

    def _step(self) -> None:
        """One step: the value at the present prices, and new ones."""
        value, excess = self._value(self._now, anew=self._steps % SUPERVISED_EACH == 0)
        self._steps += 1
        self._without += 1
        if value > self._highest:
            if value > self._highest + WORTHWHILE * self._aim:
                self._aim *= RAISED
                self._without = 0
            self._highest, self.tolls = value, self._now
        if self._without > PATIENCE:
            self._aim *= LOWERED
            self._without = 0
            self._now, self._direction = self.tolls, np.zeros_like(excess)
            self.done = self._aim < LEAST_AIM * abs(self._highest)
            return
        excess[(self._now <= 0) & (excess < 0) & ~self._told] = 0.0
        scale = np.abs(self._now) + LEAST_SCALE
        length = float((scale * excess**2).sum())
        if length == 0:
            self.done = True
            return
        self._direction = MOMENTUM * self._direction + (1 - MOMENTUM) * scale * excess
        ahead = self._highest + self._aim - value
        prices = self._now + ahead / length * self._direction
        self._now = np.where(self._told, prices, np.maximum(0.0, prices))


def _limits_of(facts: RosterFacts, overflow: float) -> tuple[Floats, Floats]:
    """What people weigh, (2, n), and may weigh together, (2, rooms, sizes), in a session: for ascent.earn.

    First their chances, by capacity.most_expected. Then the logarithms of those: any places + 1 of the people come all
    together with no more than the chance of overflow, which, taken over all such groups, limits the sum of all.
    """
    chance = facts.chance
    counted = chance[(facts.remaining > 0) & (chance >= capacity.LEAST_CHANCE)]
    ends = (float(counted.min()), float(counted.max())) if len(counted) else (0.5, 0.5)
    weight = np.stack([chance, np.log(np.maximum(chance, 1e-9))])
    weight[:, chance < capacity.LEAST_CHANCE] = np.nan
    rooms = range(int(facts.places.max(initial=0)) + 1)
    tables = [capacity.most_expected(places, *ends, overflow) for places in rooms]
    most = np.full((2, len(rooms), max(len(table) for table in tables)), -1e18)
    for places, table in enumerate(tables):
        size = np.arange(len(table))
        most[0, places, : len(table)] = table
        together = size / (places + 1) * math.log(overflow) + 1e-9
        most[1, places, : len(table)] = np.where(size > places, together, 0.0)
    return weight, most


def _linear(cost: Floats, upper: sparse.csr_matrix, limits: Floats) -> tuple[Floats, Floats] | None:
    """The least cost with upper x <= limits, 0 <= x <= 1: x, and prices of the limits; None if unsolved."""
    from scipy import optimize

    size = max(1.0, float(np.abs(cost).max(initial=0.0)))
    linprog: Any = optimize.linprog
    found = linprog(cost / size, A_ub=upper, b_ub=limits, bounds=(0, 1), method="highs")
    if found.status != 0:
        return None
    return found.x, size * np.maximum(0.0, -found.ineqlin.marginals)


def _told_price(facts: RosterFacts) -> int:
    """The price of every told appointment of the horizon, as if all were dropped: fares make up for those kept."""
    told = sum(
        facts.problem.first <= each.date < facts.problem.end
        for person in facts.problem.people
        for each in person.appointments
    )
    return told * facts.rules.prices.appointment_dropped
