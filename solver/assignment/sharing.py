"""Tasks that must go together, priced and moved together.

Where every plan within the skip budget has two tasks with one owner (see joining.py), a part of the price of one at an
owner may be charged to the other: the total of every plan is the same, but a relaxation that lets them go apart is
dearer, so its bound is higher. The parts are chosen so that both cost alike at every owner, by the reduced costs of
multipliers in hand. And a search that moves one task at a time cannot move them; `regrouped` does.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from solver.assignment.feasible import breaches
from solver.assignment.joining import all_in_one
from solver.assignment.problem import NOWHERE, AssignmentProblem, Ints

LARGEST_PART = 1 << 40
"""Parts beyond this could overflow when they are added up."""


@dataclass(frozen=True)
class Share:
    """Charge `parts`, int64 (owners,), of the price of task `second` at each owner to task `first` instead."""

    first: int
    second: int
    parts: Ints


class LoadPrices(Protocol):
    """What of a bound's multipliers tells how dear an agent is. load, entry: int64 (m + 1,), times scale."""

    @property
    def scale(self) -> int: ...
    @property
    def load(self) -> Ints: ...
    @property
    def entry(self) -> Ints: ...


def pairs_to_share(problem: AssignmentProblem, skip_budget: int) -> Iterator[tuple[int, int]]:
    """Pairs of tasks that every plan within the budget has with one owner: one pair for each further member."""
    for link in problem.together:
        if all_in_one(problem, link, skip_budget):
            members = np.unique(link.tasks)
            for other in members[1:]:
                yield int(members[0]), int(other)


def shared(
    problem: AssignmentProblem, shares: Sequence[Share], allowed: set[tuple[int, int]]
) -> AssignmentProblem:
    """The problem with prices shared. allowed: `pairs_to_share` of this problem.

    Raises ValueError for a share between tasks that may go apart, or of another size, or beyond `LARGEST_PART`.
    """
    price = problem.pair_price.copy()
    for share in shares:
        if (share.first, share.second) not in allowed or len(share.parts) <= int(
            problem.owner.max(initial=-1)
        ):
            raise ValueError("a share between tasks that may go apart")
        if ((share.parts > LARGEST_PART) | (share.parts < -LARGEST_PART)).any():
            raise ValueError("a share that is too large")
        price[share.first] += share.parts[problem.owner]
        price[share.second] -= share.parts[problem.owner]
    return replace(problem, pair_price=price)


def shares_by(
    problem: AssignmentProblem, pairs: Sequence[tuple[int, int]], multipliers: LoadPrices
) -> tuple[Share, ...]:
    """Shares after which both tasks of each pair have equal reduced costs at every owner open to them."""
    owners = int(problem.owner.max(initial=-1)) + 1
    agents = problem.agents
    slope, entry = (
        multipliers.load[:agents] / multipliers.scale,
        multipliers.entry[:agents] / multipliers.scale,
    )
    price = problem.pair_price.astype(np.float64)
    found = []
    for first, second in pairs:
        cost = np.full((2, owners), np.inf)
        for row, task in enumerate((first, second)):
            home = int(problem.home[task])
            enters = problem.owner != (problem.owner[home] if home != NOWHERE else NOWHERE)
            reduced = price[task] + slope * problem.weights[task] + entry * enters
            reduced[~problem.eligible[task]] = np.inf
            np.minimum.at(cost[row], problem.owner, reduced)
        both = np.isfinite(cost).all(axis=0)
        parts = np.zeros(owners)
        parts[both] = (cost[1, both] - cost[0, both]) / 2
        if both.any():
            parts[both] -= np.median(parts[both])
        share = Share(first, second, np.rint(parts).astype(np.int64))
        found.append(share)
        price[first] += share.parts[problem.owner]
        price[second] -= share.parts[problem.owner]
    return tuple(found)


def regrouped(problem: AssignmentProblem, assignment: Ints, skip_budget: int, tries: int = 6) -> Ints:
    """A plan no dearer: groups that go together moved whole to where they cost less, while that is found."""
    best, total = assignment.copy(), problem.total(assignment)
    for link in problem.together:
        members = np.unique(link.tasks)
        if not all_in_one(problem, link, skip_budget):
            continue
        options = []
        for agent in range(problem.agents):
            if problem.eligible[members, agent].all():
                moved = best.copy()
                moved[members] = agent
                options.append((problem.total(moved), agent))
        for value, agent in sorted(options)[:tries]:
            moved = best.copy()
            moved[members] = agent
            if value < total and not breaches(problem, moved, skip_budget):
                best, total = moved, value
                break
    return best
