"""What a requirement's bookings cost, and what of them goes on after the horizon. Compiled."""

from __future__ import annotations

import numpy as np

from solver.assignment.compiled import compiled, compiled_inside
from solver.unpaid_work.board import (
    ALLOC,
    ALLOC_END,
    CHANGED,
    DAY,
    FULL_WEEKS,
    IN_TURN,
    INDUCTION,
    LATELY,
    LEAST,
    LOST,
    MATES,
    MATES_END,
    MOST,
    OPENING,
    PROJECT,
    RECURS,
    REMAINING,
    SHORT,
    SLOT,
    SLOTS_A_WEEK,
    UNLIMITED,
    UNPLACED,
    WEEK,
    WEEKDAY,
    Board,
)
from solver.unpaid_work.facts import Floats
from solver.unpaid_work.slots import Ints
from solver.unpaid_work.table import CAUTIOUS, COST_NOW, HAVE, LONG, ONWARD, SIZE, WHERE, Table, set_cost

MINUTES_BITS = 20
"""What goes on of a requirement, as bits: minutes of even calendar weeks, minutes of odd ones, weekdays of either."""
MINUTES_MASK, DAYS_AT, DAYS_BITS = (1 << MINUTES_BITS) - 1, 2 * MINUTES_BITS, 7
CANDIDATES = 16
"""How many slots of a requirement are looked at, to go on in them."""
WEEKLY = 4
"""A slot that can go on as often as it recurs; 1 and 2 stand for every other week, the even and the odd, as bits."""
ALL_WAYS, WEEKS_AT = 7, 3
"""All of these; and where the calendar weeks in which a slot was had stand, as two more bits."""
NODES = 200
"""How many choices of what goes on are looked at before the best so far is taken."""
SLOT_OF, HOW, EACH, REST, TRIED, LEFT, DAYS, HALVES, KEPT, BITS, WIDTH = 0, 1, 2, 3, 4, 5, 7, 9, 10, 11, 12
"""Columns of the candidates and of the choices so far: LEFT and DAYS are two each, of even and odd calendar weeks."""


@compiled_inside
def _may_go_on(b: Board, p: int, sessions: Ints, count: int, done: bool, work: Ints) -> int:
    """The slots that were kept up to the horizon's end, and in which ways; returns how many."""
    found = 0
    for place in range(count):
        slot, day = b.sessions[sessions[place], SLOT], b.sessions[sessions[place], DAY]
        if slot >= b.slots.shape[0] or b.slots[slot, RECURS] == 0 or b.sessions[sessions[place], INDUCTION]:
            continue
        ways = WEEKLY if done or day >= b.slots[slot, LATELY] else 0
        ways |= 1 << (WEEKS_AT + (b.sessions[sessions[place], WEEK] & 1))
        if day >= b.slots[slot, IN_TURN] or (done and b.slots[slot, IN_TURN] < UNLIMITED):
            ways |= 1 << (b.sessions[sessions[place], WEEK] & 1)
        for other in range(b.people[p, ALLOC], b.people[p, ALLOC_END]):
            if b.links[other] == slot:
                ways &= ~3
        there = found
        for other in range(found):
            if work[other, SLOT_OF] == slot:
                there = other
        if ways & ALL_WAYS and there < CANDIDATES:
            work[there, HOW] = ways | (work[there, HOW] if there < found else 0)
            work[there, SLOT_OF] = slot
            found = max(found, there + 1)
    return found


@compiled_inside
def _list_ways(b: Board, p: int, work: Ints, found: int) -> None:
    """The candidates by what they bring in a fortnight, most first, and what each and those after it bring at most."""
    for place in range(found):
        slot, how = work[place, SLOT_OF], work[place, HOW]
        minutes = b.usual[p, slot]
        full = minutes * b.slots[slot, RECURS] if how & WEEKLY else minutes
        at = place
        while at > 0 and work[at - 1, REST] < full:
            for column in (SLOT_OF, HOW, EACH, REST):
                work[at, column] = work[at - 1, column]
            at -= 1
        work[at, SLOT_OF], work[at, HOW], work[at, EACH], work[at, REST] = slot, how, minutes, full
    work[found, REST] = 0
    for place in range(found - 1, -1, -1):
        work[place, REST] += work[place + 1, REST]


