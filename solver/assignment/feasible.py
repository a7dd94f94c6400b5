"""Whether an assignment keeps to every limit: written from the definition of the problem, without a solver."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from solver.assignment.problem import NOWHERE, AssignmentProblem, Ints


def breaches(problem: AssignmentProblem, assignment: Ints, skip_budget: int) -> list[str]:
    """The names of the limits that `assignment` (n,) breaks, each once; empty when it is a plan."""
    if assignment.shape != (problem.tasks,) or not _within(problem, assignment):
        return ["shape"]
    found = [
        *_of_tasks(problem, assignment, skip_budget),
        *_of_loads(problem, assignment),
        *_of_owners(problem, assignment),
        *_of_counts(problem, assignment),
        *_of_links(problem, assignment),
    ]
    return sorted(set(found))


def _within(problem: AssignmentProblem, assignment: Ints) -> bool:
    return bool(((assignment >= NOWHERE) & (assignment < problem.agents)).all())


def _of_tasks(problem: AssignmentProblem, assignment: Ints, skip_budget: int) -> Iterator[str]:
    placed = np.flatnonzero(assignment != NOWHERE)
    skipped = np.flatnonzero(assignment == NOWHERE)
    if not problem.eligible[placed, assignment[placed]].all():
        yield "eligible"
    if skipped.size and (not problem.may_skip or (problem.home[skipped] != NOWHERE).any()):
        yield "skipped"
    if int(problem.skip_weight[skipped].sum()) > skip_budget:
        yield "skip_budget"


def _of_loads(problem: AssignmentProblem, assignment: Ints) -> Iterator[str]:
    loads = problem.loads(assignment)
    if problem.capacity is not None and (loads > problem.capacity).any():
        yield "capacity"
    entered = np.unique(assignment[(assignment != NOWHERE) & (assignment != problem.home)])
    if problem.intake_ceiling is not None and (loads > problem.intake_ceiling)[entered].any():
        yield "intake_ceiling"


def _owners(problem: AssignmentProblem, agents: Ints) -> Ints:
    """int64: the owner of each agent, NOWHERE for NOWHERE."""
    return np.where(agents == NOWHERE, NOWHERE, problem.owner[agents])


def _of_owners(problem: AssignmentProblem, assignment: Ints) -> Iterator[str]:
    now, before = _owners(problem, assignment), _owners(problem, problem.home)
    changed = (now != NOWHERE) & (now != before)
    if problem.intake_limit is not None:
        received = np.bincount(now[changed], minlength=len(problem.intake_limit))
        if (received > np.maximum(0, problem.intake_limit)).any():
            yield "intake_limit"
    if problem.move_budget is not None and int((changed & (before != NOWHERE)).sum()) > problem.move_budget:
        yield "move_budget"


def _of_counts(problem: AssignmentProblem, assignment: Ints) -> Iterator[str]:
    for limit in problem.count_limits:
        inside = np.isin(assignment[limit.tasks], limit.agents)
        enters = inside & ~np.isin(problem.home[limit.tasks], limit.agents)
        if enters.any() and limit.base_count + int(inside.sum()) > limit.limit:
            yield "count_limit"


def _of_links(problem: AssignmentProblem, assignment: Ints) -> Iterator[str]:
    now, before = _owners(problem, assignment), _owners(problem, problem.home)
    for link in problem.together:
        tasks = link.tasks[now[link.tasks] != NOWHERE]
        entering = set(now[tasks[now[tasks] != before[tasks]]].tolist())
        staying = set(now[tasks[now[tasks] == before[tasks]]].tolist()) | set(link.fixed_owners.tolist())
        if len(entering) > 1 or (entering and staying and not entering <= staying):
            yield "together"
    for link in problem.apart:
        tasks = link.tasks[now[link.tasks] != NOWHERE]
        for task in tasks[now[tasks] != before[tasks]]:
            others = set(now[tasks[tasks != task]].tolist()) | set(link.fixed_owners.tolist())
            if int(now[task]) in others:
                yield "apart"
