"""Linked tasks: what links imply changes no total and lifts the bound, and is refused where it does not hold."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from models.allocation.terms import Grade
from models.policy.policy import default_policy
from solver.allocation.instance import compile_instance
from solver.assignment.feasible import breaches
from solver.assignment.full_model import solve_full
from solver.assignment.joining import joined
from solver.assignment.kernel import solve
from solver.assignment.problem import NOWHERE, AssignmentProblem
from solver.assignment.sharing import LARGEST_PART, Share, pairs_to_share, regrouped, shared, shares_by
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
    pairs = list(pairs_to_share(plain, 0))
    assert pairs == [(0, 1), (2, 3)]
    rng = np.random.default_rng(5)
    shares = [Share(first, second, rng.integers(-900, 900, size=5)) for first, second in pairs]
    best = {}
    for name, variant in (("whole", whole), ("joined", plain), ("shared", shared(plain, shares, set(pairs)))):
        run, found = solve_full(variant, WORK, skip_budget=0)
        assert found is not None
        assert breaches(whole, found, 0) == []
        assert run.bound == variant.total(found) == whole.total(found)
        best[name] = whole.total(found)
    assert len(set(best.values())) == 1


def test_sharing_lifts_the_bound_and_never_above_the_best_plan() -> None:
    plain = joined(linked(), 0)
    pairs = list(pairs_to_share(plain, 0))
    _, best = solve_full(plain, WORK, skip_budget=0)
    assert best is not None
    first = solve(plain, limits=WORK, skip_budget=0)
    assert first.proof is not None
    assert first.bound is not None
    again = solve(shared(plain, shares_by(plain, pairs, first.proof), set(pairs)), limits=WORK, skip_budget=0)
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
    ],
)
def test_a_share_that_does_not_hold_is_refused(share: Share) -> None:
    plain = joined(linked(), 0)
    with pytest.raises(ValueError, match="share"):
        shared(plain, [share], set(pairs_to_share(plain, 0)))


def test_a_budget_of_moves_that_the_links_exceed_leaves_everything_as_it_is() -> None:
    whole = replace(linked(), move_budget=0)
    assert joined(whole, 0) is whole
