"""What two requirements of one body cost at least together, at given prices of sessions. Compiled.

As solver.unpaid_work.kept_up for one, but the body is at one project a day, has one weekly limit, and shares what goes
on after the horizon: a dynamic programme over weeks and over the minutes booked of both. Minutes are rounded up to
steps for each of them, so that the weekly limit allows one step more. Whether what goes on was kept up to the horizon's
end, and what is after an induction, is not looked at here.
"""

from __future__ import annotations

import numpy as np

from solver.assignment.compiled import compiled, compiled_inside
from solver.unpaid_work.board import CHANGED, DAY, LEAST, LOST, PROJECT, REMAINING, SHORT, UNPLACED, Board
from solver.unpaid_work.facts import Floats
from solver.unpaid_work.promised import Promised
from solver.unpaid_work.relaxed import STEP, Relaxation
from solver.unpaid_work.slots import Ints

NEVER = 1e17
"""A price from which on something is impossible."""


@compiled_inside
def _put(before: Floats, now: Floats, how: Ints, more: Ints, cost: float, one: int, two: int) -> None:
    """Go on from every cell of the day before by more[0] and more[1] steps; how: the cell before, what is chosen."""
    last = before.shape[0] - 1
    for i in range(last + 1):
        for j in range(last + 1):
            if before[i, j] < NEVER:
                to, other = min(last, i + more[0]), min(last, j + more[1])
                if before[i, j] + cost < now[to, other]:
                    now[to, other] = before[i, j] + cost
                    how[to, other, 0], how[to, other, 1] = i, j
                    how[to, other, 2], how[to, other, 3] = one, two


