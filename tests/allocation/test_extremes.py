"""Degenerate input, from records to a verified plan."""

from __future__ import annotations

import pytest

from models.allocation.plan import Plan, Question
from models.allocation.problem import AllocationProblem
from models.policy.policy import default_policy
from solver.allocation.allocate import both, by_size, full_model, plan
from solver.allocation.optimising import Optimiser
from solver.allocation.staged import kernel
from solver.engine import Limits
from solver.verify import verify
from tests.support.problems import allocate, case, held, officer, problem, rebalance

POLICY = default_policy()
WORK = Limits(seconds=None, work=1.0, threads=1)
WAYS = pytest.mark.parametrize("optimiser", [full_model, kernel, both, by_size])


def _made(unit: AllocationProblem, question: Question, optimiser: Optimiser, work: float = 1.0) -> Plan:
    made = plan(unit, POLICY, question, WORK.share(work), optimiser=optimiser)
    assert verify(unit, made, POLICY) == ()
    return made


@WAYS
def test_nobody_may_take_anything(optimiser: Optimiser) -> None:
    unit = problem(
        [officer("N03A001", active=False), officer("N03A002", contracted_hours=0.0)],
        [case(f"X00000{number}", "B2") for number in range(5)],
    )
    made = _made(unit, allocate(), optimiser)
    assert len(made.unallocated) == 5
    assert made.unallocated_proven
    assert made.status == "OPTIMAL"


@WAYS
def test_cases_without_weight_are_all_placed(optimiser: Optimiser) -> None:
    people = [officer("N03A001"), officer("N03A002")]
    unit = problem(people, [case(f"X00000{number}", "B2", points=0) for number in range(6)])
    made = _made(unit, allocate(), optimiser)
    assert len(made.assignments) == 6
    assert made.objective.pressure == 0
    assert made.status == "OPTIMAL"


@WAYS
def test_one_officer_alone(optimiser: Optimiser) -> None:
    alone = officer("N03A001")
    unit = problem(
        [alone],
        [held("X000001", "B1", alone), *(case(f"X00001{number}", "D2") for number in range(7))],
    )
    for question in (allocate(), rebalance(9)):
        made = _made(unit, question, optimiser)
        assert len(made.unallocated) == 2  # five new cases a week
        assert made.objective.change_of_officer == 0
        assert made.status == "OPTIMAL"


def test_very_many_equal_cases() -> None:
    people = [officer(f"N03A{number:03}") for number in range(4)]
    unit = problem(
        people,
        [
            *(held(f"X{number:06}", "D2", people[number % 3], points=2) for number in range(1200)),
            *(case(f"Y{number:06}", "D2", points=2) for number in range(20)),
        ],
    )
    made = _made(unit, rebalance(9999), kernel, work=3.0)
    assert made.unallocated == ()
    assert made.gap == 0.0


@WAYS
@pytest.mark.parametrize("points", [10**5, 10**6])
def test_points_beyond_reason_stay_where_they_are_and_overflow_nothing(
    optimiser: Optimiser, points: int
) -> None:
    people = [officer("N03A001"), officer("N03A002")]
    unit = problem(
        people,
        [
            held("X000001", "B1", people[0], points=points),
            held("X000002", "D2", people[0]),
            case("X000003", "B1", points=points),
            case("X000004", "D2"),
        ],
    )
    for question in (allocate(), rebalance(9)):
        made = _made(unit, question, optimiser)
        assert [each.crn for each in made.unallocated] == ["X000003"]
        at = {each.crn: each.staff_code for each in made.assignments}
        assert at["X000001"] == "N03A001"
        assert at["X000004"] == "N03A002"
        assert made.unallocated_proven


@WAYS
def test_the_most_points_that_there_may_be(optimiser: Optimiser) -> None:
    officers = [officer(f"N03A00{number}", base_points=100_000 * (number == 1)) for number in range(1, 4)]
    cases = [held(f"X00000{number}", "B1", officers[1], points=10_000) for number in range(3)]
    waiting = [case("X000010", "C1", points=10_000), case("X000011", "C1")]
    made = _made(problem(officers, [*cases, *waiting]), rebalance(9), optimiser)
    assert [each.crn for each in made.unallocated] == ["X000010"]
    assert made.bound is None or made.bound <= made.objective.total
