"""A plan's bound follows from its multipliers, in whole numbers; a proof that was tampered with does not hold."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.allocation.plan import BoundProof, Plan, Question
from models.allocation.problem import AllocationProblem
from models.policy.policy import default_policy
from models.record import as_json, reader
from models.synthetic import allocation_parameters, generate_allocation
from solver.allocation.allocate import plan
from solver.allocation.proof import unproven
from solver.allocation.staged import kernel
from solver.engine import Limits
from tests.support.problems import rebalance

POLICY = default_policy()


def _unit(seed: int, cases: int = 60, officers: int = 6) -> AllocationProblem:
    return generate_allocation(
        allocation_parameters(), seed=seed, cases=cases, officers=officers, fill=1.18, waiting=0.1
    ).problem


def _solved(problem: AllocationProblem, question: Question) -> Plan:
    return plan(problem, POLICY, question, Limits(seconds=None, work=0.5, threads=1), optimiser=kernel)


@pytest.fixture(scope="module")
def problem() -> AllocationProblem:
    return _unit(11)


@pytest.fixture(scope="module")
def made(problem: AllocationProblem) -> Plan:
    return _solved(problem, rebalance(9999))


def _proof(made: Plan) -> BoundProof:
    assert made.bound_proof is not None
    return made.bound_proof


@given(seed=st.integers(0, 10**6), moves=st.sampled_from([0, 3, 9999]))
@settings(max_examples=settings().max_examples // 10)
def test_the_bound_of_every_plan_is_proven(seed: int, moves: int) -> None:
    problem = _unit(seed)
    made = _solved(problem, rebalance(moves))
    assert made.bound is not None
    assert _proof(made).task
    assert unproven(problem, made, POLICY) == ()


def test_a_proof_that_claims_more_than_it_proves_is_refused(problem: AllocationProblem, made: Plan) -> None:
    more = replace(_proof(made), bound=_proof(made).bound + 1)
    assert made.bound is not None
    claimed = replace(made, bound=made.bound + 1, bound_proof=more)
    assert [violation.rule for violation in unproven(problem, claimed, POLICY)] == ["claimed_bound"]


def test_a_bound_below_that_of_its_own_proof_is_refused(problem: AllocationProblem, made: Plan) -> None:
    assert made.bound is not None
    lower = replace(made, bound=made.bound - 1)
    assert [violation.rule for violation in unproven(problem, lower, POLICY)] == ["claimed_bound"]


def test_a_weaker_claim_than_what_is_proven_holds(problem: AllocationProblem, made: Plan) -> None:
    weaker = replace(_proof(made), bound=_proof(made).bound - 1)
    assert unproven(problem, replace(made, bound_proof=weaker), POLICY) == ()


@pytest.mark.parametrize(
    "changes",
    [
        {"settled": 1},
        {"task": ()},
        {"task": (2**70,)},
        {"move": -1},
        {"skip_budget": -1},
    ],
)
def test_a_proof_that_does_not_fit_is_refused(
    problem: AllocationProblem, made: Plan, changes: dict[str, Any]
) -> None:
    broken = replace(_proof(made), **changes)
    assert unproven(problem, replace(made, bound_proof=broken), POLICY) != ()


def test_worse_multipliers_prove_less(problem: AllocationProblem, made: Plan) -> None:
    proof = _proof(made)
    doubled = replace(proof, task=tuple(2 * each for each in proof.task))
    assert unproven(problem, replace(made, bound_proof=doubled), POLICY) != ()


def test_a_plan_without_a_proof_is_left_to_the_solvers_word(problem: AllocationProblem, made: Plan) -> None:
    assert unproven(problem, replace(made, bound_proof=None), POLICY) == ()


def test_a_proof_survives_being_written_and_read(made: Plan) -> None:
    assert reader(Plan).validate_python(as_json(made)) == made
