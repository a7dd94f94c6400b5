"""How a batch's time is shared out: a first pass over everything, then rounds for what is worst.

All of it is arithmetic on what the plans in hand say, so that with a work limit a batch that was cut off and gone on
with shares out exactly what an undisturbed one does.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from models.policy.policy import BatchPolicy

Key = tuple[str, str]
"""PDU and kind of job."""

LEAST_SECONDS = 1.0
LEAST_WORK = 0.05
ROSTER_WEIGHT = 4
"""A person on a roster takes about as long as so many cases."""


@dataclass(frozen=True)
class Part:
    """One PDU's part of one kind: its size, and the gap of its best plan (None: no plan yet, or bound unknown)."""

    key: Key
    size: int
    gap: float | None = None


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
    gap counts as 1.
    """
    wanting = sorted(
        (part for part in parts if part.gap is None or part.gap > policy.target_gap),
        key=lambda part: (-_weight(part), part.key),
    )
    while wanting:
        total = sum(map(_weight, wanting))
        if amount * _weight(wanting[-1]) / total >= least:
            return {part.key: _rounded(amount * _weight(part) / total) for part in wanting}
        wanting.pop()
    return {}


def _weight(part: Part) -> float:
    return (1.0 if part.gap is None else part.gap) * max(1, part.size)


def _rounded(amount: float) -> float:
    return round(amount, 3)
