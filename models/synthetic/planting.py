"""A known feasible plan for the waiting cases: first who takes each of them, then everything else around it.

Under ALLOCATE the plan breaks no hard rule and leaves nothing unallocated. Pair rules hold because demands are drawn
around the planted officer; the ceiling because room is counted here; the new-case limit because the week before is
drawn with the planted cases counted; limits of tiers and oversight because they are set from the counts after it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from models.errors import UsageError
from models.policy.policy import Policy
from models.synthetic.caseload import Caseload, points_of
from models.synthetic.draws import Bools, Generator, Ints
from models.synthetic.holding import NOISE, Holding, MayHold, nearness
from models.synthetic.staff import Staff


@dataclass(frozen=True)
class Planting:
    """rows: the planted row of each waiting case, by case number. base [rows], and caseload: after changes."""

    rows: dict[int, int]
    base: Ints
    caseload: Caseload


def plant(
    rng: Generator, policy: Policy, staff: Staff, caseload: Caseload, holding: Holding, may: MayHold
) -> Planting:
    """Choose an officer for every waiting case, the hardest to place first.

    An officer without room gives base points to another, so that the fill stays. Where nobody with room may hold
    the case, it requires no skill, and where that is not enough, it is of the lightest kind. Raises UsageError
    when there are more waiting cases than officers may receive.
    """
    ceiling = policy.limits.ceiling_percent * staff.available // 100
    base, load = holding.base.copy(), holding.load.copy()
    changed = Changed(policy, caseload)
    received = np.zeros(staff.people, dtype=np.int64)
    far = nearness(staff)
    scale = 1.0 / np.maximum(staff.available, 1)
    rows: dict[int, int] = {}
    waiting = np.flatnonzero(caseload.waiting)
    breadth = [int(may.rows(int(caseload.kind[c]), int(caseload.required[c])).sum()) for c in waiting]
    for place in np.lexsort((rng.random(len(waiting)), np.array(breadth))).tolist():
        case = int(waiting[place])
        open_rows = staff.receives & (received[staff.person] < policy.limits.new_cases)
        able = _able(may, changed, case, open_rows, base + ceiling - load)
        short = np.maximum(0, load + changed.points[case] - ceiling)
        wish = (ceiling - load) * scale - far[caseload.office[case]] + rng.normal(0.0, NOISE, len(load))
        row = int(np.where(able, wish - 1000.0 * (short > 0), -np.inf).argmax())
        if short[row] > 0:
            _hand_over(base, load, staff.available, ceiling, row, int(short[row]))
        rows[case] = row
        load[row] += changed.points[case]
        received[staff.person[row]] += 1
    return Planting(rows, base, changed.caseload())


class Changed:
    """What planting changes of the waiting cases: their kinds, their points, the skills they require."""

    def __init__(self, policy: Policy, caseload: Caseload) -> None:
        self._policy, self._caseload = policy, caseload
        self.kind, self.points = caseload.kind.copy(), caseload.points.copy()
        self.required = caseload.required.copy()
        weights = [(kind.points, number) for number, kind in enumerate(caseload.kinds)]
        self._lightest = min(weights)[1]

    def drop_skills(self, case: int) -> None:
        """Require no skill."""
        self.required[case] = 0

    def make_lightest(self, case: int) -> None:
        """Turn the case into one of the kind with the fewest points."""
        self.kind[case] = self._lightest
        one = slice(case, case + 1)
        load = self._caseload
        self.points[one] = points_of(
            self._policy, load.kinds, self.kind[one], load.suspended[one], load.t2a[one]
        )

    def caseload(self) -> Caseload:
        """The caseload as changed."""
        return replace(self._caseload, kind=self.kind, points=self.points, required=self.required)


def _able(may: MayHold, changed: Changed, case: int, open_rows: Bools, most: Ints) -> Bools:
    """The rows that can take the case, once it has been made easier to place where nobody can."""
    for easier in (None, changed.drop_skills, changed.make_lightest):
        if easier is not None:
            easier(case)
        able: Bools = may.rows(int(changed.kind[case]), int(changed.required[case])) & open_rows
        able &= changed.points[case] <= most
        if able.any():
            return able
    raise UsageError(
        "these officers cannot receive that many waiting cases; ask for fewer waiting cases, more officers "
        "or a lower fill"
    )


def _hand_over(base: Ints, load: Ints, available: Ints, ceiling: Ints, row: int, points: int) -> None:
    """Move base points from `row` to the least loaded other row that stays under the ceiling, to keep the fill."""
    base[row] -= points
    load[row] -= points
    passed = np.rint(points * (available / available[row])).astype(np.int64)
    fits = (available > 0) & (load + passed <= ceiling)
    fits[row] = False
    if fits.any():
        other = int(np.where(fits, load / np.maximum(available, 1), np.inf).argmin())
        base[other] += passed[other]
        load[other] += passed[other]
