"""The exact choice of one agent at given prices: a dynamic programme over load and number of newcomers.

For an agent with load price lambda and entry price kappa let r = cost + lambda * weight + kappa * enters. Then

    linear = sum of min(0, r) + min over loads L of (scale * F(L) - lambda * (L - base)) - kappa * intake

is below the value of every choice, and a choice that leaves out a task with r < -reach or takes one with
r > reach is worth at least linear + reach + 1. So only tasks with |r| <= reach, the *core*, need the programme,
and min(value over the core, linear + reach + 1) is a safe bound. All numbers are integers.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from solver.assignment.arrays import UNBOUNDED
from solver.assignment.compiled import compiled
from solver.assignment.problem import Ints

Choice = npt.NDArray[np.uint8]

TOO_LARGE = -UNBOUNDED
"""The value found when the programme would be too large: the linear bound stands alone."""

MOST_CELLS = 40_000_000
"""The largest table (items x counts x loads) that one agent's programme may take, in bytes."""


@compiled
def convex_cost(edges: Ints, prices: Ints, cost_at: Ints, load: int) -> int:
    """The price of `load` under one agent's bands."""
    low, high = 0, prices.shape[0] - 1
    while low < high:
        middle = (low + high + 1) >> 1
        if edges[middle] <= load:
            low = middle
        else:
            high = middle - 1
    price: int = cost_at[low] + (load - edges[low]) * prices[low]
    return price


@compiled
def least_linear(
    edges: Ints, prices: Ints, cost_at: Ints, base: int, most: int, scale: int, slope: int
) -> int:
    """min over base <= L <= most of scale * F(L) - slope * (L - base), at an edge or an end by convexity."""
    best = min(
        scale * convex_cost(edges, prices, cost_at, base),
        scale * convex_cost(edges, prices, cost_at, most) - slope * (most - base),
    )
    for k in range(edges.shape[0]):
        if base < edges[k] < most:
            best = min(best, scale * cost_at[k] - slope * (edges[k] - base))
    return best


@compiled
def _fill_table(
    core_cost: Ints, core_weight: Ints, core_enters: Ints, count: int, width: int, taken: Choice
) -> Ints:
    """least[c, l]: the least cost of core tasks with load l and at most c newcomers; `taken` marks choices."""
    least = np.full((count + 1, width + 1), UNBOUNDED, dtype=np.int64)
    least[:, 0] = 0
    high = 0
    for i in range(core_cost.shape[0]):
        weight, cost, step = core_weight[i], core_cost[i], core_enters[i]
        high = min(width, high + weight)
        for c in range(count, step - 1, -1):
            for load in range(high, weight - 1, -1):
                with_it = least[c - step, load - weight] + cost
                if with_it < least[c, load] and least[c - step, load - weight] < UNBOUNDED:
                    least[c, load] = with_it
                    taken[i, c, load] = 1
    return least


@compiled
def _trace(
    core: Ints, core_weight: Ints, core_enters: Ints, taken: Choice, load: int, count: int, chosen: Choice
) -> None:
    for i in range(core.shape[0] - 1, -1, -1):
        if taken[i, count, load]:
            chosen[core[i]] = 1
            load -= core_weight[i]
            count -= core_enters[i]


@compiled
def _settle(
    r: Ints, reach: int, cost: Ints, weight: Ints, enters: Ints, chosen: Choice
) -> tuple[int, int, int, int]:
    """Choose what r < -reach says; the least |r| beyond reach, and cost, weight and newcomers of the chosen."""
    outside, fixed_cost, fixed_weight, fixed_count = UNBOUNDED, 0, 0, 0
    for i in range(r.shape[0]):
        if abs(r[i]) > reach:
            outside = min(outside, abs(r[i]))
        if r[i] < -reach:
            chosen[i] = 1
            fixed_cost += cost[i]
            fixed_weight += weight[i]
            fixed_count += enters[i]
    return outside, fixed_cost, fixed_weight, fixed_count


@compiled
def choose(
    cost: Ints,
    weight: Ints,
    enters: Ints,
    bands: tuple[Ints, Ints, Ints],
    limits: tuple[int, int, int],
    guide: tuple[int, int, int, int],
    chosen: Choice,
) -> tuple[int, int, int]:
    """The least value of one agent's choice: (safe bound, value found or UNBOUNDED or TOO_LARGE, linear bound).

    cost, weight, enters: int64 (k,), the tasks it may take, `enters` 1 for those that count towards intake.
    bands: edges, prices, cost at edges. limits: base load, most load, most newcomers. guide: scale, lambda,
    kappa, reach; with reach < 0 only the linear bound is taken. chosen: uint8 (k,), set to the choice found.
    """
    edges, prices, cost_at = bands
    base, most, intake = limits
    scale, slope, entry, reach = guide
    if most < base:
        return UNBOUNDED, UNBOUNDED, UNBOUNDED
    chosen[:] = 0
    r = cost + slope * weight + entry * enters
    linear = least_linear(edges, prices, cost_at, base, most, scale, slope)
    linear += np.minimum(r, 0).sum() - (entry * intake if entry else 0)
    core = np.flatnonzero(np.abs(r) <= reach)
    outside, fixed_cost, fixed_weight, fixed_count = _settle(r, max(reach, 0), cost, weight, enters, chosen)
    if reach < 0:
        return linear, UNBOUNDED, linear
    escape = linear + outside if outside < UNBOUNDED else UNBOUNDED
    room = most - base - fixed_weight
    width = min(room, weight[core].sum())
    count = min(intake - fixed_count, enters[core].sum())
    if room < 0 or count < 0:
        return escape, UNBOUNDED, linear
    if float(core.shape[0]) * (count + 1) * (width + 1) > MOST_CELLS:  # whole numbers could overflow here
        return linear, TOO_LARGE, linear
    taken = np.zeros((core.shape[0], count + 1, width + 1), dtype=np.uint8)
    least = _fill_table(cost[core], weight[core], enters[core], count, width, taken)
    value, at = UNBOUNDED, 0
    for load in range(width + 1):
        if least[count, load] < UNBOUNDED:
            whole = least[count, load] + scale * convex_cost(
                edges, prices, cost_at, base + fixed_weight + load
            )
            if whole < value:
                value, at = whole, load
    value += fixed_cost
    _trace(core, weight[core], enters[core], taken, at, count, chosen)
    return min(value, escape), value, linear
