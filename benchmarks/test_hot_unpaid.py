"""Unpaid work's hot functions, timed: `pytest benchmarks/test_hot_unpaid.py --benchmark-only`."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from models.policy.policy import default_policy
from models.synthetic import generate_unpaid_work, unpaid_work_parameters
from models.unpaid_work.person import Person
from solver.unpaid_work.place import Placer

POLICY = default_policy()
TEAM = generate_unpaid_work(
    unpaid_work_parameters(), seed=1, people=300, projects=12, supervisors=11, weeks=8
)


@pytest.fixture(scope="module")
def placer() -> Placer:
    """A loaded team of 300: what was told and where people are placed, in eight weeks."""
    return Placer.of(TEAM, POLICY)


@pytest.fixture(scope="module")
def waiting(placer: Placer) -> list[Person]:
    """Those who have minutes left and nothing yet."""
    return [newcomer.person for newcomer in placer.team.left_out]


def test_placing_one_of_many(benchmark: Any, placer: Placer, waiting: list[Person]) -> None:
    """Another person each time, every slot with its dates, price, forecast and rules."""
    people = itertools.cycle(waiting)
    assert benchmark(lambda: placer.place(next(people))).options


def test_placing_whoever_takes_longest(benchmark: Any, placer: Placer) -> None:
    """The person for whom most dates are gone through."""
    slowest = max(TEAM.people, key=lambda each: sum(len(o.appointments) for o in placer.place(each).options))
    assert benchmark(placer.place, slowest).options


def test_the_answer_as_json(benchmark: Any, placer: Placer, waiting: list[Person]) -> None:
    """What the command and the service write."""
    found = placer.place(waiting[0])
    assert benchmark(found.as_json)["options"]


def test_loading_a_team(benchmark: Any) -> None:
    """From records to a placer."""
    assert benchmark(Placer.of, TEAM, POLICY).candidates
