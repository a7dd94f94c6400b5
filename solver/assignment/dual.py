"""The bound's side, a turn at a time: climb first, then columns where the problem is small enough for them."""

from __future__ import annotations

import sys

from solver.assignment.bound import BoundProof, Lagrangian
from solver.assignment.climb import Climb
from solver.assignment.columns import MOST_ROWS, Master
from solver.assignment.problem import Ints
from solver.assignment.relaxation import Duals
from solver.engine import Limits, Stop

TURN_WORK = 0.04
"""Work units that a turn takes at least; a unit is about one second of one core."""
PAIR_WORK = 4e-7
"""Work units per allowed pair of one look at the Lagrangian."""
COLUMN_WORK = 5e-5
"""Work units per column of one master problem."""
PICK_WORK = 0.6
"""Work units given to picking a plan from the columns, each time."""
CLIMBS = 120
"""Steps of the climb before columns take over, where they do."""

Plan = tuple[Ints, Ints]


class Dual:
    """Raises the bound turn by turn; a turn may propose a plan, as pairs (task, agent)."""

    def __init__(self, relaxation: Lagrangian, duals: Duals, stop: Stop) -> None:
        self.relaxation, self.stop = relaxation, stop
        self.small = relaxation.tasks + relaxation.agents <= MOST_ROWS
        self.climb = Climb(relaxation, duals)
        self.master: Master | None = None
        self.done = False
        self.work = 0.0
        self._look_work = len(relaxation.by_agent[0]) * PAIR_WORK + 1e-4
        self._steps = 0
        self._picks = 0

    @property
    def best(self) -> BoundProof | None:
        """The best proof so far."""
        return self.climb.best if self.master is None else self.master.best

    def turn(self, upper: int | None, plan: Ints | None, seconds: float | None) -> Plan | None:
        """One turn, with the best total and plan so far and the seconds left, None where there is none."""
        until = self.work + TURN_WORK
        while self.work < until and not self.done and not self.stop.requested:
            if self.master is None:
                self._climb(upper, plan)
            elif not self.master.done:
                self.work += self._look_work + len(self.master.pool) * COLUMN_WORK
                self.master.step(self._upper(upper))
            else:
                return self._pick(upper, plan, seconds)
        return None

    def _upper(self, upper: int | None) -> int:
        """The best total, or a guess at one while there is none."""
        if upper is not None:
            return upper
        best = self.best
        bound = best.bound if best is not None else 0
        return bound + abs(bound) // 100 + 1

    def _climb(self, upper: int | None, plan: Ints | None) -> None:
        self.climb.step(upper)
        self.work += self._look_work
        self._steps += 1
        best = self.climb.best
        if self.small and best is not None and (self._steps >= CLIMBS or self.climb.settled()):
            self.master = Master(self.relaxation, best, self.climb.best_value)
            self.master.start(self.climb.proof.reach, plan)
        elif self.climb.settled():
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
        self.work += PICK_WORK
        limits = Limits(seconds=seconds, work=PICK_WORK, threads=1, seed=self._picks)
        return self.master.pick(upper, plan, limits, self.stop)
