"""Where groups that go together are, tried owner by owner: each put there whole, what is in its way moved on.

A group of heavy tasks goes where there is no room for it until much else has moved, and until then costs more than a
search at low temperature accepts. So it is put there whatever it costs, held there while the rest is searched, and
kept there when the plan is then cheaper. The multipliers of a bound tell which owners are worth the trouble.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from solver.assignment.arrays import Instance, prepare, prices_of
from solver.assignment.bound import BoundProof
from solver.assignment.climb import known
from solver.assignment.primal import Primal
from solver.assignment.problem import NOWHERE, AssignmentProblem, Ints
from solver.assignment.relaxation import Floats, reduced, tables
from solver.assignment.search import Pairs

STEPS = 100_000
"""Tries of local search after a group has been put somewhere."""
TRY_WORK = 0.06
"""Work units of one try."""
NEAR = 0.4
"""How much dearer another owner may be by the multipliers than the present one, as a part of plan less bound."""


@dataclass(frozen=True)
class Trial:
    """A group, int64 (members,), to be put at `agent`. dearer: by how much by the multipliers than where it is."""

    members: Ints
    agent: int
    dearer: float


def regrouped_by_search(
    problem: AssignmentProblem,
    assignment: Ints,
    priced: tuple[AssignmentProblem, BoundProof],
    skip_budget: int,
    seed: int,
    tries: int,
    over: Callable[[], bool],
) -> Ints:
    """A plan no dearer than `assignment`, int64 (n,), with groups elsewhere; at most so many places are tried.

    priced: the problem with linked tasks' prices shared, and multipliers of it. over: asked between short steps; True
    ends the search. Depends on nothing else, so that it is the same every time unless `over` ends it.
    """
    shared, multipliers = priced
    if not problem.together or (assignment == NOWHERE).all():
        return assignment
    inst = prepare(problem, skip_budget)
    cost = reduced(inst._replace(price=prices_of(shared)), tables(inst), known(inst, multipliers))
    primal = Primal(inst, seed)
    primal.load(np.where(assignment == NOWHERE, problem.agents, assignment))
    if not primal.keep() and primal.best is None:
        return assignment
    primal.near(cost)
    best, least = primal.state.assign.copy(), problem.total(assignment)
    for trial in sorted(_trials(problem, best, cost, least - multipliers.bound), key=lambda one: one.dearer)[
        :tries
    ]:
        if over():
            break
        found = _tried(inst, primal, best, trial, over)
        if found is not None and primal.best_total < least:
            best, least = found, primal.best_total
    return np.where(best == problem.agents, NOWHERE, best)


def _trials(problem: AssignmentProblem, best: Ints, cost: Floats, doubt: int) -> Iterator[Trial]:
    """Where groups that are all with one owner might be instead."""
    for link in problem.together:
        members = np.unique(link.tasks)
        here = best[members]
        if len(members) < 2 or (here == problem.agents).any() or len(np.unique(problem.owner[here])) > 1:
            continue
        dear = cost[members, :-1].sum(axis=0)
        dearer = dear - cost[members, here].sum()
        for agent in np.flatnonzero(dearer <= NEAR * max(doubt, 0)).tolist():
            if agent not in here:
                yield Trial(members, agent, float(dearer[agent]))


def _tried(inst: Instance, primal: Primal, best: Ints, trial: Trial, over: Callable[[], bool]) -> Ints | None:
    """The best plan found with the group there; None when there is no room or it has not been kept there."""
    pairs = primal.pairs
    primal.load(best)
    if pairs is None or not primal.put_whole(trial.members, trial.agent):
        return None
    primal.begin_again()
    primal.pairs = _without(pairs, inst, trial)
    primal.round(STEPS, over)
    primal.pairs = pairs
    return primal.best


def _without(pairs: Pairs, inst: Instance, trial: Trial) -> Pairs:
    """The pairs but for those that would take the group away from its new owner."""
    away = np.isin(pairs.task, trial.members) & (inst.owner[pairs.agent] != inst.owner[trial.agent])
    task = pairs.task[~away]
    start = np.searchsorted(task, np.arange(len(inst.home) + 1)).astype(np.int64)
    return Pairs(task, pairs.agent[~away], start)
