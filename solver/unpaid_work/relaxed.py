"""What everybody costs at least, whatever the others do, at given prices of sessions: exact, by dynamic programme.

A requirement's bookings are relaxed to what decides its price: in each week a set of sessions, one a day and within
the weekly limit, and the minutes booked so far, in steps of STEP and rounded up, which can only make the rest
cheaper. Minutes that go on after the horizon are granted at the most that the weekdays and the weekly limit allow.
Every roster that the checker accepts pays each requirement at least this, its shares of the sessions' prices
included. Compiled.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from solver.assignment.compiled import compiled, compiled_inside
from solver.unpaid_work.board import (
    CHANGED,
    DAY,
    LEAST,
    LOST,
    OPEN,
    OPEN_END,
    PROJECT,
    REMAINING,
    SHORT,
    UNPLACED,
    WEEK,
    Board,
)
from solver.unpaid_work.facts import Floats, RosterFacts
from solver.unpaid_work.promised import may_rest, promises_of, stays_of, surely_changed
from solver.unpaid_work.slots import Bools, Ints
from solver.unpaid_work.standing import told_appointments

STEP = 30
"""Minutes of one state."""
MANY = 300_000
"""States of one week above which two requirements are not taken together."""


class Relaxation(NamedTuple):
    """What the dynamic programme needs beside the board.

    stay (n, s): minutes that can be booked, under some supervisor. fare (n, s): the journey's price, less what dropping
    a told appointment of that session would cost. most (n): minutes a week of the body. weekly (n): minutes a week that
    can go on after the horizon. full (n): expected full weeks of them. rests (n): whether an allocation may go on
    without a booking. changed (n): counted allocations that no placement can continue. paired (n): who is reckoned
    together with the other requirement of the body (solver.unpaid_work.pairs).
    """

    stay: Ints
    fare: Floats
    most: Ints
    weekly: Ints
    full: Floats
    rests: Bools
    changed: Ints
    paired: Bools


def relaxation_of(facts: RosterFacts) -> Relaxation:
    """The relaxation of a problem."""
    stay = stays_of(facts)
    return Relaxation(
        stay=stay,
        fare=_fares(facts, stay),
        most=facts.weekly_most[facts.body],
        weekly=promises_of(facts, stay).alone(),
        full=facts.chance * facts.full_weeks,
        rests=may_rest(facts),
        changed=surely_changed(facts),
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


def _week_options_plain(
    b: Board, r: Relaxation, p: int, begin: int, end: int, toll: Floats, choice: Floats
) -> None:
    """choice[k]: the least price of k steps or more in one week; sessions begin..end of the links."""
    steps = choice.shape[0] - 1
    choice[:] = 1e18
    choice[0] = 0.0
    place = begin
    while place < end:
        day = b.sessions[b.links[place], DAY]
        last = place
        while last < end and b.sessions[b.links[last], DAY] == day:
            last += 1
        before = choice.copy()
        for one in range(place, last):
            s = b.links[one]
            if r.stay[p, s] == 0:
                continue
            price = r.fare[p, s] + toll[s]
            size = -(-r.stay[p, s] // STEP)
            for k in range(steps + 1):
                if before[k] < 1e17:
                    reach = min(steps, k + size)
                    choice[reach] = min(choice[reach], before[k] + price)
            # Two sessions of one project on a day: the second for nothing less than its price.
            for two in range(one + 1, last):
                other = b.links[two]
                if b.sessions[other, PROJECT] == b.sessions[s, PROJECT] and r.stay[p, other] > 0:
                    both = price + r.fare[p, other] + toll[other]
                    wide = -(-(r.stay[p, s] + r.stay[p, other]) // STEP)
                    for k in range(steps + 1):
                        if before[k] < 1e17:
                            reach = min(steps, k + wide)
                            choice[reach] = min(choice[reach], before[k] + both)
        place = last
    for k in range(steps - 1, -1, -1):
        choice[k] = min(choice[k], choice[k + 1])


_week_options = compiled_inside(_week_options_plain)


def _least_price(b: Board, r: Relaxation, p: int, toll: Floats, weekly: int) -> float:
    """The least that a requirement can cost.

    toll: float64 (s,), the price for this person of each session. weekly: minutes a week that go on after the horizon,
    at the most.
    """
    remaining = b.people[p, REMAINING]
    if remaining <= 0:
        return 0.0
    weeks, states = b.owed.shape[1], -(-remaining // STEP)
    most = -(-r.most[p] // STEP)
    value, after = np.full(states + 1, 1e18), np.full(states + 1, 1e18)
    value[0] = 0.0
    choice = np.empty(most + 1)
    place, end = b.people[p, OPEN], b.people[p, OPEN_END]
    least = b.people[p, LEAST]
    for week in range(weeks):
        begin = place
        while place < end and b.sessions[b.links[place], WEEK] == week:
            place += 1
        _week_options(b, r, p, begin, place, toll, choice)
        after[:] = 1e18
        for state in range(states + 1):
            if value[state] > 1e17:
                continue
            left = max(0, remaining - state * STEP)
            for k in range(most + 1):
                if choice[k] > 1e17:
                    continue
                short = 0
                if b.owed[p, week]:
                    short = max(0, min(least, left) - min(k * STEP, left))
                reach = min(states, state + k)
                price = value[state] + choice[k] + b.numbers[SHORT] * short
                after[reach] = min(after[reach], price)
        value[:] = after
    later = r.full[p] * weekly
    resting = later if r.rests[p] else 0.0
    best = value[0] + b.numbers[UNPLACED] + b.numbers[LOST] * max(0.0, np.ceil(remaining - resting - 1e-6))
    for state in range(1, states + 1):
        if value[state] < 1e17:
            booked = min(remaining, state * STEP)
            lost = max(0.0, np.ceil(remaining - b.chance[p] * booked - later - 1e-6))
            best = min(best, value[state] + b.numbers[LOST] * lost)
    least_of_all: float = best + b.numbers[CHANGED] * r.changed[p]
    return least_of_all


least_price = compiled(_least_price)
