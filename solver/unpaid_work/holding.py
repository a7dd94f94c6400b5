"""Which slots a person holds and from which week on, then single days: the best as places are. Compiled.

Slots are added one at a time, each from the best week on, then exchanged, and weeks that remain short are filled with
single days.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from solver.assignment.compiled import compiled_inside
from solver.unpaid_work.board import DAY, INDUCTION, MOST, OPENING, PROJECT, REMAINING, SLOT, WEEK, Board
from solver.unpaid_work.costing import price_of
from solver.unpaid_work.facts import Floats
from solver.unpaid_work.slots import Ints
from solver.unpaid_work.table import CAUTIOUS, SIZE, Table

FEWEST_MINUTES = 60
"""A shorter booking is made only when no more remains."""
HELD = 4
"""The most slots that the search holds at a time."""


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


@compiled_inside
def stay_in(b: Board, p: int, session: int, left: int, week_left: int) -> int:
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
            stay = stay_in(b, p, session, left, week_left)
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
def hold(b: Board, t: Table, p: int, s: Sheet, count: int) -> int:
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
            stay = 0 if taken else stay_in(b, p, session, b.people[p, REMAINING] - total, week_left)
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
