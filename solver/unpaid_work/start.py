"""Where the search begins: everybody alone, then supervisors, told appointments, and each person's choice in turn."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from solver.unpaid_work.assigning import Assigned
from solver.unpaid_work.board import SUPERVISED, Board
from solver.unpaid_work.bodies import answer
from solver.unpaid_work.choosing import WAYS, build
from solver.unpaid_work.costing import settle
from solver.unpaid_work.facts import Floats, RosterFacts
from solver.unpaid_work.response import clear, respond
from solver.unpaid_work.slots import Ints
from solver.unpaid_work.table import (
    CAUTIOUS,
    COST_NOW,
    HELD_OPEN,
    LENGTH,
    ONWARD,
    UNDER_WHOM,
    Table,
    join,
    new_table,
    take_over,
)


def alone(facts: RosterFacts, board: Board) -> Ints:
    """What everybody would cost as the only one, with every session running that may: int64 (n,), as found."""
    table = new_table(board, facts.weeks, 0)
    possible = facts.able.any(axis=1) | (board.sessions[:, SUPERVISED] == 0)
    table.sessions[:, UNDER_WHOM] = np.where(possible, len(board.duty), -1)
    found = np.zeros(len(board.people), dtype=np.int64)
    for number in range(len(found)):
        respond(board, table, number, table.nothing)
        found[number] = table.people[number, COST_NOW]
        clear(board, table, number)
        table.people[number, ONWARD] = table.state[LENGTH] = 0
    for numbers in facts.bodies:
        if len(numbers) > 1:
            found[list(numbers)] = _together(board, table, numbers)
    return found


def _together(board: Board, table: Table, numbers: Sequence[int]) -> Ints:
    """What the requirements of a body cost when they are the only ones, in the best of many ways to share its time."""
    answer(board, table, numbers[0], table.nothing, 4 * WAYS)
    cost = table.people[list(numbers), COST_NOW].copy()
    for number in numbers:
        clear(board, table, number)
        table.people[number, ONWARD] = table.state[LENGTH] = 0
    return cost


def worth_of(facts: RosterFacts) -> Ints:
    """What each session is worth before anything is known: the people it is open to, more those with few slots."""
    slots = np.maximum(1, facts.allowed.sum(axis=1))
    share = (facts.open_to * (1000.0 / slots)[:, None]).sum(axis=0)
    worth: Ints = np.rint(share).astype(np.int64)
    return worth


def begun(
    facts: RosterFacts, board: Board, assigned: Assigned, floor: Ints, seed: int, tolls: Floats | None = None
) -> Table:
    """A table with the supervisors and told appointments given, in which everybody has chosen once.

    tolls: float64 (n, s), prices by which each chooses at first, so that those who gain little leave room; then
    without.
    """
    table = new_table(board, facts.weeks, seed)
    for session, under in assigned.supervisor.items():
        if under is not None:
            take_over(board, table, session, under)
    for booking in assigned.pinned:
        join(board, table, booking.requirement, booking.session, booking.minutes, True)
        table.sessions[booking.session, HELD_OPEN] = 1
    for number in range(len(board.people)):
        settle(board, table, number)
    choice = (board.stay > 0).sum(axis=1)
    order = np.lexsort((floor, choice))
    if tolls is None:
        build(board, table, order, table.nothing)
    else:
        table.state[CAUTIOUS] = 0
        for number in order.tolist():
            answer(board, table, number, tolls[number], WAYS)
        build(board, table, order[:0], table.nothing)
    table.state[CAUTIOUS] = 1
    for number in order.tolist() if tolls is not None else ():
        clear(board, table, number)
        answer(board, table, number, table.nothing, WAYS)
    build(board, table, order[:0], table.nothing)
    return table
