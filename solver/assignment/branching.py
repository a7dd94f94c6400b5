"""Branch and bound by HiGHS on the mixed-integer form: quick on problems of middling size.

HiGHS works in floating point and cannot be asked to stop; it is given a time limit and a thread of its own. Its plan
is recosted in whole numbers, and its bound is lowered by more than its tolerance before it is believed.
"""

from __future__ import annotations

import math
import threading
from dataclasses import dataclass

import numpy as np

from solver.assignment.milp import milp_of
from solver.assignment.problem import AssignmentProblem, Ints
from solver.engine import Stop

DOUBT = 1e-6
"""Relative tolerance of HiGHS; its bound is lowered by this share of itself and a tenth."""


@dataclass(frozen=True)
class Branched:
    """What HiGHS found. assignment: int64 (n,) or None. bound: on the total, None when unknown."""

    assignment: Ints | None
    bound: int | None


def branch_and_bound(problem: AssignmentProblem, skip_budget: int, seconds: float) -> Branched:
    """The least total with at most `skip_budget` skipped by weight, as far as `seconds` of wall time go."""
    from scipy.optimize import Bounds, LinearConstraint, milp

    form = milp_of(problem, skip_budget)
    if not form.price.size:
        return Branched(None, None)
    found = milp(
        form.price,
        integrality=form.whole,
        bounds=Bounds(np.zeros(len(form.price)), form.most),
        constraints=LinearConstraint(form.rows, form.lower, form.upper),
        options={"time_limit": max(0.1, seconds), "mip_rel_gap": 0.0},
    )
    assignment = None if found.x is None else form.assignment(found.x)
    dual = found.mip_dual_bound
    if dual is None or not math.isfinite(dual):
        return Branched(assignment, None)
    return Branched(assignment, math.ceil(dual - 0.1 - DOUBT * abs(dual)) + form.constant)


class Branching:
    """HiGHS at work in a thread of its own. `done` is requested when it has ended, whatever came of it."""

    def __init__(
        self, problem: AssignmentProblem, skip_budget: int, seconds: float, parent: Stop | None
    ) -> None:
        self.done = LinkedStop(parent)
        self._result = Branched(None, None)
        self._ended = threading.Event()

        def work() -> None:
            try:
                self._result = branch_and_bound(problem, skip_budget, seconds)
            finally:
                self._ended.set()
                self.done.request()

        # Not a daemon: a process that ends under HiGHS aborts. It ends by itself at its limit.
        threading.Thread(target=work, name="evenhand-branching", daemon=False).start()

    def result(self, seconds: float) -> Branched:
        """What it found, waiting at most so long for it; nothing when it has not ended by then, or a stop came."""
        waited = 0.0
        while not self._ended.wait(0.05) and waited < seconds and not self.done.requested:
            waited += 0.05
        return self._result if self._ended.is_set() else Branched(None, None)


class LinkedStop(Stop):
    """A stop of one's own that another stop requests too."""

    def __init__(self, parent: Stop | None) -> None:
        super().__init__()
        self._parent = parent

    @property
    def requested(self) -> bool:
        """Asked for here or by the parent."""
        return super().requested or (self._parent is not None and self._parent.requested)

    def wait(self, seconds: float) -> bool:
        """Wait at most `seconds` for a request here or of the parent; True when there is one."""
        slices = max(1, math.ceil(seconds / 0.02))
        return any(self.requested or super(LinkedStop, self).wait(seconds / slices) for _ in range(slices))
