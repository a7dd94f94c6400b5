"""The whole question as one model: fewest people, with a proof. Used as it is for small ones, and beside the search."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from solver.engine import Limits, Status, Stop, run
from solver.unpaid_work.supervising.duties import NOBODY, Duties, Ints
from solver.unpaid_work.supervising.model import Pairs, Part


@dataclass(frozen=True)
class Exact:
    """holder: int64 (n,), None when nothing was found. bound: a proven least number of people."""

    status: Status
    holder: Ints | None
    bound: int | None


def solve_exactly(
    duties: Duties,
    limits: Limits,
    *,
    hint: Ints | None = None,
    stop: Stop | None = None,
    workers: int | None = None,
) -> Exact:
    """Every duty to one able person, with fewest people. INFEASIBLE is confirmed by a second solve."""
    from ortools.sat.python import cp_model as cp

    everyone = np.arange(duties.people)
    part = Part(
        np.arange(duties.count), everyone, duties.qualified, np.ones(duties.people, np.bool_), duties.people
    )
    if not duties.qualified.any(axis=1).all():
        return Exact(Status.INFEASIBLE, None, None)
    model = cp.CpModel()
    pairs = Pairs(model, duties, part)
    for row in pairs.of_duty:
        model.add_exactly_one(row)
    people = cp.LinearExpr.sum(list(pairs.used.values()))
    model.add(people >= duties.most_at_once())
    model.minimize(people)
    if hint is not None:
        for place, variable in enumerate(pairs.chosen):
            model.add_hint(variable, int(hint[pairs.rows[place]] == pairs.columns[place]))
    found = run(model, limits, stop=stop, workers=workers)
    holder = None if found.values is None else pairs.holders(part, found.values)
    if holder is not None and (holder == NOBODY).any():
        holder = None
    return Exact(found.status, holder, found.bound)
