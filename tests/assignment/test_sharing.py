"""Linked tasks: what links imply changes no total and lifts the bound, and is refused where it does not hold."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest

from models.allocation.terms import Grade
from models.policy.policy import default_policy
from solver.allocation.instance import compile_instance
from solver.assignment.feasible import breaches
from solver.assignment.full_model import solve_full
from solver.assignment.joining import joined, never_placed
from solver.assignment.kernel import solve
from solver.assignment.problem import NOWHERE, AssignmentProblem, Bands, Ints, Link
from solver.assignment.sharing import (
    LARGEST_PART,
    Share,
    Tie,
    regrouped,
    shared,
    shares_by,
    ties_of,
    worth_after,
)
from solver.engine import Limits
from tests.support.problems import case, held, officer, problem, rebalance

WORK = Limits(seconds=None, work=3.0, threads=1)


def linked() -> AssignmentProblem:
    """A PSO and four POs. The PSO holds a D2 with which a waiting A1 belongs; a PO holds a C2, a C1 belongs with it.

    Each PO holds some cases more, so that loads differ.
    """
    trainee = officer("N03A001", grade=Grade.PSO)
    others = [officer(f"N03A00{number}", base_points=300 * number) for number in range(2, 6)]
    cases = [
        held("X000001", "D2", trainee, together_group="g"),
        case("X000002", "A1", together_group="g"),
        held("X000003", "C2", others[3], together_group="h"),
        case("X000004", "C1", together_group="h"),
        *(held(f"X00001{number}", "B1", others[number % 4]) for number in range(8)),
    ]
    return compile_instance(problem([trainee, *others], cases), default_policy(), rebalance(99)).kernel


def test_who_may_not_take_one_may_take_none_and_must_let_go() -> None:
    whole = linked()
    plain = joined(whole, 0)
    first, second = 0, 1
    assert whole.home[first] == 0
    assert plain.home[first] == NOWHERE
    assert plain.skip_weight[first] == 1
    assert not plain.eligible[first, 0]
    assert plain.eligible[first].tolist() == plain.eligible[second].tolist()
    assert plain.home[2] == whole.home[2]
    assert plain.move_budget == 98


def test_nothing_is_implied_where_a_case_may_stay_unallocated() -> None:
    whole = linked()
    loose = joined(whole, int(whole.skip_weight.max()))
    assert (loose.home == whole.home).all()
    assert (loose.eligible == whole.eligible).all()


def test_the_best_plan_is_the_same_after_joining_and_sharing() -> None:
    whole = linked()
    plain = joined(whole, 0)
    ties = list(ties_of(plain, 0))
    assert [(tie.first, tie.second) for tie in ties] == [(0, 1), (2, 3)]
    assert all(tie.forward.all() and tie.back.all() for tie in ties)
    rng = np.random.default_rng(5)
    shares = [Share(tie.first, tie.second, rng.integers(-900, 900, size=5)) for tie in ties]
    best = {}
    for name, variant in (("whole", whole), ("joined", plain), ("shared", shared(plain, shares, ties))):
        run, found = solve_full(variant, WORK, skip_budget=0)
        assert found is not None
        assert breaches(whole, found, 0) == []
        assert run.bound == variant.total(found) == whole.total(found)
        best[name] = whole.total(found)
    assert len(set(best.values())) == 1


def test_sharing_lifts_the_bound_and_never_above_the_best_plan() -> None:
    plain = joined(linked(), 0)
    ties = list(ties_of(plain, 0))
    _, best = solve_full(plain, WORK, skip_budget=0)
    assert best is not None
    first = solve(plain, limits=WORK, skip_budget=0)
    assert first.proof is not None
    assert first.bound is not None
    variant = shared(plain, shares_by(plain, ties, first.proof), ties)
    prices = replace(first.proof, task=worth_after(plain, variant, ties, first.proof, first.proof.task))
    again = solve(variant, limits=WORK, skip_budget=0, prices=prices)
    assert again.bound is not None
    assert first.bound <= plain.total(best)
    assert again.bound <= plain.total(best)


def test_a_group_is_moved_whole_to_where_it_costs_less() -> None:
    plain = joined(linked(), 0)
    _, best = solve_full(plain, WORK, skip_budget=0)
    assert best is not None
    dear = best.copy()
    dear[[0, 1]] = 4  # the busiest
    assert breaches(plain, dear, 0) == []
    better = regrouped(plain, dear, 0)
    assert plain.total(better) < plain.total(dear)
    assert breaches(plain, better, 0) == []
    assert (regrouped(plain, best, 0) == best).all()


@pytest.mark.parametrize(
    "share",
    [
        Share(0, 2, np.zeros(5, dtype=np.int64)),
        Share(0, 1, np.zeros(4, dtype=np.int64)),
        Share(0, 1, np.full(5, LARGEST_PART + 1)),
        Share(0, 1, np.full(5, -LARGEST_PART - 1)),
        Share(1, 0, np.zeros(5, dtype=np.int64)),
    ],
)
def test_a_share_that_does_not_hold_is_refused(share: Share) -> None:
    plain = joined(linked(), 0)
    with pytest.raises(ValueError, match="share"):
        shared(plain, [share], list(ties_of(plain, 0)))


def random_links(seed: int) -> tuple[AssignmentProblem, int]:
    """Four tasks, some held and some new, three agents of two owners, or of three; links at random; a skip budget."""
    rng = np.random.default_rng(seed)
    home = rng.integers(NOWHERE, 3, size=4)
    eligible = rng.random((4, 3)) < 0.7
    eligible[np.flatnonzero(home != NOWHERE), home[home != NOWHERE]] = True
    owner = np.array([0, 0, 1]) if rng.random() < 0.3 else np.arange(3)
    members = rng.permutation(4)
    fixed = rng.integers(0, int(owner.max()) + 1, size=int(rng.random() < 0.2))
    size = int(rng.integers(2, 4))
    links = [Link(np.sort(members[:size]), fixed)]
    if size == 2 and rng.random() < 0.5:
        links.append(Link(np.sort(members[2:]), np.zeros(0, dtype=np.int64)))
    whole = AssignmentProblem(
        pair_price=rng.integers(0, 90, size=(4, 3)),
        weight=rng.integers(1, 9, size=4),
        eligible=eligible,
        base_load=np.zeros(3, dtype=np.int64),
        bands=Bands(np.tile([0, 6, 12], (3, 1)), np.tile([1, 5], (3, 1))),
        home=home,
        owner=owner,
        skip_weight=np.where(home == NOWHERE, rng.integers(1, 4, size=4), 0),
        together=tuple(links),
    )
    return whole, int(rng.integers(0, 3))


def plans_of(whole: AssignmentProblem, skip_budget: int) -> list[Ints]:
    """Every plan there is."""
    every = (np.array(each) for each in itertools.product(range(NOWHERE, 3), repeat=4))
    return [plan for plan in every if not breaches(whole, plan, skip_budget)]


def owner_in(whole: AssignmentProblem, plan: Ints, task: int) -> int:
    return int(whole.owner[plan[task]]) if plan[task] != NOWHERE else NOWHERE


@pytest.mark.parametrize("seed", range(80))
def test_joining_loses_no_plan_and_every_tie_holds_in_every_plan(seed: int) -> None:
    whole, budget = random_links(seed)
    plain = joined(whole, budget)
    plans = plans_of(whole, budget)
    assert {tuple(plan.tolist()) for plan in plans} == {tuple(p.tolist()) for p in plans_of(plain, budget)}
    ties = list(ties_of(plain, budget))
    rng = np.random.default_rng(seed)

    def random_share(tie: Tie) -> Share:
        parts = rng.integers(-50, 50, size=len(tie.forward))
        parts = np.where(tie.forward, parts, np.minimum(parts, 0))
        return Share(tie.first, tie.second, np.where(tie.back, parts, np.maximum(parts, 0)))

    variant = shared(plain, [random_share(tie) for tie in ties], ties)
    for plan in plans:
        assert variant.total(plan) <= whole.total(plan)
        for tie in ties:
            first, second = owner_in(whole, plan, tie.first), owner_in(whole, plan, tie.second)
            assert first in (NOWHERE, second) or not tie.forward[first]
            assert second in (NOWHERE, first) or not tie.back[second]


@pytest.mark.parametrize("seed", range(80))
def test_what_is_said_never_to_be_placed_is_in_no_plan(seed: int) -> None:
    whole, _ = random_links(seed)
    never = never_placed(whole)
    placed = np.array(plans_of(whole, skip_budget=100)) != NOWHERE
    assert not placed[:, never].any()


def test_never_placed_sees_more_than_eligibility() -> None:
    found = [random_links(seed)[0] for seed in range(120)]
    assert any((never_placed(whole) & whole.eligible.any(axis=1)).any() for whole in found)


def test_the_random_problems_have_ties_of_every_kind() -> None:
    kinds = set()
    for seed in range(120):
        whole, budget = random_links(seed)
        for tie in ties_of(joined(whole, budget), budget):
            kinds |= set(zip(tie.forward.tolist(), tie.back.tolist(), strict=True))
    assert kinds == {(True, True), (True, False), (False, True), (False, False)}


def test_held_cases_of_one_officer_that_belong_together_move_whole_or_not_at_all() -> None:
    officers = [officer(f"N03A00{number}") for number in range(1, 4)]
    cases = [
        held("X000001", "B1", officers[0], together_group="g"),
        held("X000002", "C1", officers[0], together_group="g"),
        *(held(f"X00001{number}", "A1", officers[0]) for number in range(9)),
    ]
    whole = compile_instance(problem(officers, cases), default_policy(), rebalance(99)).kernel
    (tie,) = ties_of(joined(whole, 0), 0)
    assert tie.forward.all()
    assert tie.back.all()
    moved = whole.home.copy()
    moved[0] = 1
    assert breaches(whole, moved, 0) == ["together"]


def test_a_share_where_only_one_follows_the_other_is_taken_one_way_alone() -> None:
    officers = [officer(f"N03A00{number}") for number in range(1, 4)]
    cases = [
        held("X000001", "B1", officers[0], together_group="g"),
        held("X000002", "C1", officers[1], together_group="g"),
    ]
    whole = compile_instance(problem(officers, cases), default_policy(), rebalance(99)).kernel
    ties = list(ties_of(whole, 0))
    # At the second's own officer the first has it with it; the second may be there without the first.
    assert ties[0].forward.tolist() == [False, True, True]
    assert ties[0].back.tolist() == [True, False, True]
    shared(whole, [Share(0, 1, np.array([-5, 5, 5]))], ties)
    for parts in ([5, 0, 0], [0, -5, 0]):
        with pytest.raises(ValueError, match="share"):
            shared(whole, [Share(0, 1, np.array(parts))], ties)
    with pytest.raises(ValueError, match="share"):
        shared(whole, [Share(0, 1, np.zeros(3, dtype=np.int64))] * 2, ties)


def test_a_budget_of_moves_that_the_links_exceed_leaves_everything_as_it_is() -> None:
    whole = replace(linked(), move_budget=0)
    assert joined(whole, 0) is whole


def test_what_cannot_be_skipped_beside_what_must_be_is_placed_for_certain() -> None:
    whole = linked()
    skipped = replace(whole, eligible=whole.eligible & (np.arange(whole.tasks) != 3)[:, None])
    budget = int(skipped.skip_weight[3])
    plain = joined(skipped, budget)
    assert plain.skip_weight[3] == budget
    assert plain.skip_weight[1] == budget + 1
    assert (joined(skipped, budget + int(skipped.skip_weight[1])).skip_weight[1]) == skipped.skip_weight[1]