@compiled_inside
def _one_day(
    b: Board, r: Relaxation, both: Ints, tolls: Floats, begin: int, end: int, now: Floats, how: Ints
) -> None:
    """The choices of one day, sessions begin..end. A choice is twice the session, and one more for the second."""
    before, more = now.copy(), np.zeros(2, dtype=np.int64)
    for i in range(now.shape[0]):
        for j in range(now.shape[0]):
            how[i, j, 0], how[i, j, 1], how[i, j, 2], how[i, j, 3] = i, j, -1, -1
    for s in range(begin, end):
        for who in range(2):
            stay = r.stay[both[who], s]
            if stay == 0:
                continue
            cost = r.fare[both[who], s] + tolls[who, s]
            more[:] = 0
            more[who] = -(-stay // STEP)
            _put(before, now, how, more, cost, 2 * s + who, -1)
            for t in range(s + 1, end):
                if b.sessions[t, PROJECT] != b.sessions[s, PROJECT]:
                    continue
                for then in range(2):
                    longer = r.stay[both[then], t]
                    if longer > 0:
                        more[:] = 0
                        more[who] = -(-stay // STEP)
                        more[then] = -(-(longer + (stay if then == who else 0)) // STEP)
                        joint = cost + r.fare[both[then], t] + tolls[then, t]
                        _put(before, now, how, more, joint, 2 * s + who, 2 * t + then)


@compiled_inside
def _one_week(
    b: Board, r: Relaxation, both: Ints, tolls: Floats, week: int, how: Ints, price: Floats, option: Ints
) -> int:
    """The choices of one week that no other beats: price, and option: steps of both, the cell; returns how many."""
    last = how.shape[1] - 1
    now = np.full((last + 1, last + 1), 1e18)
    now[0, 0] = 0.0
    place, end, day = b.week_at[week], b.week_at[week + 1], 0
    while place < end:
        after = place
        while after < end and b.sessions[after, DAY] == b.sessions[place, DAY]:
            after += 1
        _one_day(b, r, both, tolls, place, after, now, how[day])
        place = after
        day += 1
    cell = np.zeros((last + 1, last + 1), dtype=np.int64)
    for i in range(last, -1, -1):
        for j in range(last, -1, -1):
            cell[i, j] = i * (last + 1) + j
            if i < last and now[i + 1, j] <= now[i, j]:
                now[i, j], cell[i, j] = now[i + 1, j], cell[i + 1, j]
            if j < last and now[i, j + 1] <= now[i, j]:
                now[i, j], cell[i, j] = now[i, j + 1], cell[i, j + 1]
    count, most = 0, last + 1
    for i in range(last + 1):
        for j in range(min(last, most - i) + 1):
            beaten = i + j < most and (
                (i < last and now[i + 1, j] <= now[i, j]) or (j < last and now[i, j + 1] <= now[i, j])
            )
            if now[i, j] < NEVER and not beaten:
                price[count] = now[i, j]
                option[count, 0], option[count, 1], option[count, 2] = i, j, cell[i, j]
                count += 1
    return count


@compiled_inside
def _short(b: Board, p: int, week: int, booked: int, steps: int) -> float:
    """What is paid for the minutes that a week stays short of the offer."""
    left = max(0, b.people[p, REMAINING] - booked * STEP)
    due = min(b.people[p, LEAST], left) if b.owed[p, week] else 0
    short: float = b.numbers[SHORT] * max(0, due - min(steps * STEP, left))
    return short


@compiled_inside
def _go_on(
    b: Board, both: Ints, week: int, count: int, price: Floats, option: Ints, value: Floats, source: Ints
) -> None:
    """From the states before a week, value[week], to those after it; source: the state before and the option."""
    first, second = value.shape[1] - 1, value.shape[2] - 1
    for i in range(first + 1):
        for j in range(second + 1):
            now = value[week, i, j]
            for one in range(count if now < NEVER else 0):
                k, m = option[one, 0], option[one, 1]
                cost = now + price[one] + _short(b, both[0], week, i, k) + _short(b, both[1], week, j, m)
                to, other = min(first, i + k), min(second, j + m)
                if cost < value[week + 1, to, other]:
                    value[week + 1, to, other] = cost
                    source[week + 1, to, other] = (i * (second + 1) + j) * price.shape[0] + one


@compiled_inside
def _lost(b: Board, r: Relaxation, q: Promised, p: int, state: int, weekly: float) -> float:
    """What a requirement pays at the end for the minutes lost, or for having nothing."""
    remaining, later = b.people[p, REMAINING], r.full[p] * weekly
    if state == 0:
        later = r.full[p] * min(weekly, float(q.resting[p]))
    booked = min(remaining, state * STEP)
    nothing = b.numbers[UNPLACED] if state == 0 else 0
    price: float = nothing + b.numbers[LOST] * max(
        0.0, np.ceil(remaining - b.chance[p] * booked - later - 1e-6)
    )
    return price


@compiled_inside
def _at_the_end(
    b: Board, r: Relaxation, q: Promised, both: Ints, shares: Floats, value: Floats
) -> tuple[float, int, int]:
    """The least price over the last states and the ways to share what goes on; which states those are."""
    parts = shares.shape[0]
    first, second = value.shape[0] - 1, value.shape[1] - 1
    lost, other = np.zeros((first + 1, parts)), np.zeros((second + 1, parts))
    for part in range(parts):
        for i in range(first + 1):
            lost[i, part] = _lost(b, r, q, both[0], i, min(q.every[both[0]], shares[part, 0]))
        for j in range(second + 1):
            other[j, part] = _lost(b, r, q, both[1], j, min(q.every[both[1]], shares[part, 1]))
    least, i_best, j_best = 1e18, 0, 0
    for i in range(first + 1):
        for j in range(second + 1):
            for part in range(parts if value[i, j] < NEVER else 0):
                price = value[i, j] + lost[i, part] + other[j, part]
                if price < least:
                    least, i_best, j_best = price, i, j
    return least, i_best, j_best


@compiled
def least_together(
    b: Board, r: Relaxation, q: Promised, both: Ints, tolls: Floats, most: int, shares: Floats, taken: Floats
) -> float:
    """The least price of two requirements of one body, and what they choose at it: taken (2, s), 1 there, 0 elsewhere.

    both: int64 (2,), the requirements. tolls: float64 (2, s). most: minutes a week of the body. shares: float64 (k, 2),
    minutes a week that may go on after the horizon for each of them, of promised.shares_of.
    """
    taken[:, :] = 0.0
    weeks, steps = b.owed.shape[1], -(-most // STEP)
    first = min(-(-b.people[both[0], REMAINING] // STEP), weeks * steps)
    second = min(-(-b.people[both[1], REMAINING] // STEP), weeks * steps)
    value = np.full((weeks + 1, first + 1, second + 1), 1e18)
    source = np.zeros((weeks + 1, first + 1, second + 1), dtype=np.int64)
    how = np.zeros((weeks, 7, steps + 1, steps + 1, 4), dtype=np.int64)
    size = (steps + 1) * (steps + 1)
    price, option = np.empty(size), np.empty((weeks, size, 3), dtype=np.int64)
    value[0, 0, 0] = 0.0
    for week in range(weeks):
        how[week, :, :, :, 2:] = -1
        count = _one_week(b, r, both, tolls, week, how[week], price, option[week])
        _go_on(b, both, week, count, price, option[week], value, source)
    least, i, j = _at_the_end(b, r, q, both, shares, value[weeks])
    for week in range(weeks, 0, -1):
        found = source[week, i, j]
        _trace(b, week - 1, option[week - 1, found % size, 2], how[week - 1], taken)
        i, j = found // size // (second + 1), found // size % (second + 1)
    changed = q.changed[both[0]] + q.changed[both[1]]
    least_of_all: float = least + b.numbers[CHANGED] * changed
    return least_of_all


@compiled_inside
def _trace(b: Board, week: int, cell: int, how: Ints, taken: Floats) -> None:
    """Write the sessions that lead to a cell of a week."""
    days, place = 0, b.week_at[week]
    for s in range(place, b.week_at[week + 1]):
        days += s == place or b.sessions[s, DAY] != b.sessions[s - 1, DAY]
    i, j = cell // how.shape[1], cell % how.shape[1]
    for day in range(days - 1, -1, -1):
        for which in (2, 3):
            chosen = how[day, i, j, which]
            if chosen >= 0:
                taken[chosen % 2, chosen // 2] = 1.0
        i, j = how[day, i, j, 0], how[day, i, j, 1]
