"""What is best for a person with several requirements: one body, one week to share between them. Compiled.

One requirement after the other chooses, so whoever is first would leave nothing to the rest. So the body's time is
shared beforehand, in one of several ways, and what a share leaves free is open to all of them at the end.
"""

from __future__ import annotations

from solver.assignment.compiled import compiled, compiled_inside
from solver.unpaid_work.board import MATES, MATES_END, Board
from solver.unpaid_work.costing import settle
from solver.unpaid_work.facts import Floats
from solver.unpaid_work.response import clear, respond
from solver.unpaid_work.table import CUT, HAVE, ONLY_DAYS, ONLY_WEEKS, TOTAL, WAY, WHERE, Table, below

FIRST, LAST, EARLY, LATE, EVERY_OTHER, WEEKDAYS = range(6)
"""Ways to share: one requirement chooses before or after the others; gets the weeks before the cut, or those from it
on; every other week; some weekdays."""
EVEN_WEEKS = 0x5555555555555555


@compiled_inside
def _share(t: Table, way: int, cut: int, other: bool) -> None:
    """Let whoever chooses look at their share of the time alone."""
    weeks, days = -1, -1
    if way == EARLY:
        weeks = (1 << cut) - 1
    elif way == LATE:
        weeks = ~((1 << cut) - 1)
    elif way == EVERY_OTHER:
        weeks = EVEN_WEEKS if cut % 2 == 0 else ~EVEN_WEEKS
    elif way == WEEKDAYS:
        days = cut
    t.state[ONLY_WEEKS] = ~weeks if other and weeks != -1 else weeks
    t.state[ONLY_DAYS] = ~days if other and days != -1 else days


@compiled_inside
def _choose_together(b: Board, t: Table, p: int, toll: Floats, way: int, cut: int) -> float:
    """Let a body choose anew, its time shared in one way; returns the sum of everything, tolls included."""
    begin, end = b.people[p, MATES], b.people[p, MATES_END]
    clear(b, t, p)
    for place in range(begin, end):
        clear(b, t, b.links[place])
    settle(b, t, p)
    if way != LAST:
        _share(t, way, cut, False)
        respond(b, t, p, toll)
    _share(t, way, cut, True)
    for place in range(begin, end):
        respond(b, t, b.links[place], toll)
    t.state[ONLY_WEEKS], t.state[ONLY_DAYS] = -1, -1
    if way != FIRST:
        respond(b, t, p, toll)
    for place in range(begin, end if way > LAST else begin):
        respond(b, t, b.links[place], toll)
    price = float(t.state[TOTAL])
    for place in range(t.people[p, HAVE]):
        price += toll[t.mine[p, place, WHERE]]
    for mate in range(begin, end):
        for place in range(t.people[b.links[mate], HAVE]):
            price += toll[t.mine[b.links[mate], place, WHERE]]
    return price


@compiled_inside
def _any_cut(b: Board, t: Table, way: int) -> int:
    """Where to cut, at random."""
    if way == WEEKDAYS:
        return 1 + below(t, 126)
    return 1 + below(t, max(1, b.owed.shape[1] - 1))


@compiled_inside
def _remember_other_side(t: Table, p: int, way: int, cut: int) -> None:
    """The way of sharing as another requirement of the body sees it."""
    if way < EVERY_OTHER:
        t.people[p, WAY], t.people[p, CUT] = way ^ 1, cut
    elif way == EVERY_OTHER:
        t.people[p, WAY], t.people[p, CUT] = way, cut + 1
    else:
        t.people[p, WAY], t.people[p, CUT] = way, 127 - cut


@compiled
def answer(b: Board, t: Table, p: int, toll: Floats, others: int) -> None:
    """Give a requirement that holds nothing but what it was told of its best bookings, and settle its price.

    With others of its body all of them choose anew: in the way in which they shared their time last, and `others`
    further ways, drawn at random. The best is taken.
    """
    if b.people[p, MATES] == b.people[p, MATES_END]:
        respond(b, t, p, toll)
        return
    way, cut = t.people[p, WAY], t.people[p, CUT]
    best, last = _choose_together(b, t, p, toll, way, cut), True
    for _ in range(others):
        one = below(t, 6)
        other = _any_cut(b, t, one)
        price, last = _choose_together(b, t, p, toll, one, other), False
        if price < best:
            best, way, cut, last = price, one, other, True
    if not last:
        _choose_together(b, t, p, toll, way, cut)
    t.people[p, WAY], t.people[p, CUT] = way, cut
    for place in range(b.people[p, MATES], b.people[p, MATES_END]):
        _remember_other_side(t, b.links[place], way, cut)
