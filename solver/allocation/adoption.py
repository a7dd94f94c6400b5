"""The prices of a plan in hand, taken over for a question that differs a little: one more pin, a case come or gone.

They prove nothing by themselves. The kernel begins its bound from them instead of solving the linear programme anew.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from models.allocation.plan import BoundProof as ProofOfPlan
from models.errors import UsageError
from solver.allocation.proof import changed
from solver.assignment.bound import BoundProof
from solver.assignment.deciding import Regrown
from solver.assignment.problem import NOWHERE, AssignmentProblem, Ints
from solver.assignment.sharing import (
    LARGEST_PART,
    Floats,
    Share,
    Tie,
    dear,
    shared,
    shares_by,
    worth_after,
)

MOST_CHANGES = 60
"""Cases that may have come or gone; with more of them the prices of cases are guessed from those of officers."""
MOST_LEFT = 1 << 50
"""Prices beyond this come from no plan of ours."""


@dataclass(frozen=True)
class Adopted:
    """Multipliers of a problem with linked tasks' prices shared by `shares`, and those of groups that were decided."""

    multipliers: BoundProof
    shares: tuple[Share, ...]
    decided: tuple[Regrown, ...] = ()


def adopted(
    problem: AssignmentProblem, skip_budget: int, proof: ProofOfPlan | None, ties: Sequence[Tie] = ()
) -> Adopted | None:
    """The prices of a plan's proof as multipliers for `problem`; None where they are for other officers or limits.

    The prices of cases are taken over in order. Which cases have come or gone is told by what each costs at its
    cheapest officer at the officers' prices. How linked cases share theirs is taken over too, as far as `ties`, those
    of `problem`, still hold; the others share theirs by the prices taken over. So a question in which a case has been
    pinned, and nothing else changed, has its old bound at these multipliers, or a higher one.
    """
    if proof is None or not _fits(problem, proof):
        return None
    known = _known(problem, skip_budget, proof)
    least = dear(problem, np.arange(problem.tasks), known).min(axis=1, initial=np.inf)
    guess = np.rint(np.where(np.isfinite(least), least, 0.0) * known.scale)
    old = np.array(proof.task, dtype=np.int64)
    came_from = _came_from(old, guess)
    worth = guess.astype(np.int64)
    worth[came_from != NOWHERE] = old[came_from[came_from != NOWHERE]]
    known = replace(known, task=worth)
    kept = _kept_shares(proof, came_from, ties)
    others = [tie for tie in ties if (tie.first, tie.second) not in kept]
    made = shares_by(problem, others, known)
    before = shared(problem, tuple(kept.values()), ties)
    after = shared(before, made, others)
    known = replace(known, task=worth_after(before, after, others, known, known.task))
    return Adopted(known, (*kept.values(), *made), tuple(_regrown(problem, proof, known, came_from)))


def _known(problem: AssignmentProblem, skip_budget: int, proof: ProofOfPlan) -> BoundProof:
    """The multipliers as they are, but for those of tasks, which are nothing yet, and of limits that are none."""
    limited, budgeted = problem.intake_limit is not None, problem.move_budget is not None
    return BoundProof(
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


def _regrown(
    problem: AssignmentProblem, proof: ProofOfPlan, root: BoundProof, came_from: Ints
) -> Iterator[Regrown]:
    """The groups that were decided, as far as their cases are still there, with each part's multipliers.

    Cases' prices differ from those of `root` by what they differed from the old root's.
    """
    old, there = np.array(proof.task, dtype=np.int64), came_from != NOWHERE
    place = {int(came): task for task, came in enumerate(came_from.tolist()) if came != NOWHERE}
    nodes = [proof]
    for each in proof.decided:
        if not 0 <= each.within < len(nodes):
            return
        parts = {}
        for part in each.parts:
            try:
                node = changed(nodes[each.within], part)
            except UsageError:
                return
            if not _fits(problem, node):
                return
            nodes.append(node)
            worth = root.task.copy()
            worth[there] += (np.array(node.task, dtype=np.int64) - old)[came_from[there]]
            parts[part.owner] = replace(_known(problem, root.skip_budget, node), task=worth)
        group = [place.get(task, NOWHERE) for task in each.group]
        yield Regrown(each.within, np.unique(np.array(group, dtype=np.int64)), parts)


def _kept_shares(proof: ProofOfPlan, came_from: Ints, ties: Sequence[Tie]) -> dict[tuple[int, int], Share]:
    """The shares of the proof whose tasks are still tied, by their tasks, as far as the ties allow."""
    old = {(each.first, each.second): each.parts for each in proof.shares}
    kept = {}
    for tie in ties:
        parts = old.get((int(came_from[tie.first]), int(came_from[tie.second])))
        if parts is None or len(parts) != len(tie.forward) or any(abs(part) > LARGEST_PART for part in parts):
            continue
        whole = np.array(parts, dtype=np.int64)
        whole = np.where(tie.forward, whole, np.minimum(whole, 0))
        whole = np.where(tie.back, whole, np.maximum(whole, 0))
        kept[(tie.first, tie.second)] = Share(tie.first, tie.second, whole)
    return kept


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


def _came_from(old: Ints, guess: Floats) -> Ints:
    """int64 like `guess`: for each task its place among the `old` ones when laid along them in order, NOWHERE: none."""
    if abs(len(old) - len(guess)) > MOST_CHANGES:
        return np.full(len(guess), NOWHERE, dtype=np.int64)
    if len(old) >= len(guess):
        return laid_along(guess, old.astype(np.float64))
    came_from = np.full(len(guess), NOWHERE, dtype=np.int64)
    came_from[laid_along(old.astype(np.float64), guess)] = np.arange(len(old))
    return came_from


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
