"""Who may supervise what, as the linear programme of the bound sees it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from solver.unpaid_work.board import OPENING, SUPERVISED, UNMET, Board
from solver.unpaid_work.facts import Floats, RosterFacts
from solver.unpaid_work.gatherings import NOBODY
from solver.unpaid_work.slots import Ints


@dataclass(frozen=True)
class Side:
    """Who may supervise what: columns of (session, supervisor) or of a session that needs none.

    session, under, room: int64 (z,), of each column; under: the supervisor, NOBODY for none. price: float64 (z,). rows,
    limits: what supervisors can do (a moment, a week), and that each session has one.
    """

    session: Ints
    under: Ints
    room: Ints
    price: Floats
    rows: sparse.csr_matrix
    limits: Floats
    constant: float


def side_of(facts: RosterFacts, board: Board) -> Side:
    """The columns of who supervises what, with promised sessions as a negative price for those that run."""
    pairs = [(s, u) for s, u in zip(*np.nonzero(facts.able), strict=True)]
    pairs += [(s, NOBODY) for s in np.flatnonzero(board.sessions[:, SUPERVISED] == 0)]
    session = np.array([int(s) for s, _ in pairs], dtype=np.int64)
    under = np.array([int(u) for _, u in pairs], dtype=np.int64)
    room = [facts.places_under(int(s), None if u == NOBODY else int(u)) for s, u in pairs]
    project = facts.sessions.project[session]
    promised, unmet = board.promised, int(board.numbers[UNMET])
    price = board.sessions[session, OPENING] - unmet * np.where(
        promised[project, 0] > 0, promised[project, 1], 0
    )
    # All that was promised counts as unmet, and every session makes up for one: more than enough do so, too.
    constant = float(unmet * facts.weeks * (promised[:, 0] * promised[:, 1]).sum())
    rows, limits = _supervision(facts, session, under)
    return Side(
        session, under, np.array(room, dtype=np.int64), price.astype(np.float64), rows, limits, constant
    )


def _supervision(facts: RosterFacts, session: Ints, under: Ints) -> tuple[sparse.csr_matrix, Floats]:
    """One supervisor a session, one session at a moment for each supervisor, and their minutes of the week."""
    sessions, rows, values, limits = facts.sessions, [], [], []
    for each in range(len(sessions)):
        there = np.flatnonzero(session == each)
        if len(there):
            rows.append(there)
            values.append(np.ones(len(there)))
            limits.append(1.0)
    start, end = sessions.start[session], sessions.end[session]
    for one in range(len(facts.problem.supervisors)):
        mine = np.flatnonzero(under == one)
        days = sessions.day[session[mine]]
        for day in np.unique(days):
            today = mine[days == day]
            for moment in np.unique(start[today]):
                there = today[(start[today] <= moment) & (end[today] > moment)]
                if len(there) > 1:
                    rows.append(there)
                    values.append(np.ones(len(there)))
                    limits.append(1.0)
        for week in range(facts.weeks):
            there = mine[sessions.week[session[mine]] == week]
            minutes = (end - start)[there].astype(np.float64)
            if minutes.sum() > facts.supervisor_minutes[one]:
                rows.append(there)
                values.append(minutes)
                limits.append(float(facts.supervisor_minutes[one]))
    lengths = [len(row) for row in rows]
    matrix = sparse.csr_matrix(
        (
            np.concatenate(values) if values else np.zeros(0),
            (
                np.repeat(np.arange(len(rows)), lengths),
                np.concatenate(rows) if rows else np.zeros(0, dtype=np.int64),
            ),
        ),
        shape=(len(rows), len(session)),
    )
    return matrix, np.array(limits)
