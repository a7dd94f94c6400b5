"""Changes to a roster that are tried and kept or taken back, in compiled code.

Most tries move single days from one person to the next (solver.unpaid_work.chains). The others take some people out of
what they were not told of, perhaps give a supervisor another session, let those people choose again one after the
other, and close groups that have become too small. What is worse than the present roster by more than the try allows is
taken back.
"""

from __future__ import annotations

import numpy as np

from solver.assignment.compiled import compiled, compiled_inside
from solver.unpaid_work.board import (
    DAY,
    INDUCTED,
    INDUCTION,
    LEAST_PEOPLE,
    MATES,
    MATES_END,
    OPEN,
    OPEN_END,
    OPENING,
    SLOT,
    SUPERVISED,
    WEEK,
    Board,
)
from solver.unpaid_work.chains import chain
from solver.unpaid_work.choosing import choose_again, close, shuffle, sound
from solver.unpaid_work.costing import settle
from solver.unpaid_work.facts import Floats
from solver.unpaid_work.picking import (
    in_their_way,
    open_up,
    pick_members,
    pick_people,
    under_another,
    who_could_gain,
)
from solver.unpaid_work.response import clear, room_for
from solver.unpaid_work.slots import Ints
from solver.unpaid_work.table import (
    FOR_WHOM,
    HAVE,
    HELD_OPEN,
    IN_VAIN,
    LENGTH,
    PINNED,
    SIZE,
    TOTAL,
    UNDER_WHOM,
    WHERE,
    Table,
    below,
    has_room,
    join,
    leave,
    take_back,
)

CROWD = 10
"""The most people of each kind that one try moves."""
REGROUP, PUSH_IN, ONE_DAY, CHAIN, OPEN_ONE, DO_WITHOUT = range(6)
"""Kinds of tries."""


@compiled_inside
def _regroup(b: Board, t: Table, floor: Ints, people: Ints) -> int:
    """People in and around one session, in any order."""
    s = below(t, t.sessions.shape[0])
    count = pick_members(t, s, people, 0, 1 + below(t, CROWD))
    count = pick_people(b, t, s, people, count, floor, 1 + below(t, CROWD))
    shuffle(t, people, count)
    return count


@compiled_inside
def _push_in(b: Board, t: Table, floor: Ints, people: Ints) -> int:
    """Somebody who could be better off first, then those in the way in one slot that would suit them."""
    p = who_could_gain(t, floor)
    begin, end = b.people[p, OPEN], b.people[p, OPEN_END]
    if end == begin:
        return 0
    people[0] = p
    count = 1
    s = b.links[begin + below(t, end - begin)]
    slot, each, series = b.sessions[s, SLOT], 1 + below(t, 3), below(t, 3)
    for place in range(begin, end):
        other = b.links[place]
        if (other != s and series == 0) or b.sessions[other, SLOT] != slot or count >= people.shape[0] - 32:
            continue
        under = t.sessions[other, UNDER_WHOM]
        unfit = under >= 0 and under < b.duty.shape[0] and not b.acceptable[p, under]
        if b.sessions[other, SUPERVISED] > 0 and (unfit or under < 0):
            found = under_another(b, t, p, other, people, count)
            if found < 0 and other == s:
                return -1
            if found < 0:
                continue
            count = found
        count = in_their_way(b, t, p, other, people, count)
        count = pick_members(t, other, people, count, each if other == s else below(t, 3))
    return count


@compiled_inside
def _another_session(b: Board, t: Table, floor: Ints, people: Ints, toll: Floats) -> int:
    """Open an empty session, or all empty ones of its slot from then on, for people to whom it is open."""
    s = below(t, t.sessions.shape[0])
    for _ in range(50):
        if t.sessions[s, SIZE] == 0:
            break
        s = below(t, t.sessions.shape[0])
    if t.sessions[s, SIZE] > 0:
        return -1
    series = below(t, 2)
    count = 0
    for other in range(s, t.sessions.shape[0]):
        if t.sessions[other, SIZE] == 0 and (
            other == s or (series == 1 and b.sessions[other, SLOT] == b.sessions[s, SLOT])
        ):
            found = open_up(b, t, other, people, count)
            if found < 0 and other == s:
                return -1
            if found < 0:
                return -1
            count = found
            toll[other] = -float(b.sessions[other, OPENING])
    count = pick_people(b, t, s, people, count, floor, 2 * CROWD)
    shuffle(t, people, count)
    return count


@compiled_inside
def _do_without(b: Board, t: Table, people: Ints) -> int:
    """Close a session that runs, or all of its slot from then on."""
    s = below(t, t.sessions.shape[0])
    for _ in range(50):
        if t.sessions[s, SIZE] > 0 and not t.sessions[s, HELD_OPEN] and b.sessions[s, LEAST_PEOPLE] > 0:
            break
        s = below(t, t.sessions.shape[0])
    if t.sessions[s, SIZE] == 0 or t.sessions[s, HELD_OPEN]:
        return -1
    series = below(t, 2)
    count = 0
    for other in range(s, t.sessions.shape[0]):
        same = other == s or (series == 1 and b.sessions[other, SLOT] == b.sessions[s, SLOT])
        if same and t.sessions[other, SIZE] > 0 and not t.sessions[other, HELD_OPEN]:
            count = close(b, t, other, people, count)
    return count


