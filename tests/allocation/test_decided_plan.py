"""A plan's proof with decided groups: written, read and checked; a forged one is refused; taken over after a pin."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest

from models.allocation.plan import BoundProof, DecidedPart, Plan
from models.allocation.problem import AllocationProblem
from models.policy.policy import default_policy
from models.record import as_json, reader
from models.synthetic import allocation_parameters, generate_allocation
from solver.allocation.adoption import Adopted, adopted
from solver.allocation.allocate import plan
from solver.allocation.instance import Instance, compile_instance
from solver.allocation.proof import Proof, proof_of, proven_bound, unproven
from solver.allocation.staged import kernel
from solver.assignment.deciding import Deciding
from solver.assignment.joining import joined
from solver.assignment.problem import AssignmentProblem
from solver.assignment.sharing import Tie, shared, ties_of
from solver.engine import Limits
from tests.support.problems import rebalance

POLICY, QUESTION = default_policy(), rebalance(9999)
WORK = Limits(seconds=None, work=0.4, threads=1)
OVER = 300
"""What the trees are grown for lies so far above the plan, so that little is closed at the first look."""


def compiled(whole: AllocationProblem, budget: int) -> tuple[Instance, AssignmentProblem, list[Tie]]:
    instance = compile_instance(whole, POLICY, QUESTION)
    arrays = joined(instance.kernel, budget)
    return instance, arrays, list(ties_of(arrays, budget))


def linked_more(whole: AllocationProblem) -> AllocationProblem:
    """The unit with two more groups: the first two cases without a link of each of two holders."""
    free = [each for each in whole.cases if each.together_group is None and each.apart_group is None]
    groups: dict[str, str] = {}
    for number, holder in enumerate(sorted({each.current_staff_code or "" for each in free})[2:4]):
        pair = [each.crn for each in free if each.current_staff_code == holder][:2]
        groups |= dict.fromkeys(pair, f"LINKED{number}")
    cases = tuple(
        replace(each, together_group=groups.get(each.crn, each.together_group)) for each in whole.cases
    )
    return replace(whole, cases=cases)


@dataclass(frozen=True)
class Proven:
    """A unit and a plan of it whose bound is that of a tree."""

    unit: AllocationProblem
    plan: Plan

    @property
    def proof(self) -> BoundProof:
        assert self.plan.bound_proof is not None
        return self.plan.bound_proof

    def refused(self, proof: BoundProof) -> list[str]:
        """The rules that a plan with this proof instead breaks."""
        bound = max(proof.bound, self.plan.bound or 0)
        changed = replace(self.plan, bound=bound, bound_proof=proof)
        return [violation.rule for violation in unproven(self.unit, changed, POLICY)]


@pytest.fixture(scope="module")
def proven() -> Proven:
    unit = linked_more(
        generate_allocation(
            allocation_parameters(), seed=7, cases=90, officers=8, fill=1.18, waiting=0.06
        ).problem
    )
    with pytest.MonkeyPatch.context() as patch:
        # No columns, which would leave nothing to decide.
        patch.setattr("solver.assignment.dual.MOST_ROWS", 0)
        patch.setattr("solver.assignment.deciding.OPEN", 1e9)
        patch.setattr("solver.assignment.deciding.LITTLE", -1.0)
        made = plan(unit, POLICY, QUESTION, replace(WORK, work=0.1), optimiser=kernel)
        assert made.bound_proof is not None
        budget = made.bound_proof.skip_budget
        instance, arrays, ties = compiled(unit, budget)
        taken = adopted(arrays, budget, made.bound_proof, ties)
        assert taken is not None
        priced = shared(arrays, taken.shares, ties)
        total = made.objective.total - instance.settled_price + OVER
        tree = Deciding.regrown(priced, taken.multipliers, (), lambda: total, lambda: False)
        assert tree is not None
        while tree.branch(lambda: total, lambda: False) and len(tree.decided) < 2:
            pass
    bound = tree.bound(total)
    assert [each.within > 0 for each in tree.decided] == [False, True]
    assert bound > tree.root.bound
    proof = proof_of(
        Proof(replace(tree.root, bound=bound), taken.shares, tree.decided), instance.settled_price
    )
    return Proven(unit, replace(made, bound=proof.bound, bound_proof=proof))


def test_the_tree_proves_more_than_its_root_and_is_believed_as_far(proven: Proven) -> None:
    assert proven.refused(proven.proof) == []
    assert proven.refused(replace(proven.proof, decided=())) == ["claimed_bound"]
    assert proven.refused(replace(proven.proof, bound=proven.proof.bound + 1)) == ["claimed_bound"]
    instance = compile_instance(proven.unit, POLICY, QUESTION)
    assert proven_bound(instance, proven.proof) == proven.proof.bound


def test_the_tree_survives_being_written_and_read_and_old_plans_have_none(proven: Proven) -> None:
    written = as_json(proven.plan)
    assert reader(Plan).validate_python(written) == proven.plan
    del written["boundProof"]["decided"]
    old = reader(Plan).validate_python(written)
    assert old.bound_proof == replace(proven.proof, decided=())


def _first(proof: BoundProof, **fields: Any) -> BoundProof:
    return replace(proof, decided=(replace(proof.decided[0], **fields), *proof.decided[1:]))


def _part(proof: BoundProof, change: Callable[[DecidedPart], DecidedPart]) -> BoundProof:
    parts = proof.decided[0].parts
    return _first(proof, parts=tuple(change(each) for each in parts))


def _without_the_weakest(proof: BoundProof) -> BoundProof:
    """Whoever has no part that is branched on again loses one that every plan near the best is in."""
    inner = {each.within for each in proof.decided[1:]}
    return replace(
        proof,
        decided=(
            replace(
                proof.decided[0],
                parts=tuple(
                    each for place, each in enumerate(proof.decided[0].parts, 1) if place not in inner
                ),
            ),
        ),
    )


@pytest.mark.parametrize(
    "forge",
    [
        _without_the_weakest,
        lambda proof: _first(proof, parts=()),
        lambda proof: _first(proof, group=(0, 1)),
        lambda proof: _first(proof, group=proof.decided[0].group[:1]),
        lambda proof: _first(proof, group=(-1, *proof.decided[0].group[1:])),
        lambda proof: _first(proof, group=(1 << 70,)),
        lambda proof: _first(proof, within=1),
        lambda proof: _first(proof, within=-1),
        lambda proof: _first(proof, parts=proof.decided[0].parts * 2),
        lambda proof: replace(proof, decided=(proof.decided[0], replace(proof.decided[1], within=0))),
        lambda proof: replace(proof, decided=proof.decided[1:]),
        lambda proof: _part(proof, lambda part: replace(part, by=part.by[1:])),
        lambda proof: _part(proof, lambda part: replace(part, at=part.at[::-1])),
        lambda proof: _part(proof, lambda part: replace(part, at=(10**6,), by=(1,))),
        lambda proof: _part(proof, lambda part: replace(part, at=(-1,), by=(1,))),
        lambda proof: _part(proof, lambda part: replace(part, at=(0,), by=(1 << 70,))),
        lambda proof: _part(proof, lambda part: replace(part, at=(0,), by=(1 << 62,))),
        lambda proof: _part(proof, lambda part: replace(part, at=(), by=())),
        lambda proof: _part(proof, lambda part: replace(part, owner=part.owner + 1000)),
    ],
)
def test_a_forged_tree_is_refused(proven: Proven, forge: Callable[[BoundProof], BoundProof]) -> None:
    assert proven.refused(forge(proven.proof)) == ["claimed_bound"]


def _taken(proven: Proven, whole: AllocationProblem) -> tuple[Instance, AssignmentProblem, Adopted]:
    budget = proven.proof.skip_budget
    instance, arrays, ties = compiled(whole, budget)
    taken = adopted(arrays, budget, proven.proof, ties)
    assert taken is not None
    return instance, shared(arrays, taken.shares, ties), taken


def test_after_a_pin_the_tree_proves_its_old_bound_or_more_in_as_many_looks_as_it_has_parts(
    proven: Proven, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("solver.assignment.deciding.LOOKS_AGAIN", 1)
    linked = {each.crn for each in proven.unit.cases if each.together_group is not None}
    moved = [
        each.crn
        for each in proven.plan.assignments
        if each.previous_staff_code not in (None, each.staff_code) and each.crn not in linked
    ]
    for crn in moved[:3]:
        cases = tuple(
            replace(case, pinned_staff_code=case.current_staff_code) if case.crn == crn else case
            for case in proven.unit.cases
        )
        instance, priced, taken = _taken(proven, replace(proven.unit, cases=cases))
        assert [len(each.parts) for each in taken.decided] == [
            len(each.parts) for each in proven.proof.decided
        ]
        total = proven.proof.bound - instance.settled_price
        tree = Deciding.regrown(
            priced, taken.multipliers, taken.decided, functools.partial(int, total), lambda: False
        )
        assert tree is not None
        assert tree.bound(total) == total
        proof = proof_of(
            Proof(replace(tree.root, bound=total), taken.shares, tree.decided), instance.settled_price
        )
        assert proven_bound(instance, proof) >= proven.proof.bound


def test_what_no_longer_fits_of_a_tree_is_left_out(proven: Proven) -> None:
    gone = next(case for case in proven.unit.cases if case.together_group is not None)
    fewer = replace(proven.unit, cases=tuple(case for case in proven.unit.cases if case.crn != gone.crn))
    instance, priced, taken = _taken(proven, fewer)
    total = proven.plan.objective.total - instance.settled_price
    tree = Deciding.regrown(priced, taken.multipliers, taken.decided, lambda: total, lambda: False)
    assert tree is not None
    bound = tree.bound(total)
    proof = proof_of(
        Proof(replace(tree.root, bound=bound), taken.shares, tree.decided), instance.settled_price
    )
    assert proven_bound(instance, proof) == bound + instance.settled_price
    wild = replace(
        proven.proof,
        decided=(replace(proven.proof.decided[0], parts=(DecidedPart(0, (10**6,), (1,)),)),),
    )
    budget = proven.proof.skip_budget
    _, arrays, ties = compiled(proven.unit, budget)
    known = adopted(arrays, budget, wild, ties)
    assert known is not None
    assert known.decided == ()
