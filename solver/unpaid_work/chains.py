"""Chains of single days: somebody takes a day of another, who takes one of a third, and so on. Compiled.

The rest of what everybody has stays, so a chain costs a fiftieth of a try in which whole people choose again.
"""

from __future__ import annotations

import numpy as np

from solver.assignment.compiled import compiled_inside
from solver.unpaid_work.board import (
    DAY,
    INDUCTED,
    INDUCTION,
    LEAST_PEOPLE,
    MOST,
    OPEN,
    OPEN_END,
    REMAINING,
    WEEK,
    Board,
)
from solver.unpaid_work.costing import price_of, settle
from solver.unpaid_work.facts import Floats
from solver.unpaid_work.holding import stay_in
from solver.unpaid_work.picking import who_could_gain
from solver.unpaid_work.response import room_for, week_used
from solver.unpaid_work.slots import Ints
from solver.unpaid_work.table import (
    COST_NOW,
    HAVE,
    IS_SHUT,
    LONG,
    PINNED,
    SIZE,
    UNDER_WHOM,
    WHERE,
    Table,
    below,
    has_room,
    join,
    leave,
)

LINKS = 6
"""The most people that one chain moves."""
WAITING = 16
"""The most who wait for another day at a time."""
EDGE = 500.0
"""By how much a day that somebody has must be better than a free one, in tenths of a minute, to be asked for."""


@compiled_inside
def _inducted_on(b: Board, t: Table, p: int) -> int:
    """The day after which work can begin: -1 for any, a day that never comes for somebody without an induction."""
    if b.people[p, INDUCTED]:
        return -1
    for place in range(t.people[p, HAVE]):
        s = t.mine[p, place, WHERE]
        if b.sessions[s, INDUCTION]:
            day: int = b.sessions[s, DAY]
            return day
    return 1 << 40


@compiled_inside
def _may_be_asked_for(b: Board, t: Table, p: int, s: int, since: int) -> bool:
    """Whether a requirement could be booked in a session if its places, and the requirement's time, allowed."""
    under = t.sessions[s, UNDER_WHOM]
    if under < 0 or t.sessions[s, IS_SHUT] or b.sessions[s, INDUCTION] or b.sessions[s, DAY] <= since:
        return False
    if t.sessions[s, SIZE] == 0 and b.sessions[s, LEAST_PEOPLE] > 0:
        return False
    result: bool = under >= b.acceptable.shape[1] or b.acceptable[p, under]
    return result


@compiled_inside
def _loss(b: Board, t: Table, p: int, s: int) -> float:
    """What a requirement would lose without a session; infinite for one that it was told of or begins with."""
    count = t.people[p, HAVE]
    sessions, minutes = np.empty(count, dtype=np.int64), np.empty(count, dtype=np.int64)
    rest = 0
    for place in range(count):
        if t.mine[p, place, WHERE] != s:
            sessions[rest], minutes[rest] = t.mine[p, place, WHERE], t.mine[p, place, LONG]
            rest += 1
        elif t.mine[p, place, PINNED] > 0 or b.sessions[s, INDUCTION]:
            return 1e300
    price, _ = price_of(b, t, p, sessions, minutes, rest, t.nothing)
    loss: float = price - t.people[p, COST_NOW]
    return loss


@compiled_inside
def _give_way(b: Board, t: Table, s: int, others: Ints, count: int) -> int:
    """Take somebody out of a session: mostly who loses least by it; returns who, -1 for nobody."""
    size = t.sessions[s, SIZE]
    best, least = -1, 1e299
    anybody = below(t, 3) == 0
    for member in range(size):
        q = t.members[s, member]
        mine = True
        for place in range(count):
            mine = mine and others[place] != q
        if not mine:
            continue
        loss = _loss(b, t, q, s)
        if loss < 1e299 and anybody:
            loss = float(below(t, 1000))
        if loss < least:
            best, least = q, loss
    if best >= 0:
        leave(b, t, best, s)
        settle(b, t, best)
    return best


