"""Tiny assignment problems with every kind of limit, and their optimum by trying everything."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from solver.assignment.feasible import breaches
from solver.assignment.problem import NOWHERE, AssignmentProblem, Bands, CountLimit, Ints, Link

Tiny = Callable[[int], AssignmentProblem]
Optimum = Callable[[AssignmentProblem, int], int | None]


def _links(rng: np.random.Generator, tasks: int, owners: int) -> tuple[Link, ...]:
    if rng.random() < 0.5:
        return ()
    members = np.sort(rng.choice(tasks, int(rng.integers(1, min(3, tasks) + 1)), replace=False))
    return (Link(members.astype(np.int64), rng.integers(0, owners, int(rng.random() < 0.3))),)


def _counts(rng: np.random.Generator, tasks: int, agents: int) -> tuple[CountLimit, ...]:
    if rng.random() < 0.5:
        return ()
    counted, where = np.flatnonzero(rng.random(tasks) < 0.7), np.flatnonzero(rng.random(agents) < 0.6)
    return (CountLimit(counted, where, int(rng.integers(0, 2)), int(rng.integers(0, 4))),)


def tiny_problem(seed: int) -> AssignmentProblem:
    """At most five tasks and three agents; each limit is there about half of the time."""
    rng = np.random.default_rng(seed)
    tasks, agents = int(rng.integers(1, 6)), int(rng.integers(1, 4))
    owner = np.arange(agents, dtype=np.int64) if rng.random() < 0.6 else np.zeros(agents, np.int64)
    owners = int(owner.max()) + 1
    home = rng.integers(NOWHERE, agents, tasks)
    eligible = rng.random((tasks, agents)) < 0.8
    held = np.flatnonzero(home != NOWHERE)
    eligible[held, home[held]] = True
    price = rng.integers(0, 12, (tasks, agents))
    some: dict[str, Any] = {
        "capacity": rng.integers(15, 50, agents),
        "intake_limit": rng.integers(0, 4, owners),
        "intake_ceiling": rng.integers(5, 30, agents),
        "move_budget": int(rng.integers(0, 3)),
    }
    return AssignmentProblem(
        pair_price=price,
        weight=rng.integers(0, 8, tasks if rng.random() < 0.7 else (tasks, agents)),
        eligible=eligible,
        base_load=rng.integers(0, 6, agents),
        bands=Bands(
            np.hstack([np.zeros((agents, 1), np.int64), np.cumsum(rng.integers(1, 9, (agents, 5)), axis=1)]),
            np.cumsum(rng.integers(0, 5, (agents, 5)), axis=1),
        ),
        home=home,
        owner=owner,
        skip_weight=rng.integers(0, 5, tasks),
        may_skip=bool(rng.random() < 0.9),
        **{name: value for name, value in some.items() if rng.random() < 0.5},
        together=_links(rng, tasks, owners),
        apart=_links(rng, tasks, owners),
        count_limits=_counts(rng, tasks, agents),
    )


@pytest.fixture(scope="session")
def tiny() -> Tiny:
    """A tiny problem from a seed."""
    return tiny_problem


def _optimum(problem: AssignmentProblem, skip_budget: int) -> int | None:
    places = [*range(problem.agents), NOWHERE]
    plans: list[Ints] = [np.array(plan) for plan in itertools.product(places, repeat=problem.tasks)]
    return min(
        (problem.total(plan) for plan in plans if not breaches(problem, plan, skip_budget)), default=None
    )


@pytest.fixture(scope="session")
def optimum() -> Optimum:
    """The least total of all plans that keep to every limit; None when there is none."""
    return _optimum
