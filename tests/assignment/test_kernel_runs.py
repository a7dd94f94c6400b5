"""How a run behaves: the same result for the same work, early ends, progress, and proofs that can be refused."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from models.errors import UsageError
from solver.assignment.kernel import Solution, solve, warm_up
from solver.assignment.problem import NOWHERE, AssignmentProblem, Bands, Ints
from solver.engine import Limits, Progress, Stop
from solver.verify.bound import bound_holds, recomputed_bound

Breaches = Callable[[AssignmentProblem, Ints], list[str]]


def unit(seed: int, tasks: int = 150, agents: int = 12) -> AssignmentProblem:
    """Uneven officers with held and waiting work, at a price for moving."""
    rng = np.random.default_rng(seed)
    available = rng.integers(1200, 2200, agents)
    edges = available[:, None] * np.arange(41)[None, :] * 5 // 100
    steps = np.arange(40)
    prices = np.where(steps < 20, steps, 20 + 4 * (steps - 20))
    weight = rng.integers(15, 220, tasks)
    eligible = rng.random((tasks, agents)) < 0.7
    home = np.array([rng.choice(np.flatnonzero(row)) if row.any() else NOWHERE for row in eligible])
    home[rng.random(tasks) < 0.05] = NOWHERE
    away = np.arange(agents)[None, :] != home[:, None]
    price = weight[:, None] * np.where(away & (home != NOWHERE)[:, None], rng.integers(8, 24, (tasks, 1)), 0)
    return AssignmentProblem(
        pair_price=price,
        weight=weight,
        eligible=eligible,
        base_load=rng.integers(0, 300, agents),
        bands=Bands(edges, np.tile(prices, (agents, 1))),
        home=home,
        owner=np.arange(agents),
        skip_weight=rng.integers(1, 8, tasks),
        intake_limit=rng.integers(1, 6, agents),
        intake_ceiling=150 * available // 100,
    )


@pytest.fixture(scope="module")
def solved() -> tuple[AssignmentProblem, Solution]:
    problem = unit(1)
    return problem, solve(problem, limits=Limits(seconds=None, work=1.0), skip_budget=40)


def test_same_seed_and_work_give_the_same_plan_on_any_number_of_threads() -> None:
    problem = unit(2)
    runs = [
        solve(problem, limits=Limits(seconds=None, work=0.6, seed=5, threads=threads), skip_budget=40)
        for threads in (1, 2, 2)
    ]
    assert runs[0].assignment is not None
    for other in runs[1:]:
        assert other.assignment is not None
        assert other.assignment.tolist() == runs[0].assignment.tolist()
        assert (other.total, other.bound) == (runs[0].total, runs[0].bound)


@pytest.mark.parametrize("seed", range(12))
def test_cancelled_at_any_moment_it_has_a_plan_within_the_limits(seed: int, breaches: Breaches) -> None:
    problem = unit(3)
    warm_up()
    stop = Stop()
    timer = threading.Timer(0.001 * 2**seed / 4, stop.request)
    timer.start()
    solution = solve(problem, limits=Limits(seconds=30.0, seed=seed), stop=stop, skip_budget=60)
    timer.join()
    assert solution.assignment is not None
    assert breaches(problem, solution.assignment) == []
    assert problem.skipped_weight(solution.assignment) <= 60
    assert solution.total == problem.total(solution.assignment)
    assert solution.bound is None or solution.bound <= solution.total


def test_progress_comes_at_least_once_a_second_and_only_improves() -> None:
    seen: list[Progress] = []
    problem = unit(4)
    begun = time.perf_counter()
    solve(problem, limits=Limits(seconds=2.0), skip_budget=40, on_progress=seen.append)
    stamps = [0.0, *(progress.seconds for progress in seen), time.perf_counter() - begun]
    assert len(seen) >= 2
    assert stamps == sorted(stamps)
    bests = [progress.best for progress in seen if progress.best is not None]
    bounds = [progress.bound for progress in seen if progress.bound is not None]
    assert bests == sorted(bests, reverse=True)
    assert bounds == sorted(bounds)
    assert seen[-1].gap is not None


def test_run_again_on_its_own_result_it_is_no_worse(solved: tuple[AssignmentProblem, Solution]) -> None:
    problem, first = solved
    assert first.assignment is not None
    assert first.total is not None
    again = solve(problem, limits=Limits(seconds=None, work=0.3), start=first.assignment, skip_budget=40)
    assert again.total is not None
    assert again.total <= first.total


def test_no_single_move_of_the_plan_could_be_undone_for_nothing(
    solved: tuple[AssignmentProblem, Solution], breaches: Breaches
) -> None:
    problem, solution = solved
    assert solution.assignment is not None
    assert solution.total is not None
    moved = np.flatnonzero((problem.home != NOWHERE) & (solution.assignment != problem.home))
    assert len(moved) > 0
    for task in moved:
        undone = solution.assignment.copy()
        undone[task] = problem.home[task]
        assert problem.total(undone) > solution.total or breaches(problem, undone)


def test_the_proof_stands_and_a_tampered_one_does_not(solved: tuple[AssignmentProblem, Solution]) -> None:
    problem, solution = solved
    proof = solution.proof
    assert proof is not None
    assert recomputed_bound(problem, proof) == proof.bound == solution.bound
    assert bound_holds(problem, proof)
    assert not bound_holds(problem, replace(proof, bound=proof.bound + 1))
    shifted = replace(proof, task=proof.task + 50 * proof.scale)  # other prices prove less, never more
    assert recomputed_bound(problem, shifted) < proof.bound
    assert not bound_holds(problem, shifted)


def test_a_proof_that_does_not_fit_is_refused(solved: tuple[AssignmentProblem, Solution]) -> None:
    problem, solution = solved
    proof = solution.proof
    assert proof is not None
    wrong = [
        replace(proof, task=proof.task[1:]),
        replace(proof, owner=proof.owner - 1),
        replace(proof, move=5),
        replace(proof, scale=0),
        replace(proof, task=proof.task + (1 << 60)),
    ]
    for claim in wrong:
        with pytest.raises(UsageError):
            recomputed_bound(problem, claim)


def test_the_proof_survives_plain_lists(solved: tuple[AssignmentProblem, Solution]) -> None:
    _, solution = solved
    proof = solution.proof
    assert proof is not None
    plain = proof.as_dict()
    assert plain["task"] == proof.task.tolist()
    assert plain["bound"] == proof.bound


def test_however_little_work_there_is_a_bound(
    random_problem: Callable[[int, int, int], AssignmentProblem],
) -> None:
    seen = 0
    for seed in range(30):
        problem = random_problem(seed, 8, 4)
        found = solve(problem, limits=Limits(seconds=None, work=1e-9, threads=1), skip_budget=100)
        if found.proof is not None:
            assert found.bound is not None
            assert found.assignment is None or found.bound <= problem.total(found.assignment)
            seen += 1
    assert seen > 20


def test_plans_are_costed_by_their_own_prices_where_the_bound_has_others(
    random_problem: Callable[[int, int, int], AssignmentProblem],
) -> None:
    for seed in range(20):
        problem = random_problem(seed, 6, 3)
        cheaper = replace(problem, pair_price=problem.pair_price - 1)
        found = solve(
            cheaper, plain=problem, limits=Limits(seconds=None, work=0.02, threads=1), skip_budget=100
        )
        if found.assignment is not None and found.total is not None:
            assert found.total == problem.total(found.assignment)
            assert found.bound is None or found.bound <= found.total
