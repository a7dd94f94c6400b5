"""Duties with fixed times and the supervisors who may take them: the data, and the intervals' own facts.

In the literature this is the shift minimisation personnel task scheduling problem (Krishnamoorthy, Ernst and
Baatar 2012). Times are any whole numbers; an end is exclusive, so a duty may begin when another ends.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from models.errors import SolverError

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

NOBODY = -1
"""What the search's arrays hold for a duty without a supervisor; an answer never holds it."""


@dataclass(frozen=True)
class Duties:
    """starts, ends: int64 (n,), ends exclusive. qualified: bool (n, m), who has the skills for what.

    Raises SolverError when shapes differ or a duty does not end after it starts.
    """

    starts: Ints
    ends: Ints
    qualified: Bools

    def __post_init__(self) -> None:
        if self.starts.shape != self.ends.shape or self.qualified.shape[:1] != self.starts.shape:
            raise SolverError("starts, ends and qualified speak of different numbers of duties")
        if self.qualified.ndim != 2 or not (self.starts < self.ends).all():
            raise SolverError("a duty must end after it starts")

    @property
    def count(self) -> int:
        return len(self.starts)

    @property
    def people(self) -> int:
        return int(self.qualified.shape[1])

    def clashes(self) -> Bools:
        """bool (n, n): duties that share a moment; no duty clashes with itself."""
        both = (self.starts[:, None] < self.ends[None, :]) & (self.starts[None, :] < self.ends[:, None])
        np.fill_diagonal(both, val=False)
        return both

    def at_once(self, among: Ints | None = None) -> list[Ints]:
        """The maximal sets of duties (of `among`, or of all) that share a moment, by time.

        Such a set stands at a start after which some duty ends before the next one starts; every two duties
        that clash are in one, so "at most one of each set" is "no two that clash".
        """
        chosen = np.arange(self.count) if among is None else among
        if not len(chosen):
            return []
        starts, ends = self.starts[chosen], self.ends[chosen]
        moments = np.unique(starts)
        ended = np.searchsorted(np.sort(ends), moments, side="right")
        after = np.append(ended[1:], len(chosen))
        return [chosen[(starts <= at) & (at < ends)] for at in moments[after > ended].tolist()]

    def most_at_once(self) -> int:
        """The most duties that share a moment: no fewer people can do them, one place at a time."""
        return max((len(group) for group in self.at_once()), default=0)


def faults_of(duties: Duties, holder: Ints) -> list[str]:
    """What is wrong with `holder`, int64 (n,), the person of each duty: empty for a sound answer.

    Compares every pair of duties of a person by their times alone.
    """
    if holder.shape != (duties.count,):
        return ["not every duty has one person"]
    faults = []
    held: dict[int, list[int]] = {}
    for duty, person in enumerate(holder.tolist()):
        if not 0 <= person < duties.people:
            faults.append(f"duty {duty} has nobody")
        elif not duties.qualified[duty, person]:
            faults.append(f"person {person} is not qualified for duty {duty}")
        held.setdefault(person, []).append(duty)
    for person, mine in held.items():
        if person == NOBODY:
            continue
        for place, one in enumerate(mine):
            faults += [
                f"duties {one} and {other} of person {person} share a moment"
                for other in mine[place + 1 :]
                if duties.starts[one] < duties.ends[other] and duties.starts[other] < duties.ends[one]
            ]
    return faults
