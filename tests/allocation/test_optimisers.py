"""The ways to the second level agree, keep within their limits, and report progress that only improves."""

from __future__ import annotations

import pytest

from models.allocation.plan import Plan, Question
from models.allocation.problem import AllocationProblem
from models.allocation.terms import Grade
from models.policy.policy import default_policy
from models.synthetic import allocation_parameters, generate_allocation
from solver.allocation.allocate import beside, both, by_size, full_model, plan
from solver.allocation.optimising import Optimiser
from solver.allocation.staged import kernel
from solver.engine import Limits, Progress, Stop
from solver.verify import verify
from tests.support.problems import allocate, case, held, officer, problem, rebalance

POLICY = default_policy()
WORK = Limits(seconds=None, work=4.0, threads=1)


def _unit(cases: int, officers: int, seed: int = 4) -> AllocationProblem:
    return generate_allocation(
        allocation_parameters(), seed=seed, cases=cases, officers=officers, fill=1.18, waiting=0.06
    ).problem


@pytest.fixture(scope="module")
def middling() -> AllocationProblem:
    """Some 1,300 pairs: more than the complete model is given alone."""
    return _unit(260, 18)


def _watched(
    problem: AllocationProblem, question: Question, limits: Limits, optimiser: Optimiser
) -> tuple[Plan, list[Progress]]:
    told: list[Progress] = []
    made = plan(problem, POLICY, question, limits, on_progress=told.append, optimiser=optimiser)
    assert verify(problem, made, POLICY) == ()
    return made, told


@pytest.mark.parametrize("optimiser", [full_model, kernel, both, beside, by_size])
def test_every_way_finds_a_plan_within_the_others_bounds(
    middling: AllocationProblem, optimiser: Optimiser
) -> None:
    limits = Limits(seconds=15.0) if optimiser is beside else WORK
    made, told = _watched(middling, allocate(), limits, optimiser)
    best, _ = _watched(middling, allocate(), Limits(seconds=30.0), beside)
    assert best.gap == 0.0
    assert made.objective.unallocated_weight == best.objective.unallocated_weight
    assert made.objective.total >= best.objective.total
    assert made.bound is None or made.bound <= best.objective.total
    gaps = [each.gap for each in told if each.gap is not None]
    assert all(gap >= 0.0 for gap in gaps)
    assert all(each.bound is None or each.bound <= best.objective.total for each in told)


def test_under_a_work_limit_the_plan_is_the_same_whatever_the_threads(middling: AllocationProblem) -> None:
    plans = [
        plan(
            middling,
            POLICY,
            question,
            Limits(seconds=None, work=2.0, seed=3, threads=threads),
            optimiser=kernel,
        )
        for question in (rebalance(9999),)
        for threads in (1, 1, 2)
    ]
    placed = [[(each.crn, each.staff_code, each.team_code) for each in made.assignments] for made in plans]
    assert placed[0] == placed[1] == placed[2]
    assert plans[0].objective == plans[2].objective


def test_the_default_way_under_a_work_limit_is_repeatable_whatever_the_threads(
    middling: AllocationProblem,
) -> None:
    limits = [Limits(seconds=None, work=1.0, seed=3, threads=threads) for threads in (1, 2, 2)]
    first, *others = (plan(middling, POLICY, allocate(), each) for each in limits)
    for other in others:
        assert other.assignments == first.assignments
        assert other.bound == first.bound


def test_a_stop_before_the_search_still_gives_a_verified_plan(middling: AllocationProblem) -> None:
    stop = Stop()
    stop.request()
    for question in (allocate(), rebalance(50)):
        made = plan(middling, POLICY, question, Limits(seconds=60.0), stop=stop)
        assert verify(middling, made, POLICY) == ()


def test_a_waiting_case_takes_the_held_one_it_belongs_with_along() -> None:
    # The PSO holds a D2; the A1 that belongs with it may not go to a PSO. Allocating leaves it unallocated;
    # rebalancing by one move brings both to the PO.
    trainee, senior = officer("N03A001", grade=Grade.PSO), officer("N03A002")
    unit = problem(
        [trainee, senior],
        [held("X000001", "D2", trainee, together_group="g"), case("X000002", "A1", together_group="g")],
    )
    assert [each.crn for each in plan(unit, POLICY, allocate(), WORK).unallocated] == ["X000002"]
    for optimiser in (full_model, kernel, both):
        made = plan(unit, POLICY, rebalance(1), WORK, optimiser=optimiser)
        assert {each.staff_code for each in made.assignments} == {"N03A002"}
        assert made.unallocated_proven
        assert made.objective.change_of_officer == 41 * 8


def test_what_cannot_all_be_placed_is_left_out_by_least_weight_and_proven() -> None:
    # One officer with room for two more of this week: of A1, C1 and D1 the D1 stays out, whatever may move.
    full, other = officer("N03A001", new_cases_last_7_days=3), officer("N03A002", active=False)
    unit = problem(
        [full, other],
        [
            case("X000001", "D1"),
            case("X000002", "A1"),
            case("X000003", "C1"),
            *(held(f"X00001{number}", "C2", other) for number in range(3)),
        ],
    )
    for question in (allocate(), rebalance(5)):
        made = plan(unit, POLICY, question, WORK)
        assert [each.crn for each in made.unallocated] == ["X000001"]
        assert made.unallocated_proven
        assert made.status == "OPTIMAL"
