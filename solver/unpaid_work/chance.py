"""The chance rule: how many may be booked when not everybody comes.

P(attendees > places) with independent attendance is a Poisson-binomial tail. Exactly: with chances a[i] / d[i] the
numerators of the distribution over the common denominator are the coefficients of prod((d[i] - a[i]) + a[i] x).

Made linear (Chernoff): for every t > 0, P(N >= places + 1) <= exp(-t (places + 1)) prod(1 - q[i] + q[i] e^t), so the
rule follows from sum ln(1 - q[i] + q[i] e^t) <= t (places + 1) + ln(overflow). A row of it is in whole numbers: the
weights are rounded up and the limit down, so that it is never weaker than the inequality. It may refuse as many
bookings as there are places, which can never overflow: use it as "count <= places OR the row".
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

SCALE = 100_000
"""Units of a row's weights in one."""

_TILTS = {8: 3.49, 9: 2.89, 10: 2.53, 11: 2.28, 12: 2.08}
"""t by number of places: what allows most bookings at chances of 0.5 to 0.8 (measured against the exact rule)."""
_TILT_OF_FEW, _TILT_OF_MANY = 4.0, 1.9

_ROUNDING = 1e-9
"""More than the rounding of the logarithms and exponentials of a weight."""


@dataclass(frozen=True)
class ChernoffRow:
    """sum of weights of those booked <= limit implies the chance rule. weights: in the order asked, SCALE units."""

    weights: tuple[int, ...]
    limit: int


def tilt(places: int) -> float:
    """The t of the row by number of places."""
    return _TILT_OF_FEW if places < 8 else _TILTS.get(places, _TILT_OF_MANY)


def chernoff_weight(chance: float, places: int) -> int:
    """What one person weighs in the row of a session, rounded up."""
    grown = 1.0 - chance + chance * math.exp(tilt(places))
    return math.ceil((math.log(grown) + _ROUNDING) * SCALE)


def chernoff_limit(places: int, overflow: float) -> int:
    """What the weights may come to, rounded down; may be negative."""
    return math.floor((tilt(places) * (places + 1) + math.log(overflow) - _ROUNDING) * SCALE)


def chernoff_row(chances: Iterable[float], places: int, overflow: float) -> ChernoffRow:
    """The row over these people for a session with so many places."""
    weights = tuple(chernoff_weight(chance, places) for chance in chances)
    return ChernoffRow(weights, chernoff_limit(places, overflow))


def tail(chances: Sequence[Fraction], places: int) -> Fraction:
    """P(attendees > places), exactly: the complement of the first coefficients of the product over all chances."""
    if len(chances) <= places:
        return Fraction(0)
    numerators, denominator = [1] + [0] * places, 1
    for chance in chances:
        comes, base = chance.numerator, chance.denominator
        denominator *= base
        for number in range(places, 0, -1):
            numerators[number] = numerators[number] * (base - comes) + numerators[number - 1] * comes
        numerators[0] *= base - comes
    return 1 - Fraction(sum(numerators), denominator)


def fits(chances: Sequence[Fraction], places: int, overflow: Fraction) -> bool:
    """Whether the exact chance rule holds."""
    return len(chances) <= places or tail(chances, places) <= overflow
