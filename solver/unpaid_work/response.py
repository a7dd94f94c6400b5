"""What is best for one person as things stand: slots that are held from a week on, and single days where those fail.

A person's dates cost what they cost alone (journeys, weeks short of the offer, minutes lost, an allocation given up);
places in sessions are as the others leave them (solver.unpaid_work.holding chooses among them). Compiled.
"""

from __future__ import annotations

import numpy as np

from solver.assignment.compiled import compiled, compiled_inside
from solver.unpaid_work.board import (
    DAY,
    INDUCTED,
    INDUCTION,
    MATES,
    MATES_END,
    MOST,
    OPEN,
    OPEN_END,
    REMAINING,
    WEEK,
    Board,
)
from solver.unpaid_work.costing import price_of, settle
from solver.unpaid_work.facts import Floats
from solver.unpaid_work.holding import HELD, Sheet, hold, stay_in
from solver.unpaid_work.slots import Ints
from solver.unpaid_work.table import (
    HAVE,
    IS_SHUT,
    LONG,
    ONLY_DAYS,
    ONLY_WEEKS,
    PINNED,
    UNDER_WHOM,
    WHERE,
    Table,
    has_room,
    join,
    leave,
)

INDUCTIONS = 3
"""How many inductions are tried, the first ones."""


@compiled
def clear(b: Board, t: Table, p: int) -> None:
    """Take a requirement out of everything that it was not told of."""
    place = t.people[p, HAVE] - 1
    while place >= 0:
        if not t.mine[p, place, PINNED]:
            leave(b, t, p, t.mine[p, place, WHERE])
        place -= 1


@compiled_inside
def _taken(b: Board, t: Table, p: int, day: int) -> bool:
    """Whether the requirement, or another of the body, has something on that day."""
    for place in range(t.people[p, HAVE]):
        if b.sessions[t.mine[p, place, WHERE], DAY] == day:
            return True
    for mate in range(b.people[p, MATES], b.people[p, MATES_END]):
        q = b.links[mate]
        for place in range(t.people[q, HAVE]):
            if b.sessions[t.mine[q, place, WHERE], DAY] == day:
                return True
    return False


@compiled_inside
def openings(b: Board, t: Table, p: int, found: Ints) -> int:
    """The sessions, in order of time, that the requirement could join as things stand; its pinned ones stay."""
    first = -1  # the day of the induction that lies before everything else
    if not b.people[p, INDUCTED]:
        for place in range(t.people[p, HAVE]):
            if b.sessions[t.mine[p, place, WHERE], INDUCTION]:
                first = b.sessions[t.mine[p, place, WHERE], DAY]
    count = 0
    for place in range(b.people[p, OPEN], b.people[p, OPEN_END]):
        s = b.links[place]
        if t.sessions[s, UNDER_WHOM] < 0 or t.sessions[s, IS_SHUT]:
            continue
        if (t.state[ONLY_WEEKS] >> min(b.sessions[s, WEEK], 62)) & (
            t.state[ONLY_DAYS] >> b.sessions[s, DAY] % 7
        ) & 1 == 0:
            continue
        if first >= 0 and (b.sessions[s, INDUCTION] or b.sessions[s, DAY] <= first):
            continue
        if not _taken(b, t, p, b.sessions[s, DAY]) and has_room(b, t, p, s):
            found[count] = s
            count += 1
    return count


@compiled_inside
def week_used(b: Board, t: Table, p: int) -> Ints:
    """Minutes in each week that are booked already: what is pinned, and the other requirements of the body."""
    used = np.zeros(b.owed.shape[1], dtype=np.int64)
    for place in range(t.people[p, HAVE]):
        used[b.sessions[t.mine[p, place, WHERE], WEEK]] += t.mine[p, place, LONG]
    for mate in range(b.people[p, MATES], b.people[p, MATES_END]):
        q = b.links[mate]
        for place in range(t.people[q, HAVE]):
            used[b.sessions[t.mine[q, place, WHERE], WEEK]] += t.mine[q, place, LONG]
    return used


