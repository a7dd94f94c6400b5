"""What the programmes of the bound know of every requirement: where it can be booked, and at what fare.

A requirement's bookings are relaxed to what decides its price: in each week a set of sessions, one project a day and
within the weekly limit, the minutes booked so far, in steps of STEP and rounded up, which can only make the rest
cheaper, and what goes on after the horizon (solver.unpaid_work.promised). Every roster that the checker accepts pays
each requirement at least the least of them, its shares of the sessions' prices included.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from solver.unpaid_work.facts import Floats, RosterFacts
from solver.unpaid_work.promised import stays_of
from solver.unpaid_work.slots import Bools, Ints
from solver.unpaid_work.standing import told_appointments

STEP = 30
"""Minutes of one state."""
MANY = 300_000
"""States of one week above which two requirements are not taken together."""


class Relaxation(NamedTuple):
    """What the dynamic programmes need beside the board.

    stay (n, s): minutes that can be booked, under some supervisor. fare (n, s): the journey's price, less what dropping
    a told appointment of that session would cost. most (n): minutes a week of the body. full (n): expected full weeks
    after the horizon. paired (n): who is reckoned together with the other requirement of the body
    (solver.unpaid_work.pairs).
    """

    stay: Ints
    fare: Floats
    most: Ints
    full: Floats
    paired: Bools


def relaxation_of(facts: RosterFacts) -> Relaxation:
    """The relaxation of a problem."""
    stay = stays_of(facts)
    return Relaxation(
        stay=stay,
        fare=_fares(facts, stay),
        most=facts.weekly_most[facts.body],
        full=facts.chance * facts.full_weeks,
        paired=_paired(facts),
    )


def _paired(facts: RosterFacts) -> Bools:
    """Requirements of bodies with two of them, minutes left of both, and not too many states for both."""
    found = np.zeros(len(facts.problem.people), dtype=np.bool_)
    for body, numbers in enumerate(facts.bodies):
        steps = -(-int(facts.weekly_most[body]) // STEP) * facts.weeks
        states = [min(steps, -(-int(facts.remaining[number]) // STEP)) + 1 for number in numbers]
        found[list(numbers)] = len(states) == 2 and min(states) > 1 and states[0] * states[1] <= MANY
    return found


def _fares(facts: RosterFacts, stay: Ints) -> Floats:
    """What coming costs each: float64 (n, s). A told appointment that can be kept is cheaper by its price."""
    prices, sessions = facts.rules.prices, facts.sessions
    found = np.asarray(2 * prices.travel_minute * facts.travel[:, sessions.project], dtype=np.float64)
    for told in told_appointments(facts):
        if told.minutes <= stay[told.pair] and told.minutes <= facts.remaining[told.number]:
            found[told.pair] -= prices.appointment_dropped
    return found
