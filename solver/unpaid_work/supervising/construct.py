"""A first plan: the busiest moment by matching, then outwards in time, the tightest fit first."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from solver.unpaid_work.supervising.duties import NOBODY, Duties, Ints

NOISE = 0.3
"""How far chance may shift a person's worth, of 1, so that another beginning is another plan."""


def construct(duties: Duties, clashes: npt.NDArray[np.bool_], target: int, draw: np.random.Generator) -> Ints:
    """int64 (n,): a holder for as many duties as come easily, by at most `target` people, NOBODY elsewhere.

    Whoever has skills that few have is worth most at the busiest moment; later choices keep to those people.
    """
    holder = np.full(duties.count, NOBODY, np.int64)
    groups = duties.at_once()
    if not groups:
        return holder
    busiest = max(groups, key=len)
    _match(duties, busiest, target, holder, draw)
    peak = int(duties.starts[busiest].max())
    later = np.flatnonzero(duties.starts > peak)
    sooner = np.flatnonzero(duties.ends <= peak)
    order = [*later[np.argsort(duties.starts[later])], *sooner[np.argsort(-duties.ends[sooner])]]
    idle = np.abs(duties.starts[:, None] - duties.ends[None, :])
    active = set(holder[holder != NOBODY].tolist())
    for duty in order:
        mine = np.flatnonzero(holder != NOBODY)
        busy = set(holder[mine[clashes[duty, mine]]].tolist())
        able = np.flatnonzero(duties.qualified[duty])
        free = [person for person in able.tolist() if person in active and person not in busy]
        if free:
            waits = dict.fromkeys(free, 0)
            gaps = idle[duty] if duties.starts[duty] > peak else idle[:, duty]
            for person in free:
                near = gaps[holder == person]
                waits[person] = int(near.min()) if len(near) else 0
            least = min(waits.values())
            holder[duty] = draw.choice([person for person in free if waits[person] == least])
        elif len(active) < target:
            spare = [person for person in able.tolist() if person not in active]
            if spare:
                holder[duty] = draw.choice(spare)
                active.add(int(holder[duty]))
    return holder


def _match(duties: Duties, busiest: Ints, target: int, holder: Ints, draw: np.random.Generator) -> None:
    """Give the duties of the busiest moment to different people, the most versatile first."""
    from scipy.optimize import linear_sum_assignment

    scarcity = 1.0 / np.maximum(1, duties.qualified.sum(axis=1))
    worth = scarcity @ duties.qualified
    price = NOISE * draw.random((len(busiest), duties.people)) - worth / max(1e-9, worth.max())
    never = 1000.0 * duties.count
    rows, columns = linear_sum_assignment(np.where(duties.qualified[busiest], price, never))
    for row, person in list(zip(rows.tolist(), columns.tolist(), strict=True))[:target]:
        if duties.qualified[busiest[row], person]:
            holder[busiest[row]] = person