@compiled_inside
def room_for(b: Board, t: Table, p: int, s: int) -> int:
    """Minutes for which one more session could be booked beside what the body has; 0 where the day is taken."""
    if _taken(b, t, p, b.sessions[s, DAY]):
        return 0
    left, used = b.people[p, REMAINING], week_used(b, t, p)
    for place in range(t.people[p, HAVE]):
        left -= t.mine[p, place, LONG]
    return stay_in(b, p, s, left, b.people[p, MOST] - used[b.sessions[s, WEEK]])


@compiled
def respond(b: Board, t: Table, p: int, toll: Floats) -> None:
    """Give a requirement its best bookings beside those that it has, and settle its price."""
    if b.people[p, REMAINING] <= 0:
        return
    free = np.empty(b.people[p, OPEN_END] - b.people[p, OPEN] + 1, dtype=np.int64)
    count, fixed, weeks = openings(b, t, p, free), t.people[p, HAVE], b.owed.shape[1]
    s = Sheet(
        np.zeros(fixed + count + 1, dtype=np.int64),
        np.zeros(fixed + count + 1, dtype=np.int64),
        np.zeros(2, dtype=np.int64),
        week_used(b, t, p),
        free,
        np.empty((count + 1, weeks), dtype=np.int64),
        np.zeros(HELD + 1, dtype=np.int64),
        np.zeros(HELD + 1, dtype=np.int64),
        toll,
    )
    needs = not b.people[p, INDUCTED]
    for place in range(fixed):
        s.sessions[place], s.minutes[place] = t.mine[p, place, WHERE], t.mine[p, place, LONG]
        s.base[1] += t.mine[p, place, LONG]
        needs = needs and not b.sessions[t.mine[p, place, WHERE], INDUCTION]
    s.base[0] = fixed
    end = fixed
    if needs:
        end = _inducted_first(b, t, p, s, count)
    elif count > 0 and s.base[1] < b.people[p, REMAINING]:
        end = hold(b, t, p, s, count)
    for place in range(fixed, end):
        join(b, t, p, s.sessions[place], s.minutes[place], False)
    settle(b, t, p)


@compiled_inside
def _inducted_first(b: Board, t: Table, p: int, s: Sheet, count: int) -> int:
    """One of the first inductions, and the best that can follow it; nothing at all without one."""
    fixed, booked, least = int(s.base[0]), int(s.base[1]), np.int64(1) << 60
    for place in range(fixed):
        least = min(least, b.sessions[s.sessions[place], DAY])
    best, best_count, tried = 1e300, fixed, 0
    kept_sessions, kept_minutes, used = s.sessions.copy(), s.minutes.copy(), s.used.copy()
    everything = s.free.copy()
    for place in range(count):
        first = everything[place]
        if not b.sessions[first, INDUCTION] or b.sessions[first, DAY] >= least or tried == INDUCTIONS:
            continue
        stay = stay_in(
            b, p, first, b.people[p, REMAINING] - booked, b.people[p, MOST] - used[b.sessions[first, WEEK]]
        )
        if stay <= 0:
            continue
        tried += 1
        s.sessions[fixed], s.minutes[fixed] = first, stay
        s.used[:] = used
        s.used[b.sessions[first, WEEK]] += stay
        s.base[0], s.base[1] = fixed + 1, booked + stay
        later = 0
        for other in range(count):
            if (
                not b.sessions[everything[other], INDUCTION]
                and b.sessions[everything[other], DAY] > b.sessions[first, DAY]
            ):
                s.free[later] = everything[other]
                later += 1
        end = hold(b, t, p, s, later)
        price, _ = price_of(b, t, p, s.sessions, s.minutes, end, s.toll)
        if price < best:
            best, best_count = price, end
            kept_sessions[:], kept_minutes[:] = s.sessions, s.minutes
    s.sessions[:], s.minutes[:] = kept_sessions, kept_minutes
    return best_count
