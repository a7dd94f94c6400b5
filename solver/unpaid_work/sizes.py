"""session_size as rows: no overflow beyond what is allowed, and the least number a group needs.

Where few people could come the rows are exact: one for each smallest set of people who together overflow too often
(a cover), because a set overflows when a part of it does. Where many could come the linear Chernoff row stands in
for them, or as many bookings as there are places, or a set that is known to fit.
"""

from __future__ import annotations

import functools
import math
from fractions import Fraction
from itertools import combinations
from typing import TYPE_CHECKING

from solver.unpaid_work.chance import chernoff_row, fits
from solver.unpaid_work.dated_model import DatedModel

if TYPE_CHECKING:
    from ortools.sat.python import cp_model

FEW = 12
"""Up to so many people who could come a session's rows are exact."""

COARSE = 10**9
"""Denominator of chances whose own would be too large to reckon with."""

LARGEST = 10**12
"""The largest common denominator that is reckoned with."""


def size_rows(model: DatedModel) -> None:
    """The rule over every session."""
    for session in model.run:
        _enough(model, session)
        for places, under in _levels(model, session).items():
            if len(model.in_session.get(session, ())) > places:
                _not_too_many(model, session, places, under)


def _enough(model: DatedModel, session: int) -> None:
    """A group expects its least number: sum of chances >= least, over a common denominator."""
    facts, numbers = model.facts, model.in_session.get(session, [])
    least = int(facts.least_people[facts.sessions.project[session]])
    if least == 0:
        return
    chances = [rounded_down(facts.chances[number]) for number in numbers]
    whole = math.lcm(*(chance.denominator for chance in chances))
    if whole > LARGEST or chances != [facts.chances[number] for number in numbers]:
        model.exact = False
    if whole > LARGEST:
        whole, chances = COARSE, [Fraction(math.floor(chance * COARSE), COARSE) for chance in chances]
    weights = [int(chance * whole) for chance in chances]
    expected = model.weighted(model.members(session), weights)
    model.model.add(expected >= least * whole * model.run[session])


def rounded_down(chance: Fraction) -> Fraction:
    """The chance, or the next lower billionth where its denominator is too large."""
    if chance.denominator <= COARSE:
        return chance
    return Fraction(math.floor(chance * COARSE), COARSE)


def _levels(model: DatedModel, session: int) -> dict[int, list[cp_model.IntVar]]:
    """The numbers of places that the session may have, each with the supervisors under whom it has so many."""
    found: dict[int, list[cp_model.IntVar]] = {}
    for number, under in model.supervisor[session].items():
        found.setdefault(model.facts.places_under(session, number), []).append(under)
    if not found:
        found[model.facts.places_under(session, None)] = []
    return found


def _not_too_many(model: DatedModel, session: int, places: int, under: list[cp_model.IntVar]) -> None:
    """The chance rule for so many places, whenever one of `under` has the session (none given: always)."""
    facts, numbers = model.facts, model.in_session[session]
    if len(under) == len(model.supervisor[session]):
        under = []
    when = _one_of(model, under)
    if len(numbers) <= FEW:
        order = sorted(numbers, key=lambda number: facts.chances[number])
        chances = tuple(facts.chances[number] for number in order)
        for cover in covers(chances, places, facts.overflow):
            absent = [model.booked[order[place], session].negated() for place in cover]
            model.model.add_bool_or([*absent, *(each.negated() for each in when)])
        return
    model.exact = False
    members = model.members(session)
    few = model.model.new_bool_var("")
    row = chernoff_row((float(facts.chance[number]) for number in numbers), places, float(facts.overflow))
    model.model.add(model.sum(members) <= places).only_enforce_if([few, *when])
    linear = model.weighted(members, list(row.weights)) <= row.limit
    known = _as_known(model, session, places)
    model.model.add(linear).only_enforce_if([few.negated(), *(each.negated() for each in known), *when])


def _as_known(model: DatedModel, session: int, places: int) -> list[cp_model.IntVar]:
    """A Boolean that allows nobody but the people known to fit in the session; none when nothing is known."""
    known = model.known.get(session, frozenset[int]())
    if len(known) <= places:
        return []
    if not fits([model.facts.chances[number] for number in known], places, model.facts.overflow):
        return []
    alone = model.model.new_bool_var("")
    for number in model.in_session[session]:
        if number not in known:
            model.model.add_implication(alone, model.booked[number, session].negated())
    return [alone]


def _one_of(model: DatedModel, variables: list[cp_model.IntVar]) -> list[cp_model.IntVar]:
    """A Boolean that holds when one of these does, in a list; the only one itself; none for none."""
    if len(variables) <= 1:
        return variables
    any_of = model.model.new_bool_var("")
    for variable in variables:
        model.model.add_implication(variable, any_of)
    return [any_of]


@functools.lru_cache(maxsize=65536)
def covers(chances: tuple[Fraction, ...], places: int, overflow: Fraction) -> tuple[tuple[int, ...], ...]:
    """The smallest sets, by position, of people who together overflow too often and of whom none can be spared."""
    found: list[frozenset[int]] = []
    for size in range(places + 1, len(chances) + 1):
        for those in combinations(range(len(chances)), size):
            together = frozenset(those)
            if any(cover <= together for cover in found):
                continue
            if not fits([chances[place] for place in those], places, overflow):
                found.append(together)
    return tuple(tuple(sorted(cover)) for cover in found)
