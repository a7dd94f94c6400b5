"""Ejection chains: a task moves, pushes another out of its new agent, which moves on in turn.

A chain starts where the plan loses something, and goes on only while what it has won so far, were the first
agent left without loss, exceeds the best chain found: an improving chain has such a rotation, so little is
missed and almost everything is cut (compare Lin and Kernighan 1973, Ahuja et al. 2001, Yagiura et al. 2004).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from solver.assignment.capacitated.instance import Ints
from solver.assignment.capacitated.landscape import Landscape, Plan, unused
from solver.assignment.compiled import compiled

Floats = npt.NDArray[np.float64]

TINY = 1e-7


class Stack(NamedTuple):
    """Scratch space of the depth-first search, by level; and the best chain found.

    task, following, at, kids, next_kid: int64 (depth,). won: float64 (depth,). kid: int64 (depth, breadth).
    kid_won: float64 (depth, breadth). on_chain: int64 (m,). best_task, best_agent: int64 (depth,).
    found: float64 (1,), the best chain's change of loss, negative. best_size, effort: int64 (1,).
    """

    task: Ints
    following: Ints
    at: Ints
    kids: Ints
    next_kid: Ints
    won: Floats
    kid: Ints
    kid_won: Floats
    on_chain: Ints
    best_task: Ints
    best_agent: Ints
    found: Floats
    best_size: Ints
    effort: Ints


def stack(agents: int, depth: int, breadth: int) -> Stack:
    """Scratch space for chains of up to `depth` moves with up to `breadth` ways on at each agent."""
    return Stack(
        task=np.zeros(depth, np.int64),
        following=np.zeros(depth, np.int64),
        at=np.zeros(depth, np.int64),
        kids=np.zeros(depth, np.int64),
        next_kid=np.zeros(depth, np.int64),
        won=np.zeros(depth),
        kid=np.zeros((depth, breadth), np.int64),
        kid_won=np.zeros((depth, breadth)),
        on_chain=np.zeros(agents, np.int64),
        best_task=np.zeros(depth, np.int64),
        best_agent=np.zeros(depth, np.int64),
        found=np.zeros(1),
        best_size=np.zeros(1, np.int64),
        effort=np.zeros(1, np.int64),
    )


@compiled
def best_chain(land: Landscape, plan: Plan, first: int, effort: int, search: Stack) -> None:
    """The best improving chain that starts at agent `first`, left in `search`; best_size 0 when there is none."""
    search.found[0] = -10 * TINY
    search.best_size[0] = 0
    search.effort[0] = effort
    loss = unused(land, first, plan.load[first])
    for place in range(plan.size[first]):
        task = plan.members[first, place]
        won = land.reduced[task, first] + loss
        if won - elsewhere(land, task, first) > TINY - search.found[0]:
            _follow(land, plan, task, won, search)


@compiled
def elsewhere(land: Landscape, task: int, agent: int) -> float:
    """The least reduced cost of `task` at any agent but `agent`."""
    least: float = land.second[task] if land.near[task, 0] == agent else 0.0
    return least


@compiled
def _enter(search: Stack, level: int, task: int, won: float) -> None:
    search.task[level] = task
    search.won[level] = won
    search.following[level] = 0
    search.kids[level] = 0
    search.next_kid[level] = 0
    search.at[level] = -1


@compiled
def _follow(land: Landscape, plan: Plan, start: int, won: float, search: Stack) -> None:
    """Depth first from `start`, lifted off its agent with `won` at hand."""
    depth = search.task.shape[0]
    level = 0
    _enter(search, 0, start, won)
    while level >= 0:
        if search.next_kid[level] < search.kids[level]:
            kid = search.next_kid[level]
            search.next_kid[level] += 1
            task = search.kid[level, kid]
            if search.kid_won[level, kid] > TINY - search.found[0]:
                carried = search.kid_won[level, kid] + elsewhere(land, task, plan.agent[task])
                level += 1
                _enter(search, level, task, carried)
            continue
        if search.at[level] >= 0:
            search.on_chain[search.at[level]] = 0
            search.at[level] = -1
        task = search.task[level]
        place = search.following[level]
        if place >= land.nears[task]:
            level -= 1
            continue
        search.following[level] += 1
        agent = land.near[task, place]
        left = search.won[level] - land.reduced[task, agent]
        if left <= TINY - search.found[0]:
            level -= 1
            continue
        if agent == plan.agent[task] or search.on_chain[agent]:
            continue
        search.at[level] = agent
        if agent == plan.agent[start]:
            _close(land, plan, left, level, search)
            search.at[level] = -1
            continue
        _end(land, plan, left, level, search)
        search.on_chain[agent] = 1
        if level + 1 < depth and search.effort[0] > 0:
            _spread(land, plan, left, level, search)


@compiled
def _record(search: Stack, level: int, change: float) -> None:
    if change >= search.found[0] - TINY:
        return
    search.found[0] = change
    search.best_size[0] = level + 1
    for x in range(level + 1):
        search.best_task[x] = search.task[x]
        search.best_agent[x] = search.at[x]


@compiled
def _close(land: Landscape, plan: Plan, left: float, level: int, search: Stack) -> None:
    """The task in hand fills the place where the chain began."""
    start = search.task[0]
    agent = plan.agent[start]
    load = plan.load[agent] - land.weight[start, agent] + land.weight[search.task[level], agent]
    _record(search, level, unused(land, agent, load) - left)


@compiled
def _end(land: Landscape, plan: Plan, left: float, level: int, search: Stack) -> None:
    """The task in hand stays at its new agent, which gives up nothing."""
    start = search.task[0]
    first = plan.agent[start]
    agent = search.at[level]
    load = plan.load[agent]
    change = unused(land, agent, load + land.weight[search.task[level], agent]) - unused(land, agent, load)
    change += unused(land, first, plan.load[first] - land.weight[start, first])
    _record(search, level, change - left)


@compiled
def _spread(land: Landscape, plan: Plan, left: float, level: int, search: Stack) -> None:
    """Whom the task in hand may push out, the most promising first."""
    agent = search.at[level]
    load = plan.load[agent] + land.weight[search.task[level], agent]
    budget = left + unused(land, agent, plan.load[agent])
    breadth = search.kid.shape[1]
    kids = 0
    search.effort[0] -= plan.size[agent]
    for place in range(plan.size[agent]):
        task = plan.members[agent, place]
        won = budget + land.reduced[task, agent] - unused(land, agent, load - land.weight[task, agent])
        won -= elsewhere(land, task, agent)
        if won <= TINY - search.found[0]:
            continue
        if kids < breadth:
            kids += 1
        elif won <= search.kid_won[level, kids - 1]:
            continue
        x = kids - 1
        while x > 0 and search.kid_won[level, x - 1] < won:
            search.kid_won[level, x] = search.kid_won[level, x - 1]
            search.kid[level, x] = search.kid[level, x - 1]
            x -= 1
        search.kid_won[level, x] = won
        search.kid[level, x] = task
    search.kids[level] = kids
    search.next_kid[level] = 0
