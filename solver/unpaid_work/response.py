"""What is best for one person as things stand: slots that are held from a week on, and single days where those fail.

A person's dates cost what they cost alone (journeys, weeks short of the offer, minutes lost, an allocation given up);
places in sessions are as the others leave them. Slots are added one at a time, each from the best week on, then
exchanged, and weeks that remain short are filled with single days. Compiled.
"""

from __future__ import annotations

from typing import NamedTuple

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
    OPENING,
    PROJECT,
    REMAINING,
    SLOT,
    WEEK,
    Board,
)
from solver.unpaid_work.costing import price_of, settle
from solver.unpaid_work.facts import Floats
from solver.unpaid_work.slots import Ints
from solver.unpaid_work.table import (
    CAUTIOUS,
    HAVE,
    IS_SHUT,
    LONG,
    ONLY_DAYS,
    ONLY_WEEKS,
    PINNED,
    SIZE,
    UNDER_WHOM,
    WHERE,
    Table,
    has_room,
    join,
    leave,
)

FEWEST_MINUTES = 60
"""A shorter booking is made only when no more remains."""
HELD = 4
"""The most slots that the search holds at a time."""
INDUCTIONS = 3
"""How many inductions are tried, the first ones."""


class Sheet(NamedTuple):
    """Where the bookings of one requirement are worked out.

    sessions, minutes: the bookings, first those that are fixed. base: how many are fixed, and their minutes. used (w):
    minutes of each week that are taken. free: sessions that can be joined, in order of time. at (kinds, w): the free
    session of each slot in each week, -1 for none. slots, since: the slots held, and from which week. toll (s): a
    price for coming to each session.
    """

    sessions: Ints
    minutes: Ints
    base: Ints
    used: Ints
    free: Ints
    at: Ints
    slots: Ints
    since: Ints
    toll: Floats


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
    return _stay(b, p, s, left, b.people[p, MOST] - used[b.sessions[s, WEEK]])


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
        end = _hold(b, t, p, s, count)
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
        stay = _stay(
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
        end = _hold(b, t, p, s, later)
        price, _ = price_of(b, t, p, s.sessions, s.minutes, end, s.toll)
        if price < best:
            best, best_count = price, end
            kept_sessions[:], kept_minutes[:] = s.sessions, s.minutes
    s.sessions[:], s.minutes[:] = kept_sessions, kept_minutes
    return best_count


@compiled_inside
def _stay(b: Board, p: int, session: int, left: int, week_left: int) -> int:
    """Minutes for which a session can be booked; 0 for not at all."""
    stay = min(b.stay[p, session], left, week_left)
    if stay < FEWEST_MINUTES and stay < left:
        return 0
    result: int = max(0, stay)
    return result


@compiled_inside
def _lay_out(b: Board, p: int, s: Sheet, held: int) -> int:
    """Book every date of the held slots from their weeks on, week by week; returns the new count."""
    count, left = int(s.base[0]), b.people[p, REMAINING] - s.base[1]
    for week in range(s.used.shape[0]):
        week_left = b.people[p, MOST] - s.used[week]
        begun = count
        for number in range(held):
            session = s.at[s.slots[number], week]
            if s.since[number] > week or left <= 0 or session < 0:
                continue
            clash = False
            for place in range(begun, count):
                clash = clash or b.sessions[s.sessions[place], DAY] == b.sessions[session, DAY]
            stay = _stay(b, p, session, left, week_left)
            if clash or stay <= 0:
                continue
            s.sessions[count], s.minutes[count] = session, stay
            count += 1
            left -= stay
            week_left -= stay
    return count


@compiled_inside
def _laid_price(b: Board, t: Table, p: int, s: Sheet, held: int) -> float:
    end = _lay_out(b, p, s, held)
    price, _ = price_of(b, t, p, s.sessions, s.minutes, end, s.toll)
    return price


@compiled_inside
def _avoidable(b: Board, t: Table, p: int, s: Sheet, end: int, price: float) -> float:
    """What of a price more bookings could save: all but the journeys and tolls of those that are there."""
    for place in range(end):
        session = s.sessions[place]
        price -= b.journey[p, b.sessions[session, PROJECT]] + s.toll[session]
        if t.sessions[session, SIZE] == 0:
            price -= b.sessions[session, OPENING] * t.state[CAUTIOUS]
    return price


@compiled_inside
def _best_to_hold(
    b: Board, t: Table, p: int, s: Sheet, kinds: int, at: tuple[int, int], best: float
) -> tuple[int, int, float]:
    """The slot, from which week on, and the price, when at[0] of at[1] held slots is chosen anew; -1 for none.

    Every slot from each week in which it becomes free, then the best of them from every other week.
    """
    number, held = at
    choice, since = -1, 0
    for kind in range(kinds):
        for begin in range(s.used.shape[0]):
            if s.at[kind, begin] < 0 or (begin > 0 and s.at[kind, begin - 1] >= 0):
                continue
            s.slots[number], s.since[number] = kind, begin
            price = _laid_price(b, t, p, s, held)
            if price < best - 0.5:
                best, choice, since = price, kind, begin
    for begin in range(s.used.shape[0] if choice >= 0 else 0):
        if s.at[choice, begin] < 0 or begin == since:
            continue
        s.slots[number], s.since[number] = choice, begin
        price = _laid_price(b, t, p, s, held)
        if price < best - 0.5:
            best, since = price, begin
    return choice, since, best


@compiled_inside
def _hold(b: Board, t: Table, p: int, s: Sheet, count: int) -> int:
    """The best slots to hold, then single days; bookings are written after the fixed ones, returns how many in all."""
    kinds = _by_slot(b, s, count)
    best, _ = price_of(b, t, p, s.sessions, s.minutes, s.base[0], s.toll)
    held = 0
    while held < HELD:
        if held > 0 and _avoidable(b, t, p, s, _lay_out(b, p, s, held), best) < 1.0:
            break
        choice, since, best = _best_to_hold(b, t, p, s, kinds, (held, held + 1), best)
        if choice < 0:
            break
        s.slots[held], s.since[held] = choice, since
        held += 1
    if held > 1:
        _exchange(b, t, p, s, kinds, held, best)
    end = _lay_out(b, p, s, held)
    return _fill_in(b, t, p, s, count, end)


@compiled_inside
def _by_slot(b: Board, s: Sheet, count: int) -> int:
    """Write the openings by slot and week into s.at; returns how many slots there are."""
    names, kinds = np.empty(count + 1, dtype=np.int64), 0
    s.at[:, :] = -1
    for place in range(count):
        session = s.free[place]
        slot = b.sessions[session, SLOT]
        if slot >= b.slots.shape[0] or b.sessions[session, INDUCTION]:
            continue
        kind = kinds
        for other in range(kinds):
            if names[other] == slot:
                kind = other
        if kind == kinds:
            names[kind] = slot
            kinds += 1
        s.at[kind, b.sessions[session, WEEK]] = session
    return kinds


@compiled_inside
def _exchange(b: Board, t: Table, p: int, s: Sheet, kinds: int, held: int, best: float) -> None:
    """Exchange each held slot for a better one, or its week."""
    for number in range(held):
        slot, since = s.slots[number], s.since[number]
        choice, later, best = _best_to_hold(b, t, p, s, kinds, (number, held), best)
        if choice >= 0:
            slot, since = choice, later
        s.slots[number], s.since[number] = slot, since


@compiled_inside
def _fill_in(b: Board, t: Table, p: int, s: Sheet, count: int, end: int) -> int:
    """Add single days while one pays; returns the new count."""
    best, _ = price_of(b, t, p, s.sessions, s.minutes, end, s.toll)
    used, total = s.used.copy(), s.base[1]
    for place in range(s.base[0], end):
        total += s.minutes[place]
        used[b.sessions[s.sessions[place], WEEK]] += s.minutes[place]
    while total < b.people[p, REMAINING] and _avoidable(b, t, p, s, end, best) >= 1.0:
        choice, choice_stay = -1, 0
        for place in range(count):
            session = s.free[place]
            week_left = b.people[p, MOST] - used[b.sessions[session, WEEK]]
            taken = week_left < FEWEST_MINUTES
            for other in range(s.base[0], end):
                taken = taken or b.sessions[s.sessions[other], DAY] == b.sessions[session, DAY]
            stay = 0 if taken else _stay(b, p, session, b.people[p, REMAINING] - total, week_left)
            if stay <= 0:
                continue
            s.sessions[end], s.minutes[end] = session, stay
            price, _ = price_of(b, t, p, s.sessions, s.minutes, end + 1, s.toll)
            if price < best - 0.5:
                best, choice, choice_stay = price, session, stay
        if choice < 0:
            break
        s.sessions[end], s.minutes[end] = choice, choice_stay
        used[b.sessions[choice, WEEK]] += choice_stay
        total += choice_stay
        end += 1
    return end
