"""A problem made ready for compiled code: one more agent for "skipped", limits as rows, hopeless pairs gone.

The *pool* is the last agent. It holds what is skipped, its load is the weight of skipped tasks and its capacity
the skip budget, so that leaving a task undone is one more place to be and needs no case of its own.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from solver.assignment.problem import NOWHERE, AssignmentProblem, Bools, CountLimit, Ints, Link

UNBOUNDED = 1 << 61
"""Larger than any load or count; stands for "no limit" inside compiled code only."""


class Instance(NamedTuple):
    """The arrays that compiled code reads. n tasks, m agents with the pool last, o owners with the pool's last.

    price, weight: int64 (n, m). allowed: bool (n, m), a pair that some feasible plan may use. base, capacity,
    ceiling: int64 (m,). edges, prices, cost_at: int64 (m, K + 1), (m, K), (m, K + 1): bands and the price of
    load at each edge. home: int64 (n,), the pool for new tasks. owner: int64 (m,). intake: int64 (o,).
    budget: moves allowed. Rows of counted limits: `row_of` lists them by (class of task, agent) through
    `cell_start`, a class being a set of tasks that the same limits count; `class_of` and `class_start` list the
    classes of each task. row_base, row_limit: int64. Links: `link_of` and `link_start` list the links of each
    task, `member` and `member_start` the tasks of each link, `fixed` and `fixed_start` its fixed owners;
    apart: bool per link.
    """

    price: Ints
    weight: Ints
    allowed: Bools
    base: Ints
    capacity: Ints
    ceiling: Ints
    edges: Ints
    prices: Ints
    cost_at: Ints
    home: Ints
    owner: Ints
    intake: Ints
    budget: int
    class_of: Ints
    class_start: Ints
    row_of: Ints
    cell_start: Ints
    row_base: Ints
    row_limit: Ints
    link_of: Ints
    link_start: Ints
    member: Ints
    member_start: Ints
    fixed: Ints
    fixed_start: Ints
    apart: Bools


def _ragged(lists: list[Ints] | list[list[int]]) -> tuple[Ints, Ints]:
    """Lists of numbers as one array of values and one of starts, int64."""
    start = np.zeros(len(lists) + 1, dtype=np.int64)
    np.cumsum([len(part) for part in lists], out=start[1:])
    values = np.concatenate([np.asarray(part, dtype=np.int64) for part in lists]) if lists else np.zeros(0)
    return np.ascontiguousarray(values, dtype=np.int64), start


def _none() -> Ints:
    return np.zeros(0, dtype=np.int64)


def _rows(limits: tuple[CountLimit, ...], tasks: int, agents: int) -> tuple[Ints, Ints, Ints, Ints]:
    """Counted limits by class of task and agent: class_of, class_start, row_of, cell_start."""
    classes: dict[bytes, int] = {}
    of_task: list[list[int]] = [[] for _ in range(tasks if limits else 0)]
    cells: dict[int, list[int]] = {}
    for row, limit in enumerate(limits):
        members = np.unique(limit.tasks)
        key = members.tobytes()
        if key not in classes:
            classes[key] = len(classes)
            for task in members:
                of_task[task].append(classes[key])
        for agent in np.unique(limit.agents):
            cells.setdefault(classes[key] * agents + int(agent), []).append(row)
    by_cell = [cells.get(cell, []) for cell in range(len(classes) * agents)]
    class_of, class_start = _ragged(of_task) if limits else (_none(), np.zeros(tasks + 1, dtype=np.int64))
    row_of, cell_start = _ragged(by_cell)
    return class_of, class_start, row_of, cell_start


class _Links(NamedTuple):
    """The arrays of all links, as `Instance` has them."""

    link_of: Ints
    link_start: Ints
    member: Ints
    member_start: Ints
    fixed: Ints
    fixed_start: Ints
    apart: Bools


def _links(problem: AssignmentProblem) -> _Links:
    links = [*problem.together, *problem.apart]
    of_task: list[list[int]] = [[] for _ in range(problem.tasks if links else 0)]
    for number, link in enumerate(links):
        for task in np.unique(link.tasks):
            of_task[task].append(number)
    link_of, link_start = (
        _ragged(of_task) if links else (_none(), np.zeros(problem.tasks + 1, dtype=np.int64))
    )
    member, member_start = _ragged([np.unique(link.tasks) for link in links])
    fixed, fixed_start = _ragged([np.unique(link.fixed_owners) for link in links])
    apart = np.arange(len(links)) >= len(problem.together)
    return _Links(link_of, link_start, member, member_start, fixed, fixed_start, apart)


def _forbid_by_links(problem: AssignmentProblem, allowed: Bools, enters: Bools) -> None:
    """Take away the pairs that fixed or certain members of a link rule out."""

    def owners_of(link: Link) -> Ints:
        held = link.tasks[problem.home[link.tasks] != NOWHERE]
        return np.union1d(link.fixed_owners, problem.owner[problem.home[held]]).astype(np.int64)

    for link in problem.together:
        if len(link.fixed_owners):
            elsewhere = ~np.isin(problem.owner, owners_of(link))
            for task in link.tasks:
                allowed[task] &= ~(enters[task] & elsewhere)
    for link in problem.apart:
        there = np.isin(problem.owner, link.fixed_owners)
        for task in link.tasks:
            allowed[task] &= ~(enters[task] & there)


def _allowed(problem: AssignmentProblem) -> Bools:
    """bool (n, m): eligible pairs less those that a limit rules out whatever else is done."""
    tasks, agents = problem.tasks, problem.agents
    allowed = problem.eligible.copy()
    held = problem.home != NOWHERE
    at_home = problem.home[:, None] == np.arange(agents)[None, :]
    home_owner = np.where(held, problem.owner[problem.home], NOWHERE)
    enters = problem.owner[None, :] != home_owner[:, None]
    least = problem.base_load[None, :] + problem.weights
    if problem.capacity is not None:
        allowed &= at_home | (least <= problem.capacity[None, :])
    if problem.intake_ceiling is not None:
        allowed &= at_home | (least <= problem.intake_ceiling[None, :])
    if problem.intake_limit is not None:
        allowed &= ~enters | (problem.intake_limit[problem.owner] > 0)[None, :]
    if problem.move_budget is not None and problem.move_budget <= 0:
        allowed &= ~(enters & held[:, None])
    for limit in problem.count_limits:
        if limit.base_count >= limit.limit:
            inside = np.isin(np.arange(agents), limit.agents)
            comes = inside[None, :] & ~(held & np.isin(problem.home, limit.agents))[limit.tasks, None]
            allowed[limit.tasks] &= ~comes
    _forbid_by_links(problem, allowed, enters)
    if tasks:
        allowed[held] |= at_home[held]
    return allowed


def _pooled(problem: AssignmentProblem, skip_budget: int) -> tuple[Ints, Ints, Bools]:
    """price, weight and allowed with the pool's column last."""
    new = problem.home == NOWHERE
    may = new & problem.may_skip & (problem.skip_weight <= skip_budget)
    lightest = 0 if problem.may_skip else 1  # what may not be skipped weighs something in the pool
    weight = np.hstack([problem.weights, np.maximum(problem.skip_weight, lightest)[:, None]])
    return prices_of(problem), weight, np.hstack([_allowed(problem), may[:, None]])


