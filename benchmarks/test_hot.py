"""The hot inner functions, timed by pytest-benchmark: `pytest benchmarks --benchmark-only`."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from benchmarks.allocation_instances import pdu
from models.allocation.plan import Question, QuestionKind
from models.policy.policy import default_policy
from solver.allocation.allocate import plan
from solver.allocation.baselines import one_at_a_time
from solver.allocation.instance import Instance, compile_instance
from solver.allocation.recommend import Recommender
from solver.engine import Limits
from solver.verify import verify

POLICY = default_policy()
UNIT = pdu(1, 2300, 100, 1.18)


@pytest.fixture(scope="module")
def recommender() -> Recommender:
    """A loaded unit."""
    return Recommender.of(UNIT, POLICY)


@pytest.fixture(scope="module")
def instance() -> Instance:
    """The same unit as arrays, every unprotected case free to move."""
    return compile_instance(UNIT, POLICY, Question(kind=QuestionKind.REBALANCE, moves=9999))


def test_one_case_against_a_hundred_officers(benchmark: Any, recommender: Recommender) -> None:
    """The numbers alone: price and permission of every officer."""
    row = int(np.flatnonzero(recommender.instance.facts.waiting)[0])
    assert benchmark(recommender.prices, row).total.shape == (100,)


def test_a_recommendation_with_sentences(benchmark: Any, recommender: Recommender) -> None:
    """What the command shows."""
    crn = recommender.instance.facts.cases[int(np.flatnonzero(recommender.instance.facts.waiting)[0])].crn
    assert len(benchmark(recommender.recommend, crn).options) == 100


def test_loading_a_unit(benchmark: Any) -> None:
    """From records to a recommender."""
    assert benchmark(Recommender.of, UNIT, POLICY).rows


def test_compiling_a_rebalance(benchmark: Any) -> None:
    """From records to arrays, every rule in them."""
    asked = Question(kind=QuestionKind.REBALANCE, moves=9999)
    assert benchmark(compile_instance, UNIT, POLICY, asked).tasks.size


def test_the_price_of_every_load(benchmark: Any, instance: Instance) -> None:
    """The bands of a hundred officers at once."""
    assert benchmark(instance.kernel.bands.cost, instance.kernel.base_load).shape == (100,)


def test_one_case_at_a_time(benchmark: Any, instance: Instance) -> None:
    """The least loaded baseline over all waiting cases."""
    assert benchmark(one_at_a_time, instance, previous_first=False).size


def test_checking_a_plan(benchmark: Any) -> None:
    """Every rule and claim of a plan of 2,300 cases."""
    made = plan(UNIT, POLICY, Question(strategy="least_loaded"), Limits(seconds=10))
    assert benchmark(verify, UNIT, made, POLICY) == ()
