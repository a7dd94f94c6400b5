"""A lower bound on the price of every roster: prices of places in sessions, from a linear programme over columns.

Columns are what the search's choice finds best for each person at given prices; the linear programme over them and
over who supervises what gives new prices. Whatever the prices, the sum of everybody's least price at them
(solver.unpaid_work.relaxed) less the most that sessions can earn by them is a bound (Lagrange); the best one is kept.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse

from solver.unpaid_work import capacity
from solver.unpaid_work.board import OPENING, SUPERVISED, Board
from solver.unpaid_work.facts import Floats, RosterFacts
from solver.unpaid_work.relaxed import Relaxation, keeps_promises, least_price, relaxation_of
from solver.unpaid_work.response import clear, respond
from solver.unpaid_work.slots import Ints
from solver.unpaid_work.table import COST_NOW, HAVE, LENGTH, ONWARD, UNDER_WHOM, WHERE, new_table
from solver.unpaid_work.told import told_that_stand

MARGIN = 1e-7
"""The part of its own size by which a bound is lowered for the rounding of floats."""
PART = 60
"""Minutes a week by which the requirements of a body share what goes on after the horizon."""
ROUNDS = 40
"""Rounds after which no better prices are looked for."""
SCALES = (0.8, 0.6, 0.4, 0.25)
"""Parts of the last prices at which the bound is looked for, too: those of few columns are too high."""
SETTLED = 2e-4
"""The part by which the linear programme and the bound may differ at the end."""


@dataclass(frozen=True)
class Side:
    """Who may supervise what: columns of (session, supervisor) or of a session that needs none.

    session: int64 (z,). capacity, price: float64 (z,), what it takes of people's weights, and costs. rows, limits:
    what supervisors can do (a moment, a week), and that each session has one.
    """

    session: Ints
    capacity: Floats
    price: Floats
    rows: sparse.csr_matrix
    limits: Floats
    constant: float


class Bounding:
    """Rounds of columns and prices. `bound` and `own_best` are the best so far, in tenths of a minute."""

    def __init__(self, facts: RosterFacts, board: Board) -> None:
        self.facts, self.board = facts, board
        self.relaxation: Relaxation = relaxation_of(facts)
        chances = facts.chance[facts.remaining > 0]
        counted = chances[chances >= capacity.LEAST_CHANCE]
        self._ends = (float(counted.min()), float(counted.max())) if len(counted) else (0.5, 0.5)
        self._usual = float(counted.mean()) if len(counted) else 0.5
        self.weight = self._weights()
        self.side = _side_of(facts, board, self._limit)
        self.room = np.zeros(len(facts.sessions))
        np.maximum.at(self.room, self.side.session, self.side.capacity)
        self._promising = keeps_promises(facts)
        self.own_best = math.floor(self._least(np.zeros(len(facts.sessions))) * (1 - MARGIN))
        self.bound: int = 0
        self.value: float | None = None
        self._dropped = _surely_dropped(facts)
        self._columns: list[tuple[int, float, Ints]] = []
        self._seen: set[tuple[int, bytes]] = set()
        self._table = new_table(board, facts.weeks, 0)
        possible = facts.able.any(axis=1) | (board.sessions[:, SUPERVISED] == 0)
        self._table.sessions[:, UNDER_WHOM] = np.where(possible, len(board.duty), -1)
        self.prices: Floats = np.zeros(len(facts.sessions))
        self.done = False
        self._evaluate(self.prices)

    @property
    def _everyone(self) -> range:
        return range(len(self.facts.problem.people))

    def _places(self, session: int) -> int:
        return int(self.facts.places[self.facts.sessions.project[session]])

    def _alpha(self, places: int) -> float:
        return capacity.slope(places, self._usual, *self._ends, self.board.overflow + 1e-9)

    def _limit(self, session: int, places: int) -> float:
        """What the weights in a session can come to with so many places."""
        alpha = self._alpha(self._places(session))
        return capacity.limit(places, alpha, *self._ends, self.board.overflow + 1e-9)

    def _weights(self) -> Floats:
        """What each requirement weighs in each session's row: float64 (n, s)."""
        alphas = {places: self._alpha(places) for places in set(self.facts.places.tolist())}
        by_session = np.array([alphas[self._places(s)] for s in range(len(self.facts.sessions))])
        chance = self.facts.chance[:, None]
        return np.where(chance >= capacity.LEAST_CHANCE, by_session[None, :] + chance, 0.0)

    def _least(self, prices: Floats) -> float:
        """The sum of everybody's least price."""
        return sum(self._least_of_body(prices, numbers) for numbers in self.facts.bodies)

    def _least_of_body(self, prices: Floats, numbers: Sequence[int]) -> float:
        """The least price of a body: of its one requirement, or of several that share what goes on afterwards."""
        board, relaxed = self.board, self.relaxation
        if len(numbers) == 1 or not self._promising[list(numbers)].all():
            return sum(
                least_price(board, relaxed, number, prices * self.weight[number], relaxed.weekly[number])
                for number in numbers
            )
        parts = -(-int(relaxed.most[numbers[0]]) // PART) + len(numbers) - 1
        least = np.zeros(parts + 1)
        for number in numbers:
            toll = prices * self.weight[number]
            alone = np.array(
                [
                    least_price(board, relaxed, number, toll, min(PART * part, int(relaxed.weekly[number])))
                    for part in range(parts + 1)
                ]
            )
            least = np.array([(least[: part + 1] + alone[part::-1]).min() for part in range(parts + 1)])
        return float(least[-1])

    def _evaluate(self, prices: Floats) -> int:
        """The bound at these prices (not negative), which is kept when it is the best."""
        value = self._least(prices) - _most_earned(self.side, prices) + self.side.constant
        found = math.ceil(value - MARGIN * abs(value) - 1e-3) + self._dropped
        self.bound = max(self.bound, found)
        return found

    def advance(self, seconds: float | None = None) -> None:
        """One round: columns at the present prices, the linear programme, its prices."""
        added = self._price()
        solved = self._solve(seconds)
        if solved is None:
            self.done = True
            return
        value, self.prices = solved
        self._evaluate(self.prices)
        self.done = added == 0 or self.bound >= value * (1 - SETTLED)

    def settle(self) -> None:
        """The bound at parts of the last prices, which may be better than at all of them."""
        for scale in SCALES:
            self._evaluate(scale * self.prices)

    def add(self, number: int, cost: float, sessions: Ints) -> bool:
        """Take in a column: what a requirement costs with these sessions. Returns whether it is new."""
        key = number, np.sort(sessions).tobytes()
        if key in self._seen:
            return False
        self._seen.add(key)
        self._columns.append((number, cost, sessions))
        return True

    def _price(self) -> int:
        """Columns that are best at the present prices; returns how many are new."""
        board, table, added = self.board, self._table, 0
        for number in self._everyone:
            respond(board, table, number, self.prices * self.weight[number])
            mine = table.mine[number, : table.people[number, HAVE], WHERE].astype(np.int64)
            added += self.add(number, float(table.people[number, COST_NOW]), mine)
            clear(board, table, number)
            table.people[number, ONWARD] = table.state[LENGTH] = 0
        return added

    def _solve(self, seconds: float | None) -> tuple[float, Floats] | None:
        """The linear programme over the columns: its value and the prices of sessions."""
        side, n, s = self.side, len(self.facts.problem.people), len(self.facts.sessions)
        k, z = len(self._columns), len(self.side.session)
        who = np.array([column[0] for column in self._columns])
        lengths = [len(column[2]) for column in self._columns]
        place = np.repeat(np.arange(k), lengths)
        where = np.concatenate([column[2] for column in self._columns])
        taken = sparse.csr_matrix((self.weight[who[place], where], (where, place)), shape=(s, k))
        given = sparse.csr_matrix((-side.capacity, (side.session, np.arange(z))), shape=(s, z))
        nothing = sparse.csr_matrix((side.rows.shape[0], k))
        upper = sparse.vstack([sparse.hstack([taken, given]), sparse.hstack([nothing, side.rows])])
        limits = np.concatenate([np.zeros(s), side.limits])
        convexity = sparse.csr_matrix((np.ones(k), (who, np.arange(k))), shape=(n, k + z))
        cost = np.concatenate([[column[1] for column in self._columns], side.price])
        solved = _linear(cost, upper.tocsr(), limits, convexity, np.ones(n), seconds)
        if solved is None:
            return None
        value, duals = solved
        self.value = value + side.constant + self._dropped
        return self.value, duals[:s]


def _linear(
    cost: Floats,
    upper: sparse.csr_matrix,
    limits: Floats,
    equal: sparse.csr_matrix | None,
    to: Floats | None,
    seconds: float | None,
) -> tuple[float, Floats] | None:
    """The least cost with upper x <= limits, equal x = to, 0 <= x <= 1, and prices of the limits; None if unsolved."""
    from scipy import optimize

    options: dict[str, float] = {} if seconds is None else {"time_limit": max(0.1, seconds)}
    linprog: Any = optimize.linprog
    found = linprog(
        cost, A_ub=upper, b_ub=limits, A_eq=equal, b_eq=to, bounds=(0, 1), method="highs", options=options
    )
    if found.status != 0:
        return None
    return float(found.fun), np.maximum(0.0, -found.ineqlin.marginals)


def _most_earned(side: Side, prices: Floats) -> float:
    """The most that sessions can earn by the prices of their places less their own: an upper bound by LP duality."""
    gain = prices[side.session] * side.capacity - side.price
    if not (gain > 0).any():
        return 0.0
    solved = _linear(-gain, side.rows, side.limits, None, None, None)
    if solved is None:
        return float(np.maximum(gain, 0).sum())
    duals = solved[1]
    return float(duals @ side.limits + np.maximum(0.0, gain - side.rows.T @ duals).sum())


def _side_of(facts: RosterFacts, board: Board, limit: Callable[[int, int], float]) -> Side:
    """The columns of who supervises what, with promised sessions as a negative price for those that run."""
    pairs = [(s, u) for s, u in zip(*np.nonzero(facts.able), strict=True)]
    pairs += [(s, -1) for s in np.flatnonzero(board.sessions[:, SUPERVISED] == 0)]
    session = np.array([int(s) for s, _ in pairs], dtype=np.int64)
    under = np.array([int(u) for _, u in pairs], dtype=np.int64)
    places = [facts.places_under(int(s), None if u < 0 else int(u)) for s, u in pairs]
    cache: dict[tuple[int, int], float] = {}
    project = facts.sessions.project[session]
    for place, room in enumerate(places):
        key = int(facts.places[project[place]]), room
        if key not in cache:
            cache[key] = limit(int(session[place]), room)
    found = [cache[int(facts.places[project[place]]), room] for place, room in enumerate(places)]
    promised, unmet = board.promised, int(board.numbers[5])
    price = board.sessions[session, OPENING] - unmet * np.where(
        promised[project, 0] > 0, promised[project, 1], 0
    )
    # All that was promised counts as unmet, and every session makes up for one: more than enough do so, too.
    constant = float(unmet * facts.weeks * (promised[:, 0] * promised[:, 1]).sum())
    rows, limits = _supervision(facts, session, under)
    return Side(session, np.array(found), price.astype(np.float64), rows, limits, constant)


def _supervision(facts: RosterFacts, session: Ints, under: Ints) -> tuple[sparse.csr_matrix, Floats]:
    """One supervisor a session, one session at a moment for each supervisor, and their minutes of the week."""
    sessions, rows, values, limits = facts.sessions, [], [], []
    for each in range(len(sessions)):
        there = np.flatnonzero(session == each)
        if len(there):
            rows.append(there)
            values.append(np.ones(len(there)))
            limits.append(1.0)
    start, end = sessions.start[session], sessions.end[session]
    for one in range(len(facts.problem.supervisors)):
        mine = np.flatnonzero(under == one)
        days = sessions.day[session[mine]]
        for day in np.unique(days):
            today = mine[days == day]
            for moment in np.unique(start[today]):
                there = today[(start[today] <= moment) & (end[today] > moment)]
                if len(there) > 1:
                    rows.append(there)
                    values.append(np.ones(len(there)))
                    limits.append(1.0)
        for week in range(facts.weeks):
            there = mine[sessions.week[session[mine]] == week]
            minutes = (end - start)[there].astype(np.float64)
            if minutes.sum() > facts.supervisor_minutes[one]:
                rows.append(there)
                values.append(minutes)
                limits.append(float(facts.supervisor_minutes[one]))
    lengths = [len(row) for row in rows]
    matrix = sparse.csr_matrix(
        (
            np.concatenate(values) if values else np.zeros(0),
            (
                np.repeat(np.arange(len(rows)), lengths),
                np.concatenate(rows) if rows else np.zeros(0, dtype=np.int64),
            ),
        ),
        shape=(len(rows), len(session)),
    )
    return matrix, np.array(limits)


def _surely_dropped(facts: RosterFacts) -> int:
    """The price of told appointments that no roster can keep, because their own rules forbid them."""
    told = sum(
        facts.problem.first <= each.date < facts.problem.end
        for person in facts.problem.people
        for each in person.appointments
    )
    return (told - len(told_that_stand(facts))) * facts.rules.prices.appointment_dropped
