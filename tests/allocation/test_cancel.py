"""Cancelled at any moment, planning answers with a plan that the checker passes."""

from __future__ import annotations

import threading

import numpy as np
import pytest

from models.allocation.problem import AllocationProblem
from models.policy.policy import default_policy
from models.synthetic import allocation_parameters, generate_allocation
from solver.allocation.allocate import plan
from solver.allocation.staged import kernel
from solver.engine import Limits, Progress, Stop
from solver.verify import verify
from tests.support.problems import allocate, rebalance

POLICY = default_policy()
LIMITS = Limits(seconds=120.0, threads=2)


@pytest.fixture(scope="module")
def units() -> list[AllocationProblem]:
    """A small unit, and one too large for the complete model."""
    return [
        generate_allocation(
            allocation_parameters(), seed=4, cases=cases, officers=officers, fill=1.1, waiting=0.05
        ).problem
        for cases, officers in ((60, 5), (200, 14))
    ]


@pytest.mark.parametrize("seed", range(25))
def test_cancelled_at_a_random_moment_there_is_a_verified_plan(
    units: list[AllocationProblem], seed: int
) -> None:
    rng = np.random.default_rng(seed)
    for question in (allocate(), rebalance(9999)):
        problem = units[seed % 2]
        stop = Stop()
        timer = threading.Timer(float(rng.uniform(0.0, 0.4)), stop.request)
        timer.start()
        made = plan(problem, POLICY, question, LIMITS, stop=stop)
        timer.join()
        assert verify(problem, made, POLICY) == ()
        assert {each.crn for each in made.assignments} | {each.crn for each in made.unallocated} == {
            each.crn for each in problem.cases if each.waiting or problem.holder(each) is not None
        }


def test_cancelled_when_the_kernel_tells_of_its_first_bound_the_bound_is_kept(
    units: list[AllocationProblem],
) -> None:
    stop = Stop()
    told: list[int] = []

    def on_progress(progress: Progress) -> None:
        if progress.bound is not None:
            told.append(progress.bound)
            stop.request()

    made = plan(
        units[1], POLICY, rebalance(9999), LIMITS, stop=stop, on_progress=on_progress, optimiser=kernel
    )
    assert told
    assert made.bound is not None
    assert made.bound >= told[0]
    assert made.bound_proof is not None
