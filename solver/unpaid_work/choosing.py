"""People choose again, and groups that have become too small are closed. Compiled."""

from __future__ import annotations

import numpy as np

from solver.assignment.compiled import compiled, compiled_inside
from solver.unpaid_work.board import (
    LEAST_PEOPLE,
    MATES,
    MATES_END,
    Board,
)
from solver.unpaid_work.bodies import answer
from solver.unpaid_work.costing import settle
from solver.unpaid_work.facts import Floats
from solver.unpaid_work.response import clear
from solver.unpaid_work.slots import Ints
from solver.unpaid_work.table import (
    COST_NOW,
    HELD_OPEN,
    IS_SHUT,
    JOIN,
    LEAVE,
    LENGTH,
    SIZE,
    TOTAL,
    Table,
    below,
    leave,
    shut_down,
)

WAYS = 24
"""How many ways of sharing a body's time are tried at the start."""
ENOUGH = 1e-9
"""Rounding that is forgiven where expected attendance is compared with the least number."""


@compiled_inside
def too_small(b: Board, t: Table, s: int) -> bool:
    """Whether a group runs with fewer people expected than it needs."""
    result: bool = t.sessions[s, SIZE] > 0 and t.expected[s] < b.sessions[s, LEAST_PEOPLE] - ENOUGH
    return result


@compiled_inside
def close(b: Board, t: Table, s: int, people: Ints, count: int) -> int:
    """Shut a session and take everybody out; they are added to `people`, whose new length is returned."""
    shut_down(t, s, True)
    while t.sessions[s, SIZE] > 0:
        p = t.members[s, t.sessions[s, SIZE] - 1]
        leave(b, t, p, s)
        there = False
        for place in range(count):
            there = there or people[place] == p
        if not there and count < people.shape[0]:
            people[count] = p
            count += 1
        elif not there:
            settle(b, t, p)
    return count


@compiled_inside
def shuffle(t: Table, people: Ints, count: int) -> None:
    """Put the first `count` into another order."""
    for place in range(count - 1, 0, -1):
        other = below(t, place + 1)
        people[place], people[other] = people[other], people[place]


@compiled_inside
def _may_gain(b: Board, t: Table, p: int, floor: Ints) -> int:
    """By how much a requirement, and the others of its body, could be better off at the most."""
    gain: int = max(0, t.people[p, COST_NOW] - floor[p])
    for mate in range(b.people[p, MATES], b.people[p, MATES_END]):
        q = b.links[mate]
        gain += max(0, t.people[q, COST_NOW] - floor[q])
    return gain


@compiled_inside
def choose_again(
    b: Board, t: Table, people: Ints, count: int, toll: Floats, floor: Ints, limit: float
) -> bool:
    """Let these people choose, who hold nothing they were not told of; then close what has become too small.

    False as soon as the total will not come down to `limit`, even if all who are left get the best there is for them.
    """
    gains = 0
    for place in range(count):
        gains += _may_gain(b, t, people[place], floor)
    for place in range(count):
        if t.state[TOTAL] - gains > limit:
            return False
        gains -= _may_gain(b, t, people[place], floor)
        answer(b, t, people[place], toll, below(t, 3) // 2)
    line = 0
    crowd = np.empty(256, dtype=np.int64)
    while line < min(t.state[LENGTH], t.journal.shape[0]):
        if t.journal[line, 0] == LEAVE or t.journal[line, 0] == JOIN:
            s = t.journal[line, 2]
            if too_small(b, t, s) and not t.sessions[s, HELD_OPEN]:
                moved = close(b, t, s, crowd, 0)
                for place in range(moved):
                    clear(b, t, crowd[place])
                    answer(b, t, crowd[place], t.nothing, 0)
        line += 1
    return True


@compiled_inside
def sound(b: Board, t: Table) -> bool:
    """Whether no group that the journal names is too small, and the journal is whole; those told may still grow."""
    wrong = int(t.state[LENGTH] > t.journal.shape[0])
    for line in range(min(t.state[LENGTH], t.journal.shape[0])):
        kind, s = t.journal[line, 0], t.journal[line, 2]
        if kind == LEAVE or (kind == JOIN and not t.sessions[s, HELD_OPEN]):
            wrong += too_small(b, t, s)
    return wrong == 0


@compiled
def build(b: Board, t: Table, order: Ints, toll: Floats) -> None:
    """Let everybody choose in this order, then close groups that are too small, the smallest first."""
    for place in range(order.shape[0]):
        answer(b, t, order[place], toll, WAYS)
    crowd = np.empty(256, dtype=np.int64)
    while True:
        least, worst = -1, 1e300
        for s in range(t.sessions.shape[0]):
            if too_small(b, t, s) and not t.sessions[s, HELD_OPEN] and t.expected[s] < worst:
                least, worst = s, t.expected[s]
        if least < 0:
            break
        count = close(b, t, least, crowd, 0)
        for place in range(count):
            clear(b, t, crowd[place])
            answer(b, t, crowd[place], toll, 0)
    for s in range(t.sessions.shape[0]):
        if t.sessions[s, SIZE] == 0 and b.sessions[s, LEAST_PEOPLE] > 0:
            t.sessions[s, IS_SHUT] = True
    t.state[LENGTH] = 0
