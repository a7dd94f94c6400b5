"""A roster being changed: who is in which session, under whom, what it costs; kept up to date in compiled code.

Every change goes through `join`, `leave`, `take_over` and `shut_down`, which write a journal, so that what a try has
done can be taken back.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from solver.assignment.compiled import compiled, compiled_inside
from solver.unpaid_work.board import (
    APART,
    APART_END,
    CLASH,
    CLASH_END,
    COLLECTED,
    MINUTES,
    MOST_MEMBERS,
    MOST_PLACES,
    PROJECT,
    RISK_LIMIT,
    RISKY,
    SEATS,
    SUPERVISED,
    SUPERVISED_MINUTE,
    UNMET,
    WEEK,
    Board,
    Small,
)
from solver.unpaid_work.facts import Floats
from solver.unpaid_work.slots import Ints

FREE = -1
"""In `Table.under`: nobody has the session, so it cannot run."""

JOIN, LEAVE, UNDER, SHUT, COST = 0, 1, 2, 3, 4
"""Entries of the journal."""


# Columns of Table.people.
HAVE, COST_NOW, ONWARD, WAY, CUT, IN_VAIN = range(6)
# Entries of Table.mine.
WHERE, LONG, PINNED = range(3)
# Columns of Table.sessions.
UNDER_WHOM, HELD_OPEN, IS_SHUT, SIZE, RISKS, RIDES = range(6)
# Entries of Table.state.
TOTAL, LENGTH, RANDOM, CAUTIOUS, ONLY_WEEKS, ONLY_DAYS, FOR_WHOM = range(7)


class Table(NamedTuple):
    """Where everybody is.

    people (n, 6): HAVE, how many bookings; COST_NOW, their price; ONWARD, minutes a week and weekdays of
    placements that go on; WAY and CUT, how the requirements of the body shared its time last (see bodies.py); IN_VAIN,
    tries for their sake since one was kept for being better.
    mine (n, m, 3): each booking, in no order: WHERE, how LONG, and whether it was told and stays (PINNED).
    sessions (s, 6): UNDER_WHOM (the number of supervisors where none is needed, FREE for none), HELD_OPEN (people were
    told), IS_SHUT (not to be joined), SIZE, RISKS, RIDES. members (s, m). spread (s, p): distribution of attendance up
    to the places. expected (s). worked (supervisors + 1, weeks): minutes of sessions, running or not. ran (projects,
    weeks): sessions. state: TOTAL, LENGTH of the journal, RANDOM, CAUTIOUS (whoever opens a session minds its price),
    ONLY_WEEKS and ONLY_DAYS (bits of the weeks and weekdays that whoever chooses may look at), FOR_WHOM
    the present try is made (-1: nobody in particular).
    journal (j, 4). nothing (s): zeros.
    """

    people: Ints
    mine: Small
    sessions: Ints
    members: Small
    spread: Floats
    expected: Floats
    worked: Ints
    ran: Ints
    state: Ints
    journal: Ints
    nothing: Floats


def new_table(board: Board, weeks: int, seed: int) -> Table:
    """Nobody anywhere; every session without a supervisor it needs is free."""
    n, s, u = len(board.people), len(board.sessions), len(board.duty)
    sessions = np.zeros((s, 6), dtype=np.int64)
    sessions[:, UNDER_WHOM] = np.where(board.sessions[:, SUPERVISED] > 0, FREE, u)
    spread = np.zeros((s, min(int(board.room.max(initial=0)), MOST_PLACES) + 1))
    spread[:, 0] = 1.0
    unmet = int((board.promised[:, 0] * board.promised[:, 1]).sum()) * weeks * int(board.numbers[UNMET])
    random = (seed * 2654435761 + 88172645463325252) & ((1 << 62) - 1)
    return Table(
        people=np.zeros((n, 6), dtype=np.int64),
        mine=np.zeros((n, 7 * weeks + 16, 3), dtype=np.int32),
        sessions=sessions,
        members=np.zeros((s, max(1, min(MOST_MEMBERS, n))), dtype=np.int32),
        spread=spread,
        expected=np.zeros(s),
        worked=np.zeros((u + 1, weeks), dtype=np.int64),
        ran=np.zeros((len(board.promised), weeks), dtype=np.int64),
        state=np.array([unmet, 0, random, 0, -1, -1, -1], dtype=np.int64),
        journal=np.zeros((1 << 16, 4), dtype=np.int64),
        nothing=np.zeros(s),
    )


@compiled_inside
def below(t: Table, limit: int) -> int:
    """A random number from 0 to limit - 1 (a linear congruence of 64 bits, its upper half)."""
    t.state[RANDOM] = t.state[RANDOM] * 6364136223846793005 + 1442695040888963407
    drawn = (t.state[RANDOM] >> 33) & 0x3FFFFFFF
    result: int = drawn % limit
    return result


@compiled_inside
def note(t: Table, kind: int, one: int, two: int, three: int) -> None:
    """Write a line of the journal."""
    line = t.state[LENGTH]
    if line < t.journal.shape[0]:
        t.journal[line, 0] = kind
        t.journal[line, 1] = one
        t.journal[line, 2] = two
        t.journal[line, 3] = three
    t.state[LENGTH] = line + 1


@compiled_inside
def _has_places(b: Board, t: Table, p: int, s: int) -> bool:
    """Whether the chance rule allows one more under the supervisor who is there."""
    size, places = t.sessions[s, SIZE], b.room[s, t.sessions[s, UNDER_WHOM]]
    if size >= t.members.shape[1]:
        return False
    if size < places:
        return True
    if places >= t.spread.shape[1]:
        return False
    over = 1.0 + b.chance[p] * t.spread[s, places]
    for number in range(places + 1):
        over -= t.spread[s, number]
    return bool(over <= b.overflow)


@compiled_inside
def _meets_nobody(b: Board, t: Table, p: int, s: int) -> bool:
    """Whether nobody is there from whom the requirement is to be kept apart."""
    for place in range(b.people[p, APART], b.people[p, APART_END]):
        other = b.links[place]
        for member in range(t.sessions[s, SIZE]):
            if t.members[s, member] == other:
                return False
    return True


@compiled_inside
def may_begin(b: Board, t: Table, s: int) -> bool:
    """Whether no overlapping session of the project runs."""
    running = 0
    for place in range(b.sessions[s, CLASH], b.sessions[s, CLASH_END]):
        running += t.sessions[b.links[place], SIZE]
    return running == 0


@compiled_inside
def has_room(b: Board, t: Table, p: int, s: int) -> bool:
    """Whether one more fits into the session, under its supervisor and with those who are in it."""
    under = t.sessions[s, UNDER_WHOM]
    if under < 0 or (under < b.acceptable.shape[1] and not b.acceptable[p, under]):
        return False
    if (b.people[p, RISKY] and t.sessions[s, RISKS] >= b.sessions[s, RISK_LIMIT]) or (
        b.people[p, COLLECTED] and t.sessions[s, RIDES] >= b.sessions[s, SEATS]
    ):
        return False
    if t.sessions[s, SIZE] == 0 and not may_begin(b, t, s):
        return False
    return _has_places(b, t, p, s) and _meets_nobody(b, t, p, s)


@compiled_inside
def _add_chance(t: Table, s: int, q: float) -> None:
    for number in range(t.spread.shape[1] - 1, 0, -1):
        t.spread[s, number] = t.spread[s, number] * (1.0 - q) + t.spread[s, number - 1] * q
    t.spread[s, 0] *= 1.0 - q


@compiled_inside
def _begin(b: Board, t: Table, s: int, way: int) -> None:
    """A session begins to run (1) or no longer runs (-1)."""
    if b.sessions[s, SUPERVISED]:
        t.state[TOTAL] += way * b.numbers[SUPERVISED_MINUTE] * b.sessions[s, MINUTES]
    project, week = b.sessions[s, PROJECT], b.sessions[s, WEEK]
    before = t.ran[project, week]
    t.ran[project, week] = before + way
    short = max(0, b.promised[project, 0] - before - way) - max(0, b.promised[project, 0] - before)
    t.state[TOTAL] += b.numbers[UNMET] * b.promised[project, 1] * short


@compiled
def join(b: Board, t: Table, p: int, s: int, minutes: int, pinned: bool) -> None:
    """Book a requirement into a session."""
    note(t, JOIN, p, s, minutes)
    place = t.people[p, HAVE]
    t.mine[p, place, WHERE], t.mine[p, place, LONG], t.mine[p, place, PINNED] = s, minutes, pinned
    t.people[p, HAVE] = place + 1
    if t.sessions[s, SIZE] == 0:
        _begin(b, t, s, 1)
    t.members[s, t.sessions[s, SIZE]] = p
    t.sessions[s, SIZE] += 1
    _add_chance(t, s, b.chance[p])
    t.expected[s] += b.chance[p]
    t.sessions[s, RISKS] += b.people[p, RISKY]
    t.sessions[s, RIDES] += b.people[p, COLLECTED]


@compiled_inside
def leave(b: Board, t: Table, p: int, s: int) -> None:
    """Take a requirement out of a session."""
    for place in range(t.people[p, HAVE]):
        if t.mine[p, place, WHERE] == s:
            note(t, LEAVE, p, s, t.mine[p, place, LONG])
            last = t.people[p, HAVE] - 1
            t.mine[p, place, WHERE], t.mine[p, place, LONG] = t.mine[p, last, WHERE], t.mine[p, last, LONG]
            t.mine[p, place, PINNED] = t.mine[p, last, PINNED]
            t.people[p, HAVE] = last
            break
    last = t.sessions[s, SIZE] - 1
    for member in range(t.sessions[s, SIZE]):
        if t.members[s, member] == p:
            t.members[s, member] = t.members[s, last]
            break
    t.sessions[s, SIZE] = last
    t.spread[s, :] = 0.0
    t.spread[s, 0] = 1.0
    t.expected[s] = 0.0
    for member in range(last):
        q = b.chance[t.members[s, member]]
        _add_chance(t, s, q)
        t.expected[s] += q
    t.sessions[s, RISKS] -= b.people[p, RISKY]
    t.sessions[s, RIDES] -= b.people[p, COLLECTED]
    if last == 0:
        _begin(b, t, s, -1)


@compiled
def take_over(b: Board, t: Table, s: int, supervisor: int) -> None:
    """Give a session that needs one a supervisor, or FREE."""
    before, week = t.sessions[s, UNDER_WHOM], b.sessions[s, WEEK]
    note(t, UNDER, s, before, 0)
    if before >= 0:
        t.worked[before, week] -= b.sessions[s, MINUTES]
    if supervisor >= 0:
        t.worked[supervisor, week] += b.sessions[s, MINUTES]
    t.sessions[s, UNDER_WHOM] = supervisor


@compiled
def shut_down(t: Table, s: int, shut: bool) -> None:
    """Close a session to those who look for one, or open it."""
    note(t, SHUT, s, int(t.sessions[s, IS_SHUT]), 0)
    t.sessions[s, IS_SHUT] = shut


@compiled_inside
def set_cost(t: Table, p: int, cost: int, onward: int) -> None:
    """What a requirement costs now."""
    note(t, COST, p, t.people[p, COST_NOW], t.people[p, ONWARD])
    t.state[TOTAL] += cost - t.people[p, COST_NOW]
    t.people[p, COST_NOW], t.people[p, ONWARD] = cost, onward


@compiled_inside
def take_back(b: Board, t: Table) -> None:
    """Undo everything since the journal was begun."""
    line = t.state[LENGTH] - 1
    while line >= 0:
        kind, one, two, three = t.journal[line, 0], t.journal[line, 1], t.journal[line, 2], t.journal[line, 3]
        if kind == JOIN:
            leave(b, t, one, two)
        elif kind == LEAVE:
            join(b, t, one, two, three, False)
        elif kind == UNDER:
            take_over(b, t, one, two)
        elif kind == SHUT:
            t.sessions[one, IS_SHUT] = two > 0
        else:
            t.state[TOTAL] += two - t.people[one, COST_NOW]
            t.people[one, COST_NOW], t.people[one, ONWARD] = two, three
        line -= 1
    t.state[LENGTH] = 0
