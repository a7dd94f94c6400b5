"""Which pairs a better plan may still use, by reduced cost: what is left is often small enough to branch on.

With the multipliers of a proof the bound is a sum over agents. Forcing a pair upon an agent raises that agent's part to
at least its linear bound plus the pair's reduced cost (see `knapsack`), so a pair for which the sum then reaches the
total of the plan in hand is in no better plan. Everything is in whole numbers.
"""

from __future__ import annotations

import numpy as np

from solver.assignment.arrays import UNBOUNDED, prepare
from solver.assignment.bound import BoundProof, Lagrangian
from solver.assignment.problem import AssignmentProblem, Ints
from solver.assignment.relaxation import tables


def least_with(problem: AssignmentProblem, proof: BoundProof) -> Ints:
    """int64 (n, m): no plan that uses a pair has a smaller total than this; UNBOUNDED where no plan uses it.

    proof: multipliers of this very problem. Plans are those that skip no more than the proof's budget.
    """
    inst = prepare(problem, proof.skip_budget)
    return least_at(Lagrangian(inst, tables(inst), proof.skip_budget, proof.scale), proof)


def least_at(relaxation: Lagrangian, proof: BoundProof) -> Ints:
    """As `least_with`, for the pairs that a relaxation knows; UNBOUNDED for the others."""
    value, values, _, _ = relaxation.evaluate(proof)
    found = np.full((relaxation.tasks, relaxation.agents - 1), UNBOUNDED, dtype=np.int64)
    agent, task = relaxation.pair_agent, relaxation.by_agent[0]
    placed = agent < relaxation.agents - 1
    if (values[:, 0] >= UNBOUNDED).any():
        found[task[placed], agent[placed]] = proof.bound
        return found
    reduced = relaxation.costs(proof) + proof.load[agent] * relaxation.weight
    reduced += proof.entry[agent] * relaxation.enters
    forced = value - (values[:, 0] - values[:, 2])[agent] + np.maximum(reduced, 0)
    found[task[placed], agent[placed]] = -(-forced[placed] // proof.scale)
    return found


def level_of(least: Ints, total: int, most: int) -> int:
    """`total`, or a lower number with at most about `most` pairs below it, where more are below `total`.

    least: int64 (n, m), what plans with each pair cost at least.
    """
    inside = least[least < total]
    return total if inside.size <= most else int(np.partition(inside, most)[most])
