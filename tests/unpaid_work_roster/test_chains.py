"""Chains of single days: taken back without a trace, kept only when they pay, and sound by every rule."""

from __future__ import annotations

import numpy as np
import pytest

from models.policy.policy import default_policy
from models.synthetic import generate_unpaid_work, unpaid_work_parameters
from solver.engine import Limits
from solver.unpaid_work.assigning import assign
from solver.unpaid_work.board import Board, board_of
from solver.unpaid_work.costing import settle
from solver.unpaid_work.facts import RosterFacts
from solver.unpaid_work.mend import mended
from solver.unpaid_work.moves import CHAIN, improve
from solver.unpaid_work.roster import draft_of
from solver.unpaid_work.roster_making import finished
from solver.unpaid_work.slots import Ints
from solver.unpaid_work.start import alone, begun, worth_of
from solver.unpaid_work.table import HAVE, LENGTH, LONG, TOTAL, WHERE, Table

CHAINS = np.array([CHAIN], dtype=np.int64)
NEVER_KEPT = -1e12


def begun_with(seed: int) -> tuple[RosterFacts, Board, Ints, Table]:
    """A team that is short of places, after everybody's first choice."""
    made = generate_unpaid_work(
        unpaid_work_parameters(), seed=seed, people=40, projects=4, supervisors=3, weeks=4
    )
    facts = RosterFacts(made, default_policy())
    board = board_of(facts)
    floor = alone(facts, board)
    table = begun(facts, board, assign(facts, worth_of(facts), seed=1), floor, seed)
    return facts, board, floor, table


def bookings_of(table: Table) -> list[list[tuple[int, int]]]:
    return [
        sorted((int(table.mine[p, k, WHERE]), int(table.mine[p, k, LONG])) for k in range(row[HAVE]))
        for p, row in enumerate(table.people)
    ]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_chain_that_is_not_kept_leaves_no_trace(seed: int) -> None:
    _, board, floor, table = begun_with(seed)
    before, total = bookings_of(table), int(table.state[TOTAL])
    assert improve(board, table, floor, CHAINS, 500, NEVER_KEPT) == 0
    assert bookings_of(table) == before
    assert table.state[TOTAL] == total


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_chains_lower_the_total_by_what_they_say_and_break_no_rule(seed: int) -> None:
    facts, board, floor, table = begun_with(seed)
    before = int(table.state[TOTAL])
    assert improve(board, table, floor, CHAINS, 3000, 0.0) > 0
    total = int(table.state[TOTAL])
    assert total < before
    for number in range(len(board.people)):
        settle(board, table, number)
    table.state[LENGTH] = 0
    assert table.state[TOTAL] == total
    draft = mended(facts, draft_of(facts, table))
    roster = finished(facts, draft, bound=None, own_best=None, limits=Limits(), seconds=0.0)
    assert roster.objective.total > 0  # the checker had nothing against it
