"""Tasks that must go together, made plain before the search: what one may not take, none of them may.

Take a link "together" whose members all have one home owner, or none, and of which a new task cannot be skipped within
the budget. That task enters some owner; every member that enters shares it, and members that stay must be with one
that enters: so in every plan within the budget all members are with one owner. An owner is therefore open to a member
only if it is open to all, and held members whose home is not open to the others must move. The latter are treated
as new tasks that cannot be skipped, and count against the budget of moves. The plans are the same, and their totals.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from solver.assignment.problem import NOWHERE, AssignmentProblem, Bools, Ints, Link


def joined(problem: AssignmentProblem, skip_budget: int) -> AssignmentProblem:
    """The same problem with what its links imply for plans that skip at most `skip_budget` by weight."""
    eligible, home = problem.eligible.copy(), problem.home.copy()
    for link in problem.together:
        if not all_in_one(problem, link, skip_budget):
            continue
        members = np.unique(link.tasks)
        open_to_all = _open_to_all(problem, link, eligible)
        moves = members[(problem.home[members] != NOWHERE) & ~open_to_all[problem.home[members]]]
        if _counted_at_home(problem, moves):
            continue
        eligible[members] &= open_to_all
        home[moves] = NOWHERE
    moved = int(((problem.home != NOWHERE) & (home == NOWHERE)).sum())
    if problem.move_budget is not None and moved > problem.move_budget:
        return problem
    return replace(
        problem,
        eligible=eligible,
        home=home,
        skip_weight=np.where(
            (home == NOWHERE) & (problem.home != NOWHERE), skip_budget + 1, problem.skip_weight
        ),
        move_budget=None if problem.move_budget is None else problem.move_budget - moved,
    )


def all_in_one(problem: AssignmentProblem, link: Link, skip_budget: int) -> bool:
    """Whether every plan within the budget has all members with one owner."""
    home = problem.home[link.tasks]
    new = link.tasks[home == NOWHERE]
    owners = np.union1d(link.fixed_owners, problem.owner[home[home != NOWHERE]])
    return new.size > 0 and owners.size <= 1 and bool((problem.skip_weight[new] > skip_budget).all())


def _open_to_all(problem: AssignmentProblem, link: Link, eligible: Bools) -> Bools:
    """bool (m,): agents whose owner may have every member, and is that of the fixed ones where there are any."""
    open_owner = np.ones(int(problem.owner.max(initial=-1)) + 1, dtype=bool)
    for task in link.tasks:
        its_own = np.zeros_like(open_owner)
        its_own[problem.owner[eligible[task]]] = True
        open_owner &= its_own
    if link.fixed_owners.size:
        fixed = np.zeros_like(open_owner)
        fixed[link.fixed_owners] = True
        open_owner &= fixed
    found: Bools = open_owner[problem.owner]
    return found


def _counted_at_home(problem: AssignmentProblem, moves: Ints) -> bool:
    """Whether a counted limit tells tasks that move within it from tasks that come from outside."""
    return any(
        bool(np.isin(problem.home[moves], limit.agents).any() and np.isin(moves, limit.tasks).any())
        and limit.agents.size > 1
        for limit in problem.count_limits
    )
