"""Deciding where groups that go together are: a tree over their owners, with the Lagrangian bound in each leaf.

A group of heavy tasks fits one owner by halves, and that is most of what the Lagrangian relaxation is short of where
links are. With the group put at each owner in turn, a few looks from the multipliers in hand show of most owners that
no plan there is better than the one in hand. What holds of plans better than that holds for good, as plans only
improve. Everything is in whole numbers; the leaves are not kept with the plan, so its proof is that of the root.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from solver.assignment.arrays import UNBOUNDED, Instance, prepare
from solver.assignment.bound import BoundProof, Lagrangian
from solver.assignment.climb import Climb, known
from solver.assignment.fixing import least_at
from solver.assignment.joining import all_in_one
from solver.assignment.kernel import WATCH, Background
from solver.assignment.problem import AssignmentProblem, Bools, Ints
from solver.assignment.relaxation import Tables, reduced, tables

LOOKS = 150
"""Looks at the Lagrangian in a new leaf at most."""
LENGTH = 0.1
"""The length of the first step there, as a part of the distance to the best plan: near, as the start is good."""
OPEN = 0.5
"""A group is open at owners that cost more than its cheapest by less than this part of plan less bound."""
LITTLE = 0.2
"""Branching ends where a group put somewhere brings the bound nearer to the best plan by less than this part."""
MOST_OWNERS = 30
"""Owners of a group beyond which it is not branched on."""


@dataclass(frozen=True, eq=False)
class Leaf:
    """A part of all plans: those that use `allowed` pairs, bool (n, m + 1), alone. proof: multipliers of it."""

    allowed: Bools
    proof: BoundProof
    decided: frozenset[int]


@dataclass(frozen=True)
class _Branching:
    """A leaf that is being branched on: its parts that are left to look at, and those that may hold a better plan."""

    leaf: Leaf
    parts: list[Leaf]
    found: list[Leaf]


class Deciding:
    """The tree. Every plan better than the best known is in one of its leaves.

    problem: with linked tasks' prices shared. proof: multipliers of it.
    """

    def __init__(self, problem: AssignmentProblem, proof: BoundProof) -> None:
        self.problem = problem
        self._inst = prepare(problem, proof.skip_budget)
        self._tables: Tables = tables(self._inst)
        self.leaves = [Leaf(self._inst.allowed, proof, frozenset())]
        self.done = False
        self._branching: _Branching | None = None
        self._skip_budget = proof.skip_budget

    def bound(self, total: int) -> int:
        """No plan is cheaper than this, where one of `total` is known."""
        return min([total, *(leaf.proof.bound for leaf in self.leaves)])

    def least(self) -> Ints:
        """int64 (n, m): what a plan with a pair costs at least, if it is better than the best known."""
        least = np.full(self.problem.eligible.shape, UNBOUNDED, dtype=np.int64)
        for leaf in self.leaves:
            inst = self._inst._replace(allowed=leaf.allowed)
            least = np.minimum(least, least_at(self._relaxation(inst, leaf.proof), leaf.proof))
        return least

    def branch(self, total: Callable[[], int], over: Callable[[], bool], threads: int = 1) -> bool:
        """Branch on a group in the weakest leaf; False when `over` has ended that, or all is `done`.

        total: says what the best plan known costs. over: asked after every look; what is then left to do is done in
        the next call. threads: so many parts are looked at side by side; both functions are then asked by each thread.
        """
        if self._branching is None:
            self._branching = self._begun(total())
        if self._branching is None:
            self.done = True
            return False
        parts, found = self._branching.parts, self._branching.found
        leaf = self._branching.leaf
        while parts:
            together = self._raised_together(parts[-threads:], total, over)
            if over():
                return False
            del parts[-threads:]
            weakest = min(each.proof.bound for each in together)
            if weakest - leaf.proof.bound < LITTLE * (total() - leaf.proof.bound):
                self._branching, self.done = None, True
                return False
            found += [each for each in together if each.proof.bound < total()]
        self.leaves = [*(each for each in self.leaves if each is not leaf), *found]
        self._branching = None
        return True

    def _begun(self, total: int) -> _Branching | None:
        """The weakest leaf and its parts, None where it has no group to branch on."""
        self.leaves = [leaf for leaf in self.leaves if leaf.proof.bound < total]
        weakest = min(self.leaves, key=lambda leaf: leaf.proof.bound, default=None)
        group = None if weakest is None else self._group(weakest, total)
        if weakest is None or group is None:
            return None
        # A look at a part takes as long as it has pairs, and most pairs are in no better plan.
        few = replace(weakest, allowed=self._worth_a_look(weakest, total))
        return _Branching(weakest, list(self._parts(few, group)), [])

    def _worth_a_look(self, leaf: Leaf, total: int) -> Bools:
        """bool (n, m + 1): the leaf's pairs that a plan better than `total` may use, by its multipliers."""
        relaxation = self._relaxation(self._inst._replace(allowed=leaf.allowed), leaf.proof)
        allowed = leaf.allowed.copy()
        allowed[:, :-1] &= least_at(relaxation, leaf.proof) < total
        return allowed

    def _group(self, leaf: Leaf, total: int) -> int | None:
        """The heaviest group that has several places which the multipliers do not tell from each other."""
        inst = self._inst._replace(allowed=leaf.allowed)
        cost = reduced(inst, self._tables, known(inst, leaf.proof))[:, :-1]
        best, heaviest = None, -1
        for number, link in enumerate(self.problem.together):
            members = np.unique(link.tasks)
            weight = int(inst.weight[members, :-1].max(axis=1).sum())
            if number in leaf.decided or len(members) < 2 or weight <= heaviest:
                continue
            dear = cost[members].sum(axis=0)
            near = np.isfinite(dear) & (dear <= dear.min() + OPEN * (total - leaf.proof.bound))
            owners = len(np.unique(self.problem.owner[np.isfinite(dear)]))
            if len(np.unique(self.problem.owner[near])) > 1 and owners <= MOST_OWNERS and self._whole(number):
                best, heaviest = number, weight
        return best

    def _whole(self, number: int) -> bool:
        """Whether every plan has all members of the link with one owner."""
        return all_in_one(self.problem, self.problem.together[number], self._skip_budget)

    def _parts(self, leaf: Leaf, number: int) -> Iterator[Leaf]:
        """The leaf with the group at each owner that may have all of it, the cheapest by the multipliers last."""
        members = np.unique(self.problem.together[number].tasks)
        owner = self._inst.owner
        common = [np.unique(owner[np.flatnonzero(leaf.allowed[task])]) for task in members]
        inst = self._inst._replace(allowed=leaf.allowed)
        dear = reduced(inst, self._tables, known(inst, leaf.proof))[members].sum(axis=0)
        owners = set.intersection(*(set(some.tolist()) for some in common))
        for one in sorted(owners, key=lambda one: -float(dear[owner == one].min())):
            allowed = leaf.allowed.copy()
            allowed[members] &= (owner == one)[None, :]
            yield Leaf(allowed, leaf.proof, leaf.decided | {number})

    def _raised_together(
        self, parts: Sequence[Leaf], total: Callable[[], int], over: Callable[[], bool]
    ) -> list[Leaf]:
        """Each part raised, the last of them on this thread."""
        others = [Background(functools.partial(self._raised, part, total, over)) for part in parts[:-1]]
        raised = [self._raised(parts[-1], total, over)]
        for other in others:
            while not other.finished(WATCH):
                pass
            raised.append(other.result())
        return raised

    def _raised(self, leaf: Leaf, total: Callable[[], int], over: Callable[[], bool]) -> Leaf:
        """The leaf with better multipliers, and without the pairs that no better plan in it uses."""
        inst = self._inst._replace(allowed=leaf.allowed)
        climb = Climb.onward(self._relaxation(inst, leaf.proof), leaf.proof, LENGTH)
        for _ in range(LOOKS):
            if over() or climb.settled():
                break
            climb.step(total())
            if climb.best is not None and climb.best.bound >= total():
                break
        proof = leaf.proof if climb.best is None else climb.best
        allowed = leaf.allowed.copy()
        if proof.bound < total():
            allowed[:, :-1] &= least_at(climb.relaxation, proof) < total()
        return Leaf(allowed, proof, leaf.decided)

    def _relaxation(self, inst: Instance, proof: BoundProof) -> Lagrangian:
        return Lagrangian(inst, self._tables, proof.skip_budget, proof.scale)
