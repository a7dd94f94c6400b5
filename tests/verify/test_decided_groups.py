"""A tree over groups as a proof: it proves what exhaustive search confirms, and a forged one is refused."""

from __future__ import annotations

import functools
import itertools
from dataclasses import dataclass, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.errors import UsageError
from solver.assignment.bound import BoundProof
from solver.assignment.deciding import Decided, Deciding, Leaf
from solver.assignment.feasible import breaches
from solver.assignment.kernel import solve
from solver.assignment.problem import NOWHERE, AssignmentProblem, Bands, Ints, Link
from solver.engine import Limits
from solver.verify.bound import Relaxed, allowed_pairs, recomputed_bound
from solver.verify.decided import MOST_PARTS, decided_bound

QUICK = Limits(seconds=None, work=0.02, seed=3, threads=1)
TASKS, AGENTS = 6, 3


def grouped(seed: int) -> AssignmentProblem:
    """Two groups of two, dear bands, and agents that have room for one group by halves; some tasks held, some alike."""
    rng = np.random.default_rng(seed)
    none = np.zeros(0, dtype=np.int64)
    home = np.full(TASKS, NOWHERE)
    if seed % 2:
        home[rng.integers(0, TASKS)] = rng.integers(0, AGENTS)
    return AssignmentProblem(
        pair_price=rng.integers(0, 60, size=(TASKS, AGENTS)),
        weight=rng.integers(2, 9, size=TASKS if seed % 5 else (TASKS, AGENTS)),
        eligible=np.ones((TASKS, AGENTS), dtype=np.bool_),
        base_load=rng.integers(0, 8, size=AGENTS),
        bands=Bands(
            np.tile(np.arange(0, 60, 4, dtype=np.int64), (AGENTS, 1)),
            np.tile(np.arange(0, 42, 3, dtype=np.int64), (AGENTS, 1)),
        ),
        home=home,
        owner=np.array([0, 0, 1]) if seed % 3 == 0 else np.arange(AGENTS),
        skip_weight=np.ones(TASKS, dtype=np.int64),
        intake_limit=np.full(2 if seed % 3 == 0 else AGENTS, 4) if seed % 7 == 0 else None,
        intake_ceiling=np.full(AGENTS, 24),
        together=(Link(np.array([0, 1]), none), Link(np.array([2, 3]), none)),
    )


def totals_of(problem: AssignmentProblem) -> dict[tuple[int, ...], int]:
    """Every plan that skips nothing, and its total."""
    every = itertools.product(range(problem.agents), repeat=problem.tasks)
    plans = (np.array(plan) for plan in every)
    return {tuple(plan.tolist()): problem.total(plan) for plan in plans if not breaches(problem, plan, 0)}


@dataclass(frozen=True)
class Grown:
    """A problem, its least total, and a tree with what it claims."""

    problem: AssignmentProblem
    least: int
    tree: Deciding
    claimed: int

    @property
    def decided(self) -> list[Decided]:
        return self.tree.decided

    def holds(self, decided: list[Decided] | None = None, claimed: int | None = None) -> bool:
        """Whether the claim stands."""
        try:
            return self.proven(decided, claimed) >= (self.claimed if claimed is None else claimed)
        except UsageError:
            return False

    def proven(self, decided: list[Decided] | None = None, claimed: int | None = None) -> int:
        """What the checker makes of the tree, or of another one."""
        return decided_bound(
            self.problem,
            self.tree.root,
            self.tree.decided if decided is None else decided,
            self.claimed if claimed is None else claimed,
        )


def grown(seed: int, over: int = 0) -> Grown | None:
    """A tree as deep as it gets, of multipliers that were not tuned for long, for a plan `over` above the best."""
    problem = grouped(seed)
    totals = totals_of(problem)
    proof = solve(problem, limits=QUICK).proof
    if proof is None or not totals:
        return None
    tree = Deciding(problem, proof)
    least = min(totals.values())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("solver.assignment.deciding.OPEN", 1e9)
        patch.setattr("solver.assignment.deciding.LITTLE", -1.0)
        while tree.branch(functools.partial(int, least + over), lambda: False):
            pass
    return Grown(problem, least, tree, tree.bound(least + over))


