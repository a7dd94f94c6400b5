"""Tasks that links tie together, priced and moved together.

Where every plan within the skip budget that puts one task with an owner puts another there too, a price may be charged
to the first and paid back on the second: no plan costs more for it, and one with both there costs the same. A
relaxation that lets them go apart is dearer, so its bound is higher. These are Lagrange multipliers of the rows
x[first, owner] <= x[second, owner], chosen by the reduced costs of multipliers in hand so that tied tasks cost alike.
And a search that moves one task at a time cannot move them; `regrouped` does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
import numpy.typing as npt

from solver.assignment.feasible import breaches
from solver.assignment.joining import all_in_one, implied_owners
from solver.assignment.problem import NOWHERE, AssignmentProblem, Bools, Ints

LARGEST_PART = 1 << 40
"""Parts beyond this could overflow when they are added up."""

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Share:
    """Charge `parts`, int64 (owners,), of the price of task `second` at each owner to task `first` instead."""

    first: int
    second: int
    parts: Ints


@dataclass(frozen=True)
class Tie:
    """What links imply for two tasks, owner by owner, bool (owners,).

    forward: with `first` there, `second` is there too; there a share's part may be positive. back: the other way round;
    there it may be negative.
    """

    first: int
    second: int
    forward: Bools
    back: Bools


class Multipliers(Protocol):
    """What of a bound's multipliers tells how dear a pair is, times scale; as in `BoundProof`."""

    @property
    def scale(self) -> int: ...
    @property
    def owner(self) -> Ints: ...
    @property
    def move(self) -> int: ...
    @property
    def row(self) -> Ints: ...
    @property
    def load(self) -> Ints: ...
    @property
    def entry(self) -> Ints: ...


def ties_of(problem: AssignmentProblem, skip_budget: int) -> Iterator[Tie]:
    """What the links "together" imply: a tie of the first member with each other one, where there is any."""
    for link in problem.together:
        members = np.unique(link.tasks)
        for other in members[1:]:
            first, second = int(members[0]), int(other)
            forward = implied_owners(problem, link, (first, second), skip_budget)
            back = implied_owners(problem, link, (second, first), skip_budget)
            if forward.any() or back.any():
                yield Tie(first, second, forward, back)


def shared(problem: AssignmentProblem, shares: Sequence[Share], ties: Sequence[Tie]) -> AssignmentProblem:
    """The problem with prices shared: no plan has a higher total. ties: `ties_of` this problem.

    Raises ValueError for a share that no tie allows, twice for the same tasks, of another size, or beyond
    `LARGEST_PART`.
    """
    price = problem.pair_price.copy()
    known = {(tie.first, tie.second): tie for tie in ties}
    for share in shares:
        tie = known.pop((share.first, share.second), None)
        if tie is None or share.parts.shape != tie.forward.shape:
            raise ValueError("a share between tasks that may go apart")
        if ((share.parts > 0) & ~tie.forward).any() or ((share.parts < 0) & ~tie.back).any():
            raise ValueError("a share at an owner where the tasks may go apart")
        if ((share.parts > LARGEST_PART) | (share.parts < -LARGEST_PART)).any():
            raise ValueError("a share that is too large")
        price[share.first] += share.parts[problem.owner]
        price[share.second] -= share.parts[problem.owner]
    return replace(problem, pair_price=price)


def shares_by(problem: AssignmentProblem, ties: Sequence[Tie], multipliers: Multipliers) -> tuple[Share, ...]:
    """Shares after which tied tasks have equal reduced costs at each owner, as far as the ties allow."""
    groups: dict[int, list[Tie]] = {}
    for tie in ties:
        groups.setdefault(tie.first, []).append(tie)
    return tuple(share for group in groups.values() for share in _group_shares(problem, group, multipliers))


def _group_shares(
    problem: AssignmentProblem, group: Sequence[Tie], multipliers: Multipliers
) -> Iterator[Share]:
    """Shares of ties that have their first task in common."""
    tasks = [group[0].first, *(tie.second for tie in group)]
    slack = np.array([_slack(problem, task, multipliers) for task in tasks])
    # Where one of them cannot go, no other does: as dear there as anywhere.
    worst = np.where(np.isfinite(slack), slack, 0.0).max(axis=1, keepdims=True)
    known = np.where(np.isfinite(slack), slack, worst + worst.max() + 1.0)
    mean = known.mean(axis=0)
    alike = np.all([tie.forward & tie.back for tie in group], axis=0)
    somewhere = np.isfinite(slack).any(axis=0)
    for number, tie in enumerate(group, start=1):
        parts = np.where(alike, known[number] - mean, (known[number] - known[0]) / 2)
        if (
            not alike.any()
        ):  # one goes nowhere without the other, which may go alone: its slack is what there is
            parts = np.where(tie.forward, known[number], -known[0])
        parts = np.where(tie.forward, parts, np.minimum(parts, 0.0))
        parts = np.where(tie.back, parts, np.maximum(parts, 0.0))
        yield Share(tie.first, tie.second, np.rint(np.where(somewhere, parts, 0.0)).astype(np.int64))