@compiled_inside
def _best_days(b: Board, t: Table, p: int, found: Ints, prices: Floats) -> None:
    """The best further day of a requirement that is free, found[0], and that others may have, found[1]; -1 for none."""
    count = t.people[p, HAVE]
    sessions, minutes = np.empty(count + 1, dtype=np.int64), np.empty(count + 1, dtype=np.int64)
    left, since = b.people[p, REMAINING], _inducted_on(b, t, p)
    for place in range(count):
        sessions[place], minutes[place] = t.mine[p, place, WHERE], t.mine[p, place, LONG]
        left -= minutes[place]
    found[:] = -1
    prices[:] = t.people[p, COST_NOW] - 0.5
    if left <= 0:
        return
    used = week_used(b, t, p)
    for place in range(b.people[p, OPEN], b.people[p, OPEN_END]):
        s = b.links[place]
        if not _may_be_asked_for(b, t, p, s, since):
            continue
        stay = stay_in(b, p, s, left, b.people[p, MOST] - used[b.sessions[s, WEEK]])
        if stay <= 0 or room_for(b, t, p, s) <= 0:
            continue
        sessions[count], minutes[count] = s, stay
        price, _ = price_of(b, t, p, sessions, minutes, count + 1, t.nothing)
        if price < prices[0] and has_room(b, t, p, s):
            found[0], prices[0] = s, price
        elif price < prices[1] and t.sessions[s, SIZE] > 0:
            found[1], prices[1] = s, price


@compiled_inside
def _take_a_day(b: Board, t: Table, p: int, s: int, waiting: Ints, count: int) -> int:
    """Book a session, whoever is in the way waits for another day; returns how many wait, -1 where that cannot be."""
    minutes = room_for(b, t, p, s)
    if minutes <= 0:
        return -1
    for _ in range(4):
        if has_room(b, t, p, s):
            join(b, t, p, s, minutes, False)
            settle(b, t, p)
            return count
        if count == waiting.shape[0] or t.sessions[s, SIZE] == 0:
            return -1
        q = _give_way(b, t, s, waiting, count)
        if q < 0:
            return -1
        waiting[count] = q
        count += 1
    return -1


@compiled_inside
def _give_one_up(b: Board, t: Table, p: int) -> None:
    """Take a requirement out of one of its days, so that it may have a better one."""
    place = below(t, t.people[p, HAVE])
    s = t.mine[p, place, WHERE]
    if t.mine[p, place, PINNED] == 0 and not b.sessions[s, INDUCTION]:
        leave(b, t, p, s)
        settle(b, t, p)


@compiled_inside
def chain(b: Board, t: Table, floor: Ints) -> int:
    """Give somebody who could gain a day, those in the way another one, and so on; -1 where that cannot be."""
    p = who_could_gain(t, floor)
    begin, end = b.people[p, OPEN], b.people[p, OPEN_END]
    if end == begin:
        return -1
    if t.people[p, HAVE] > 1 and below(t, 2) == 0:
        _give_one_up(b, t, p)
    s = b.links[begin + below(t, end - begin)]
    if not _may_be_asked_for(b, t, p, s, _inducted_on(b, t, p)):
        return -1
    waiting, found, prices = np.empty(WAITING, dtype=np.int64), np.empty(2, dtype=np.int64), np.empty(2)
    waiting[0] = p
    count, done = _take_a_day(b, t, p, s, waiting, 1), 1
    if count < 0:
        return -1
    while done < count:
        q = waiting[done]
        for _ in range(2):
            _best_days(b, t, q, found, prices)
            if found[0] >= 0 and (done >= LINKS or found[1] < 0 or prices[0] <= prices[1] + EDGE):
                _take_a_day(b, t, q, found[0], waiting, count)
            elif found[1] >= 0 and done < LINKS:
                count = _take_a_day(b, t, q, found[1], waiting, count)
                if count < 0:
                    return -1
            else:
                break
        done += 1
    return 0
