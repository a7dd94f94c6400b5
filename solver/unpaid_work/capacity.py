"""What the chance rule lets into a session at the most: how many people, expected how often.

The linear row of solver.unpaid_work.chance is enough for the rule; a bound needs what follows from it. Of all
sets of n people with the same expected attendance m, the chance of overflow is least where every chance is at one of
the ends of its range but for some that are equal (the tail is linear in the product of two chances whose sum is
fixed: Hoeffding 1956). So the most that n people may be expected, m(n), is found by going through those few shapes.
"""

from __future__ import annotations

import functools

import numpy as np

from solver.unpaid_work.facts import Floats

LEAST_CHANCE = 0.2
"""People who come more seldom are left out of the count; without them a session overflows no more than with them."""
_HALVINGS = 30


@functools.lru_cache(maxsize=512)
def most_expected(places: int, low: float, high: float, overflow: float) -> tuple[float, ...]:
    """m(n) for n = 0, 1, ... as long as n people of chance `low` are allowed; never less than the true value."""
    found = [number * high for number in range(places + 1)]
    while True:
        number = len(found)
        best = _best_shape(number, places, low, high, overflow)
        if best is None:
            return tuple(found)
        found.append(best)


def _best_shape(number: int, places: int, low: float, high: float, overflow: float) -> float | None:
    """The most that `number` people may be expected, over all shapes; None when not even all at `low` fit."""
    shapes = np.array([(a, b) for a in range(number + 1) for b in range(number - a + 1)])
    few, many = shapes[:, 0], shapes[:, 1]
    rest = number - few - many
    under, over = np.full(len(shapes), low), np.full(len(shapes), high)
    allowed = _tails(few, many, rest, low, high, under, places) <= overflow
    if not allowed.any():
        return None
    for _ in range(_HALVINGS):
        middle = (under + over) / 2
        fits = _tails(few, many, rest, low, high, middle, places) <= overflow
        under, over = np.where(fits, middle, under), np.where(fits, over, middle)
    return float((few * low + many * high + rest * over)[allowed].max()) + 1e-9


def _tails(
    few: Floats, many: Floats, rest: Floats, low: float, high: float, middle: Floats, places: int
) -> Floats:
    """P(attendees > places) of each shape, float64."""
    spread = np.zeros((len(few), places + 1))
    spread[:, 0] = 1.0
    for step in range(int((few + many + rest)[0])):
        chance = np.where(step < few, low, np.where(step < few + many, high, middle))[:, None]
        moved = spread[:, :-1] * chance
        spread *= 1 - chance
        spread[:, 1:] += moved
    tails: Floats = 1 - spread.sum(axis=1)
    return tails
