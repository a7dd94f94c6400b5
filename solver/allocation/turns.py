"""How time is shared out among many units: a first pass over all of them, then rounds for what is worst.

The service's batch and the benchmark of a nation do so alike. All of it is arithmetic on what the plans in hand say, so
that with a work limit a batch that was cut off and gone on with shares out exactly what an undisturbed one does.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from models.policy.policy import BatchPolicy

Key = tuple[str, str]
"""PDU and kind of job."""

LEAST_SECONDS = 1.0
LEAST_WORK = 0.05
AGAIN = 2
"""How many times its last share a part gets that still has no bound."""
ROSTER_WEIGHT = 4
"""A person on a roster takes about as long as so many cases."""


@dataclass(frozen=True)
class Part:
    """One PDU's part of one kind: its size, and the gap of its best plan (None: no plan yet, or bound unknown).

    had: the most that it was given in a round so far.
    """

    key: Key
    size: int
    gap: float | None = None
    had: float = 0.0


def first_pass(
    parts: Sequence[Part], amount: float, policy: BatchPolicy, least: float
) -> Mapping[Key, float]:
    """What each part gets of `amount` (seconds of one core, or units of work) in the first pass: by size."""
    share = amount * policy.first_pass_percent / 100
    total = sum(part.size for part in parts) or 1
    return {part.key: _rounded(max(least, share * part.size / total)) for part in parts}


def next_round(
    parts: Sequence[Part], amount: float, policy: BatchPolicy, least: float
) -> Mapping[Key, float]:
    """What each part gets of `amount` in a round: in proportion to gap and size; nobody gets less than `least`.

    A part at its target gets nothing, and where there is too little for all the smallest gaps get nothing. An unknown
    gap counts as the widest known one of those that want time, so that parts without a bound take together no more
    than their turn. The same again would leave a part without a bound again, so that it gets at least `AGAIN` times
    what it had, and those that need least come first.
    """
    known = [part for part in parts if part.gap is not None and part.gap > policy.target_gap]
    unknown = [part for part in parts if part.gap is None]
    widest = max((part.gap for part in known if part.gap is not None), default=1.0)
    weights = {part.key: (part.gap or 0.0) * max(1, part.size) for part in known}
    turn = widest * sum(max(1, part.size) for part in unknown)
    whole = turn + sum(weights.values())
    shares = _without_bound(unknown, amount * turn / whole, least) if unknown else {}
    return {**shares, **_by_weight(weights, amount - sum(shares.values()), least)}


def _by_weight(weights: Mapping[Key, float], amount: float, least: float) -> Mapping[Key, float]:
    """In proportion to weight; the smallest get nothing where they would get less than `least`."""
    wanting = sorted(weights, key=lambda key: (-weights[key], key))
    while wanting:
        total = sum(weights[key] for key in wanting)
        if amount * weights[wanting[-1]] / total >= least:
            return {key: _rounded(amount * weights[key] / total) for key in wanting}
        wanting.pop()
    return {}


def _without_bound(parts: Sequence[Part], amount: float, least: float) -> Mapping[Key, float]:
    """As many parts as get what they need, those that need least first; what is left over goes by size."""
    needs = {part.key: max(least, AGAIN * part.had) for part in parts}
    served: list[Part] = []
    left = amount
    for part in sorted(parts, key=lambda part: (needs[part.key], part.key)):
        if needs[part.key] > left:
            break
        served.append(part)
        left -= needs[part.key]
    sizes = sum(max(1, part.size) for part in served)
    return {part.key: _rounded(needs[part.key] + left * max(1, part.size) / sizes) for part in served}


def _rounded(amount: float) -> float:
    return round(amount, 3)
