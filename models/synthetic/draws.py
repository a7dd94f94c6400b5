"""Random draws that keep to their shares: as random as a sample, without its noise in the totals."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Generator = np.random.Generator


def about(rng: Generator, expected: float) -> int:
    """A whole number whose mean is `expected`: rounded up or down by chance."""
    return int(expected + rng.random())


def quota(rng: Generator, shares: Sequence[float] | Floats, count: int) -> Ints:
    """`count` categories in random order, each within one of its share (a systematic sample)."""
    ends = np.cumsum(np.asarray(shares, dtype=np.float64))
    marks = (np.arange(count) + rng.random()) / max(count, 1) * ends[-1]
    drawn = np.minimum(np.searchsorted(ends, marks, side="right"), len(ends) - 1)
    return rng.permutation(drawn).astype(np.int64)


def some(rng: Generator, share: float, count: int) -> Bools:
    """`share` of `count` places marked, at random."""
    marked = np.zeros(count, dtype=np.bool_)
    marked[rng.permutation(count)[: about(rng, share * count)]] = True
    return marked


def pick(rng: Generator, things: Sequence[int] | Ints) -> int:
    """One of `things`, all equally likely."""
    return int(things[int(rng.integers(len(things)))])
