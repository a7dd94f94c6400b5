"""What a pair forced upon an agent, or taken from it, costs by the agent's exact table, and which loads that leaves.

Reduced cost (`fixing`) says of a pair what its agent loses at least by a straight line; the agent's own programme, made
without each task in turn, says it exactly. And a task that goes to one agent is taken from all others, each of which
loses what it is worth there. Both sums are over agents, so they add up to a bound on every plan with the pair. The same
tables tell which loads an agent can have in a plan that is cheap enough. Everything is in whole numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from solver.assignment.arrays import UNBOUNDED, Instance
from solver.assignment.bound import BoundProof, Lagrangian, PairSlices
from solver.assignment.compiled import compiled
from solver.assignment.fixing import least_at
from solver.assignment.knapsack import TOO_LARGE, convex_cost, least_linear, settled, window_of
from solver.assignment.problem import Ints
from solver.assignment.relaxation import Tables

MOST_CELLS = 10_000_000
"""Cells of one agent's tables, times its tasks in doubt, beyond which the straight line alone is taken."""
LARGEST_PART = 1 << 50
"""What one agent can add to a bound at most, so that no sum overflows."""


@dataclass(frozen=True)
class Doubt:
    """What plans with a total below some number may still use.

    least: int64 (n, m), no plan that uses a pair has a smaller total than this, UNBOUNDED where no plan uses it.
    lowest, highest: int64 (m,), between which each agent's load is in a plan with a smaller total than that number.
    """

    least: Ints
    lowest: Ints
    highest: Ints

    def also(self, other: Doubt) -> Doubt:
        """Where both hold."""
        return Doubt(
            np.maximum(self.least, other.least),
            np.maximum(self.lowest, other.lowest),
            np.minimum(self.highest, other.highest),
        )


def either(parts: Sequence[Doubt]) -> Doubt:
    """Where every plan is in one of several parts, at least one, and each part has a doubt of its own."""
    return Doubt(
        np.minimum.reduce([part.least for part in parts]),
        np.minimum.reduce([part.lowest for part in parts]),
        np.maximum.reduce([part.highest for part in parts]),
    )


