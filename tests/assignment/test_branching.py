"""Branch and bound by HiGHS: exact on small problems, never a bound above the optimum, and stoppable around it."""

from __future__ import annotations

import threading
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.policy.policy import default_policy
from models.synthetic import allocation_parameters, generate_allocation
from solver.allocation.allocate import beside, plan
from solver.allocation.instance import Instance, compile_instance
from solver.assignment import highs
from solver.assignment.branching import THREAD, Branched, Branching, LinkedStop, branch_and_bound
from solver.assignment.full_model import solve_full
from solver.assignment.kernel import repaired
from solver.engine import Limits, Stop
from solver.verify import verify
from tests.support.problems import rebalance

POLICY = default_policy()


def _instance(seed: int, cases: int = 24, officers: int = 4) -> Instance:
    made = generate_allocation(
        allocation_parameters(), seed=seed, cases=cases, officers=officers, fill=1.1, waiting=0.1
    )
    return compile_instance(made.problem, POLICY, rebalance(9999))


@given(seed=st.integers(0, 10**6))
@settings(max_examples=settings().max_examples // 10)
def test_it_agrees_with_the_complete_model(seed: int) -> None:
    kernel = _instance(seed).kernel
    budget = int(kernel.skip_weight.sum())
    run, best = solve_full(kernel, Limits(seconds=None, work=20.0, threads=1), skip_budget=budget)
    found = branch_and_bound(kernel, budget, 30.0)
    assert best is not None
    assert found.assignment is not None
    assert kernel.total(found.assignment) == kernel.total(best)
    assert found.bound is not None
    assert run.bound is not None
    assert run.bound - 1 <= found.bound <= kernel.total(best)


@pytest.mark.parametrize("seed", range(6))
def test_the_public_way_finds_the_same(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    kernel = _instance(seed).kernel
    budget = int(kernel.skip_weight.sum())
    told: list[Branched] = []
    found = branch_and_bound(kernel, budget, 30.0, tell=told.append)
    monkeypatch.setattr(highs, "_binding", lambda: None)
    publicly = branch_and_bound(kernel, budget, 30.0)
    assert found.assignment is not None
    assert publicly.assignment is not None
    total = kernel.total(found.assignment)
    assert kernel.total(publicly.assignment) == total
    assert found.bound == total
    assert all(each.bound is None or each.bound <= total for each in told)
    assert all(each.assignment is None or kernel.total(each.assignment) >= total for each in told)


def test_begun_from_a_plan_it_answers_nothing_worse_however_little_time_it_has() -> None:
    kernel = _instance(5, 200, 16).kernel
    start = repaired(kernel, kernel.home)
    found = branch_and_bound(kernel, int(kernel.skip_weight.sum()), 0.1, start=start)
    assert found.assignment is None or kernel.total(found.assignment) <= kernel.total(start)


def test_a_request_to_end_ends_it() -> None:
    branching = Branching(_instance(5, 400, 30).kernel, 10**6, 600.0, None)
    branching.done.request()
    branching.result(600.0)
    for thread in threading.enumerate():
        if thread.name == THREAD:
            thread.join(60.0)
    assert branching.ended


def test_what_cannot_be_is_nothing_found() -> None:
    kernel = _instance(3).kernel
    nobody = replace(kernel, eligible=np.zeros_like(kernel.eligible), may_skip=False)
    found = branch_and_bound(nobody, 0, 5.0)
    assert found.assignment is None


def test_a_linked_stop_hears_both() -> None:
    parent = Stop()
    own, other = LinkedStop(parent), LinkedStop(parent)
    assert not own.wait(0.01)
    own.request()
    assert own.requested
    assert not other.requested
    parent.request()
    assert other.wait(1.0)
    assert LinkedStop(None).wait(0.01) is False


def test_a_stop_leaves_the_branching_behind() -> None:
    parent = Stop()
    parent.request()
    branching = Branching(_instance(5, 200, 16).kernel, 10**6, 20.0, parent)
    assert branching.result(20.0).assignment is None or branching.done.requested
    ended = [thread for thread in threading.enumerate() if thread.name == THREAD]
    for thread in ended:
        thread.join(30.0)


@pytest.mark.parametrize("stopped", [False, True])
def test_side_by_side_with_the_kernel_a_plan_is_verified(stopped: bool) -> None:
    problem = generate_allocation(allocation_parameters(), seed=9, cases=120, officers=9, fill=1.18).problem
    stop = Stop()
    if stopped:
        stop.request()
    made = plan(problem, POLICY, rebalance(9999), Limits(seconds=20.0), stop=stop, optimiser=beside)
    assert verify(problem, made, POLICY) == ()
    if not stopped:
        assert made.gap == 0.0
