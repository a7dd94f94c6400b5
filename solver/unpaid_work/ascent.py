"""Prices of a place for each person and session, raised and lowered until the bound is best. Compiled.

A session that runs has places for so much weight, and costs its supervised minutes however few come. Both enter when
each person has a price of their own for each session: people pay it, a session earns the most that its places hold of
it, and runs where that is more than it costs. Whoever comes to a session that does not hold them pays more in the next
round, whoever is held and does not come pays less (a subgradient with momentum, steps after Polyak 1969).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from solver.assignment.compiled import compiled, compiled_inside
from solver.unpaid_work.board import (
    RISK_LIMIT,
    RISKY,
    WHO,
    WHO_END,
    Board,
)
from solver.unpaid_work.facts import Floats
from solver.unpaid_work.slots import Bools, Ints

NEVER = 1e17
"""A price from which on something is impossible."""
ATTEMPTS = 14
"""How many prices are tried for the limits of a session, of either kind in turn."""
SPREAD = 0.35
"""By which part of what the last place earns those prices differ."""


@compiled_inside
def _best_of(values: Floats, order: Ints, risky: Ints, limit: int) -> int:
    """Write the places of `values` into `order`, dearest first, without the risky ones above the limit; how many."""
    sorted_places = np.argsort(-values)
    count, risks = 0, 0
    for place in range(sorted_places.shape[0]):
        one = sorted_places[place]
        if risky[one] > 0:
            risks += 1
            if risks > limit:
                continue
        order[count] = one
        count += 1
    return count


class Bench(NamedTuple):
    """Where what one session earns is worked out: who may be held, their tolls, the order, and which are risky."""

    who: Ints
    toll: Floats
    value: Floats
    order: Ints
    risky: Ints


@compiled_inside
def _rank(t: Bench, count: int, kind: int, price: float, weight: Floats, limit: int) -> int:
    """Order people by toll less the price of their weight; returns how many are in it."""
    for one in range(count):
        t.value[one] = t.toll[one]
        if price != 0.0:
            t.value[one] -= price * weight[kind, t.who[one]]
    return _best_of(t.value[:count], t.order, t.risky, limit)


@compiled_inside
def _highest(
    t: Bench, count: int, places: int, weight: Floats, most: Floats, limit: int, given: Floats, held: Floats
) -> float:
    """What `count` people bring at the most beside those given; held becomes 1 for those who do.

    given: how many there are already, and their weight of either kind.
    """
    sizes, there = most.shape[2], int(given[0])
    lowest, by = np.full(sizes, 1e18), np.zeros(sizes, dtype=np.int64)
    kept, free = _rank(t, count, 0, 0.0, weight, limit), places - there
    usual = t.toll[t.order[min(kept, free) - 1]] if kept > 0 and free > 0 else 0.0
    for attempt in range(ATTEMPTS):
        kind, price = attempt % 2, usual * (attempt // 2) * SPREAD
        kept = _rank(t, count, kind, price, weight, limit)
        total = 0.0
        for size in range(there, min(kept + there, sizes - 1) + 1):
            if size > there:
                total += t.value[t.order[size - there - 1]]
            allowed = total + price * (most[kind, places, size] - given[1 + kind])
            if most[0, places, size] < -NEVER:
                lowest[size] = -1e18
            elif allowed < lowest[size]:
                lowest[size], by[size] = allowed, attempt
    best = there
    for size in range(there, sizes):
        if lowest[size] < NEVER and lowest[size] > lowest[best]:
            best = size
    _rank(t, count, by[best] % 2, usual * (by[best] // 2) * SPREAD, weight, limit)
    for size in range(best - there):
        held[t.who[t.order[size]]] = 1.0
    result: float = lowest[best]
    return result


@compiled_inside
def _held_anyway(b: Board, weight: Floats, s: int, must: Bools, held: Floats, given: Floats) -> int:
    """Hold those who must be, write how many and how heavy they are into `given`; returns how many are risky."""
    given[:] = 0.0
    risky = 0
    for link in range(b.sessions[s, WHO], b.sessions[s, WHO_END]):
        p = b.links[link]
        if must[p]:
            held[p] = 1.0
            risky += b.people[p, RISKY]
            if not np.isnan(weight[0, p]):
                given[0] += 1.0
                given[1] += weight[0, p]
                given[2] += weight[1, p]
    return risky


@compiled
def earn(
    b: Board, tolls: Floats, weight: Floats, most: Floats, kinds: Ints, may: Bools, must: Bools, held: Floats
) -> Floats:
    """No less than the most that each kind of session earns by its places: float64 (z,).

    kinds (z, 2): session and room. may, must (z, n): who may be held, and who is (solver.unpaid_work.gatherings).
    weight (2, n) and most (2, rooms, size): in an allowed session of so many people whose chances count, neither weight
    sums to more than `most`; -1e18 where no session is allowed to be so large. Each limit gets a price, from a few
    multiples of what the last place earns; at each size the lowest sum counts, and of the sizes the highest. People
    whose weight is no number take no place. held (z, n) becomes 1 for those whom that session holds.
    """
    earned = np.zeros(kinds.shape[0])
    held[:, :] = 0.0
    n = tolls.shape[0]
    t = Bench(
        np.empty(n, dtype=np.int64),
        np.empty(n),
        np.empty(n),
        np.empty(n, dtype=np.int64),
        np.zeros(n, dtype=np.int64),
    )
    given = np.zeros(3)
    for kind in range(kinds.shape[0]):
        s, count = kinds[kind, 0], 0
        risky = _held_anyway(b, weight, s, must[kind], held[kind], given)
        for link in range(b.sessions[s, WHO], b.sessions[s, WHO_END]):
            p = b.links[link]
            if must[kind, p]:
                earned[kind] += tolls[p, s]
            elif tolls[p, s] <= 0 or not may[kind, p]:
                continue
            elif np.isnan(weight[0, p]):
                earned[kind] += tolls[p, s]
                held[kind, p] = 1.0
            else:
                t.who[count], t.toll[count], t.risky[count] = p, tolls[p, s], b.people[p, RISKY]
                count += 1
        if count > 0:
            limit = b.sessions[s, RISK_LIMIT] - risky
            earned[kind] += _highest(t, count, kinds[kind, 1], weight, most, limit, given, held[kind])
    return earned
