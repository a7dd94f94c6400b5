"""A smaller problem with some tasks settled: their load, counts and owners become part of what stands."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from solver.assignment.problem import NOWHERE, AssignmentProblem, Bools, CountLimit, Ints, Link


def hold_at_home(problem: AssignmentProblem, free: Bools | None = None) -> tuple[AssignmentProblem, Ints]:
    """The problem in which tasks with a home stay there, but for the `free` ones, bool (n,).

    Returns it and the tasks that are left, int64 (k,). Totals differ by the pair prices of what was settled; the
    feasible assignments of the rest are those of the whole with the others at home.
    """
    stays = problem.home != NOWHERE
    if free is not None:
        stays &= ~free
    held, left = np.flatnonzero(stays), np.flatnonzero(~stays)
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


def linked_with_new(problem: AssignmentProblem) -> Bools:
    """bool (n,): tasks that belong together with a new one, which may need them to move along."""
    linked = np.zeros(problem.tasks, dtype=bool)
    for link in problem.together:
        if (problem.home[link.tasks] == NOWHERE).any():
            linked[link.tasks] = True
    return linked


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
