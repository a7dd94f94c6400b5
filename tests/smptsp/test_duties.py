"""Duties as intervals: who clashes, what happens at once, and what is wrong with an answer."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from models.errors import SolverError
from solver.unpaid_work.supervising.duties import NOBODY, Duties, faults_of

From = Callable[[list[tuple[int, int]], list[set[int]]], Duties]

DAY = [(9, 12), (10, 13), (12, 15), (14, 16)]
"""By hand: 0 and 1 share 10 to 12, 1 and 2 share 12 to 13, 2 and 3 share 14 to 15; 0 ends when 2 starts."""


def test_duties_that_touch_do_not_clash(duties_from: From) -> None:
    clashes = duties_from(DAY, [{0, 1, 2, 3}]).clashes()
    assert {(int(a), int(b)) for a, b in np.argwhere(clashes) if a < b} == {(0, 1), (1, 2), (2, 3)}


def test_maximal_sets_at_once_are_those_of_the_drawing(duties_from: From) -> None:
    duties = duties_from(DAY, [{0, 1, 2, 3}])
    assert [group.tolist() for group in duties.at_once()] == [[0, 1], [1, 2], [2, 3]]
    assert [group.tolist() for group in duties.at_once(np.array([0, 2, 3]))] == [[0], [2, 3]]
    assert duties.most_at_once() == 2


def test_nothing_to_do_needs_nobody(duties_from: From) -> None:
    duties = duties_from([], [set()])
    assert duties.at_once() == []
    assert duties.most_at_once() == 0


@pytest.mark.parametrize("seed", range(20))
def test_every_clash_is_in_a_set_and_no_set_is_in_another(tiny: Callable[[int], Duties], seed: int) -> None:
    duties = tiny(seed)
    groups = [set(group.tolist()) for group in duties.at_once()]
    together = {(a, b) for group in groups for a in group for b in group if a != b}
    assert together == {(int(a), int(b)) for a, b in np.argwhere(duties.clashes())}
    assert not any(one < other for one in groups for other in groups)
    assert set().union(*groups) == set(range(duties.count))


@pytest.mark.parametrize(
    ("holder", "fault"),
    [
        ([0, 1, 0, 1], None),
        ([0, 1, 0], "not every duty has one person"),
        ([0, 1, 0, NOBODY], "duty 3 has nobody"),
        ([0, 1, 0, 2], "duty 3 has nobody"),
        ([0, 1, 1, 0], "duties 1 and 2 of person 1 share a moment"),
        ([1, 0, 1, 0], "person 1 is not qualified for duty 0"),
    ],
)
def test_faults_of_answers_are_named(duties_from: From, holder: list[int], fault: str | None) -> None:
    duties = duties_from(DAY, [{0, 1, 2, 3}, {1, 2, 3}])
    assert faults_of(duties, np.array(holder)) == ([] if fault is None else [fault])


def test_a_duty_that_ends_before_it_starts_is_refused(duties_from: From) -> None:
    with pytest.raises(SolverError, match="must end after"):
        duties_from([(9, 9)], [{0}])


def test_shapes_must_agree() -> None:
    with pytest.raises(SolverError, match="different numbers"):
        Duties(np.zeros(2, np.int64), np.ones(2, np.int64), np.ones((3, 1), np.bool_))
