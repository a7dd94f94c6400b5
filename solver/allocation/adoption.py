"""The prices of a plan in hand, taken over for a question that differs a little: one more pin, a case come or gone.

They prove nothing by themselves. The kernel begins its bound from them instead of solving the linear programme anew.
"""

from __future__ import annotations

import numpy as np

from models.allocation.plan import BoundProof as ProofOfPlan
from solver.assignment.bound import BoundProof
from solver.assignment.problem import AssignmentProblem, Ints
from solver.assignment.sharing import Floats, dear_at

MOST_CHANGES = 60
"""Cases that may have come or gone; with more of them the prices of cases are guessed from those of officers."""
MOST_LEFT = 1 << 50
"""Prices beyond this come from no plan of ours."""


def adopted(problem: AssignmentProblem, skip_budget: int, proof: ProofOfPlan | None) -> BoundProof | None:
    """The prices of a plan's proof as multipliers for `problem`; None where they are for other officers or limits.

    The prices of cases are taken over in order. Which cases have come or gone is told by what each costs at its
    cheapest officer at the officers' prices.
    """
    if proof is None or not _fits(problem, proof):
        return None
    limited, budgeted = problem.intake_limit is not None, problem.move_budget is not None
    known = BoundProof(
        scale=proof.scale,
        skip_budget=skip_budget,
        task=np.zeros(problem.tasks, dtype=np.int64),
        owner=np.maximum(np.array(proof.owner, dtype=np.int64), 0) * limited,
        move=max(proof.move, 0) * budgeted,
        row=np.maximum(np.array(proof.row, dtype=np.int64), 0),
        load=np.array(proof.load, dtype=np.int64),
        entry=np.maximum(np.array(proof.entry, dtype=np.int64), 0),
        reach=np.array(proof.reach, dtype=np.int64),
        bound=0,
    )
    least = np.array([dear_at(problem, task, known).min(initial=np.inf) for task in range(problem.tasks)])
    guess = np.rint(np.where(np.isfinite(least), least, 0.0) * known.scale)
    return BoundProof(**{**vars(known), "task": _worth(np.array(proof.task, dtype=np.int64), guess)})


def _fits(problem: AssignmentProblem, proof: ProofOfPlan) -> bool:
    owners = int(problem.owner.max(initial=-1)) + 1
    if problem.intake_limit is not None:
        owners = len(problem.intake_limit)
    agents = problem.agents + 1
    sizes = [len(some) for some in (proof.load, proof.entry, proof.reach, proof.owner, proof.row)]
    if sizes != [agents, agents, agents, owners + 1, len(problem.count_limits)] or proof.scale < 1:
        return False
    numbers = (
        proof.task,
        proof.owner,
        (proof.move, proof.scale),
        proof.row,
        proof.load,
        proof.entry,
        proof.reach,
    )
    return all(abs(number) <= MOST_LEFT for some in numbers for number in some)


def _worth(old: Ints, guess: Floats) -> Ints:
    """int64 like `guess`: the old values laid along it in order, the guess where there is none."""
    worth = guess.astype(np.int64)
    if abs(len(old) - len(guess)) > MOST_CHANGES:
        return worth
    if len(old) >= len(guess):
        return old[laid_along(guess, old.astype(np.float64))]
    worth[laid_along(old.astype(np.float64), guess)] = old
    return worth


def laid_along(few: Floats, many: Floats) -> Ints:
    """Ascending positions in `many`, one for each of `few`, that make the sum of absolute differences least.

    least[j][i], the first i of `few` within the first i + j of `many`, follows from least[j - 1] by a running minimum.
    """
    extra = len(many) - len(few)
    sums = [
        np.concatenate([[0.0], np.cumsum(np.abs(many[j : j + len(few)] - few))]) for j in range(extra + 1)
    ]
    least, since = sums[0], [np.zeros(len(few) + 1, dtype=np.int64)]
    for total in sums[1:]:
        ahead = least - total
        least = np.minimum.accumulate(ahead)
        since.append(_last_where(ahead, least))
        least = least + total
    position, end = np.zeros(len(few), dtype=np.int64), len(few)
    for j in range(extra, -1, -1):
        begin = int(since[j][end]) if j else 0
        position[begin:end] = np.arange(begin, end) + j
        end = begin
    return position


def _last_where(values: Floats, running: Floats) -> Ints:
    """For each place the last place up to it at which `values` reached their running minimum."""
    return np.maximum.accumulate(np.where(values <= running, np.arange(len(values)), 0))
