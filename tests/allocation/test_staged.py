"""The kernel's stages with HiGHS on part of the pairs: bounds that hold, and a proof in the end."""

from __future__ import annotations

from typing import Any

import pytest

from models.allocation.plan import Plan
from models.allocation.problem import AllocationProblem
from models.policy.policy import default_policy
from models.synthetic import allocation_parameters, generate_allocation
from solver.allocation import staged
from solver.allocation.allocate import beside, plan
from solver.allocation.optimising import Optimised, Search
from solver.allocation.staged import kernel
from solver.assignment import branching
from solver.assignment.branching import Branched
from solver.engine import Limits, Progress
from solver.verify import verify
from tests.support.problems import rebalance

POLICY = default_policy()
LIMITS = Limits(seconds=20.0, threads=2)


def _unit(seed: int) -> AllocationProblem:
    return generate_allocation(
        allocation_parameters(), seed=seed, cases=90, officers=8, fill=1.18, waiting=0.06
    ).problem


def _larger() -> AllocationProblem:
    return generate_allocation(
        allocation_parameters(), seed=1, cases=300, officers=20, fill=1.35, waiting=0.06
    ).problem


@pytest.fixture(scope="module")
def proven() -> dict[int, Plan]:
    """The best plan of each unit, by HiGHS on the whole."""
    plans = {seed: plan(_unit(seed), POLICY, rebalance(9999), LIMITS, optimiser=beside) for seed in (1, 2)}
    assert all(each.gap == 0.0 for each in plans.values())
    return plans


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("per_task", [1, 6])
def test_part_of_the_pairs_leads_to_the_best_plan_and_bounds_hold_on_the_way(
    seed: int, per_task: int, proven: dict[int, Plan], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(staged, "PAIRS_PER_TASK", per_task)
    monkeypatch.setattr(staged, "FIRST_STAGES", (0.01, 0.01))
    best = proven[seed].objective.total
    told: list[Progress] = []
    made = plan(_unit(seed), POLICY, rebalance(9999), LIMITS, on_progress=told.append, optimiser=kernel)
    assert verify(_unit(seed), made, POLICY) == ()
    assert made.objective.total == made.bound == best
    assert all(each.bound is None or each.bound <= best for each in told)
    assert all(each.best is None or each.best >= best for each in told)


def test_without_an_answer_of_highs_the_kernel_goes_on_alone(
    proven: dict[int, Plan], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("solver.assignment.branching.branch_and_bound", lambda *_, **__: Branched(None, None))
    made = plan(_unit(1), POLICY, rebalance(9999), Limits(seconds=8.0, threads=2), optimiser=kernel)
    assert verify(_unit(1), made, POLICY) == ()
    assert made.bound is not None
    assert made.bound <= proven[1].objective.total <= made.objective.total


def test_highs_begins_again_once_much_less_is_in_doubt(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[int] = []
    asked: list[int] = []

    def waiting_at_first(*given: Any, **named: Any) -> Branched:
        calls.append(len(calls))
        if len(calls) > 1:
            return branch_and_bound(*given, **named)
        named["stop"].wait(20.0)  # as if the proof took long
        return Branched(None, None)

    def narrower(run: staged._Stages, spare: int) -> bool:
        asked.append(spare)
        return len(calls) == 1

    def first_stages_alone(run: staged._Stages, share: float, **named: Any) -> None:
        if "beside" not in named:
            stage(run, share, **named)

    branch_and_bound, stage = branching.branch_and_bound, staged._Stages.stage
    monkeypatch.setattr(staged._Stages, "stage", first_stages_alone)
    monkeypatch.setattr(branching, "branch_and_bound", waiting_at_first)
    monkeypatch.setattr(staged._Stages, "_narrower", narrower)
    monkeypatch.setattr(staged._Stages, "_decide", lambda *_: False)
    monkeypatch.setattr(staged, "FIRST_STAGES", (1e-6, 1e-6))
    made = plan(_larger(), POLICY, rebalance(9999), Limits(seconds=60.0, threads=2), optimiser=kernel)
    assert made.objective.total == made.bound
    assert len(calls) > 1
    assert asked[0] > 0


def test_less_is_in_doubt_with_a_better_plan() -> None:
    met: list[Search] = []

    def note(search: Search) -> Optimised:
        met.append(search)
        return Optimised(search.start, None)

    plan(_larger(), POLICY, rebalance(9999), LIMITS, optimiser=note)
    run = staged._Stages(met[0])
    run.stage(0.001, last=False)
    least = run._least_with()
    assert least is not None
    spare = int((least < run.total).sum()) - len(least)
    assert spare > 0
    assert not run._narrower(spare)
    assert not run._narrower(2 * spare)
    assert run._narrower(2 * spare + 1)
    assert not run._narrower(0)


def test_a_plan_in_hand_has_groups_decided_first_where_branching_would_see_but_a_part(
    proven: dict[int, Plan], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(staged, "PAIRS_PER_TASK", 1)
    monkeypatch.setattr(staged, "SOON", 0.0)  # or the first stage proves it, on a quick machine
    monkeypatch.setattr("solver.assignment.dual.MOST_ROWS", 0)  # no columns, which would prove it before
    decided: list[bool] = []
    before = staged._Stages._decide_at_once

    def decide(run: staged._Stages) -> None:
        before(run)
        decided.append(run._tree is not None)

    monkeypatch.setattr(staged._Stages, "_decide_at_once", decide)
    unit = generate_allocation(
        allocation_parameters(), seed=7, cases=90, officers=8, fill=1.18, waiting=0.06
    ).problem
    first = plan(unit, POLICY, rebalance(9999), Limits(seconds=None, work=0.3, threads=1), optimiser=kernel)
    exact = plan(unit, POLICY, rebalance(9999), LIMITS, optimiser=beside)
    again = plan(unit, POLICY, rebalance(9999), LIMITS, start=first, optimiser=kernel)
    assert again.objective.total == again.bound == exact.objective.total
    assert verify(unit, again, POLICY) == ()
    assert decided == [True]
