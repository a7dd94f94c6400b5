"""What links and the skip budget imply, made plain before the search.

Tasks that no plan places are skipped in every plan. They leave less of the budget, and what weighs more than the rest
of it cannot be skipped.

Of tasks that must go together: what one may not take, none of them may.

Take a link "together" whose members all have one home owner, or none, and whose new tasks cannot be skipped within
the budget. Every member that enters an owner shares it with the others that enter, and members that stay must be with
one that enters: so in every plan within the budget all members are with one owner. An owner is therefore open to a
member only if it is open to all, and held members whose home is not open to the others must move. The latter are
treated as new tasks that cannot be skipped, and count against the budget of moves. Other links imply less: that where
one member goes, another is too, owner by owner (`implied_owners`). The plans are the same, and their totals.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from solver.assignment.arrays import prepare
from solver.assignment.problem import NOWHERE, AssignmentProblem, Bools, Ints, Link


def joined(problem: AssignmentProblem, skip_budget: int) -> AssignmentProblem:
    """The same problem with what is implied for plans that skip at most `skip_budget` by weight."""
    problem = _placed_for_certain(problem, skip_budget)
    eligible, home = problem.eligible.copy(), problem.home.copy()
    for link in problem.together:
        members = np.unique(link.tasks)
        if not all_in_one(problem, link, skip_budget):
            _close_one_by_one(problem, link, eligible, skip_budget)
            continue
        open_to_all = _open_to_all(problem, link, eligible)
        moves = members[(problem.home[members] != NOWHERE) & ~open_to_all[problem.home[members]]]
        if _counted_at_home(problem, moves):
            at_home = problem.home[members][:, None] == np.arange(problem.agents)[None, :]
            eligible[members] &= open_to_all | at_home
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


def _placed_for_certain(problem: AssignmentProblem, skip_budget: int) -> AssignmentProblem:
    """The same problem with a skip weight beyond the budget for what cannot be skipped beside what must be."""
    if not problem.may_skip or skip_budget <= 0:
        return problem
    skipped = never_placed(problem)
    left = skip_budget - int(problem.skip_weight[skipped].sum())
    certain = (problem.home == NOWHERE) & ~skipped & (problem.skip_weight > max(left, 0))
    return replace(problem, skip_weight=np.where(certain, skip_budget + 1, problem.skip_weight))


def never_placed(problem: AssignmentProblem) -> Bools:
    """bool (n,): new tasks that no plan places, whatever else it does.

    Each new task is looked at with the held members of its links alone, as other new ones might be skipped.
    """
    new = problem.home == NOWHERE
    allowed = prepare(problem, 0).allowed[:, :-1]
    for link in problem.together:
        held = link.tasks[~new[link.tasks]]
        for task in np.unique(link.tasks[new[link.tasks]]):
            pair = Link(np.append(held, task), link.fixed_owners)
            before = allowed[pair.tasks]
            if all_in_one(problem, pair, 0):
                allowed[task] &= _open_to_all(problem, pair, allowed)
            else:
                _close_one_by_one(problem, pair, allowed, 0)
            allowed[pair.tasks[:-1]] = before[:-1]
    return np.asarray(new & ~allowed.any(axis=1))


def all_in_one(problem: AssignmentProblem, link: Link, skip_budget: int) -> bool:
    """Whether every plan within the budget has all members with one owner."""
    home = problem.home[link.tasks]
    new = link.tasks[home == NOWHERE]
    return _anchors(problem, link).size <= 1 and not any(
        _may_skip(problem, int(task), skip_budget) for task in new
    )


def implied_owners(problem: AssignmentProblem, link: Link, pair: tuple[int, int], skip_budget: int) -> Bools:
    """bool (owners,): where the first of a pair of members of a link "together" is, there is the second, in every plan.

    Say the first enters owner p. The second, if it enters too, is at p. If it stays, p is an owner with whom some
    member stays: that may be another's home only if p is the home of a member or a fixed owner. Say the first stays
    at p. If no member has another home, the second stays there too or enters where one stays, which is p.
    """
    first, second = (int(problem.home[task]) for task in pair)
    owners = int(problem.owner.max(initial=-1)) + 1
    if second == NOWHERE and _may_skip(problem, pair[1], skip_budget):
        return np.zeros(owners, dtype=np.bool_)
    anchors = _anchors(problem, link)
    implied = np.ones(owners, dtype=np.bool_)
    if second != NOWHERE:
        implied[anchors] = False
        implied[problem.owner[second]] = True
    if first != NOWHERE:
        implied[problem.owner[first]] = anchors.size == 1
    return implied


def _anchors(problem: AssignmentProblem, link: Link) -> Ints:
    """The owners with whom some member may stay."""
    home = problem.home[link.tasks]
    return np.union1d(link.fixed_owners, problem.owner[home[home != NOWHERE]]).astype(np.int64)


def _may_skip(problem: AssignmentProblem, task: int, skip_budget: int) -> bool:
    return problem.may_skip and bool(problem.skip_weight[task] <= skip_budget)


def _close_one_by_one(problem: AssignmentProblem, link: Link, eligible: Bools, skip_budget: int) -> None:
    """Take away from each member what it could only have with another that may not go there; homes stay open."""
    members = np.unique(link.tasks)
    for task in members:
        for other in members[members != task]:
            implied = implied_owners(problem, link, (int(task), int(other)), skip_budget)
            its_own = np.zeros_like(implied)
            its_own[problem.owner[eligible[other]]] = True
            closed = (implied & ~its_own)[problem.owner]
            closed[problem.owner == _home_owner(problem, int(task))] = False
            eligible[task] &= ~closed


def _home_owner(problem: AssignmentProblem, task: int) -> int:
    home = int(problem.home[task])
    return int(problem.owner[home]) if home != NOWHERE else NOWHERE


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
