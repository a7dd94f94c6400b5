"""A bound proven by deciding groups, recomputed: a tree over the owners of groups, multipliers in each leaf.

The claim: no plan has a smaller total than B. Why it is true: take a plan with a smaller total, and follow it down the
tree from its root, where all pairs are allowed.

- At every node the multipliers tell what a plan with a pair costs at least. Pairs with which that is B or more are in
  no plan below B, so they are taken away for what is below the node. The plan uses none of them.
- A node may be branched on a group: tasks of a link "together" that is with one owner in every plan. The plan has it
  with some owner, at pairs that are still there. For each owner to whom every member may still go there must be a
  part of the node, in which the members have their pairs with that owner alone. The plan is in one of them.
- In a node that is not branched on the multipliers must prove B, as they do without a tree (`bound`), over the pairs
  that are left. So the plan does not cost less than B after all.

Parts for owners that the pairs taken away rule out prove nothing and need not: they are not looked at.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np

from models.errors import UsageError
from solver.verify.bound import (
    Bools,
    Ints,
    LinkArrays,
    ProblemArrays,
    ProofArrays,
    Relaxed,
    allowed_pairs,
)

MOST_PARTS = 400
"""The most parts of a tree, so that checking it takes seconds."""


class PartArrays(Protocol):
    """The plans with a group at one owner, and multipliers for them."""

    @property
    def owner(self) -> int: ...
    @property
    def proof(self) -> ProofArrays: ...


class GroupArrays(Protocol):
    """A group that is decided within a node: 0 the root, k the k-th part of all groups in order. group: its tasks."""

    @property
    def within(self) -> int: ...
    @property
    def group(self) -> Ints: ...
    @property
    def parts(self) -> Sequence[PartArrays]: ...


def decided_bound(
    problem: ProblemArrays, proof: ProofArrays, decided: Sequence[GroupArrays], claimed: int
) -> int:
    """The bound that the tree proves, at most `claimed`, which pairs are taken away for.

    Raises UsageError when the tree is none, does not fit the problem or does not cover every plan.
    """
    _check_tree(problem, proof, decided)
    branched = {each.within: each for each in decided}
    first = _first_numbers(decided)
    bound = claimed
    nodes: list[tuple[int, ProofArrays, Bools]] = [(0, proof, allowed_pairs(problem))]
    while nodes:
        number, multipliers, allowed = nodes.pop()
        relaxed = Relaxed(problem, multipliers, allowed)
        if relaxed.bound >= claimed:
            continue
        if number not in branched:
            bound = min(bound, relaxed.bound)
            continue
        here = branched[number]
        left = allowed & (relaxed.least() < claimed)
        parts = {part.owner: (first[number] + place, part) for place, part in enumerate(here.parts)}
        for owner in _owners_of_all(problem, here.group, left):
            if owner not in parts:
                raise UsageError("the proof leaves out an owner of a group that it decides")
            below, part = parts[owner]
            nodes.append((below, part.proof, _with_owner(problem, here.group, owner, left)))
    return bound


def _check_tree(problem: ProblemArrays, proof: ProofArrays, decided: Sequence[GroupArrays]) -> None:
    """Refuse what is no tree of groups that every plan has with one owner."""
    parts = 0
    seen: set[int] = set()
    for each in decided:
        if not 0 <= each.within <= parts or each.within in seen:
            raise UsageError("the proof decides a group within plans that it does not know")
        seen.add(each.within)
        parts += len(each.parts)
        if len({part.owner for part in each.parts}) != len(each.parts):
            raise UsageError("the proof has two parts of a group with one owner")
        if not any(
            _with_one_owner(problem, proof.skip_budget, link, each.group) for link in problem.together
        ):
            raise UsageError("the proof decides a group that may be with several owners")
        if any(part.proof.skip_budget != proof.skip_budget for part in each.parts):
            raise UsageError("the proof has parts for plans that leave more or less unallocated")
    if parts > MOST_PARTS:
        raise UsageError(f"the proof has more than {MOST_PARTS} parts")


def _first_numbers(decided: Sequence[GroupArrays]) -> dict[int, int]:
    """The number of the first part of each node that is branched on."""
    numbers, number = {}, 1
    for each in decided:
        numbers[each.within] = number
        number += len(each.parts)
    return numbers


def _with_one_owner(problem: ProblemArrays, skip_budget: int, link: LinkArrays, group: Ints) -> bool:
    """Whether the group is the link's tasks, and every plan within the budget has all of them with one owner.

    Members that enter an owner share it with each other and with one that stays, where one does or is fixed. If at
    most one owner can have members that stay, all are therefore with one, unless some member is skipped.
    """
    members = np.unique(link.tasks)
    if not np.array_equal(members, group):
        return False
    home = problem.home[members]
    stays = {*link.fixed_owners.tolist(), *problem.owner[home[home >= 0]].tolist()}
    skipped = problem.may_skip and bool((problem.skip_weight[members[home < 0]] <= skip_budget).any())
    return len(stays) <= 1 and not skipped


def _owners_of_all(problem: ProblemArrays, group: Ints, allowed: Bools) -> list[int]:
    """The owners with whom each task of the group has a pair."""
    open_to_all = set(problem.owner.tolist())
    for task in group.tolist():
        open_to_all &= set(problem.owner[allowed[task]].tolist())
    return sorted(open_to_all)


def _with_owner(problem: ProblemArrays, group: Ints, owner: int, allowed: Bools) -> Bools:
    """The pairs with the group at one owner."""
    left = allowed.copy()
    left[group] &= (problem.owner == owner)[None, :]
    return left
