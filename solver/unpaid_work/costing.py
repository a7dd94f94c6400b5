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


@compiled_inside
def _may_go_on(b: Board, p: int, sessions: Ints, count: int, done: bool, slots: Ints, how: Ints) -> int:
    """The slots that were kept up to the horizon's end, and in which ways; returns how many."""
    found = 0
    for place in range(count):
        slot, day = b.sessions[sessions[place], SLOT], b.sessions[sessions[place], DAY]
        if slot >= b.slots.shape[0] or b.slots[slot, RECURS] == 0 or b.sessions[sessions[place], INDUCTION]:
            continue
        ways = WEEKLY if done or day >= b.slots[slot, LATELY] else 0
        if day >= b.slots[slot, IN_TURN] or (done and b.slots[slot, IN_TURN] < UNLIMITED):
            ways |= 1 << (b.sessions[sessions[place], WEEK] & 1)
        for other in range(b.people[p, ALLOC], b.people[p, ALLOC_END]):
            if b.links[other] == slot:
                ways &= WEEKLY
        there = found
        for other in range(found):
            if slots[other] == slot:
                there = other
        if ways > 0 and there < CANDIDATES:
            slots[there], how[there] = slot, ways | (how[there] if there < found else 0)
            found = max(found, there + 1)
    return found


@compiled_inside
def onward_halves(b: Board, t: Table, p: int, sessions: Ints, count: int, total: int) -> tuple[int, int]:
    """Minutes a fortnight of the placements that go on, and these as bits.

    The longest slots first, until they are enough. A weekly slot goes on every other week where no more is possible or,
    for somebody with several requirements, where that is enough; solver.unpaid_work.regular does the same.
    """
    left, days = np.full(2, b.people[p, MOST]), np.zeros(2, dtype=np.int64)
    for place in range(b.people[p, MATES], b.people[p, MATES_END]):
        onward = t.people[b.links[place], ONWARD]
        for odd in range(2):
            left[odd] -= onward >> (odd * MINUTES_BITS) & MINUTES_MASK
            days[odd] |= onward >> (DAYS_AT + odd * DAYS_BITS) & 127
    slots, how = np.empty(CANDIDATES, dtype=np.int64), np.zeros(CANDIDATES, dtype=np.int64)
    found = _may_go_on(b, p, sessions, count, total >= b.people[p, REMAINING], slots, how)
    halves, kept, bits, shares = 0, 0, 0, b.people[p, MATES] < b.people[p, MATES_END]
    need = 2.0 * (b.people[p, REMAINING] - b.chance[p] * total)
    each = b.chance[p] * b.people[p, FULL_WEEKS]
    while kept < b.numbers[SLOTS_A_WEEK] and halves * each < need:
        best, minutes = -1, 0
        for other in range(found):
            if how[other] > 0 and b.usual[p, slots[other]] > minutes:
                best, minutes = other, b.usual[p, slots[other]]
        if best < 0:
            break
        day, ways = 1 << b.slots[slots[best], WEEKDAY], 0
        for odd in range(2):
            ways |= (minutes <= left[odd] and days[odd] & day == 0) << odd
        one = ways & how[best]
        half = one > 0 and (ways != 3 or how[best] < WEEKLY or (shares and (halves + minutes) * each >= need))
        if half:
            ways = 1 if one & 1 else 2
            halves += minutes
        elif ways == 3 and how[best] >= WEEKLY:
            halves += b.slots[slots[best], RECURS] * minutes
        else:
            ways = 0
        how[best] = 0
        for odd in range(2):
            if ways >> odd & 1:
                left[odd] -= minutes
                days[odd] |= day
                bits += minutes << (odd * MINUTES_BITS)
                bits |= day << (DAYS_AT + odd * DAYS_BITS)
        kept += 1
    return halves, bits


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
    elif _settle_in_turn(b, t, p, True) > _settle_in_turn(b, t, p, False):
        _settle_in_turn(b, t, p, True)
