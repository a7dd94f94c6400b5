"""Groups decided by branching and groups put elsewhere by search: nothing better is lost, and much is found."""

from __future__ import annotations

import functools
import itertools
from dataclasses import replace

import numpy as np
import pytest

from solver.assignment.arrays import UNBOUNDED
from solver.assignment.bound import BoundProof
from solver.assignment.deciding import Deciding
from solver.assignment.feasible import breaches
from solver.assignment.kernel import solve
from solver.assignment.problem import NOWHERE, AssignmentProblem, Bands, Ints, Link
from solver.assignment.regrouping import regrouped_by_search
from solver.engine import Limits

QUICK = Limits(seconds=None, work=0.02, seed=3, threads=1)
SEEDS = range(16)


def grouped(seed: int, tasks: int = 6, agents: int = 3) -> AssignmentProblem:
    """Two groups of two among new tasks, and dear bands: agents that have room for one group by halves."""
    rng = np.random.default_rng(seed)
    none = np.zeros(0, dtype=np.int64)
    return AssignmentProblem(
        pair_price=rng.integers(0, 60, size=(tasks, agents)),
        weight=rng.integers(2, 9, size=tasks),
        eligible=np.ones((tasks, agents), dtype=np.bool_),
        base_load=rng.integers(0, 8, size=agents),
        bands=Bands(
            np.tile(np.arange(0, 60, 4, dtype=np.int64), (agents, 1)),
            np.tile(np.arange(0, 42, 3, dtype=np.int64), (agents, 1)),
        ),
        home=np.full(tasks, NOWHERE),
        owner=np.array([0, *range(agents - 1)]) if seed % 3 == 0 else np.arange(agents),
        skip_weight=np.ones(tasks, dtype=np.int64),
        intake_ceiling=np.full(agents, 24),
        together=(Link(np.array([0, 1]), none), Link(np.array([2, 3]), none)),
    )


@functools.cache
def _plans(seed: int) -> list[Ints]:
    return plans_of(grouped(seed))


def plans_of(problem: AssignmentProblem) -> list[Ints]:
    """Every plan that skips nothing."""
    every = np.array(list(itertools.product(range(problem.agents), repeat=problem.tasks)))
    whole = problem.owner[every]
    together = (whole[:, 0] == whole[:, 1]) & (whole[:, 2] == whole[:, 3])
    return [plan for plan in every[together] if not breaches(problem, plan, 0)]


@functools.cache
def known_of(seed: int) -> tuple[Ints, BoundProof] | None:
    """A plan and multipliers of a grouped problem."""
    found = solve(grouped(seed), limits=QUICK)
    return None if found.proof is None or found.assignment is None else (found.assignment, found.proof)


@pytest.mark.parametrize("seed", SEEDS)
def test_no_plan_that_is_better_is_lost_and_the_bound_holds(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("solver.assignment.deciding.OPEN", 1e9)
    monkeypatch.setattr("solver.assignment.deciding.LITTLE", -1.0)
    problem = grouped(seed)
    known = known_of(seed)
    totals = {tuple(plan.tolist()): problem.total(plan) for plan in _plans(seed)}
    if known is None or not totals:
        return
    for given, threads in itertools.product((min(totals.values()), min(totals.values()) + 40), (1, 2, 3)):
        tree = Deciding(problem, known[1])
        while tree.branch(functools.partial(int, given), lambda: False, threads):
            assert tree.bound(given) <= given
            least = tree.least()
            assert least is not None
            for plan, total in totals.items():
                if total < given:
                    assert tree.bound(given) <= total
                    assert (least[np.arange(problem.tasks), plan] <= total).all()
        assert tree.done


def test_branching_raises_the_bound_where_groups_stand_between(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("solver.assignment.deciding.OPEN", 1e9)
    raised = closed = 0
    for seed in SEEDS:
        problem = grouped(seed)
        known = known_of(seed)
        if known is None:
            continue
        best = min(problem.total(plan) for plan in _plans(seed))
        if known[1].bound >= best:
            continue
        tree = Deciding(problem, known[1])
        while tree.branch(functools.partial(int, best), lambda: False):
            pass
        raised += tree.bound(best) > known[1].bound
        least = tree.least()
        assert least is not None
        closed += bool((least == UNBOUNDED).any())
    assert raised > 0
    assert closed > 0


def test_what_is_interrupted_is_done_in_the_next_call() -> None:
    seed = next(seed for seed in SEEDS if known_of(seed) is not None)
    problem, known = grouped(seed), known_of(seed)
    assert known is not None
    high = problem.total(known[0]) + 1000
    whole, parted, beside = (Deciding(problem, known[1]) for _ in range(3))
    while whole.branch(lambda: high, lambda: False):
        pass
    while beside.branch(lambda: high, lambda: False, 2):
        pass
    assert beside.bound(high) == whole.bound(high)
    asked = itertools.count()
    for _ in range(500):
        if not parted.branch(lambda: high, lambda: next(asked) % 40 == 39) and parted.done:
            break
    assert parted.done
    assert parted.bound(high) == whole.bound(high)


@pytest.mark.parametrize("seed", SEEDS)
def test_groups_put_elsewhere_never_make_a_plan_dearer_or_break_a_limit(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("solver.assignment.regrouping.STEPS", 2000)
    problem = grouped(seed)
    known = known_of(seed)
    plans = _plans(seed)
    if known is None or not plans:
        return
    proof = known[1]
    for start in plans[:: max(1, len(plans) // 2)]:
        found = regrouped_by_search(problem, start, (problem, proof), 0, 1, 20, lambda: False)
        assert breaches(problem, found, 0) == []
        assert problem.total(found) <= problem.total(start)
        again = regrouped_by_search(problem, start, (problem, proof), 0, 1, 20, lambda: False)
        assert (again == found).all()


def test_a_heavy_group_goes_where_much_has_to_make_room_for_it() -> None:
    # The group is cheap at agent 1 alone, where light tasks fill all the room; each of them is as cheap elsewhere.
    none = np.zeros(0, dtype=np.int64)
    price = np.zeros((12, 2), dtype=np.int64)
    price[:2, 0] = 500
    problem = AssignmentProblem(
        pair_price=price,
        weight=np.array([20, 20, *([4] * 10)]),
        eligible=np.ones((12, 2), dtype=np.bool_),
        base_load=np.zeros(2, dtype=np.int64),
        bands=Bands(np.array([[0, 400], [0, 400]]), np.array([[1], [1]])),
        home=np.full(12, NOWHERE),
        owner=np.arange(2),
        skip_weight=np.ones(12, dtype=np.int64),
        intake_ceiling=np.array([44, 44]),
        together=(Link(np.array([0, 1]), none),),
    )
    start = np.array([0, 0, *([1] * 10)])
    proof = solve(problem, limits=QUICK).proof
    assert proof is not None
    found = regrouped_by_search(problem, start, (problem, replace(proof, bound=0)), 0, 1, 20, lambda: False)
    assert found[:2].tolist() == [1, 1]
    assert problem.total(found) == 80
    assert (regrouped_by_search(problem, start, (problem, proof), 0, 1, 20, lambda: True) == start).all()


def test_leaves_are_told_apart_by_what_they_are_not_by_their_arrays() -> None:
    seed = next(seed for seed in SEEDS if known_of(seed) is not None)
    known = known_of(seed)
    assert known is not None
    tree, other = Deciding(grouped(seed), known[1]), Deciding(grouped(seed), known[1])
    assert tree.leaves == list(tree.leaves)
    assert tree.leaves != other.leaves
