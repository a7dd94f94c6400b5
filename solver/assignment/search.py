"""Local search in compiled code: shifts, swaps and chains at low temperature over the pairs that can pay.

The pairs come from the relaxation: those whose reduced cost is small. A step takes such a pair (task, agent),
moves the task there, and often lets another task of that agent go on, to where the first came from (a swap) or
to a third agent (a chain). A worse plan is kept with the probability exp(-worse / temperature).
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from solver.assignment.arrays import Instance
from solver.assignment.compiled import compiled
from solver.assignment.problem import Ints
from solver.assignment.state import State, load_cost, may_go, put, stands

Random = npt.NDArray[np.uint64]


class Pairs(NamedTuple):
    """The pairs worth trying. task, agent: int64 (p,), sorted by task; start: int64 (n + 1,) into `agent`."""

    task: Ints
    agent: Ints
    start: Ints


@compiled
def _next(random: Random) -> int:
    """The next 62 random bits (xorshift)."""
    x = random[0]
    x ^= x << np.uint64(13)
    x ^= x >> np.uint64(7)
    x ^= x << np.uint64(17)
    random[0] = x
    bits: Any = np.int64(x >> np.uint64(2))
    whole: int = bits
    return whole


@compiled
def _fraction(random: Random) -> float:
    """A random number in (0, 1)."""
    return ((_next(random) & ((1 << 52) - 1)) + 0.5) / (1 << 52)


@compiled
def _load_change(inst: Instance, state: State, agent: int, change: int) -> int:
    price: int = load_cost(inst, state.steep[0], agent, state.load[agent] + change) - state.cost[agent]
    return price


@compiled
def _shift_change(inst: Instance, state: State, task: int, agent: int) -> int:
    old = state.assign[task]
    change: int = inst.price[task, agent] - inst.price[task, old]
    change += _load_change(inst, state, agent, inst.weight[task, agent])
    change += _load_change(inst, state, old, -inst.weight[task, old])
    return change


@compiled
def _chain_change(inst: Instance, state: State, task: int, agent: int, other: int, onward: int) -> int:
    """What it costs when `task` goes to `agent` and `other` goes on from there to `onward`."""
    old = state.assign[task]
    change: int = inst.price[task, agent] - inst.price[task, old]
    change += inst.price[other, onward] - inst.price[other, agent]
    change += _load_change(inst, state, agent, inst.weight[task, agent] - inst.weight[other, agent])
    if onward == old:
        return change + _load_change(inst, state, old, inst.weight[other, old] - inst.weight[task, old])
    change += _load_change(inst, state, old, -inst.weight[task, old])
    return change + _load_change(inst, state, onward, inst.weight[other, onward])


@compiled
def _shift(inst: Instance, state: State, task: int, agent: int, most: float) -> int:
    change = _shift_change(inst, state, task, agent)
    if change > most:
        return 0
    old = state.assign[task]
    put(inst, state, task, agent)
    if stands(inst, state, task):
        return change
    put(inst, state, task, old)
    return 0


@compiled
def _chain(inst: Instance, state: State, task: int, agent: int, other: int, onward: int, most: float) -> int:
    if onward == agent or not may_go(inst, other, onward):
        return 0
    change = _chain_change(inst, state, task, agent, other, onward)
    if change > most:
        return 0
    old = state.assign[task]
    put(inst, state, other, onward)
    put(inst, state, task, agent)
    if stands(inst, state, task) and stands(inst, state, other):
        return change
    put(inst, state, task, old)
    put(inst, state, other, agent)
    return 0


@compiled
def _own_group(inst: Instance, task: int) -> int:
    """A link "together" of `task`, or -1."""
    for k in range(inst.link_start[task], inst.link_start[task + 1]):
        if not inst.apart[inst.link_of[k]]:
            link: int = inst.link_of[k]
            return link
    return -1


@compiled
def _group(inst: Instance, state: State, link: int, agent: int, other: int, old: int, most: float) -> int:
    """All members of a link to `agent` at once; `other`, unless it is -1, goes from there to `old` in exchange."""
    begin, end = inst.member_start[link], inst.member_start[link + 1]
    was = np.empty(end - begin + 1, dtype=np.int64)
    change, moved, fits = 0, 0, True
    for k in range(begin, end + 1):
        task = inst.member[k] if k < end else other
        goal = agent if k < end else old
        if task == -1:
            break
        was[moved] = state.assign[task]
        moved += 1
        if state.assign[task] == goal:
            continue
        if not may_go(inst, task, goal):
            fits = False
            moved -= 1
            break
        change += _shift_change(inst, state, task, goal)
        put(inst, state, task, goal)
    fits = fits and change <= most
    for k in range(moved):
        fits = fits and stands(inst, state, inst.member[begin + k] if begin + k < end else other)
    if fits:
        return change
    for k in range(moved - 1, -1, -1):
        task = inst.member[begin + k] if begin + k < end else other
        if state.assign[task] != was[k]:
            put(inst, state, task, was[k])
    return 0


@compiled
def _someone(inst: Instance, state: State, agent: int, random: Random) -> int:
    """A random task of `agent`; where its intake is used up, rather one that entered."""
    other: int = state.at[agent, _next(random) % state.size[agent]]
    owner = inst.owner[agent]
    if state.taken[owner] >= inst.intake[owner]:
        for _ in range(8):
            if inst.owner[inst.home[other]] != owner:
                break
            other = state.at[agent, _next(random) % state.size[agent]]
    return other


@compiled
def _onward(inst: Instance, pairs: Pairs, other: int, old: int, random: Random) -> int:
    """Where a task that makes room goes: to where the newcomer was, to its home, or to a pair of its own."""
    draw = _next(random) % 8
    if draw < 4:
        return old
    goal: int = inst.home[other]
    begin, end = pairs.start[other], pairs.start[other + 1]
    if draw >= 5 and begin < end:
        goal = pairs.agent[begin + _next(random) % (end - begin)]
    return goal


@compiled
def anneal(
    inst: Instance, state: State, pairs: Pairs, random: Random, hot: float, cold: float, steps: int
) -> int:
    """`steps` tries while the temperature falls from `hot` to `cold`; returns the change of the objective."""
    change = 0
    count = pairs.task.shape[0]
    if count == 0:
        return 0
    temperature = hot
    factor = math.exp(math.log(cold / hot) * 64.0 / max(steps, 64))
    for step in range(steps):
        if step & 63 == 63:
            temperature *= factor
        pick = _next(random) % count
        task, agent = pairs.task[pick], pairs.agent[pick]
        old = state.assign[task]
        if old == agent:
            continue
        most = -temperature * math.log(_fraction(random))
        if inst.link_start[task] < inst.link_start[task + 1]:
            link = _own_group(inst, task)
            if link != -1 and _next(random) & 3:
                other = -1
                if state.size[agent] > 0 and _next(random) & 1:
                    other = _someone(inst, state, agent, random)
                    if _own_group(inst, other) == link:
                        continue
                change += _group(inst, state, link, agent, other, old, most)
                continue
        if state.size[agent] == 0 or _next(random) & 1:
            change += _shift(inst, state, task, agent, most)
        else:
            other = _someone(inst, state, agent, random)
            onward = _onward(inst, pairs, other, old, random)
            change += _chain(inst, state, task, agent, other, onward, most)
    return change


@compiled
def place(inst: Instance, state: State, order: Ints) -> None:
    """Put each task of `order` that is in the pool where it costs least within the limits, if anywhere."""
    pool = inst.base.shape[0] - 1
    for task in order:
        if state.assign[task] != pool:
            continue
        best, least = pool, 0
        for agent in range(pool):
            if not inst.allowed[task, agent]:
                continue
            change = _shift_change(inst, state, task, agent)
            if best == pool or change < least:
                put(inst, state, task, agent)
                if stands(inst, state, task):
                    best, least = agent, change
                put(inst, state, task, pool)
        if best != pool:
            put(inst, state, task, best)


@compiled
def ease(inst: Instance, state: State, agent: int) -> int:
    """Move on the task of `agent` that leaves most cheaply for its weight; the task, or -1 if none can leave."""
    pool = inst.base.shape[0] - 1
    best, goal, least = -1, -1, 0.0
    for k in range(state.size[agent]):
        task = state.at[agent, k]
        weight = inst.weight[task, agent]
        if weight == 0:
            continue
        for other in range(pool):
            if other == agent or not inst.allowed[task, other]:
                continue
            price = _shift_change(inst, state, task, other) / weight
            if best != -1 and price >= least:
                continue
            put(inst, state, task, other)
            if stands(inst, state, task):
                best, goal, least = task, other, price
            put(inst, state, task, agent)
    if best != -1:
        put(inst, state, best, goal)
    return best


@compiled
def make_room(inst: Instance, state: State, task: int, agent: int) -> bool:
    """Put `task` at `agent` after moving on, one by one, what makes it too full; undo all if that fails."""
    left = np.empty(state.size[agent], dtype=np.int64)
    count = 0
    wanted = min(inst.ceiling[agent], inst.capacity[agent]) - inst.weight[task, agent]
    while state.load[agent] > wanted and count < left.shape[0]:
        left[count] = ease(inst, state, agent)
        if left[count] == -1:
            break
        count += 1
    old = state.assign[task]
    if state.load[agent] <= wanted:
        put(inst, state, task, agent)
        if stands(inst, state, task):
            return True
        put(inst, state, task, old)
    for k in range(count - 1, -1, -1):
        put(inst, state, left[k], agent)
    return False


@compiled
def send_back(inst: Instance, state: State) -> int:
    """Undo, one by one, every move that does not lower the objective; returns how many were undone."""
    undone, again = 0, True
    while again:
        again = False
        for task in range(state.assign.shape[0]):
            home = inst.home[task]
            old = state.assign[task]
            if old == home or home == inst.base.shape[0] - 1:
                continue
            if _shift_change(inst, state, task, home) <= 0:
                put(inst, state, task, home)
                if stands(inst, state, task):
                    undone += 1
                    again = True
                else:
                    put(inst, state, task, old)
    return undone
