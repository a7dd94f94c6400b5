"""The proof: a lower bound recomputed from whole multipliers in whole numbers, apart from the search.

For any multipliers u (one per task, here multiples of 1 / scale), relaxing "every task has one agent" gives

    scale * optimum >= sum_t u[t] - sum_a max { sum_t (u[t] - scale * cost[t, a]) * x[t] : capacity of a, x binary }

(Lagrangian relaxation; Fisher, Jaikumar and Van Wassenhove 1986). Nothing here is a float, and nothing here is
shared with the code that found the multipliers.
"""

from __future__ import annotations

import math

import numpy as np

from solver.assignment.capacitated.instance import Bools, Ints

DENSE_LOADS = 1 << 16
SPARSE_STATES = 1 << 14


def multiplier_bound(
    cost: Ints, weight: Ints, capacity: Ints, eligible: Bools, multipliers: Ints, scale: int
) -> int:
    """A lower bound on the least cost, from `multipliers` in units of 1 / `scale`; exact whole numbers.

    cost, weight: int64 (n, m). capacity: int64 (m,). eligible: bool (n, m). multipliers: int64 (n,).
    """
    total = sum(int(u) for u in multipliers)
    for agent in range(cost.shape[1]):
        able = eligible[:, agent]
        profit = multipliers[able] - scale * cost[able, agent]
        total -= knapsack_bound(profit, weight[able, agent], int(capacity[agent]))
    return -(-total // scale)


def knapsack_bound(profit: Ints, weight: Ints, capacity: int) -> int:
    """The optimum of a knapsack where its tables stay small, else an upper bound on it; whole numbers.

    profit, weight: int64 (k,); weights are not negative. For any rate r >= 0 no filling is worth more than
    r * capacity + sum_t max(0, profit[t] - r * weight[t]), nor, with task t turned round, more than that less
    |profit[t] - r * weight[t]|. The rate is a whole fraction, so everything is multiplied by its denominator.
    """
    pays = (profit > 0) & (weight <= capacity)
    free = int(profit[pays & (weight == 0)].sum())
    profit, weight = profit[pays & (weight > 0)], weight[pays & (weight > 0)]
    if sum(weight.tolist()) <= capacity:
        return free + int(sum(profit.tolist()))
    order = np.argsort(-(profit / weight), kind="stable")
    profit, weight = profit[order], weight[order]
    value, split = _greedy(profit, weight, capacity)
    above, below = int(profit[split]), int(weight[split])
    if max(int(profit.max()) * below, int(weight.max()) * above) * len(profit) >= 2**62:
        profit, weight = profit.astype(object), weight.astype(object)
    margin = below * profit - above * weight
    upper = above * capacity + sum(part for part in margin.tolist() if part > 0)
    is_open = upper - np.abs(margin) >= below * (value + 1)
    fixed = ~is_open & (margin > 0)
    left = capacity - int(weight[fixed].sum())
    if left < 0:
        return free + value
    rest = _optimum(profit[is_open].astype(np.int64), weight[is_open].astype(np.int64), left)
    if rest is None:
        return free + int(upper // below)
    return free + max(value, int(profit[fixed].sum()) + rest)


def _greedy(profit: Ints, weight: Ints, capacity: int) -> tuple[int, int]:
    """The value of filling in this order, and the place of the first task that does not fit."""
    value = 0
    split = len(profit)
    for place, (own_profit, own_weight) in enumerate(zip(profit.tolist(), weight.tolist(), strict=True)):
        if own_weight <= capacity:
            value += own_profit
            capacity -= own_weight
        elif split == len(profit):
            split = place
    return value, split


def _optimum(profit: Ints, weight: Ints, capacity: int) -> int | None:
    """The optimum over the open tasks; None when it would take too large a table."""
    if not len(weight) or int(weight.sum()) <= capacity:
        return int(profit.sum())
    divisor = math.gcd(*weight.tolist())
    weight, capacity = weight // divisor, capacity // divisor
    if capacity < DENSE_LOADS:
        return _dense(profit, weight, capacity)
    return _sparse(profit, weight, capacity)


def _dense(profit: Ints, weight: Ints, capacity: int) -> int:
    best = np.zeros(capacity + 1, np.int64)
    for own_profit, own_weight in zip(profit.tolist(), weight.tolist(), strict=True):
        if own_weight <= capacity:
            best[own_weight:] = np.maximum(best[own_weight:], best[: capacity + 1 - own_weight] + own_profit)
    return int(best[-1])


def _sparse(profit: Ints, weight: Ints, capacity: int) -> int | None:
    """The optimum over the loads that can occur; None when there are too many of them."""
    loads = np.zeros(1, np.int64)
    best = np.zeros(1, np.int64)
    for own_profit, own_weight in zip(profit.tolist(), weight.tolist(), strict=True):
        fits = loads + own_weight <= capacity
        loads = np.concatenate((loads, loads[fits] + own_weight))
        best = np.concatenate((best, best[fits] + own_profit))
        order = np.lexsort((-best, loads))
        loads, best = loads[order], best[order]
        ahead = np.maximum.accumulate(np.concatenate(([-1], best[:-1])))
        loads, best = loads[best > ahead], best[best > ahead]
        if len(loads) > SPARSE_STATES:
            return None
    return int(best[-1])
