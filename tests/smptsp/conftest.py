"""Small questions of duties and people, and their answers by trying everything."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import numpy as np
import pytest

from solver.unpaid_work.supervising.duties import Duties

Make = Callable[[int], Duties]


def _duties(times: list[tuple[int, int]], able: list[set[int]]) -> Duties:
    qualified = np.zeros((len(times), len(able)), np.bool_)
    for person, mine in enumerate(able):
        qualified[sorted(mine), person] = True
    starts, ends = (np.array([time[end] for time in times], np.int64) for end in (0, 1))
    return Duties(starts, ends, qualified)


@pytest.fixture(scope="session")
def duties_from() -> Callable[[list[tuple[int, int]], list[set[int]]], Duties]:
    """Duties from (start, end) of each, and what each person may do."""
    return _duties


@pytest.fixture(scope="session")
def tiny() -> Make:
    """A random question that can be enumerated: up to 6 duties and 4 people, some of them able to do little."""

    def make(seed: int) -> Duties:
        draw = np.random.default_rng(seed)
        duties, people = int(draw.integers(1, 7)), int(draw.integers(1, 5))
        starts = draw.integers(0, 10, duties)
        qualified = draw.random((duties, people)) < draw.choice([0.5, 0.75, 0.95])
        return Duties(starts, starts + draw.integers(1, 6, duties), qualified)

    return make


@pytest.fixture(scope="session")
def team() -> Make:
    """A larger question that has an answer: people are drawn first, a day of duties for each, then more skills."""

    def make(seed: int) -> Duties:
        draw = np.random.default_rng(seed)
        times, holders = [], []
        for person in range(12):
            at = int(draw.integers(0, 60))
            while at < 480:
                end = at + int(draw.integers(40, 160))
                times.append((at, end))
                holders.append(person)
                at = end + int(draw.integers(0, 20))
        able: list[set[int]] = [set() for _ in range(16)]
        for duty, person in enumerate(holders):
            able[person].add(duty)
            for other in range(16):
                if draw.random() < 0.4:
                    able[other].add(duty)
        return _duties(times, able)

    return make


@pytest.fixture(scope="session")
def fewest() -> Callable[[Duties], int | None]:
    """The fewest people, by trying every way of giving each duty to each person; None when there is none."""

    def search(duties: Duties) -> int | None:
        pairs = list(itertools.combinations(range(duties.count), 2))
        clash = {
            (one, other)
            for one, other in pairs
            if set(range(int(duties.starts[one]), int(duties.ends[one])))
            & set(range(int(duties.starts[other]), int(duties.ends[other])))
        }
        able = [np.flatnonzero(row).tolist() for row in duties.qualified]
        sound = (
            len(set(way))
            for way in itertools.product(*able)
            if all(way[one] != way[other] for one, other in clash)
        )
        return min(sound, default=None)

    return search