def doubt_at(inst: Instance, table: Tables, proof: BoundProof, total: int) -> Doubt:
    """What plans of `inst` below `total` may use, by these multipliers of it. `least` is exact up to `total`."""
    relaxation = Lagrangian(inst, table, proof.skip_budget, proof.scale)
    least = least_at(relaxation, proof)
    allowed = inst.allowed.copy()
    allowed[:, :-1] &= least < total
    relaxation = Lagrangian(inst._replace(allowed=allowed), table, proof.skip_budget, proof.scale)
    value, values, _, _ = relaxation.evaluate(proof)
    placed = len(inst.base) - 1
    if (values[:, 0] >= UNBOUNDED).any():  # no plan below `total` is left
        return Doubt(least, np.full(placed, UNBOUNDED), np.full(placed, -1, dtype=np.int64))
    sides, loads = _sides(relaxation, proof, values, (total - 1) * proof.scale - value)
    exact = _added_up(relaxation, value, values[:, 0], sides)[:, :-1]
    exact = np.where(allowed[:, :-1], -(-exact // proof.scale), least)
    return Doubt(np.maximum(least, exact), loads[:-1, 0], loads[:-1, 1])


def _sides(
    relaxation: Lagrangian, proof: BoundProof, values: Ints, doubt: int
) -> tuple[tuple[Ints, Ints], Ints]:
    """Each pair's agent's least value with it and without it, int64 (pairs,), and loads, int64 (m + 1, 2)."""
    known = (values[:, 1] < UNBOUNDED) & (values[:, 1] != TOO_LARGE)
    reach = np.where(known, values[:, 1] - values[:, 2], 0) + max(doubt, 0)
    reach = np.minimum(reach, LARGEST_PART)
    pairs = len(relaxation.enters)
    found = np.zeros(pairs, dtype=np.int64), np.zeros(pairs, dtype=np.int64)
    loads = np.zeros((relaxation.agents, 2), dtype=np.int64)
    tasks, start = relaxation.by_agent
    slices = (tasks, relaxation.weight, relaxation.enters, relaxation.costs(proof))
    guides = (proof.scale, proof.load, proof.entry, reach, values[:, 0] + doubt)
    _forced(relaxation.inst, start, slices, guides, relaxation.most, (*found, loads))
    return found, loads


def _added_up(relaxation: Lagrangian, value: int, least: Ints, sides: tuple[Ints, Ints]) -> Ints:
    """int64 (n, m + 1): the bound, scaled, where a task is with one agent and with no other."""
    agent, task = relaxation.pair_agent, relaxation.by_agent[0]
    with_it, without = (np.clip(side - least[agent], 0, LARGEST_PART) for side in sides)
    inside = np.full((relaxation.tasks, relaxation.agents), LARGEST_PART, dtype=np.int64)
    outside = np.zeros((relaxation.tasks, relaxation.agents), dtype=np.int64)
    inside[task, agent], outside[task, agent] = with_it, without
    return np.asarray(value + inside + outside.sum(axis=1, keepdims=True) - outside)


@compiled
def _forced(
    inst: Instance,
    start: Ints,
    pairs: PairSlices,
    guides: tuple[int, Ints, Ints, Ints, Ints],
    most: Ints,
    found: tuple[Ints, Ints, Ints],
) -> None:
    """Every agent with and without each of its pairs; `found` receives both values and the loads (m + 1, 2)."""
    tasks, weight, enters, cost = pairs
    for agent in range(start.shape[0] - 1):
        begin, end = start[agent], start[agent + 1]
        guide = (guides[0], guides[1][agent], guides[2][agent], guides[3][agent], guides[4][agent])
        mine = (tasks[begin:end], weight[begin:end], enters[begin:end], cost[begin:end])
        _agent(
            inst, agent, mine, guide, most[agent], found[0][begin:end], found[1][begin:end], found[2][agent]
        )


@compiled
def _agent(
    inst: Instance,
    agent: int,
    pairs: PairSlices,
    guide: tuple[int, int, int, int, int],
    most: int,
    with_it: Ints,
    without: Ints,
    loads: Ints,
) -> None:
    """One agent with newcomers under the ceiling, or with none and no ceiling, as in the bound."""
    tasks, weight, enters, cost = pairs
    bands = (inst.edges[agent], inst.prices[agent], inst.cost_at[agent])
    intake = min(inst.intake[inst.owner[agent]], tasks.shape[0])
    open_most = min(most, inst.ceiling[agent])
    limits = (inst.base[agent], open_most, intake)
    _one(cost, weight, enters, bands, limits, guide, (with_it, without, loads))
    if open_most >= most:
        return
    own = np.flatnonzero(inst.home[tasks] == agent)
    limits = (inst.base[agent], min(most, inst.base[agent] + weight[own].sum()), 0)
    found = (np.zeros_like(own), np.zeros_like(own), np.zeros(2, dtype=np.int64))
    closed = _one(cost[own], weight[own], enters[own], bands, limits, guide, found)
    stays = np.zeros(tasks.shape[0], dtype=np.uint8)
    stays[own] = 1
    for i in range(tasks.shape[0]):
        if not stays[i]:
            without[i] = min(without[i], closed)
    for k in range(own.shape[0]):
        with_it[own[k]] = min(with_it[own[k]], found[0][k])
        without[own[k]] = min(without[own[k]], found[1][k])
    loads[0], loads[1] = min(loads[0], found[2][0]), max(loads[1], found[2][1])


@compiled
def _one(
    cost: Ints,
    weight: Ints,
    enters: Ints,
    bands: tuple[Ints, Ints, Ints],
    limits: tuple[int, int, int],
    guide: tuple[int, int, int, int, int],
    found: tuple[Ints, Ints, Ints],
) -> int:
    """A safe bound on one agent's choice; `found` receives the same with and without each task, and its loads.

    As `choose`, with guide: scale, lambda, kappa, reach, and the greatest value that matters. The loads are those of
    choices up to that, (UNBOUNDED, -1) where there is none.
    """
    edges, prices, cost_at = bands
    base, most, intake = limits
    scale, slope, entry, reach, greatest = guide
    with_it, without, loads = found
    if most < base:
        with_it[:], without[:], loads[0], loads[1] = UNBOUNDED, UNBOUNDED, UNBOUNDED, -1
        return int(UNBOUNDED)
    r = cost + slope * weight + entry * enters
    flat = least_linear(edges, prices, cost_at, base, most, scale, slope)
    linear = flat + np.minimum(r, 0).sum() - (entry * intake if entry else 0)
    with_it[:], without[:], loads[0], loads[1] = (
        linear + np.maximum(r, 0),
        linear + np.maximum(-r, 0),
        base,
        most,
    )
    if reach < 0:
        return int(linear)
    core = np.flatnonzero(np.abs(r) <= reach)
    chosen = np.zeros(r.shape[0], dtype=np.uint8)
    outside, fixed_cost, fixed_weight, fixed_count = settled(r, reach, cost, weight, enters, chosen)
    escape = linear + outside if outside < UNBOUNDED else UNBOUNDED
    width = min(most - base - fixed_weight, weight[core].sum())
    count = intake - fixed_count
    if width < 0 or count < 0:
        return int(escape)
    steps = enters[core]
    if count >= steps.sum():  # the limit does not bind: newcomers need not be told apart
        count, steps = 0, np.zeros_like(steps)
    if 16.0 * core.shape[0] * (count + 1) * (width + 1) > MOST_CELLS:
        return int(linear)
    stands = base + fixed_weight
    window = window_of(bands, stands, width, (scale, slope, reach, flat - slope * base))
    if window[1] - window[0] < width:
        escape = min(escape, linear + reach + 1)
    if window[0] > window[1]:
        return int(escape)
    price = np.empty(window[1] + 1, dtype=np.int64)
    for load in range(window[1] + 1):
        price[load] = fixed_cost + scale * convex_cost(edges, prices, cost_at, stands + load)
    sides = np.full((2, core.shape[0]), escape, dtype=np.int64)
    least = _tabled(
        (cost[core], weight[core], steps), (count, window[0]), price, (escape, greatest), sides, loads
    )
    loads += 0 if escape <= greatest or loads[1] < 0 else stands
    for k in range(core.shape[0]):
        with_it[core[k]] = max(with_it[core[k]], sides[0, k])
        without[core[k]] = max(without[core[k]], sides[1, k])
    return int(least)


@compiled
def _tabled(
    items: tuple[Ints, Ints, Ints],
    ends: tuple[int, int],
    price: Ints,
    values: tuple[int, int],
    sides: Ints,
    loads: Ints,
) -> int:
    """The least value of a choice of items, with and without each in `sides` (2, k), no value beyond `escape`.

    items: cost, weight, newcomer or not. ends: newcomers allowed, first load. price: by load. values: escape and the
    greatest that matters, up to which `loads` are told, (UNBOUNDED, -1) where there are none; only where escape is
    beyond it.
    """
    escape, greatest = values
    table = np.full((ends[0] + 1, price.shape[0]), UNBOUNDED, dtype=np.int64)
    table[:, 0] = 0
    _take(items, 0, items[0].shape[0], table)
    row = table[ends[0]]
    if escape > greatest:
        loads[0], loads[1] = UNBOUNDED, -1
        for load in range(ends[1], price.shape[0]):
            if row[load] < UNBOUNDED and row[load] + price[load] <= greatest:
                loads[0], loads[1] = min(loads[0], load), load
    _one_by_one(items, ends, price, sides)
    return int(min(escape, _least(row, price, ends[1], 0)))


@compiled
def _take(items: tuple[Ints, Ints, Ints], begin: int, end: int, table: Ints) -> None:
    """Let some items into a table, least[c, l]: the least cost at load l with at most c newcomers."""
    cost, weight, steps = items
    last = table.shape[1] - 1
    for i in range(begin, end):
        heavy, dear = weight[i], cost[i]
        for count in range(table.shape[0] - 1, steps[i] - 1, -1):
            before, after = table[count - steps[i]], table[count]
            for load in range(last, heavy - 1, -1):
                if before[load - heavy] < UNBOUNDED and before[load - heavy] + dear < after[load]:
                    after[load] = before[load - heavy] + dear


@compiled
def _least(row: Ints, price: Ints, first: int, more: int) -> int:
    """The least of a table's row with the price of its load, where `more` comes on top of that load."""
    least = UNBOUNDED
    for load in range(max(first, more), price.shape[0]):
        if row[load - more] < UNBOUNDED:
            least = min(least, row[load - more] + price[load])
    return int(least)


@compiled
def _one_by_one(items: tuple[Ints, Ints, Ints], ends: tuple[int, int], price: Ints, sides: Ints) -> None:
    """Lower `sides` (2, k) to the least with and without each item. ends: newcomers allowed, first load.

    A table of all items but one is made for each by halving: the table for a half has the other half in it.
    """
    cost, weight, steps = items
    count, first = ends
    size, depth = cost.shape[0], 2
    while 1 << (depth - 1) < size:
        depth += 1
    tables = np.full((depth + 1, count + 1, price.shape[0]), UNBOUNDED, dtype=np.int64)
    tables[0, :, 0] = 0
    waiting = np.zeros(
        (2 * depth + 2, 5), dtype=np.int64
    )  # begin, end, depth, and from where to where to let in
    waiting[0, 1] = size
    left = 1 if size else 0
    while left:
        left -= 1
        begin, end, at = waiting[left, 0], waiting[left, 1], waiting[left, 2]
        if at:
            tables[at] = tables[at - 1]
            _take(items, waiting[left, 3], waiting[left, 4], tables[at])
        if end - begin == 1:
            table, step = tables[at], steps[begin]
            sides[1, begin] = min(sides[1, begin], _least(table[count], price, first, 0))
            if count >= step:
                with_it = _least(table[count - step], price, first, weight[begin])
                if with_it < UNBOUNDED:
                    sides[0, begin] = min(sides[0, begin], with_it + cost[begin])
            continue
        middle = (begin + end) // 2
        for half in range(2):
            here, there = ((begin, middle), (middle, end)) if half == 0 else ((middle, end), (begin, middle))
            waiting[left, 0], waiting[left, 1], waiting[left, 2] = here[0], here[1], at + 1
            waiting[left, 3], waiting[left, 4] = there
            left += 1
