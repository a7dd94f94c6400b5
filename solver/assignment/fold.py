"""A smaller problem with some tasks settled: their load, counts and owners become part of what stands."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from solver.assignment.problem import NOWHERE, AssignmentProblem, CountLimit, Ints, Link


def hold_at_home(problem: AssignmentProblem) -> tuple[AssignmentProblem, Ints]:
    """The problem in which every task with a home stays there. Returns it and the tasks that are left, int64 (k,).

    Totals differ by the pair prices of what was settled; feasible assignments of the rest are the same.
    """
    held = np.flatnonzero(problem.home != NOWHERE)
    left = np.flatnonzero(problem.home == NOWHERE)
    base = problem.base_load.copy()
    np.add.at(base, problem.home[held], problem.weights[held, problem.home[held]])
    position = np.full(problem.tasks, NOWHERE, dtype=np.int64)
    position[left] = np.arange(left.size)
    return (
        replace(
            problem,
            pair_price=problem.pair_price[left],
            weight=problem.weight[left],
            eligible=problem.eligible[left],
            base_load=base,
            home=problem.home[left],
            skip_weight=problem.skip_weight[left],
            together=_links(problem, problem.together, position),
            apart=_links(problem, problem.apart, position),
            count_limits=tuple(_limit(problem, limit, position) for limit in problem.count_limits),
        ),
        left,
    )


def _links(problem: AssignmentProblem, links: tuple[Link, ...], position: Ints) -> tuple[Link, ...]:
    found = []
    for link in links:
        tasks = position[link.tasks]
        settled = link.tasks[tasks == NOWHERE]
        owners = np.union1d(link.fixed_owners, problem.owner[problem.home[settled]])
        if (tasks != NOWHERE).any():
            found.append(Link(tasks[tasks != NOWHERE], owners))
    return tuple(found)


def _limit(problem: AssignmentProblem, limit: CountLimit, position: Ints) -> CountLimit:
    tasks = position[limit.tasks]
    settled = limit.tasks[tasks == NOWHERE]
    standing = int(np.isin(problem.home[settled], limit.agents).sum())
    return CountLimit(tasks[tasks != NOWHERE], limit.agents, limit.base_count + standing, limit.limit)
