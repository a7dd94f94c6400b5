"""Every plan of a problem so small that all can be gone through."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator

import numpy as np

from solver.assignment.problem import NOWHERE, AssignmentProblem, Ints

Breaches = Callable[[AssignmentProblem, Ints], list[str]]


def plans(problem: AssignmentProblem, budget: int, breaches: Breaches) -> Iterator[Ints]:
    """Every plan within the limits and the budget."""
    choices = [np.flatnonzero(problem.eligible[task]).tolist() for task in range(problem.tasks)]
    for task, agents in enumerate(choices):
        if problem.home[task] == NOWHERE and problem.may_skip:
            agents.append(NOWHERE)
    for plan in itertools.product(*choices):
        assignment = np.array(plan, dtype=np.int64)
        if problem.skipped_weight(assignment) <= budget and not breaches(problem, assignment):
            yield assignment
