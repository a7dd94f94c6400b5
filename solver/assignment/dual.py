"""The bound's side, a turn at a time: climb first, then columns where the problem is small enough for them."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from solver.assignment.bidding import bid, rounds_for
from solver.assignment.bound import BoundProof, Lagrangian
from solver.assignment.climb import Answer, Climb
from solver.assignment.columns import MOST_ROWS, Master
from solver.assignment.problem import Ints
from solver.assignment.relaxation import Duals
from solver.engine import Limits, Stop

TURN_WORK = 0.08
"""Work units that a turn takes at least; a unit is about one second of one core."""
PAIR_WORK = 5e-8
"""Work units per allowed pair of one look at the Lagrangian."""
CELL_WORK = 1e-9
"""Work units per cell of an agent's table."""
AGAIN_LENGTH = 0.1
"""The length of the climb's first step from multipliers in hand: near, as they are good already."""
SIFT_WORK = 2e-5
"""Work units per column of one linear programme."""
PICK_WORK = 0.6
"""The most work units that picking a plan from the columns takes, each time."""
CLIMBS = 120
"""Steps of the climb before columns take over, where they do."""

Plan = tuple[Ints, Ints]


class Dual:
    """Raises the bound turn by turn; a turn may propose a plan, as pairs (task, agent).

    First a look at guessed prices; then the linear programmes of `sifting`, each a turn; then the climb from the last
    one's prices, or at once from `prices`, multipliers in hand; then columns, where the problem is small enough.
    `answer` is the last linear programme's.
    """

    def __init__(
        self,
        relaxation: Lagrangian,
        sifting: Iterator[Answer],
        guess: Duals,
        stop: Stop,
        prices: BoundProof | None = None,
    ) -> None:
        self.relaxation, self.stop = relaxation, stop
        self.small = relaxation.tasks + relaxation.agents <= MOST_ROWS
        self.answer: Answer | None = None
        self.climb: Climb | None = None
        self.master: Master | None = None
        self.done = False
        self.work = 0.0
        self._sifting, self._guess, self._prices = sifting, guess, prices
        self._sifted: Climb | None = None
        self._pairs_work = len(relaxation.by_agent[0]) * PAIR_WORK + 1e-4
        self._counted = relaxation.cells
        self._steps = 0
        self._picks = 0

    @property
    def best(self) -> BoundProof | None:
        """The best proof so far."""
        sources = [source for source in (self._sifted, self.climb, self.master) if source is not None]
        found = [(source.best_value, source.best) for source in sources if source.best is not None]
        return max(found, key=lambda pair: pair[0])[1] if found else None

    def _look_work(self) -> float:
        """The work of the look just taken: by pairs, and by the cells of the tables that it filled."""
        cells, self._counted = self.relaxation.cells - self._counted, self.relaxation.cells
        return self._pairs_work + cells * CELL_WORK

    def look(self, upper: int | None) -> None:
        """One look at the bound that guessed prices give, so that there is one however short the run."""
        inst = self.relaxation.inst
        self._sifted = Climb.linear(self.relaxation, bid(inst, self.relaxation.table, self._guess.load))
        self._sifted.step(upper)
        self.work += self._look_work() * (1 + rounds_for(inst))

    def turn(self, upper: int | None, plan: Ints | None, seconds: float | None) -> Plan | None:
        """One turn, with the best total and plan so far and the seconds left, None where there is none."""
        until = self.work + TURN_WORK
        while self.work < until and not self.done and not self.stop.requested:
            if self.climb is None and self._prices is None:
                (self._sift if self._sifted is not None else self.look)(upper)
                return None
            if self.climb is None:
                self._sift(upper)
                continue
            if self.master is None:
                self._climb(self.climb, upper, plan)
            elif not self.master.done:
                before = self.master.work
                self.master.step(self._upper(upper))
                self.work += self._look_work() + self.master.work - before
            else:
                return self._pick(upper, plan, seconds)
        return None

    def _sift(self, upper: int | None) -> None:
        """One linear programme and a look at the bound that its prices give."""
        answer = next(self._sifting, None)
        if answer is None and self._prices is not None:
            self.climb = Climb.onward(self.relaxation, self._prices, AGAIN_LENGTH)
            return
        if answer is None:
            last = self._guess if self.answer is None else self.answer.duals
            self.climb = Climb(self.relaxation, last)
            return
        self.answer = answer
        looked = Climb(self.relaxation, answer.duals)
        looked.step(upper)
        self.work += SIFT_WORK * len(answer.task) + self._look_work()
        if self._sifted is None or looked.best_value > self._sifted.best_value:
            self._sifted = looked

    def _upper(self, upper: int | None) -> int:
        """The best total, or a guess at one while there is none."""
        if upper is not None:
            return upper
        best = self.best
        bound = best.bound if best is not None else 0
        return bound + abs(bound) // 100 + 1

    def _climb(self, climb: Climb, upper: int | None, plan: Ints | None) -> None:
        climb.step(upper)
        self.work += self._look_work()
        self._steps += 1
        best = climb.best
        if self.small and best is not None and (self._steps >= CLIMBS or climb.settled()):
            self.master = Master(self.relaxation, best, climb.best_value)
            self.master.start(climb.proof.reach, plan)
        elif climb.settled():
            self.done = True

    def _pick(self, upper: int | None, plan: Ints | None, seconds: float | None) -> Plan | None:
        self._picks += 1
        self.done = self._picks >= 3
        if self.master is None or plan is None or upper is None:
            self.done = True
            return None
        hurried = seconds is not None and seconds < 2.0 and "ortools.sat.python.cp_model" not in sys.modules
        if hurried or upper <= self.master.best.bound:
            self.done = True
            return None
        limits = Limits(seconds=seconds, work=PICK_WORK, threads=1, seed=self._picks)
        before = self.master.work
        picked = self.master.pick(upper, plan, limits, self.stop)
        self.work += self.master.work - before
        return picked