def prices_of(problem: AssignmentProblem) -> Ints:
    """The `price` of an `Instance`: int64 (n, m + 1), the pool's column last."""
    priced = np.where(problem.eligible, problem.pair_price, 0)
    return np.ascontiguousarray(np.hstack([priced, np.zeros((problem.tasks, 1), dtype=np.int64)]))


def prepare(problem: AssignmentProblem, skip_budget: int) -> Instance:
    """`problem` as an `Instance`. `skip_budget` is the most weight of skipped tasks."""
    agents = problem.agents
    price, weight, allowed = _pooled(problem, skip_budget)
    many = np.full(agents, UNBOUNDED, dtype=np.int64)
    owners = int(problem.owner.max(initial=-1)) + 1
    intake = (
        np.full(owners, UNBOUNDED, dtype=np.int64) if problem.intake_limit is None else problem.intake_limit
    )
    bands = problem.bands
    width = bands.prices.shape[1]
    edges = np.vstack(
        [bands.edges, np.arange(width + 1, dtype=np.int64)[None, :] * (UNBOUNDED // (width + 1))]
    )
    prices = np.vstack([bands.prices, np.zeros((1, width), dtype=np.int64)])
    cost_at = np.zeros_like(edges)
    np.cumsum(np.diff(edges, axis=1) * prices, axis=1, out=cost_at[:, 1:])
    class_of, class_start, row_of, cell_start = _rows(problem.count_limits, problem.tasks, agents + 1)
    links = _links(problem)
    return Instance(
        price=np.ascontiguousarray(price),
        weight=np.ascontiguousarray(weight),
        allowed=np.ascontiguousarray(allowed),
        base=np.append(problem.base_load, 0),
        capacity=np.append(
            many if problem.capacity is None else problem.capacity,
            max(skip_budget, 0) if problem.may_skip else 0,
        ),
        ceiling=np.append(many if problem.intake_ceiling is None else problem.intake_ceiling, UNBOUNDED),
        edges=edges,
        prices=prices,
        cost_at=cost_at,
        home=np.where(problem.home == NOWHERE, agents, problem.home),
        owner=np.append(problem.owner, len(intake)),
        intake=np.append(np.maximum(intake, 0), UNBOUNDED),
        budget=UNBOUNDED if problem.move_budget is None else max(problem.move_budget, 0),
        class_of=class_of,
        class_start=class_start,
        row_of=row_of,
        cell_start=cell_start,
        row_base=np.array([limit.base_count for limit in problem.count_limits], dtype=np.int64),
        row_limit=np.array([limit.limit for limit in problem.count_limits], dtype=np.int64),
        **links._asdict(),
    )
