"""Pairs and loads that no plan below a total has, against exhaustive search, and what a narrowed form answers."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable

import numpy as np
import pytest

from solver.assignment.arrays import prepare
from solver.assignment.bound import BoundProof
from solver.assignment.branching import branch_and_bound
from solver.assignment.fixing import least_with
from solver.assignment.forcing import Doubt, doubt_at, either
from solver.assignment.kernel import solve
from solver.assignment.problem import NOWHERE, AssignmentProblem, Bands, Ints
from solver.assignment.relaxation import tables
from solver.engine import Limits
from tests.support.every_plan import Breaches, plans

RandomProblem = Callable[[int, int, int], AssignmentProblem]
Exhaustive = Callable[[AssignmentProblem, int], tuple[int, Ints] | None]

QUICK = Limits(seconds=None, work=0.05, seed=3)
SEEDS = range(60)


def doubt_of(problem: AssignmentProblem, proof: BoundProof, total: int) -> Doubt:
    """What plans below a total may use, by these multipliers."""
    inst = prepare(problem, proof.skip_budget)
    return doubt_at(inst, tables(inst), proof, total)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("above", [0, 1, 12, 1000])
def test_every_plan_below_the_total_keeps_to_pairs_and_loads(
    seed: int, above: int, random_problem: RandomProblem, breaches: Breaches
) -> None:
    problem, budget = random_problem(seed, 4, 3), seed % 7
    found = solve(problem, limits=QUICK, skip_budget=budget)
    if found.proof is None or found.total is None:
        return
    total = found.total + above
    doubt = doubt_of(problem, found.proof, total)
    for plan in plans(problem, budget, breaches):
        placed = np.flatnonzero(plan != NOWHERE)
        assert (doubt.least[placed, plan[placed]] <= problem.total(plan)).all()
        if problem.total(plan) < total:
            loads = problem.loads(plan)
            assert (doubt.lowest <= loads).all()
            assert (loads <= doubt.highest).all()


def test_it_rules_out_what_reduced_cost_does_and_more(random_problem: RandomProblem) -> None:
    linear = exact = 0
    for seed in range(20):
        problem = random_problem(seed, 12, 4)
        found = solve(problem, limits=QUICK, skip_budget=seed % 7)
        if found.proof is None or found.total is None:
            continue
        by_cost = least_with(problem, found.proof)
        doubt = doubt_of(problem, found.proof, found.total + 3)
        assert (doubt.least >= by_cost).all()
        linear += int((by_cost < found.total + 3).sum())
        exact += int((doubt.least < found.total + 3).sum())
    assert exact < linear


@functools.cache
def steep() -> tuple[AssignmentProblem, BoundProof, int]:
    """Three agents whose prices of load rise steeply, and some tasks: multipliers and the least total."""
    rng = np.random.default_rng(4)
    problem = AssignmentProblem(
        pair_price=rng.integers(0, 9, (8, 3)),
        weight=rng.integers(1, 6, 8),
        eligible=np.ones((8, 3), dtype=np.bool_),
        base_load=np.zeros(3, dtype=np.int64),
        bands=Bands(np.tile(np.arange(0, 40, 2), (3, 1)), np.tile(np.arange(0, 57, 3), (3, 1))),
        home=np.full(8, NOWHERE),
        owner=np.arange(3),
        skip_weight=np.ones(8, dtype=np.int64),
    )
    found = solve(problem, limits=QUICK)
    assert found.proof is not None
    best = min(problem.total(np.array(plan)) for plan in itertools.product(range(3), repeat=8))
    return problem, found.proof, best


def test_loads_are_narrowed_and_the_form_with_them_has_the_same_least_total() -> None:
    problem, proof, best = steep()
    doubt = doubt_of(problem, proof, best + 2)
    assert (doubt.highest - doubt.lowest).sum() < int(problem.weight.sum())
    whole = branch_and_bound(problem, 0, 20.0)
    narrow = branch_and_bound(problem, 0, 20.0, loads=(doubt.lowest, doubt.highest))
    assert whole.bound == narrow.bound == best
    assert narrow.assignment is not None
    assert problem.total(narrow.assignment) == best


@pytest.mark.parametrize("seed", range(25))
def test_within_loads_that_hold_every_plan_the_answer_stays_the_same(
    seed: int, random_problem: RandomProblem, breaches: Breaches, exhaustive: Exhaustive
) -> None:
    problem, budget = random_problem(seed, 4, 3), seed % 7
    best = exhaustive(problem, budget)
    if best is None:
        return
    loads = [problem.loads(plan) for plan in plans(problem, budget, breaches)]
    between = np.minimum.reduce(loads), np.maximum.reduce(loads)
    found = branch_and_bound(problem, budget, 20.0, start=best[1], loads=between)
    assert found.bound is None or found.bound <= best[0]
    if found.assignment is not None:
        assert problem.total(found.assignment) == best[0]


def test_a_total_that_nothing_is_below_leaves_nothing() -> None:
    problem, proof, best = steep()
    doubt = doubt_of(problem, proof, proof.bound - 5)
    assert not (doubt.least < proof.bound - 5).any()
    wide, narrow = doubt_of(problem, proof, best + 30), doubt_of(problem, proof, best + 1)
    both, one = wide.also(narrow), either([wide, narrow])
    assert (both.lowest == narrow.lowest).all()
    assert (both.highest == narrow.highest).all()
    assert (one.lowest == wide.lowest).all()
    assert (one.highest == wide.highest).all()
    assert (both.least >= one.least).all()
