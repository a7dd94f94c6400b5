"""The proof of a plan's bound: whole-number multipliers, checked without floating point.

The multipliers come from the kernel. What they prove is recomputed by solver/verify/bound.py over the arrays of the
question, which are compiled from the input afresh.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from models.allocation.plan import BoundProof, Plan, SharedPrice
from models.allocation.problem import AllocationProblem
from models.errors import UsageError
from models.policy.policy import Policy
from models.rules import Violation
from solver.allocation.instance import Instance, compile_instance
from solver.assignment.joining import joined
from solver.assignment.problem import Ints
from solver.assignment.sharing import Share, shared, ties_of
from solver.verify.bound import ProofArrays, recomputed_bound


@dataclass(frozen=True)
class _Arrays:
    """The multipliers of a plan as the checker takes them."""

    scale: int
    skip_budget: int
    task: Ints
    owner: Ints
    move: int
    row: Ints
    load: Ints
    entry: Ints
    reach: Ints
    bound: int


@dataclass(frozen=True)
class Proof:
    """The kernel's multipliers, and how linked cases' prices were shared for them."""

    multipliers: ProofArrays
    shares: tuple[Share, ...]


def proof_of(proof: Proof, settled: int) -> BoundProof:
    """The kernel's proof as part of a plan. settled: prices that the kernel's total leaves out."""
    multipliers = proof.multipliers
    return BoundProof(
        shares=tuple(SharedPrice(each.first, each.second, _whole(each.parts)) for each in proof.shares),
        bound=int(multipliers.bound) + settled,
        scale=int(multipliers.scale),
        skip_budget=int(multipliers.skip_budget),
        task=_whole(multipliers.task),
        owner=_whole(multipliers.owner),
        move=int(multipliers.move),
        row=_whole(multipliers.row),
        load=_whole(multipliers.load),
        entry=_whole(multipliers.entry),
        reach=_whole(multipliers.reach),
        settled=settled,
    )


def _whole(values: Ints) -> tuple[int, ...]:
    return tuple(int(value) for value in values)


def proven_bound(instance: Instance, proof: BoundProof) -> int:
    """The bound on the plan's total that the multipliers prove.

    Raises UsageError when they do not fit the question, or when what they leave out is not what it settles.
    """
    if proof.settled != instance.settled_price:
        raise UsageError("the proof leaves out other prices than the question settles")
    arrays = _Arrays(
        scale=proof.scale,
        skip_budget=proof.skip_budget,
        task=_array(proof.task),
        owner=_array(proof.owner),
        move=proof.move,
        row=_array(proof.row),
        load=_array(proof.load),
        entry=_array(proof.entry),
        reach=_array(proof.reach),
        bound=0,
    )
    kernel = joined(instance.kernel, proof.skip_budget)
    shares = [Share(each.first, each.second, _array(each.parts)) for each in proof.shares]
    try:
        kernel = shared(kernel, shares, list(ties_of(kernel, proof.skip_budget)))
    except ValueError as error:
        raise UsageError(f"the proof cannot hold: {error}") from None
    return recomputed_bound(kernel, arrays) + proof.settled


def _array(values: tuple[int, ...]) -> Ints:
    try:
        return np.array(values, dtype=np.int64)
    except OverflowError:
        raise UsageError("the proof holds numbers that are too large") from None


def unproven(problem: AllocationProblem, plan: Plan, policy: Policy) -> tuple[Violation, ...]:
    """A violation of claimed_bound when the plan carries a proof that does not prove its bound; else none."""
    if plan.bound_proof is None or plan.bound is None:
        return ()
    return unproven_in(compile_instance(problem, policy, plan.question), plan)


def unproven_in(instance: Instance, plan: Plan) -> tuple[Violation, ...]:
    """As `unproven`, for a question that is compiled already."""
    if plan.bound_proof is None or plan.bound is None:
        return ()
    if plan.bound_proof.skip_budget < plan.objective.unallocated_weight:
        return (_violation("the proof holds only for plans that leave less unallocated than this one"),)
    try:
        proven = proven_bound(instance, plan.bound_proof)
    except UsageError as error:
        return (_violation(str(error)),)
    stated = plan.bound_proof.bound
    if proven < stated:
        return (_violation(f"the proof of the bound is stated to come to {stated}, and comes to {proven}"),)
    if plan.bound < stated:
        return (_violation(f"the bound is stated as {plan.bound}, below the {stated} of its own proof"),)
    return ()


def _violation(sentence: str) -> Violation:
    return Violation("claimed_bound", sentence)
