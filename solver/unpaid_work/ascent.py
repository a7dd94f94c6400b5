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
    CHANGED,
    DAY,
    LEAST,
    LOST,
    OPEN,
    OPEN_END,
    PROJECT,
    REMAINING,
    RISK_LIMIT,
    RISKY,
    SHORT,
    UNPLACED,
    WEEK,
    WHO,
    WHO_END,
    Board,
)
from solver.unpaid_work.facts import Floats
from solver.unpaid_work.relaxed import STEP, Relaxation
from solver.unpaid_work.slots import Bools, Ints

NEVER = 1e17
"""A price from which on something is impossible."""
ATTEMPTS = 14
"""How many prices are tried for the limits of a session, of either kind in turn."""
SPREAD = 0.35
"""By which part of what the last place earns those prices differ."""


@compiled_inside
def _one_week(
    b: Board, r: Relaxation, p: int, ends: Ints, toll: Floats, price: Floats, chosen: Ints, kept: Ints
) -> int:
    """The choices of one week, sessions ends[0]..ends[1] of the links, that no other beats in minutes and price.

    price, kept: their prices and steps, fewest last. chosen (days, steps, 3): the step before and the sessions of each
    day. Returns how many.
    """
    steps, begin, end = chosen.shape[1] - 1, ends[0], ends[1]
    now, before = np.full(steps + 1, 1e18), np.full(steps + 1, 1e18)
    now[0] = 0.0
    place, day = begin, 0
    while place < end:
        date = b.sessions[b.links[place], DAY]
        last = place
        while last < end and b.sessions[b.links[last], DAY] == date:
            last += 1
        before[:] = now
        for k in range(steps + 1):
            chosen[day, k, 0], chosen[day, k, 1], chosen[day, k, 2] = k, -1, -1
        for one in range(place, last):
            s = b.links[one]
            if r.stay[p, s] == 0:
                continue
            cost = r.fare[p, s] + toll[s]
            size = -(-r.stay[p, s] // STEP)
            _extend(before, now, chosen[day], cost, size, s, -1)
            for two in range(one + 1, last):
                other = b.links[two]
                if b.sessions[other, PROJECT] == b.sessions[s, PROJECT] and r.stay[p, other] > 0:
                    both = cost + r.fare[p, other] + toll[other]
                    wide = -(-(r.stay[p, s] + r.stay[p, other]) // STEP)
                    _extend(before, now, chosen[day], both, wide, s, other)
        place = last
        day += 1
    count, least = 0, 1e18
    for k in range(steps, -1, -1):
        if now[k] < least:
            least = now[k]
            price[count], kept[count] = least, k
            count += 1
    return count


@compiled_inside
def _extend(before: Floats, now: Floats, chosen: Ints, cost: float, size: int, one: int, two: int) -> None:
    steps = before.shape[0] - 1
    for k in range(steps + 1):
        if before[k] < NEVER:
            reach = min(steps, k + size)
            if before[k] + cost < now[reach]:
                now[reach] = before[k] + cost
                chosen[reach, 0], chosen[reach, 1], chosen[reach, 2] = k, one, two


@compiled_inside
def _go_on(
    b: Board, p: int, week: int, count: int, price: Floats, kept: Ints, value: Floats, source: Ints
) -> None:
    """From the states before a week, value[week], to those after it; source: the state before, and the steps."""
    remaining, states = b.people[p, REMAINING], value.shape[1] - 1
    for state in range(states + 1):
        now = value[week, state]
        left = max(0, remaining - state * STEP)
        due = min(b.people[p, LEAST], left) if b.owed[p, week] else 0
        for option in range(count if now < NEVER else 0):
            k = kept[option]
            cost = now + price[option] + b.numbers[SHORT] * max(0, due - min(k * STEP, left))
            reach = min(states, state + k)
            if cost < value[week + 1, reach]:
                value[week + 1, reach] = cost
                source[week + 1, reach, 0], source[week + 1, reach, 1] = state, k


@compiled_inside
def _at_the_end(b: Board, r: Relaxation, p: int, value: Floats, weekly: int) -> tuple[float, int]:
    """The least price over the last states, minutes lost included, and which state that is."""
    remaining, later = b.people[p, REMAINING], r.full[p] * weekly
    resting = later if r.rests[p] else 0.0
    least = value[0] + b.numbers[UNPLACED] + b.numbers[LOST] * max(0.0, np.ceil(remaining - resting - 1e-6))
    best = 0
    for state in range(1, value.shape[0]):
        if value[state] < NEVER:
            booked = min(remaining, state * STEP)
            lost = max(0.0, np.ceil(remaining - b.chance[p] * booked - later - 1e-6))
            if value[state] + b.numbers[LOST] * lost < least:
                least, best = value[state] + b.numbers[LOST] * lost, state
    return least, best


@compiled_inside
def _trace(goal: int, source: Ints, chosen: Ints, dates: Ints, taken: Floats) -> None:
    """Write the sessions that lead to a last state."""
    for week in range(dates.shape[0], 0, -1):
        k = source[week, goal, 1]
        goal = source[week, goal, 0]
        for day in range(dates[week - 1] - 1, -1, -1):
            for which in (1, 2):
                if chosen[week - 1, day, k, which] >= 0:
                    taken[chosen[week - 1, day, k, which]] = 1.0
            k = chosen[week - 1, day, k, 0]


@compiled
def least_choice(b: Board, r: Relaxation, p: int, toll: Floats, weekly: int, taken: Floats) -> float:
    """As relaxed.least_price, and what is chosen at that price: taken (s,) becomes 1 there and 0 elsewhere."""
    taken[:] = 0.0
    if b.people[p, REMAINING] <= 0:
        return 0.0
    weeks, states = b.owed.shape[1], -(-b.people[p, REMAINING] // STEP)
    most = -(-r.most[p] // STEP)
    value = np.full((weeks + 1, states + 1), 1e18)
    source = np.zeros((weeks + 1, states + 1, 2), dtype=np.int64)
    chosen = np.zeros((weeks, 7, most + 1, 3), dtype=np.int64)
    price, kept = np.empty(most + 2), np.empty(most + 2, dtype=np.int64)
    dates, ends = np.zeros(weeks, dtype=np.int64), np.zeros(2, dtype=np.int64)
    value[0, 0] = 0.0
    place, end = b.people[p, OPEN], b.people[p, OPEN_END]
    for week in range(weeks):
        ends[0] = place
        while place < end and b.sessions[b.links[place], WEEK] == week:
            if place == ends[0] or b.sessions[b.links[place], DAY] != b.sessions[b.links[place - 1], DAY]:
                dates[week] += 1
            place += 1
        ends[1] = place
        count = _one_week(b, r, p, ends, toll, price, chosen[week], kept)
        _go_on(b, p, week, count, price, kept, value, source)
    best, goal = _at_the_end(b, r, p, value[weeks], weekly)
    _trace(goal, source, chosen, dates, taken)
    least_of_all: float = best + b.numbers[CHANGED] * r.changed[p]
    return least_of_all


@compiled
def choose(b: Board, r: Relaxation, tolls: Floats, taken: Floats, begin: int, end: int) -> float:
    """The sum of the least prices of requirements begin..end, each for itself, and what each chooses."""
    total = 0.0
    for p in range(begin, end):
        total += least_choice(b, r, p, tolls[p], r.weekly[p], taken[p])
    return total


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
