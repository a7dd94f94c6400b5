"""Who of those who were told of a session can be kept in it together."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from solver.unpaid_work.chance import fits
from solver.unpaid_work.draft import Booking
from solver.unpaid_work.facts import RosterFacts


def kept_in(
    facts: RosterFacts, session: int, supervisor: int | None, told: Sequence[Booking]
) -> list[Booking]:
    """Those told of a session whom it can hold under a supervisor, the first requirements first."""
    places, seats = facts.places_under(session, supervisor), facts.seats(session)
    project = facts.problem.projects[int(facts.sessions.project[session])]
    kept: list[Booking] = []
    for booking in sorted(told):
        number = booking.requirement
        group = [*(each.requirement for each in kept), number]
        bodies = {int(facts.body[each]) for each in group}
        if (
            (supervisor is None or facts.acceptable[number, supervisor])
            and (project.risk_limit is None or np.count_nonzero(facts.risky[group]) <= project.risk_limit)
            and (seats is None or np.count_nonzero(facts.collected[group]) <= seats)
            and not facts.apart[int(facts.body[number])] & bodies
            and fits([facts.chances[each] for each in group], places, facts.overflow)
        ):
            kept.append(booking)
    return kept