def worth_after(
    before: AssignmentProblem,
    after: AssignmentProblem,
    ties: Sequence[Tie],
    multipliers: Multipliers,
    task: Ints,
) -> Ints:
    """What placing each task is worth, `task` (n,), moved as far as sharing has moved a tied task's cheapest place."""
    worth = task.copy()
    for one in sorted({one for tie in ties for one in (tie.first, tie.second)}):
        least = [float(dear_at(problem, one, multipliers).min()) for problem in (before, after)]
        if np.isfinite(least).all():
            worth[one] += round((least[1] - least[0]) * multipliers.scale)
    return worth


def _slack(problem: AssignmentProblem, task: int, multipliers: Multipliers) -> Floats:
    """float64 (owners,): how much dearer than at its cheapest owner a task is, inf where it may not go."""
    dear = dear_at(problem, task, multipliers)
    least = np.full(int(problem.owner.max(initial=-1)) + 1, np.inf)
    np.minimum.at(least, problem.owner, dear)
    return np.asarray(least - (least.min() if np.isfinite(least).any() else 0.0))


def dear(problem: AssignmentProblem, tasks: Ints, multipliers: Multipliers) -> Floats:
    """float64 (len(tasks), m): what tasks cost at each agent at these prices, inf where they may not go."""
    agents, home = problem.agents, problem.home[tasks]
    held = home != NOWHERE
    home_owner = np.full(len(tasks), NOWHERE)
    home_owner[held] = problem.owner[home[held]]
    enters = problem.owner[None, :] != home_owner[:, None]
    cost = multipliers.load[None, :agents] * problem.weights[tasks]
    cost = cost + (multipliers.entry[:agents] + multipliers.owner[problem.owner])[None, :] * enters
    cost = cost + multipliers.move * (enters & held[:, None])
    for price, limit in zip(multipliers.row.tolist(), problem.count_limits, strict=True):
        counted = np.flatnonzero(np.isin(tasks, limit.tasks)) if price else ()
        if len(counted):
            cost[np.ix_(counted, np.unique(limit.agents))] += price
    return np.where(problem.eligible[tasks], problem.pair_price[tasks] + cost / multipliers.scale, np.inf)


def dear_at(problem: AssignmentProblem, task: int, multipliers: Multipliers) -> Floats:
    """float64 (m,): as `dear`, for one task."""
    found: Floats = dear(problem, np.array([task]), multipliers)[0]
    return found


def regrouped(
    problem: AssignmentProblem,
    assignment: Ints,
    skip_budget: int,
    over: Callable[[], bool] = lambda: False,
    tries: int = 6,
) -> Ints:
    """A plan no dearer: groups that go together moved whole to where they cost less, while that is found.

    over: asked group by group; the rest stay where they are when it says so.
    """
    best = assignment.copy()
    for link in problem.together:
        members = np.unique(link.tasks)
        if over() or not all_in_one(problem, link, skip_budget) or (best[members] == NOWHERE).any():
            continue
        change = _moved_whole(problem, best, members)
        for agent in np.argsort(change, kind="stable")[:tries]:
            if change[agent] >= 0:
                break
            moved = best.copy()
            moved[members] = agent
            if not breaches(problem, moved, skip_budget):
                best = moved
                break
    return best


def _moved_whole(problem: AssignmentProblem, assignment: Ints, members: Ints) -> Ints:
    """int64 (m,): what the total changes by when all `members` go to each agent, 0 where one of them may not."""
    weights, here = problem.weights[members], assignment[members]
    loads = problem.loads(assignment)
    without = loads.copy()
    np.subtract.at(without, here, weights[np.arange(len(members)), here])
    standing = problem.bands.cost(without)
    change = problem.bands.cost(without + weights.sum(axis=0)) - standing
    change += problem.pair_price[members].sum(axis=0)
    change -= int((problem.bands.cost(loads) - standing).sum() + problem.pair_price[members, here].sum())
    return np.where(problem.eligible[members].all(axis=0), change, 0)