@compiled_inside
def _try_way(b: Board, work: Ints, depth: int, way: int) -> bool:
    """Go on with a candidate in one way (WEEKLY, 1, 2; 0 for not at all), if the body's weeks allow it."""
    how, minutes, slot = work[depth, HOW], work[depth, EACH], work[depth, SLOT_OF]
    work[depth + 1, LEFT:] = work[depth, LEFT:]
    if way == 0:
        return True
    if how & way == 0:
        return False
    weeks = way
    if way == WEEKLY:
        weeks = 3 if b.slots[slot, RECURS] == 2 else how >> WEEKS_AT & 3
    day = 1 << b.slots[slot, WEEKDAY]
    for odd in range(2):
        if weeks >> odd & 1:
            if minutes > work[depth, LEFT + odd] or work[depth, DAYS + odd] & day:
                return False
            work[depth + 1, LEFT + odd] -= minutes
            work[depth + 1, DAYS + odd] |= day
            work[depth + 1, BITS] += (minutes << (odd * MINUTES_BITS)) + (day << (DAYS_AT + odd * DAYS_BITS))
    work[depth + 1, HALVES] += minutes * b.slots[slot, RECURS] if way == WEEKLY else minutes
    work[depth + 1, KEPT] += 1
    return True


@compiled_inside
def _most_halves(b: Board, work: Ints, found: int, need: int, shares: bool) -> tuple[int, int]:
    """The most minutes a fortnight, up to what is needed, and these as bits: branch and bound over the candidates."""
    best, bits, nodes, depth = 0, 0, 0, 0
    work[0, TRIED] = 0
    while depth >= 0 and best < need and nodes < NODES:
        halves = work[depth, HALVES]
        if halves > best:
            best, bits = halves, work[depth, BITS]
        rest = min(work[depth, REST], work[depth, LEFT] + work[depth, LEFT + 1]) if depth < found else 0
        full = depth == found or work[depth, KEPT] == b.numbers[SLOTS_A_WEEK] or halves + rest <= best
        if full or work[depth, TRIED] == 4:
            depth -= 1
            continue
        turn = work[depth, TRIED]
        work[depth, TRIED] += 1
        nodes += 1
        half_first = shares and halves + work[depth, EACH] >= need
        way = (1, 2, WEEKLY, 0)[turn] if half_first else (WEEKLY, 1, 2, 0)[turn]
        if _try_way(b, work, depth, way):
            depth += 1
            work[depth, TRIED] = 0
    return best, bits


@compiled_inside
def onward_halves(b: Board, t: Table, p: int, sessions: Ints, count: int, total: int) -> tuple[int, int]:
    """Minutes a fortnight of the placements that go on, and these as bits.

    As many as are needed, or the most that the weeks of the body allow; a weekly slot goes on every other week where no
    more is possible or, for somebody with several requirements, where that is enough. solver.unpaid_work.going_on
    chooses alike.
    """
    each = b.chance[p] * b.people[p, FULL_WEEKS]
    lost = 2.0 * (b.people[p, REMAINING] - b.chance[p] * total)
    if lost <= 0.0 or each <= 0.0:
        return 0, 0
    work = np.empty((CANDIDATES + 1, WIDTH), dtype=np.int64)
    found = _may_go_on(b, p, sessions, count, total >= b.people[p, REMAINING], work)
    if found == 0:
        return 0, 0
    work[0, LEFT:] = 0
    work[0, LEFT], work[0, LEFT + 1] = b.people[p, MOST], b.people[p, MOST]
    for place in range(b.people[p, MATES], b.people[p, MATES_END]):
        onward = t.people[b.links[place], ONWARD]
        for odd in range(2):
            work[0, LEFT + odd] -= onward >> (odd * MINUTES_BITS) & MINUTES_MASK
            work[0, DAYS + odd] |= onward >> (DAYS_AT + odd * DAYS_BITS) & 127
    _list_ways(b, p, work, found)
    need = int(np.ceil(min(lost / each, 1e9)))
    return _most_halves(b, work, found, need, b.people[p, MATES] < b.people[p, MATES_END])


