"""Branch and bound by HiGHS on the mixed-integer form: quick on problems of middling size.

HiGHS works in floating point on a thread of its own. Its plan is recosted in whole numbers, and its bound is lowered by
more than it may be off before it is believed.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from solver.assignment.highs import Found, minimise
from solver.assignment.milp import Milp, milp_of
from solver.assignment.problem import AssignmentProblem, Ints
from solver.engine import Stop

MARGIN = 0.1
"""What a bound is lowered by beside its tolerance; totals are whole, so that a tenth seldom costs anything."""

THREAD = "evenhand-branching"
"""The name of the threads that HiGHS works in."""


@dataclass(frozen=True)
class Branched:
    """What HiGHS found. assignment: int64 (n,) or None. bound: on the total, None when unknown."""

    assignment: Ints | None
    bound: int | None


def branch_and_bound(
    problem: AssignmentProblem,
    skip_budget: int,
    seconds: float,
    *,
    start: Ints | None = None,
    loads: tuple[Ints, Ints] | None = None,
    stop: Stop | None = None,
    tell: Callable[[Branched], None] | None = None,
) -> Branched:
    """The least total with at most `skip_budget` skipped by weight, as far as `seconds` of wall time go.

    start: int64 (n,), a plan to begin from. loads: int64 (m,) each, the least and the greatest load of each agent;
    plans with others are not looked for, and the bound does not hold for them. tell: called with every better plan and
    bound.
    """
    form = milp_of(problem, skip_budget, loads)
    if not form.price.size or (stop is not None and stop.requested):
        return Branched(None, None)

    def listener(found: Found) -> None:
        if tell is not None:
            tell(_branched(form, found))

    first = None if start is None else (start[form.tasks] == form.agents).astype(np.float64)
    return _branched(form, minimise(form, seconds, start=first, stop=stop, listener=listener))


def _branched(form: Milp, found: Found) -> Branched:
    assignment = None if found.x is None else form.assignment(found.x)
    if found.bound is None:
        return Branched(assignment, None)
    safe = math.ceil(found.bound - MARGIN - found.doubt * abs(found.bound))
    return Branched(assignment, safe + form.constant)


class Branching:
    """HiGHS at work in a thread of its own. `done` is requested when it has ended; requesting it ends HiGHS.

    latest: the best plan and bound so far.
    """

    def __init__(
        self,
        problem: AssignmentProblem,
        skip_budget: int,
        seconds: float,
        parent: Stop | None,
        start: Ints | None = None,
        loads: tuple[Ints, Ints] | None = None,
    ) -> None:
        self.done = LinkedStop(parent)
        self.latest = Branched(None, None)
        self._ended = threading.Event()

        def tell(found: Branched) -> None:
            self.latest = found

        def work() -> None:
            try:
                self.latest = branch_and_bound(
                    problem, skip_budget, seconds, start=start, loads=loads, stop=self.done, tell=tell
                )
            finally:
                self._ended.set()
                self.done.request()

        # Not a daemon: a process that ends under HiGHS aborts. It ends by itself, soon after a request or its limit.
        threading.Thread(target=work, name=THREAD, daemon=False).start()

    @property
    def ended(self) -> bool:
        """Whether HiGHS has come to its end."""
        return self._ended.is_set()

    def result(self, seconds: float) -> Branched:
        """What it has found when it ends, after at most so many seconds, or when a stop comes; then it ends soon."""
        waited = 0.0
        while not self._ended.wait(0.02) and waited < seconds and not self.done.requested:
            waited += 0.02
        self.done.request()
        return self.latest


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
