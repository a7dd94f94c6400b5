"""Random small problems, a checker written from the kernel's docstrings alone, and exhaustive search."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator

import numpy as np
import pytest

from solver.assignment.problem import NOWHERE, AssignmentProblem, Bands, CountLimit, Ints, Link

Breaches = Callable[[AssignmentProblem, Ints], list[str]]


def _breaches_of_links(problem: AssignmentProblem, assignment: Ints) -> Iterator[str]:
    placed = assignment != NOWHERE
    at = np.where(placed, problem.owner[assignment], NOWHERE)
    live = np.where(problem.home != NOWHERE, problem.owner[problem.home], NOWHERE)
    for link in problem.together:
        tasks = [t for t in link.tasks.tolist() if placed[t]]
        entering = {int(at[t]) for t in tasks if at[t] != live[t]}
        staying = {int(at[t]) for t in tasks if at[t] == live[t]} | set(link.fixed_owners.tolist())
        if len(entering) > 1 or (entering and staying and not entering <= staying):
            yield "together"
    for link in problem.apart:
        tasks = [t for t in link.tasks.tolist() if placed[t]]
        for task in tasks:
            others = {int(at[t]) for t in tasks if t != task} | set(link.fixed_owners.tolist())
            if at[task] != live[task] and int(at[task]) in others:
                yield "apart"


def _breaches_of_limits(problem: AssignmentProblem, assignment: Ints) -> Iterator[str]:
    load = problem.loads(assignment)
    placed = np.flatnonzero(assignment != NOWHERE)
    if problem.capacity is not None and (load > problem.capacity).any():
        yield "capacity"
    owner_before = {
        t: int(problem.owner[problem.home[t]]) for t in placed.tolist() if problem.home[t] != NOWHERE
    }
    received = [0] * (int(problem.owner.max(initial=-1)) + 1)
    for task in placed.tolist():
        agent = int(assignment[task])
        owner = int(problem.owner[agent])
        if owner_before.get(task) != owner:
            received[owner] += 1
        entered = problem.home[task] != agent
        if entered and problem.intake_ceiling is not None and load[agent] > problem.intake_ceiling[agent]:
            yield "intake_ceiling"
    if problem.intake_limit is not None:
        limits = problem.intake_limit.tolist()
        if any(count > max(0, limits[owner]) for owner, count in enumerate(received)):
            yield "intake_limit"
    moves = sum(int(problem.owner[assignment[t]]) != before for t, before in owner_before.items())
    if problem.move_budget is not None and moves > problem.move_budget:
        yield "move_budget"
    for limit in problem.count_limits:
        agents, tasks = set(limit.agents.tolist()), set(limit.tasks.tolist())
        here = [t for t in tasks if int(assignment[t]) in agents]
        enters = any(int(problem.home[t]) not in agents for t in here)
        if enters and limit.base_count + len(here) > limit.limit:
            yield "count_limit"


def _breaches(problem: AssignmentProblem, assignment: Ints) -> list[str]:
    found = []
    for task, agent in enumerate(assignment.tolist()):
        if agent == NOWHERE:
            if problem.home[task] != NOWHERE or not problem.may_skip:
                found.append("skipped")
        elif not problem.eligible[task, agent]:
            found.append("eligible")
    return [*found, *_breaches_of_links(problem, assignment), *_breaches_of_limits(problem, assignment)]


@pytest.fixture(scope="session")
def breaches() -> Breaches:
    """The names of the limits that an assignment breaks."""
    return _breaches


def _exhaustive(problem: AssignmentProblem, skip_budget: int) -> tuple[int, Ints] | None:
    choices = []
    for task in range(problem.tasks):
        agents = np.flatnonzero(problem.eligible[task]).tolist()
        if problem.home[task] == NOWHERE and problem.may_skip:
            agents.append(NOWHERE)
        choices.append(agents)
    best: tuple[int, Ints] | None = None
    for plan in itertools.product(*choices):
        assignment = np.array(plan, dtype=np.int64)
        if problem.skipped_weight(assignment) > skip_budget:
            continue
        value = problem.total(assignment)
        if (best is None or value < best[0]) and not _breaches(problem, assignment):
            best = (value, assignment)
    return best


@pytest.fixture(scope="session")
def exhaustive() -> Callable[[AssignmentProblem, int], tuple[int, Ints] | None]:
    """The least total within every limit and the skip budget, None when there is no such plan."""
    return _exhaustive


def _bands(rng: np.random.Generator, agents: int) -> Bands:
    width = rng.integers(1, 9, (agents, 6))
    edges = np.hstack([np.zeros((agents, 1), dtype=np.int64), np.cumsum(width, axis=1)])
    return Bands(edges, np.cumsum(rng.integers(0, 5, (agents, 6)), axis=1))


def _some(rng: np.random.Generator, count: int, most: int) -> Ints:
    return np.sort(rng.choice(count, min(count, int(rng.integers(1, most + 1))), replace=False)).astype(
        np.int64
    )


def _limits(rng: np.random.Generator, tasks: int, agents: int, owners: int) -> dict[str, object]:
    """Each kind of limit with some probability."""
    some: dict[str, object] = {}
    if rng.random() < 0.3:
        some["capacity"] = rng.integers(25, 60, agents)
    if rng.random() < 0.6:
        some["intake_limit"] = rng.integers(0, 4, owners)
    if rng.random() < 0.6:
        some["intake_ceiling"] = rng.integers(5, 30, agents)
    if rng.random() < 0.4:
        some["move_budget"] = int(rng.integers(0, 3))

    def links() -> tuple[Link, ...]:
        fixed = rng.integers(0, owners, int(rng.random() < 0.3))
        return (Link(_some(rng, tasks, 3), fixed),)

    if rng.random() < 0.4:
        some["together"] = links()
    if rng.random() < 0.4:
        some["apart"] = links()
    if rng.random() < 0.4:
        some["count_limits"] = tuple(
            CountLimit(
                _some(rng, tasks, 4), _some(rng, agents, 2), int(rng.integers(0, 2)), int(rng.integers(0, 4))
            )
            for _ in range(int(rng.integers(1, 3)))
        )
    return some


def _random_problem(seed: int, tasks: int, agents: int) -> AssignmentProblem:
    rng = np.random.default_rng(seed)
    tasks, agents = int(rng.integers(1, tasks + 1)), int(rng.integers(1, agents + 1))
    owner = np.arange(agents) if rng.random() < 0.6 else np.sort(rng.integers(0, agents, agents))
    home = rng.integers(NOWHERE, agents, tasks)
    eligible = rng.random((tasks, agents)) < rng.uniform(0.4, 1.0)
    eligible[np.arange(tasks), home] |= home != NOWHERE
    weight = rng.integers(0, 8, tasks if rng.random() < 0.7 else (tasks, agents))
    price = rng.integers(0, 12, (tasks, agents))
    held = np.flatnonzero(home != NOWHERE)
    price[held, home[held]] = 0
    return AssignmentProblem(
        pair_price=price,
        weight=weight,
        eligible=eligible,
        base_load=rng.integers(0, 6, agents),
        bands=_bands(rng, agents),
        home=home,
        owner=owner.astype(np.int64),
        skip_weight=rng.integers(0, 5, tasks),
        may_skip=bool(rng.random() < 0.9),
        **_limits(rng, tasks, agents, int(owner.max()) + 1),  # type: ignore[arg-type]  # one dict of several types
    )


@pytest.fixture(scope="session")
def random_problem() -> Callable[[int, int, int], AssignmentProblem]:
    """A random problem from a seed, with at most so many tasks and agents and every kind of limit at times."""
    return _random_problem
