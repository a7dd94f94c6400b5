"""Deciding where groups that go together are: a tree over their owners, with the Lagrangian bound in each leaf.

A group of heavy tasks fits one owner by halves, and that is most of what the Lagrangian relaxation is short of where
links are. With the group put at each owner in turn, a few looks from the multipliers in hand show of most owners that
no plan there is better than the one in hand. What holds of plans better than that holds for good, as plans only
improve. Everything is in whole numbers. The tree is kept as it grew, closed leaves too, so that whoever knows its
multipliers can go through it again (`solver.verify.decided`).
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from solver.assignment.arrays import UNBOUNDED, Instance, prepare
from solver.assignment.bound import BoundProof, Lagrangian, dearest, scale_for
from solver.assignment.climb import Climb, known, rescaled
from solver.assignment.fixing import least_at
from solver.assignment.forcing import Doubt, doubt_at, either
from solver.assignment.joining import all_in_one
from solver.assignment.kernel import WATCH, Background
from solver.assignment.problem import NOWHERE, AssignmentProblem, Bools, Ints
from solver.assignment.relaxation import Tables, reduced, tables

LOOKS = 150
"""Looks at the Lagrangian in a new leaf at most."""
LOOKS_AGAIN = 2
"""Looks in a part that was looked at for a problem much like this one."""
LENGTH = 0.1
"""The length of the first step there, as a part of the distance to the best plan: near, as the start is good."""
FARTHEST = 4
"""Multipliers beyond so many times what placing any task can cost come from no problem like this one."""
OPEN = 0.5
"""A group is open at owners that cost more than its cheapest by less than this part of plan less bound."""
LITTLE = 0.2
"""Branching ends where a group put somewhere brings the bound nearer to the best plan by less than this part."""
MOST_OWNERS = 30
"""Owners of a group beyond which it is not branched on."""


@dataclass(frozen=True, eq=False)
class Leaf:
    """A part of all plans: those that use `allowed` pairs, bool (n, m + 1), alone. proof: multipliers of it.

    decided: the numbers of the groups that are put somewhere. owner: where the last of them is.
    """

    allowed: Bools
    proof: BoundProof
    decided: frozenset[int] = frozenset()
    owner: int = NOWHERE


@dataclass(frozen=True, eq=False)
class Decided:
    """A node that was branched on. within: 0 the root, k the k-th part of all nodes in order.

    group: the tasks, ascending. parts: a leaf per owner, as it was when it was last looked at.
    """

    within: int
    group: Ints
    parts: tuple[Leaf, ...]


@dataclass(frozen=True, eq=False)
class Regrown:
    """A node of a tree for a problem much like this. within, group: as in `Decided`, NOWHERE for a task that is gone.

    parts: by owner, multipliers that were good there, in the order in which parts are counted.
    """

    within: int
    group: Ints
    parts: Mapping[int, BoundProof]


@dataclass(frozen=True)
class _Branching:
    """A leaf that is being branched on by a group: its parts that are left to look at, and those that have been."""

    leaf: Leaf
    number: int
    parts: list[Leaf]
    seen: list[Leaf]


class Deciding:
    """The tree. Every plan better than the best known is in one of its leaves.

    problem: with linked tasks' prices shared. proof: multipliers of it.
    """

    def __init__(self, problem: AssignmentProblem, proof: BoundProof) -> None:
        self.problem, self.root = problem, proof
        self._inst = prepare(problem, proof.skip_budget)
        self._tables: Tables = tables(self._inst)
        self.leaves = [Leaf(self._inst.allowed, proof)]
        self.decided: list[Decided] = []
        self.done = False
        self._nodes = list(self.leaves)
        self._branching: _Branching | None = None
        self._skip_budget = proof.skip_budget

    @classmethod
    def regrown(
        cls,
        problem: AssignmentProblem,
        proof: BoundProof,
        known: Sequence[Regrown],
        total: Callable[[], int],
        over: Callable[[], bool],
        threads: int = 1,
    ) -> Deciding | None:
        """A tree whose root has multipliers that were good for a problem much like this one, grown like the other.

        total, over, threads: as for `branch`; when it is over, the tree stays as far as it has grown. None where the
        multipliers could be too large for 64 bits.
        """
        inst = prepare(problem, proof.skip_budget)
        if not _safe(inst, proof):
            return None
        tree = cls(problem, rescaled(proof, scale_for(inst)))
        tree.root = tree._raised(tree.leaves[0], total, lambda: False, 1).proof
        tree.leaves = [replace(tree.leaves[0], proof=tree.root)]
        tree._nodes = list(tree.leaves)
        tree._regrow(known, total, over, threads)
        tree.done = bool(tree.decided)  # the other tree grew as far as was worth it
        return tree

    def bound(self, total: int) -> int:
        """No plan is cheaper than this, where one of `total` is known."""
        return min([total, *(leaf.proof.bound for leaf in self.leaves)])

    def least(self, over: Callable[[], bool] = lambda: False) -> Ints | None:
        """int64 (n, m): what a plan with a pair costs at least, if it is better than the best known.

        over: asked leaf by leaf; None when it says so.
        """
        least = np.full(self.problem.eligible.shape, UNBOUNDED, dtype=np.int64)
        for leaf in self.leaves:
            if over():
                return None
            inst = self._inst._replace(allowed=leaf.allowed)
            least = np.minimum(least, least_at(self._relaxation(inst, leaf.proof), leaf.proof))
        return least

    def doubt(self, total: int) -> Doubt | None:
        """What plans below `total` may use, if they are better than the best known; None where no leaf is left."""
        parts = [
            doubt_at(self._inst._replace(allowed=leaf.allowed), self._tables, leaf.proof, total)
            for leaf in self.leaves
            if leaf.proof.bound < total
        ]
        return either(parts) if parts else None

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
        parts, seen = self._branching.parts, self._branching.seen
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
            seen += together
        self._keep(leaf, self._branching.number, seen)
        open_still = [each for each in seen if each.proof.bound < total()]
        self.leaves = [*(each for each in self.leaves if each is not leaf), *open_still]
        self._branching = None
        return True

    def _keep(self, leaf: Leaf, number: int, parts: Sequence[Leaf]) -> None:
        """Note how the tree has grown."""
        within = next(place for place, node in enumerate(self._nodes) if node is leaf)
        self.decided.append(Decided(within, np.unique(self.problem.together[number].tasks), tuple(parts)))
        self._nodes += parts

    def _regrow(
        self, known: Sequence[Regrown], total: Callable[[], int], over: Callable[[], bool], threads: int
    ) -> None:
        """Branch as another tree did, as far as its groups are groups here, with few looks in each part."""
        nodes, number = {0: self.leaves[0]}, 1
        for each in known:
            leaf, link = nodes.get(each.within), self._link_of(each.group)
            numbers = dict(zip(each.parts, range(number, number + len(each.parts)), strict=True))
            number += len(each.parts)
            if leaf is None or link is None or link in leaf.decided or leaf.proof.bound >= total():
                continue
            few = replace(leaf, allowed=self._worth_a_look(leaf, total()))
            good = {
                owner: rescaled(proof, self.root.scale)
                for owner, proof in each.parts.items()
                if _safe(self._inst, proof)
            }
            begun = [replace(one, proof=good.get(one.owner, one.proof)) for one in self._parts(few, link)]
            parts: list[Leaf] = []
            while len(parts) < len(begun):
                some = begun[len(parts) : len(parts) + threads]
                known_all = all(one.owner in good for one in some)
                parts += self._raised_together(some, total, over, LOOKS_AGAIN if known_all else LOOKS)
                if over():
                    return
            nodes |= {numbers[one.owner]: one for one in parts if one.owner in numbers}
            self._keep(leaf, link, parts)
            open_still = [one for one in parts if one.proof.bound < total()]
            self.leaves = [*(one for one in self.leaves if one is not leaf), *open_still]

    def _link_of(self, group: Ints) -> int | None:
        """The link of these tasks that every plan has with one owner, None where there is none."""
        for number, link in enumerate(self.problem.together):
            if np.array_equal(np.unique(link.tasks), group) and self._whole(number):
                return number
        return None

    def _begun(self, total: int) -> _Branching | None:
        """The weakest leaf and its parts, None where it has no group to branch on."""
        self.leaves = [leaf for leaf in self.leaves if leaf.proof.bound < total]
        weakest = min(self.leaves, key=lambda leaf: leaf.proof.bound, default=None)
        group = None if weakest is None else self._group(weakest, total)
        if weakest is None or group is None:
            return None
        # A look at a part takes as long as it has pairs, and most pairs are in no better plan.
        few = replace(weakest, allowed=self._worth_a_look(weakest, total))
        return _Branching(weakest, group, list(self._parts(few, group)), [])

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
            yield Leaf(allowed, leaf.proof, leaf.decided | {number}, one)

    def _raised_together(
        self,
        parts: Sequence[Leaf],
        total: Callable[[], int],
        over: Callable[[], bool],
        looks: int = LOOKS,
    ) -> list[Leaf]:
        """Each part raised, the last of them on this thread."""
        others = [
            Background(functools.partial(self._raised, part, total, over, looks)) for part in parts[:-1]
        ]
        raised = [self._raised(parts[-1], total, over, looks)]
        for other in others:
            while not other.finished(WATCH):
                pass
            raised.append(other.result())
        return raised

    def _raised(
        self, leaf: Leaf, total: Callable[[], int], over: Callable[[], bool], looks: int = LOOKS
    ) -> Leaf:
        """The leaf with better multipliers, and without the pairs that no better plan in it uses."""
        inst = self._inst._replace(allowed=leaf.allowed)
        climb = Climb.onward(self._relaxation(inst, leaf.proof), leaf.proof, LENGTH)
        for _ in range(looks):
            if over() or climb.settled():
                break
            climb.step(total())
            if climb.best is not None and climb.best.bound >= total():
                break
        proof = leaf.proof if climb.best is None else climb.best
        allowed = leaf.allowed.copy()
        if proof.bound < total():
            allowed[:, :-1] &= least_at(climb.relaxation, proof) < total()
        return replace(leaf, allowed=allowed, proof=proof)

    def _relaxation(self, inst: Instance, proof: BoundProof) -> Lagrangian:
        return Lagrangian(inst, self._tables, proof.skip_budget, proof.scale)


def _safe(inst: Instance, proof: BoundProof) -> bool:
    """Whether no sum of multipliers can leave 64 bits: they are not far beyond what anything here can cost."""
    scale = scale_for(inst)
    largest = max(
        int(np.abs(some).max(initial=0)) for some in (proof.task, proof.owner, proof.row, proof.entry)
    )
    return scale > 0 and max(largest, proof.move) <= FARTHEST * dearest(inst) * proof.scale
