"""One agent's knapsack: exact in whole numbers, on the few tasks that its linear relaxation leaves open.

maximise sum_t profit[t] * x[t] subject to sum_t weight[t] * x[t] <= capacity, x binary.

Dantzig's bound decides most tasks: where turning a task round would push the bound to the greedy value or
below, it keeps its place. What is left, the core, goes through the dynamic programme over load.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from solver.assignment.capacitated.instance import Ints
from solver.assignment.compiled import compiled

Bytes = npt.NDArray[np.int8]
Floats = npt.NDArray[np.float64]

CORE_CELLS = 1 << 22
"""The largest table (core tasks times load) that is filled; beyond it Dantzig's bound stands in for the optimum."""

TASK_EFFORT, RANK_EFFORT = 4, 30
"""Nanoseconds that a task takes, and one that may pay; a cell of the table takes about one."""
STEP_EFFORT = 25
"""Nanoseconds in a step, in which work is counted."""


class Room(NamedTuple):
    """Scratch space for knapsacks of up to n tasks, used over and over.

    order: int64 (n,), tasks by falling profit per weight. rate: float64 (n,). core: int64 (n,).
    value: int64 (loads,), best profit by load. taken: int8 (cells,), the programme's decisions, row by row.
    effort: int64 (1,), what all fillings so far took, in nanoseconds as counted rather than measured.
    """

    order: Ints
    rate: Floats
    core: Ints
    value: Ints
    taken: Bytes
    effort: Ints


def room(tasks: int, capacity: int) -> Room:
    """Scratch space for `tasks` tasks and loads up to `capacity`, within CORE_CELLS."""
    loads = min(capacity + 1, CORE_CELLS)
    cells = max(1, min(CORE_CELLS, loads * max(1, tasks)))
    return Room(
        np.empty(tasks, np.int64),
        np.empty(tasks, np.float64),
        np.empty(tasks, np.int64),
        np.empty(max(1, loads), np.int64),
        np.empty(cells, np.int8),
        np.zeros(1, np.int64),
    )


@compiled
def _rank(profit: Ints, weight: Ints, capacity: int, take: Bytes, space: Room) -> tuple[int, int]:
    """Take what is free; put what else may pay in order. Returns (how many, profit of the free)."""
    count = 0
    free = 0
    for t in range(profit.shape[0]):
        take[t] = 0
        if profit[t] <= 0 or weight[t] > capacity:
            continue
        if weight[t] == 0:
            take[t] = 1
            free += profit[t]
            continue
        space.order[count] = t
        space.rate[count] = -profit[t] / weight[t]
        count += 1
    ranked = np.argsort(space.rate[:count])
    copied = space.order[:count].copy()
    for q in range(count):
        space.order[q] = copied[ranked[q]]
    return count, free


@compiled
def _greedy(
    profit: Ints, weight: Ints, capacity: int, take: Bytes, space: Room, count: int
) -> tuple[int, int, float]:
    """Fill by rank. Returns (rank of the first that does not fit, greedy value, Dantzig's bound)."""
    left = capacity
    split = count
    value = 0
    bound = 0.0
    for q in range(count):
        t = space.order[q]
        if weight[t] <= left:
            left -= weight[t]
            value += profit[t]
            take[t] = 1
        elif split == count:
            split = q
            bound = value + left * (profit[t] / weight[t])
    if split == count:
        bound = float(value)
    return split, value, bound


@compiled
def _programme(profit: Ints, weight: Ints, load: int, space: Room, size: int) -> None:
    """The dynamic programme over the core's loads up to `load`, with its decisions kept."""
    value = space.value
    for w in range(load + 1):
        value[w] = 0
    for q in range(size):
        t = space.core[q]
        own_weight = weight[t]
        own_profit = profit[t]
        row = space.taken[q * (load + 1) : (q + 1) * (load + 1)]
        for w in range(min(own_weight, load + 1)):
            row[w] = 0
        for w in range(load, own_weight - 1, -1):
            with_it = value[w - own_weight] + own_profit
            better = with_it > value[w]
            row[w] = better
            if better:
                value[w] = with_it


@compiled
def solve_knapsack(profit: Ints, weight: Ints, capacity: int, take: Bytes, space: Room) -> tuple[int, int]:
    """The best filling of one agent: returns (value of `take`, upper bound on the optimum).

    profit, weight: int64 (n,), tasks heavier than the capacity or without profit are never taken. take: int8
    (n,), written. Both numbers agree except where the core's table would be larger than the scratch space.
    """
    count, free = _rank(profit, weight, capacity, take, space)
    space.effort[0] += TASK_EFFORT * profit.shape[0] + RANK_EFFORT * count
    split, value, bound = _greedy(profit, weight, capacity, take, space, count)
    if split == count:
        return free + value, free + value
    last = space.order[split]
    rate = profit[last] / weight[last]
    slack = 0.001 + 1e-14 * bound
    fixed = 0
    load = capacity
    size = 0
    for q in range(count):
        t = space.order[q]
        loss = profit[t] - weight[t] * rate
        # Whole profits: there is nothing between `value` and `value` + 1. The slack covers rounding.
        if (bound - loss if q < split else bound + loss) >= value + 1 - slack:
            space.core[size] = t
            size += 1
        elif q < split:
            fixed += profit[t]
            load -= weight[t]
    if size == 0:
        return free + value, free + value
    if load >= space.value.shape[0] or size * (load + 1) > space.taken.shape[0]:
        return free + value, free + max(value, int(np.floor(bound + slack)))
    _programme(profit, weight, load, space, size)
    space.effort[0] += size * (load + 1)
    best = fixed + space.value[load]
    if best <= value:
        return free + value, free + value
    _trace(profit, weight, take, space, (count, split, size, load), (rate, bound, value + 1 - slack))
    return free + best, free + best


@compiled
def _trace(
    profit: Ints,
    weight: Ints,
    take: Bytes,
    space: Room,
    sizes: tuple[int, int, int, int],
    numbers: tuple[float, float, float],
) -> None:
    """Write the programme's best filling into `take`."""
    count, split, size, load = sizes
    rate, bound, floor = numbers
    for q in range(count):
        t = space.order[q]
        loss = profit[t] - weight[t] * rate
        take[t] = q < split and bound - loss < floor
    left = load
    for q in range(size - 1, -1, -1):
        t = space.core[q]
        if space.taken[q * (load + 1) + left]:
            take[t] = 1
            left -= weight[t]
