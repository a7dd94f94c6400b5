"""The proof of a plan's bound: whole-number multipliers, checked without floating point.

The multipliers come from the kernel. What they prove is recomputed by solver/verify/bound.py over the arrays of the
question, which are compiled from the input afresh.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, pairwise

import numpy as np

from models.allocation.plan import BoundProof, DecidedGroup, DecidedPart, Plan, SharedPrice
from models.allocation.problem import AllocationProblem
from models.errors import UsageError
from models.policy.policy import Policy
from models.rules import Violation
from solver.allocation.instance import Instance, compile_instance
from solver.assignment.joining import joined
from solver.assignment.problem import Ints
from solver.assignment.sharing import Share, shared, ties_of
from solver.verify.bound import ProofArrays, recomputed_bound
from solver.verify.decided import GroupArrays, decided_bound

NUMBERS = ("task", "owner", "move", "row", "load", "entry", "reach")
"""The multipliers in the order in which positions count them."""


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
class _Part:
    """A part of a decided group as the checker takes it."""

    owner: int
    proof: ProofArrays


@dataclass(frozen=True)
class _Group:
    """A decided group as the checker takes it."""

    within: int
    group: Ints
    parts: tuple[_Part, ...]


@dataclass(frozen=True)
class Proof:
    """The kernel's multipliers, how linked cases' prices were shared for them, and the tree over groups from there.

    With a tree the bound of the multipliers is that of the tree.
    """

    multipliers: ProofArrays
    shares: tuple[Share, ...]
    decided: Sequence[GroupArrays] = ()


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
        decided=tuple(_decided_in(proof)),
    )


def _decided_in(proof: Proof) -> Iterator[DecidedGroup]:
    """The tree as part of a plan: of each part's multipliers what differs from those of the node that it is within."""
    numbers = [_numbers(proof.multipliers)]
    for each in proof.decided:
        here = numbers[each.within]
        parts = []
        for part in each.parts:
            numbers.append(_numbers(part.proof))
            change = numbers[-1] - here
            at = np.flatnonzero(change)
            parts.append(DecidedPart(int(part.owner), _whole(at), _whole(change[at])))
        yield DecidedGroup(each.within, _whole(each.group), tuple(parts))


def _numbers(multipliers: ProofArrays) -> Ints:
    """int64: the multipliers one after the other."""
    return np.concatenate([np.atleast_1d(getattr(multipliers, name)) for name in NUMBERS]).astype(np.int64)


def _whole(values: Ints) -> tuple[int, ...]:
    return tuple(int(value) for value in values)


def proven_bound(instance: Instance, proof: BoundProof) -> int:
    """The bound on the plan's total that the multipliers prove.

    Raises UsageError when they do not fit the question, or when what they leave out is not what it settles.
    """
    if proof.settled != instance.settled_price:
        raise UsageError("the proof leaves out other prices than the question settles")
    arrays = _arrays(proof)
    decided = list(_groups_of(proof))
    kernel = joined(instance.kernel, proof.skip_budget)
    shares = [Share(each.first, each.second, _array(each.parts)) for each in proof.shares]
    try:
        kernel = shared(kernel, shares, list(ties_of(kernel, proof.skip_budget)))
    except ValueError as error:
        raise UsageError(f"the proof cannot hold: {error}") from None
    if decided:
        return decided_bound(kernel, arrays, decided, proof.bound - proof.settled) + proof.settled
    return recomputed_bound(kernel, arrays) + proof.settled


def _arrays(proof: BoundProof) -> _Arrays:
    """The multipliers as arrays. Raises UsageError for numbers that 64 bits do not hold."""
    return _Arrays(
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


def _groups_of(proof: BoundProof) -> Iterator[_Group]:
    """The tree as arrays. Raises UsageError for positions that there are not."""
    nodes = [proof]
    for each in proof.decided:
        if not 0 <= each.within < len(nodes):
            raise UsageError("the proof decides a group within plans that it does not know")
        below = [changed(nodes[each.within], part) for part in each.parts]
        nodes += below
        parts = tuple(_Part(part.owner, _arrays(made)) for part, made in zip(each.parts, below, strict=True))
        yield _Group(each.within, _array(each.group), parts)


def changed(proof: BoundProof, part: DecidedPart) -> BoundProof:
    """The multipliers of a node with the changes of one of its parts. Raises UsageError for changes that do not fit."""
    numbers = list[int]()
    sizes = []
    for name in NUMBERS:
        some = getattr(proof, name)
        listed = [some] if isinstance(some, int) else list(some)
        numbers += listed
        sizes.append(len(listed))
    ascending = all(one < other for one, other in pairwise((-1, *part.at, len(numbers))))
    if len(part.at) != len(part.by) or not ascending:
        raise UsageError("the proof changes numbers that it does not have")
    for place, change in zip(part.at, part.by, strict=True):
        numbers[place] += change
    ends = [0, *accumulate(sizes)]
    cut = {name: tuple(numbers[i:j]) for name, (i, j) in zip(NUMBERS, pairwise(ends), strict=True)}
    return replace(
        proof,
        task=cut["task"],
        owner=cut["owner"],
        move=cut["move"][0],
        row=cut["row"],
        load=cut["load"],
        entry=cut["entry"],
        reach=cut["reach"],
        decided=(),
    )


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
