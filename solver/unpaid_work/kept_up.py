"""What a requirement costs at least at given prices of sessions, and what it chooses then. Compiled.

A dynamic programme over weeks, whose states are the minutes booked, in steps of STEP and rounded up, what was kept up
of the slots that are noted (solver.unpaid_work.granting), and whether the induction was had. Only states that can be
reached are looked at; more minutes, and more kept up, for no more beat another.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from solver.assignment.compiled import compiled, compiled_inside
from solver.unpaid_work.board import (
    CHANGED,
    DAY,
    INDUCTION,
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
from solver.unpaid_work.granting import covers, joined, minutes_on, note_more, note_nothing
from solver.unpaid_work.promised import EARLIER, MOST_DIGITS, Promised
from solver.unpaid_work.relaxed import STEP, Relaxation
from solver.unpaid_work.slots import Ints

MOVES, CHOICES, STATES = 400, 3000, 20_000
"""Moves of a day, choices of a week, and states after it, beyond which nothing is noted of a requirement."""
MADE, FAILED, NOW, NEXT = range(4)
"""Entries of Desk.made."""
STEPS, MASK, BEFORE, THOSE = range(4)
"""Columns of Desk.choice: minutes in steps, digits, the choice of the days before, and two sessions of the day."""
SIZE, EFFECT, FIRST, ONE, TWO = range(5)
"""Columns of Desk.move: minutes in steps, digits, whether it is an induction, the sessions."""


class Desk(NamedTuple):
    """Where the programme is worked out.

    cost (s). seen (steps, digits), at (states, digits), flat: the choice and the state there, -1 for none. choice
    (2 weeks, CHOICES, 5), price: of each week without and with the induction had. best: the choices that none beats.
    move (MOVES, 5), outlay: what can be done on one day, and its price.
    state (weeks + 1, STATES, 4): minutes in steps, digits, the state before, twice the choice, and one for the
    induction had; value. made, fresh: what is being made. taken: the sessions chosen, -1 for no more.
    """

    cost: Floats
    seen: Ints
    at: Ints
    choice: Ints
    price: Floats
    best: Ints
    move: Ints
    outlay: Floats
    state: Ints
    value: Floats
    made: Ints
    fresh: Ints
    taken: Ints


class Case(NamedTuple):
    """The requirement, its most steps a week, its digits, and the bit of the induction."""

    p: int
    steps: int
    digits: int
    inducted: int


def desk_of(facts: RosterFacts) -> Desk:
    """Room for any requirement of a problem."""
    weeks, masks = facts.weeks, 2 * 4**MOST_DIGITS
    steps = -(-int(facts.weekly_most.max(initial=0)) // STEP)
    whole = np.int64
    return Desk(
        cost=np.zeros(len(facts.sessions)),
        seen=np.full((steps + 1) * masks, -1, dtype=whole),
        at=np.full((weeks * steps + 1) * masks, -1, dtype=whole),
        choice=np.zeros((2 * weeks, CHOICES, 5), dtype=whole),
        price=np.zeros((2 * weeks, CHOICES)),
        best=np.zeros(CHOICES, dtype=whole),
        move=np.zeros((MOVES, 5), dtype=whole),
        outlay=np.zeros(MOVES),
        state=np.zeros((weeks + 1, STATES, 4), dtype=whole),
        value=np.zeros((weeks + 1, STATES)),
        made=np.zeros(4, dtype=whole),
        fresh=np.zeros(5, dtype=whole),
        taken=np.full(14 * weeks + 1, -1, dtype=whole),
    )


@compiled_inside
def _effect(q: Promised, p: int, s: int) -> int:
    """The digits that a session sets."""
    digit, late = q.digit[p, q.key[s]], q.late[s]
    if digit < 0 or (late == EARLIER and not q.digit_before[p, q.key[s]]):
        return 0
    found: int = late << (2 * digit)
    return found


@compiled_inside
def _add_move(d: Desk, digits: int, count: int, price: float) -> int:
    """Add d.fresh to the moves of a day where no other beats it; returns how many there are."""
    for other in range(count):
        if (
            d.outlay[other] <= price
            and d.move[other, SIZE] >= d.fresh[SIZE]
            and d.move[other, FIRST] == d.fresh[FIRST]
            and covers(d.move[other, EFFECT], d.fresh[EFFECT], digits)
        ):
            return count
    if count == MOVES:
        d.made[FAILED] = 1
        return count
    for column in range(5):
        d.move[count, column] = d.fresh[column]
    d.outlay[count] = price
    return count + 1


@compiled_inside
def _moves(b: Board, r: Relaxation, q: Promised, d: Desk, c: Case, begin: int, end: int) -> int:
    """What can be done on one day, sessions begin..end of the links: one, or two of a project; returns how many."""
    count = 0
    for place in range(begin, end):
        s = b.links[place]
        stay, first = r.stay[c.p, s], b.sessions[s, INDUCTION] > 0
        if stay == 0:
            continue
        effect = _effect(q, c.p, s)
        d.fresh[SIZE], d.fresh[EFFECT], d.fresh[FIRST] = -(-stay // STEP), effect, first
        d.fresh[ONE], d.fresh[TWO] = s, -1
        count = _add_move(d, c.digits, count, d.cost[s])
        for then in range(place + 1, place + 1 if first else end):
            other = b.links[then]
            if b.sessions[other, PROJECT] == b.sessions[s, PROJECT] and r.stay[c.p, other] > 0:
                d.fresh[SIZE] = -(-(stay + r.stay[c.p, other]) // STEP)
                d.fresh[EFFECT] = joined(effect, _effect(q, c.p, other), c.digits)
                d.fresh[TWO] = other
                count = _add_move(d, c.digits, count, d.cost[s] + d.cost[other])
    return count


@compiled_inside
def _extend(d: Desk, c: Case, at: int, moves: int) -> None:
    """Go on from the choices of the days before with each move of a day, to where that is better."""
    before, count, width = d.made[MADE], d.made[MADE], 2 * c.inducted
    for old in range(before):
        steps, mask = d.choice[at, old, STEPS], d.choice[at, old, MASK]
        now = d.seen[steps * width + mask]
        if now != old and now < before:  # bettered before this day
            continue
        had = mask >= c.inducted
        for move in range(moves):
            if (d.move[move, FIRST] > 0) == had:
                continue
            to = min(c.steps, steps + d.move[move, SIZE])
            kept = joined(mask % c.inducted, d.move[move, EFFECT], c.digits) + c.inducted
            price, there = d.price[at, old] + d.outlay[move], d.seen[to * width + kept]
            if there >= 0 and d.price[at, there] <= price:
                continue
            if count == CHOICES:
                d.made[FAILED] = 1
                return
            d.choice[at, count, STEPS], d.choice[at, count, MASK] = to, kept
            d.choice[at, count, BEFORE] = old
            d.choice[at, count, THOSE] = d.move[move, ONE]
            d.choice[at, count, THOSE + 1] = d.move[move, TWO]
            d.price[at, count], d.seen[to * width + kept] = price, count
            count += 1
            d.made[MADE] = count


@compiled_inside
def _beaten(d: Desk, c: Case, at: int, one: int, count: int) -> bool:
    """Whether another choice brings as many minutes and keeps up as much for no more."""
    steps, mask, price = d.choice[at, one, STEPS], d.choice[at, one, MASK], d.price[at, one]
    found = False
    for place in range(0 if d.made[FAILED] else count):
        other = d.best[place]
        if found or other == one or d.price[at, other] > price or d.choice[at, other, STEPS] < steps:
            continue
        more = d.choice[at, other, MASK]
        alike = d.price[at, other] == price and d.choice[at, other, STEPS] == steps and more == mask
        found = found or (
            not alike
            and more // c.inducted == mask // c.inducted
            and covers(more % c.inducted, mask % c.inducted, c.digits)
        )
    return found


@compiled_inside
def _choices(b: Board, r: Relaxation, q: Promised, d: Desk, c: Case, at: int, ends: Ints) -> int:
    """The choices of a week that no other beats, in d.best; returns how many. ends: its links. at: twice the week."""
    begin, width = ends[0], 2 * c.inducted
    d.choice[at, 0, STEPS], d.choice[at, 0, MASK], d.choice[at, 0, BEFORE] = 0, at % 2 * c.inducted, -1
    d.choice[at, 0, THOSE], d.choice[at, 0, THOSE + 1], d.price[at, 0] = -1, -1, 0.0
    d.seen[at % 2 * c.inducted], d.made[MADE] = 0, 1
    while begin < ends[1]:
        end = begin
        while end < ends[1] and b.sessions[b.links[end], DAY] == b.sessions[b.links[begin], DAY]:
            end += 1
        _extend(d, c, at, _moves(b, r, q, d, c, begin, end))
        begin = end
    count, kept = 0, 0
    for one in range(d.made[MADE]):
        if d.seen[d.choice[at, one, STEPS] * width + d.choice[at, one, MASK]] == one:
            d.best[count] = one
            count += 1
    for one in range(d.made[MADE]):
        d.seen[d.choice[at, one, STEPS] * width + d.choice[at, one, MASK]] = -1
    for place in range(count):
        one = d.best[place]
        if not _beaten(d, c, at, one, count):
            d.best[kept] = one
            kept += 1
    return kept


@compiled_inside
def _go_on(b: Board, d: Desk, c: Case, at: int, options: int) -> None:
    """From the states before a week to those after it, by the choices in d.best."""
    week, remaining, width = at // 2, b.people[c.p, REMAINING], 2 * c.inducted
    top, short = min(-(-remaining // STEP), b.owed.shape[1] * c.steps), b.numbers[SHORT]
    before, after, value, index = d.state[week], d.state[week + 1], d.value[week + 1], d.at
    more, kept, price = np.empty(options, np.int64), np.empty(options, np.int64), np.empty(options)
    for place in range(options):
        choice = d.best[place]
        more[place], kept[place] = d.choice[at, choice, STEPS], d.choice[at, choice, MASK]
        price[place] = d.price[at, choice]
    count = d.made[NEXT]
    for one in range(d.made[NOW]):
        steps, mask, now = before[one, 0], before[one, 1] % c.inducted, d.value[week, one]
        if (before[one, 1] >= c.inducted) != (at % 2 == 1):
            continue
        left = max(0, remaining - steps * STEP)
        due = min(b.people[c.p, LEAST], left) if b.owed[c.p, week] else 0
        for place in range(options):
            cost = now + price[place] + short * max(0, due - min(more[place] * STEP, left))
            both = kept[place]
            if mask > 0:
                both = joined(mask, both % c.inducted, c.digits) + both // c.inducted * c.inducted
            here = min(top, steps + more[place]) * width + both
            to = index[here]
            if to < 0:
                if count == STATES:
                    d.made[FAILED] = 1
                    continue
                to, index[here] = count, count
                after[to, 0], after[to, 1], value[to] = here // width, both, 1e18
                count += 1
            if cost < value[to]:
                value[to] = cost
                after[to, 2], after[to, 3] = one, 2 * d.best[place] + at % 2
    d.made[NEXT] = count


@compiled_inside
def _in_the_end(b: Board, r: Relaxation, q: Promised, d: Desk, c: Case, one: int, weekly: int) -> float:
    """What is paid after the last week by a state. weekly: no more minutes go on."""
    p, remaining = c.p, b.people[c.p, REMAINING]
    steps, mask = d.state[b.owed.shape[1], one, 0], d.state[b.owed.shape[1], one, 1] % c.inducted
    if steps == 0:
        onward = float(q.resting[p])
    elif steps * STEP >= remaining:
        onward = q.every[p]
    else:
        onward = minutes_on(q, p, mask, r.most[p])
    expected = b.chance[p] * min(remaining, steps * STEP) + r.full[p] * min(onward, float(weekly))
    cost: float = b.numbers[LOST] * max(0.0, np.ceil(remaining - expected - 1e-6))
    if steps == 0:
        cost += b.numbers[UNPLACED]
    for place in range(q.before[p], q.before[p + 1]):
        digit = q.digit[p, q.before_key[place]]
        if steps == 0 or (digit >= 0 and mask >> (2 * digit) & 3 == 0):
            cost += b.numbers[CHANGED]
    return cost


@compiled_inside
def _trace(d: Desk, weeks: int, goal: int) -> None:
    """Write the sessions that lead to a last state."""
    count = 0
    for week in range(weeks, 0, -1):
        choice, at = d.state[week, goal, 3] // 2, 2 * (week - 1) + d.state[week, goal, 3] % 2
        while choice >= 0:
            for which in range(2):
                if d.choice[at, choice, THOSE + which] >= 0:
                    d.taken[count] = d.choice[at, choice, THOSE + which]
                    count += 1
            choice = d.choice[at, choice, BEFORE]
        goal = d.state[week, goal, 2]
    d.taken[count] = -1


@compiled_inside
def _solve(b: Board, r: Relaxation, q: Promised, d: Desk, p: int, toll: Floats, weekly: int) -> float:
    """The least price, and d.taken; d.made[FAILED] where there were too many choices or states."""
    d.taken[0], d.made[FAILED], d.made[NOW] = -1, 0, 1
    if b.people[p, REMAINING] <= 0:
        return 0.0
    c = Case(p, -(-r.most[p] // STEP), q.many[p], 1 << (2 * q.many[p]))
    weeks, ends = b.owed.shape[1], np.zeros(2, dtype=np.int64)
    d.state[0, 0, 0], d.state[0, 0, 1], d.value[0, 0] = 0, q.inducted[p] * c.inducted, 0.0
    for place in range(b.people[p, OPEN], b.people[p, OPEN_END]):
        s = b.links[place]
        d.cost[s] = r.fare[p, s] + toll[s]
    ends[1] = b.people[p, OPEN]
    for week in range(weeks):
        ends[0], d.made[NEXT] = ends[1], 0
        while ends[1] < b.people[p, OPEN_END] and b.sessions[b.links[ends[1]], WEEK] == week:
            ends[1] += 1
        for had in range(q.inducted[p], 2):
            _go_on(b, d, c, 2 * week + had, _choices(b, r, q, d, c, 2 * week + had, ends))
        d.made[NOW] = d.made[NEXT]
        for one in range(d.made[NOW]):
            d.at[d.state[week + 1, one, 0] * 2 * c.inducted + d.state[week + 1, one, 1]] = -1
    least, goal = 1e18, 0
    for one in range(d.made[NOW]):
        value = d.value[weeks, one] + _in_the_end(b, r, q, d, c, one, weekly)
        if value < least:
            least, goal = value, one
    _trace(d, weeks, goal)
    least_of_all: float = least + b.numbers[CHANGED] * q.changed[p]
    return least_of_all


@compiled
def least_price(b: Board, r: Relaxation, q: Promised, d: Desk, p: int, toll: Floats, weekly: int) -> float:
    """The least that a requirement can cost, and what it chooses, in d.taken.

    toll: float64 (s,), the price for this person of each session. weekly: minutes a week that go on after the horizon,
    at the most.
    """
    least = _solve(b, r, q, d, p, toll, weekly)
    if d.made[FAILED]:
        note_nothing(q, p)
        least = _solve(b, r, q, d, p, toll, weekly)
    return least


@compiled
def choose(
    b: Board, r: Relaxation, q: Promised, d: Desk, tolls: Floats, taken: Floats, least: Floats
) -> None:
    """Everybody's least price, each for itself, and what each chooses: least (n,); taken (n, s) becomes 1 there.

    Whoever does not keep up what is granted has it noted, and chooses again.
    """
    for p in range(tolls.shape[0]):
        least[p] = least_price(b, r, q, d, p, tolls[p], r.most[p])
        if b.people[p, REMAINING] > 0 and note_more(b, r, q, p, d.taken):
            least[p] = max(least[p], least_price(b, r, q, d, p, tolls[p], r.most[p]))
        taken[p, :] = 0.0
        for s in d.taken:
            if s < 0:
                break
            taken[p, s] = 1.0
