"""Whom a session may hold under a supervisor, and whom it must, if it runs: those who were told of it.

The checker excuses a told appointment that was dropped when it could not be put back beside the told ones that were
kept. Where all who were told of a session fit in it together, whoever of them can be put back could always be: so the
session runs with all of them that the supervisor suits, or not at all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from solver.unpaid_work.chance import tail
from solver.unpaid_work.facts import RosterFacts
from solver.unpaid_work.slots import Bools, Ints
from solver.unpaid_work.standing import standing, told_appointments

NOBODY = -1
"""In place of a supervisor where none is needed."""


@dataclass(frozen=True)
class Gatherings:
    """The kinds of session that some columns of (session, supervisor, room) come to.

    session, room: int64 (z,). may, must: bool (z, n), who may be held and who is. of: int64 (columns,), the kind of
    each.
    """

    session: Ints
    room: Ints
    may: Bools
    must: Bools
    of: Ints


def gatherings_of(facts: RosterFacts, stay: Ints, session: Ints, under: Ints, room: Ints) -> Gatherings:
    """The kinds of the columns. stay: int64 (n, s), minutes that each can be booked there."""
    told, stands = _told_of(facts)
    found: dict[tuple[int, int, bytes, bytes], int] = {}
    kinds: list[tuple[int, int, Bools, Bools]] = []
    of = np.zeros(len(session), dtype=np.int64)
    for column, (here, supervisor, places) in enumerate(
        zip(session.tolist(), under.tolist(), room.tolist(), strict=True)
    ):
        may = stay[:, here] > 0
        if supervisor != NOBODY:
            may &= facts.acceptable[:, supervisor]
        must = np.zeros(len(may), dtype=np.bool_)
        if stands[here] and _fit(facts, here, told[here], places):
            must[stands[here]] = True
            must &= may
            may &= _beside(facts, here, np.flatnonzero(must).tolist(), may, places)
        key = here, places, may.tobytes(), must.tobytes()
        if key not in found:
            found[key] = len(kinds)
            kinds.append((here, places, may, must))
        of[column] = found[key]
    shape = len(kinds), len(stay)
    return Gatherings(
        session=np.array([kind[0] for kind in kinds], dtype=np.int64),
        room=np.array([kind[1] for kind in kinds], dtype=np.int64),
        may=np.array([kind[2] for kind in kinds], dtype=np.bool_).reshape(shape),
        must=np.array([kind[3] for kind in kinds], dtype=np.bool_).reshape(shape),
        of=of,
    )


def _told_of(facts: RosterFacts) -> tuple[list[list[int]], list[list[int]]]:
    """For each session who was told of it, and those of them who could not be dropped for anything but the others."""
    told: list[list[int]] = [[] for _ in range(len(facts.sessions))]
    stands: list[list[int]] = [[] for _ in range(len(facts.sessions))]
    standing_ones = standing(facts)
    for each in told_appointments(facts):
        told[each.session].append(each.number)
        if each.what in standing_ones and facts.inducted[each.number]:
            stands[each.session].append(each.number)
    return told, stands


def _fit(facts: RosterFacts, session: int, numbers: Sequence[int], places: int) -> bool:
    """Whether these people fit in a session together, by the rules under which one more may be refused."""
    limit = facts.problem.projects[int(facts.sessions.project[session])].risk_limit
    seats = facts.seats(session)
    bodies = {int(facts.body[number]) for number in numbers}
    return (
        not any(facts.apart[body] & bodies for body in bodies)
        and (limit is None or int(facts.risky[numbers].sum()) <= limit)
        and (seats is None or int(facts.collected[numbers].sum()) <= seats)
        and tail([facts.chances[number] for number in numbers], places) <= facts.overflow
    )


def _beside(facts: RosterFacts, session: int, there: Sequence[int], may: Bools, places: int) -> Bools:
    """Who may be held beside those who must be."""
    found = may.copy()
    for number in np.flatnonzero(may).tolist():
        if number not in there:
            found[number] = _fit(facts, session, [*there, number], places)
    return found