@compiled_inside
def _give_up(b: Board, t: Table, s: int) -> bool:
    """Take somebody out of a session who has another day and was not told of this one; their other days stay."""
    size = t.sessions[s, SIZE]
    offset = below(t, max(1, size))
    for step in range(size):
        q = t.members[s, (offset + step) % size]
        told = t.people[q, HAVE] < 2
        for place in range(t.people[q, HAVE]):
            told = told or (t.mine[q, place, WHERE] == s and t.mine[q, place, PINNED] > 0)
        if not told:
            leave(b, t, q, s)
            settle(b, t, q)
            return True
    return False


@compiled_inside
def _make_way(b: Board, t: Table, p: int, s: int) -> None:
    """Take the other requirements of a body out of the week of a session, but for what they were told of."""
    for mate in range(b.people[p, MATES], b.people[p, MATES_END]):
        q = b.links[mate]
        place = t.people[q, HAVE] - 1
        while place >= 0:
            other = t.mine[q, place, WHERE]
            held = t.mine[q, place, PINNED] > 0 or b.sessions[other, INDUCTION] > 0
            if b.sessions[other, WEEK] == b.sessions[s, WEEK] and not held:
                leave(b, t, q, other)
                settle(b, t, q)
            place -= 1


@compiled_inside
def _one_day(b: Board, t: Table, floor: Ints) -> int:
    """Give somebody who has nothing, or could gain, one day of somebody who has several; -1 where that cannot be."""
    p = who_could_gain(t, floor)
    begin, end = b.people[p, OPEN], b.people[p, OPEN_END]
    if end == begin or (not b.people[p, INDUCTED] and t.people[p, HAVE] == 0):
        return -1
    s = b.links[begin + below(t, end - begin)]
    if t.sessions[s, SIZE] == 0 or b.sessions[s, INDUCTION]:
        return -1
    for place in range(t.people[p, HAVE]):
        day = b.sessions[t.mine[p, place, WHERE], DAY]
        if day == b.sessions[s, DAY] or (
            b.sessions[t.mine[p, place, WHERE], INDUCTION] and day > b.sessions[s, DAY]
        ):
            return -1
    _make_way(b, t, p, s)
    minutes = room_for(b, t, p, s)
    tries = 0
    while minutes > 0 and tries < 3 and not has_room(b, t, p, s):
        tries += 1
        if not _give_up(b, t, s):
            return -1
    if minutes <= 0 or not has_room(b, t, p, s):
        return -1
    join(b, t, p, s, minutes, False)
    settle(b, t, p)
    return 0


@compiled_inside
def _one_try(b: Board, t: Table, floor: Ints, kind: int, people: Ints, toll: Floats) -> int:
    """Make one change; returns how many people are to choose again, who are written to `people`; negative: none."""
    if kind == REGROUP:
        return _regroup(b, t, floor, people)
    if kind == PUSH_IN:
        return _push_in(b, t, floor, people)
    if kind == ONE_DAY:
        return _one_day(b, t, floor)
    if kind == CHAIN:
        return chain(b, t, floor)
    if kind == OPEN_ONE:
        return _another_session(b, t, floor, people, toll)
    return _do_without(b, t, people)


@compiled
def improve(b: Board, t: Table, floor: Ints, kinds: Ints, tries: int, slack: float) -> int:
    """Make so many tries; what is worse by d is kept, too, with a chance of e^(-d / slack) (Metropolis 1953).

    floor: int64 (n,), a price below which nobody can come. kinds: int64, each try is of one of them, at random. Returns
    how many tries were kept for being better.
    """
    people, toll, better = np.empty(96, dtype=np.int64), np.zeros(t.sessions.shape[0]), 0
    if t.sessions.shape[0] == 0 or t.people.shape[0] == 0:
        return 0  # nothing to draw from, and compiled code does not look at the ends of arrays
    for _ in range(tries):
        t.state[LENGTH], t.state[FOR_WHOM] = 0, -1
        before = t.state[TOTAL]
        allowed = before - slack * np.log((1 + below(t, 1000)) / 1001.0)
        count = _one_try(b, t, floor, kinds[below(t, kinds.shape[0])], people, toll)
        kept = count >= 0
        if count > 0:
            for place in range(count):
                clear(b, t, people[place])
            kept = choose_again(b, t, people, count, toll, floor, allowed)
        toll[:] = 0.0
        if not kept or t.state[TOTAL] > allowed or not sound(b, t):
            take_back(b, t)
        elif t.state[TOTAL] < before:
            better += 1
        if t.state[FOR_WHOM] >= 0:
            gained = t.state[TOTAL] < before
            p = t.state[FOR_WHOM]
            t.people[p, IN_VAIN] = 0 if gained else t.people[p, IN_VAIN] + 1
    t.state[LENGTH] = 0
    return better