@compiled
def price_of(
    b: Board, t: Table, p: int, sessions: Ints, minutes: Ints, count: int, toll: Floats
) -> tuple[float, int]:
    """What these bookings of a requirement cost, tolls of sessions included, and what goes on after the horizon."""
    remaining = b.people[p, REMAINING]
    if remaining <= 0:
        return 0.0, 0
    weeks = b.owed.shape[1]
    week = np.zeros(weeks, dtype=np.int64)
    total, tolls = 0, 0.0
    cost = 0 if count > 0 else b.numbers[UNPLACED]
    for place in range(count):
        session = sessions[place]
        week[b.sessions[session, WEEK]] += minutes[place]
        total += minutes[place]
        cost += b.journey[p, b.sessions[session, PROJECT]]
        tolls += toll[session]
        if t.sessions[session, SIZE] == 0:
            tolls += b.sessions[session, OPENING] * t.state[CAUTIOUS]
    left, short = remaining, 0
    for number in range(weeks):
        if b.owed[p, number]:
            short += max(0, min(b.people[p, LEAST], left) - week[number])
        left -= week[number]
    cost += b.numbers[SHORT] * short
    halves, onward = 0, 0
    if b.people[p, FULL_WEEKS] > 0:
        halves, onward = onward_halves(b, t, p, sessions, count, total)
    expected = b.chance[p] * (total + 0.5 * halves * b.people[p, FULL_WEEKS])
    cost += b.numbers[LOST] * max(0, int(np.ceil(remaining - expected - 1e-7)))
    for place in range(b.people[p, ALLOC], b.people[p, ALLOC_END]):
        slot, kept = b.links[place], False
        if slot >= 0:
            for other in range(count):
                kept = kept or b.sessions[sessions[other], SLOT] == slot
        if not kept:
            cost += b.numbers[CHANGED]
    return cost + tolls, onward


@compiled_inside
def _settle_one(b: Board, t: Table, p: int) -> None:
    """Bring the price of a requirement up to date with its bookings and what goes on of the others of its body."""
    count = t.people[p, HAVE]
    sessions, minutes = np.empty(count, dtype=np.int64), np.empty(count, dtype=np.int64)
    for place in range(count):
        sessions[place], minutes[place] = t.mine[p, place, WHERE], t.mine[p, place, LONG]
    cost, onward = price_of(b, t, p, sessions, minutes, count, t.nothing)
    set_cost(t, p, int(cost), onward)


@compiled_inside
def _settle_in_turn(b: Board, t: Table, p: int, first: bool) -> int:
    """Bring a body's prices up to date, with `p` before the others or after them; returns their sum."""
    begin, end = b.people[p, MATES], b.people[p, MATES_END]
    set_cost(t, p, t.people[p, COST_NOW], 0)
    for place in range(begin, end):
        set_cost(t, b.links[place], t.people[b.links[place], COST_NOW], 0)
    if first:
        _settle_one(b, t, p)
    for place in range(begin, end):
        _settle_one(b, t, b.links[place])
    if not first:
        _settle_one(b, t, p)
    total: int = t.people[p, COST_NOW]
    for place in range(begin, end):
        total += t.people[b.links[place], COST_NOW]
    return total


@compiled
def settle(b: Board, t: Table, p: int) -> None:
    """Bring the price of a requirement, and of the others of its body, up to date with their bookings.

    What goes on after the horizon shares the body's week: who is first takes what they need. The better order counts.
    """
    if b.people[p, MATES] == b.people[p, MATES_END]:
        _settle_one(b, t, p)
    elif _settle_in_turn(b, t, p, True) < _settle_in_turn(b, t, p, False):
        _settle_in_turn(b, t, p, True)
