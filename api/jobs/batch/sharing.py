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
    gap counts as the widest known one of those that want time, so that parts without a bound take no more than their
    turn.
    """
    open_parts = [part for part in parts if part.gap is None or part.gap > policy.target_gap]
    widest = max((part.gap for part in open_parts if part.gap is not None), default=1.0)
    weights = {
        part.key: (widest if part.gap is None else part.gap) * max(1, part.size) for part in open_parts
    }
    wanting = sorted(weights, key=lambda key: (-weights[key], key))
    while wanting:
        total = sum(weights[key] for key in wanting)
        if amount * weights[wanting[-1]] / total >= least:
            return {key: _rounded(amount * weights[key] / total) for key in wanting}
        wanting.pop()
    return {}


def _rounded(amount: float) -> float:
    return round(amount, 3)
