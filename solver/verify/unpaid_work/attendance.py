"""How many come: exact chances in whole numbers, so that no rounding decides whether a session overflows.

A probability is the decimal that the input states (0.75 is 3/4, not the nearest binary fraction). With
q[i] = a[i] / d[i] the distribution of the number who attend has the common denominator D = product of d[i]; its
numerators are the coefficients of product of ((d[i] - a[i]) + a[i] x), multiplied out in Python's unbounded integers
and cut off above `places`, because P(attendees > places) = 1 - P(attendees <= places).
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from fractions import Fraction


@functools.lru_cache(maxsize=4096)
def exactly(number: float) -> Fraction:
    """The decimal that a float is written as, as a fraction: 0.1 is 1/10."""
    return Fraction(repr(number))


def overflow_probability(chances: Sequence[Fraction], places: int) -> Fraction:
    """P(attendees > places) when each of `chances` attends independently (a Poisson-binomial tail), exactly."""
    if len(chances) <= places:
        return Fraction(0)
    ways, denominator = [1], 1
    for chance in chances:
        comes, stays = chance.numerator, chance.denominator - chance.numerator
        denominator *= chance.denominator
        ways = _times(ways, comes, stays, places)
    return 1 - Fraction(sum(ways), denominator)


def _times(ways: list[int], comes: int, stays: int, places: int) -> list[int]:
    """The polynomial (ways) times (stays + comes x), without what goes beyond x to the power `places`."""
    product = [way * stays for way in ways]
    if len(ways) <= places:
        product.append(0)
    for number in range(1, len(product)):
        product[number] += ways[number - 1] * comes
    return product
