"""Cancelled at any moment, planning answers with a plan that the checker passes."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest

from models.allocation.plan import Plan
from models.allocation.problem import AllocationProblem
from models.policy.policy import default_policy
from models.synthetic import allocation_parameters, generate_allocation
from solver.allocation import staged
from solver.allocation.allocate import plan
from solver.allocation.staged import kernel
from solver.assignment import primal
from solver.assignment.bound import Lagrangian
from solver.assignment.problem import AssignmentProblem
from solver.assignment.relaxation import LinearProgramme
from solver.assignment.search import anneal
from solver.engine import Limits, Progress, Stop
from solver.verify import verify
from tests.support.problems import allocate, rebalance

POLICY = default_policy()
LIMITS = Limits(seconds=120.0, threads=2)


class StopAt(Stop):
    """A stop that the k-th question whether there is one, from the thread that made it, finds requested."""

    def __init__(self, k: int) -> None:
        super().__init__()
        self._left, self._thread = k, threading.get_ident()

    @property
    def requested(self) -> bool:
        if threading.get_ident() == self._thread:
            self._left -= 1
            if self._left <= 0:
                self.request()
        return super().requested


@dataclass
class Begun:
    """How often each kind of work has begun after a request, on the thread that waits for the plan."""

    stop: Stop = field(default_factory=Stop)
    counts: dict[str, int] = field(default_factory=dict)

    def counting(self, name: str, work: Callable[..., Any]) -> Callable[..., Any]:
        """`work`, counted."""

        def counted(*given: Any, **named: Any) -> Any:
            waits = threading.current_thread() is threading.main_thread()
            if waits and self.stop._event.is_set():  # `requested` would count as a question
                self.counts[name] = self.counts.get(name, 0) + 1
            return work(*given, **named)

        return counted


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


@pytest.fixture(scope="module")
def tight() -> AllocationProblem:
    """A unit in which groups have to be decided before there is a proof."""
    return generate_allocation(
        allocation_parameters(), seed=7, cases=90, officers=8, fill=1.18, waiting=0.06
    ).problem


@pytest.fixture(scope="module")
def in_hand(tight: AllocationProblem) -> Plan:
    """A plan of that unit, with its proof."""
    return plan(tight, POLICY, rebalance(9999), Limits(seconds=None, work=0.3, threads=1), optimiser=kernel)


@pytest.mark.parametrize("start", [False, True], ids=["afresh", "with a plan in hand"])
@pytest.mark.parametrize("k", [1, 2, 3, 5, 8, 13, 21, 28, 34, 42, 50, 55, 62, 70, 78, 89, 144])
def test_stopped_at_any_question_nothing_more_is_begun_and_the_plan_is_verified(
    tight: AllocationProblem, in_hand: Plan, monkeypatch: pytest.MonkeyPatch, k: int, start: bool
) -> None:
    begun = Begun()
    for place, name in (
        (Lagrangian, "evaluate"),
        (LinearProgramme, "solve"),
        (AssignmentProblem, "total"),
        (staged, "least_with"),
        (staged, "regrouped_by_search"),
        (staged, "_kernel_stage"),
    ):
        monkeypatch.setattr(place, name, begun.counting(name, getattr(place, name)))
    monkeypatch.setattr(primal, "anneal", begun.counting("anneal", anneal))
    monkeypatch.setattr(staged, "FIRST_STAGES", (0.001, 0.001))  # so that every part of a run is come to
    monkeypatch.setattr(staged, "SOON", 0.0)
    monkeypatch.setattr(staged, "PAIRS_PER_TASK", 1)
    monkeypatch.setattr("solver.assignment.dual.MOST_ROWS", 0)  # no columns, which would prove it before
    begun.stop = stop = StopAt(k)
    hint = in_hand if start else None
    made = plan(tight, POLICY, rebalance(9999), LIMITS, stop=stop, start=hint, optimiser=kernel)
    assert verify(tight, made, POLICY) == ()
    assert begun.counts.pop("total", 0) <= 50, (
        "plans compared on the way out, each in a fraction of a millisecond"
    )
    assert begun.counts == {}