@functools.cache
def deep() -> Grown:
    """A tree in which both groups are decided, and which proves more than its root."""
    for seed in range(200):
        made = grown(seed)
        if made is None or len(made.decided) < 2 or made.claimed <= made.tree.root.bound:
            continue
        if any(leaf.proof is not made.tree.root for each in made.decided for leaf in each.parts):
            return made
    raise AssertionError("no such tree")


@given(seed=st.integers(0, 10**6), over=st.sampled_from([0, 1, 30]))
@settings(max_examples=settings().max_examples // 10)
def test_the_tree_proves_what_the_search_says_and_never_more_than_is_true(seed: int, over: int) -> None:
    made = grown(seed, over)
    if made is None:
        return
    assert made.claimed <= made.least + over
    assert made.proven() == made.claimed
    assert made.claimed <= made.least or over
    for claimed in (made.least + 1, made.least + 50):
        assert not made.holds(claimed=claimed)


@given(
    seed=st.integers(0, 10**6),
    noise=st.lists(st.integers(-40, 40), min_size=TASKS, max_size=TASKS),
    higher=st.integers(1, 200),
)
@settings(max_examples=settings().max_examples // 10)
def test_whatever_multipliers_a_tree_has_it_proves_nothing_that_is_false(
    seed: int, noise: list[int], higher: int
) -> None:
    made = grown(seed)
    if made is None:
        return
    worse = [
        replace(
            each,
            parts=tuple(
                replace(leaf, proof=replace(leaf.proof, task=leaf.proof.task + np.array(noise)))
                for leaf in each.parts
            ),
        )
        for each in made.decided
    ]
    assert not made.holds(worse, made.least + higher)


@given(seed=st.integers(0, 10**6))
@settings(max_examples=settings().max_examples // 10)
def test_no_plan_with_a_pair_costs_less_than_the_multipliers_say(seed: int) -> None:
    problem = grouped(seed)
    proof = solve(problem, limits=QUICK).proof
    if proof is None:
        return
    relaxed = Relaxed(problem, proof, allowed_pairs(problem))
    assert relaxed.bound == recomputed_bound(problem, proof)
    least = relaxed.least()
    for plan, total in totals_of(problem).items():
        assert (least[np.arange(TASKS), list(plan)] <= total).all()


def test_a_tree_that_proves_more_than_its_root_is_believed_no_further() -> None:
    made = deep()
    assert made.proven() == made.claimed > recomputed_bound(made.problem, made.tree.root)
    assert not made.holds(claimed=made.least + 1)
    assert made.proven([]) == recomputed_bound(made.problem, made.tree.root) < made.claimed


def without(decided: list[Decided], number: int, place: int) -> list[Decided]:
    """The tree without one part, and without what was decided within it or counted after it."""
    each = decided[number]
    parts = (*each.parts[:place], *each.parts[place + 1 :])
    return [*decided[:number], replace(each, parts=parts)]


def test_a_tree_that_leaves_out_an_owner_is_refused() -> None:
    made = deep()
    root = made.decided[0]
    assert root.within == 0
    best = min(totals_of(made.problem).items(), key=lambda pair: pair[1])[0]
    owner = int(made.problem.owner[best[int(root.group[0])]])
    place = next(place for place, leaf in enumerate(root.parts) if leaf.owner == owner)
    # Nothing below the least total is there, so only a claim above it has need of that owner's part.
    with pytest.raises(UsageError, match="leaves out an owner"):
        made.proven(without(made.decided, 0, place), made.least + 1)


def test_a_leaf_that_claims_more_than_its_multipliers_prove_changes_nothing() -> None:
    made = deep()
    boast = [
        replace(
            each,
            parts=tuple(
                replace(leaf, proof=replace(made.tree.root, task=made.tree.root.task * 0, bound=10**9))
                for leaf in each.parts
            ),
        )
        for each in made.decided
    ]
    assert not made.holds(boast)


def test_a_group_that_may_be_with_several_owners_is_refused() -> None:
    made = deep()
    apart = [replace(made.decided[0], group=np.array([4, 5]))]
    part = [replace(made.decided[0], group=made.decided[0].group[:1])]
    for decided in (apart, part):
        with pytest.raises(UsageError, match="several owners"):
            made.proven(decided)
    group = made.decided[0].group
    loose = replace(made.problem, home=np.where(np.arange(TASKS) == group[0], 0, made.problem.home))
    loose = replace(loose, home=np.where(np.arange(TASKS) == group[1], AGENTS - 1, loose.home))
    with pytest.raises(UsageError, match="several owners"):
        decided_bound(loose, made.tree.root, made.decided[:1], made.claimed)
    skipped = replace(made.problem, skip_weight=np.zeros(TASKS, dtype=np.int64))
    with pytest.raises(UsageError, match="several owners"):
        decided_bound(skipped, made.tree.root, made.decided[:1], made.claimed)


def test_two_groups_decided_within_the_same_plans_are_refused() -> None:
    made = deep()
    other = replace(made.decided[1], within=made.decided[0].within)
    with pytest.raises(UsageError, match="does not know"):
        made.proven([made.decided[0], other])


@pytest.mark.parametrize("within", [-1, 1, 99])
def test_a_group_within_plans_that_there_are_not_is_refused(within: int) -> None:
    made = deep()
    with pytest.raises(UsageError, match="does not know"):
        made.proven([replace(made.decided[0], within=within)])


def test_parts_that_are_there_twice_or_are_too_many_are_refused() -> None:
    made = deep()
    root = made.decided[0]
    with pytest.raises(UsageError, match="two parts"):
        made.proven([replace(root, parts=(*root.parts, root.parts[0]))])
    many = tuple(
        Leaf(root.parts[0].allowed, made.tree.root, owner=-2 - number) for number in range(MOST_PARTS)
    )
    with pytest.raises(UsageError, match="more than"):
        made.proven([replace(root, parts=(*root.parts, *many))])


def test_parts_for_another_amount_of_unallocated_work_are_refused() -> None:
    made = deep()
    root = made.decided[0]
    other = [
        replace(root, parts=tuple(replace(leaf, proof=_with_budget(leaf.proof, 5)) for leaf in root.parts))
    ]
    with pytest.raises(UsageError, match="more or less unallocated"):
        made.proven(other)


def _with_budget(proof: BoundProof, skip_budget: int) -> BoundProof:
    return replace(proof, skip_budget=skip_budget)


def test_within_its_part_a_group_is_with_that_owner_alone() -> None:
    # With the group at owner 0 both tasks cost 12, at owner 1 they cost 30; by halves they would cost nothing.
    none = np.zeros(0, dtype=np.int64)
    problem = AssignmentProblem(
        pair_price=np.array([[0, 30], [12, 0]]),
        weight=np.zeros(2, dtype=np.int64),
        eligible=np.ones((2, 2), dtype=np.bool_),
        base_load=np.zeros(2, dtype=np.int64),
        bands=Bands(np.array([[0, 9], [0, 9]]), np.array([[1], [1]])),
        home=np.full(2, NOWHERE),
        owner=np.arange(2),
        skip_weight=np.ones(2, dtype=np.int64),
        together=(Link(np.arange(2), none),),
    )

    def with_worth(*task: int) -> BoundProof:
        zeros = np.zeros(3, dtype=np.int64)
        return BoundProof(1, 0, np.array(task), zeros, 0, zeros[:0], zeros, zeros, zeros + 99, 0)

    root, allowed = with_worth(0, 6), np.ones((2, 3), dtype=np.bool_)
    assert recomputed_bound(problem, root) == 0
    group: Ints = np.arange(2)

    def proven(*leaves: Leaf) -> int:
        return decided_bound(problem, root, [Decided(0, group, leaves)], 10)

    at_first, at_second = (
        Leaf(allowed, with_worth(0, 10), owner=0),
        Leaf(allowed, with_worth(30, 0), owner=1),
    )
    # What a pair costs by the root's multipliers, 30, rules the second owner out already.
    assert proven(at_first, at_second) == proven(at_first) == 10
    assert proven(Leaf(allowed, with_worth(0, 7), owner=0)) == 7
    with pytest.raises(UsageError, match="leaves out an owner"):
        proven(at_second)
