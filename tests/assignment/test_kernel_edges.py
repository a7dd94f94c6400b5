"""Degenerate inputs, large numbers, and what each limit means where a hand can check it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from solver.assignment.kernel import solve
from solver.assignment.problem import NOWHERE, AssignmentProblem, Bands, CountLimit, Link
from solver.engine import Limits, Status
from solver.verify.bound import recomputed_bound

QUICK = Limits(seconds=None, work=0.2, seed=1)


def plain(tasks: int, agents: int, weight: int, *, home: int = NOWHERE, width: int = 10) -> AssignmentProblem:
    """Equal tasks; load costs 1, 2, 3 and 4 a unit in bands of `width`."""
    edges = np.tile(np.arange(5, dtype=np.int64) * width, (agents, 1))
    return AssignmentProblem(
        pair_price=np.zeros((tasks, agents), dtype=np.int64),
        weight=np.full(tasks, weight, dtype=np.int64),
        eligible=np.ones((tasks, agents), dtype=np.bool_),
        base_load=np.zeros(agents, dtype=np.int64),
        bands=Bands(edges, np.tile(np.arange(1, 5, dtype=np.int64), (agents, 1))),
        home=np.full(tasks, home, dtype=np.int64),
        owner=np.arange(agents, dtype=np.int64),
        skip_weight=np.ones(tasks, dtype=np.int64),
    )


def test_no_tasks_costs_what_stands() -> None:
    problem = replace(plain(0, 2, 1), base_load=np.array([10, 15], dtype=np.int64))
    solution = solve(problem, limits=QUICK)
    assert solution.status == Status.OPTIMAL
    assert solution.total == solution.bound == 10 + (10 + 5 * 2)


def test_no_agents_skips_everything_when_it_may() -> None:
    assert solve(plain(3, 0, 1), limits=QUICK, skip_budget=3).status == Status.OPTIMAL
    assert solve(plain(3, 0, 1), limits=QUICK, skip_budget=2).assignment is None


def test_no_eligible_pair() -> None:
    problem = replace(plain(3, 2, 4), eligible=np.zeros((3, 2), dtype=np.bool_))
    allowed = solve(problem, limits=QUICK, skip_budget=3)
    assert allowed.status == Status.OPTIMAL
    assert allowed.assignment is not None
    assert allowed.assignment.tolist() == [NOWHERE] * 3
    refused = solve(problem, limits=QUICK, skip_budget=2)
    assert refused.status == Status.UNKNOWN
    assert refused.assignment is None
    assert refused.total is None


def test_one_agent_takes_all() -> None:
    solution = solve(plain(3, 1, 5), limits=QUICK)
    assert solution.status == Status.OPTIMAL
    assert solution.total == 10 * 1 + 5 * 2


def test_zero_weights_cost_nothing() -> None:
    assert solve(plain(6, 2, 0), limits=QUICK).total == 0


@pytest.mark.parametrize("weight", [10**9, 10**12])
def test_very_large_weights_do_not_overflow(weight: int) -> None:
    problem = plain(40, 4, weight, width=20 * weight)
    solution = solve(problem, limits=QUICK)
    assert solution.status == Status.OPTIMAL
    assert solution.total == 40 * weight  # ten tasks each, all within the first band
    assert solution.proof is not None
    assert recomputed_bound(problem, solution.proof) == solution.total


def test_a_hundred_thousand_equal_tasks() -> None:
    problem = plain(100_001, 1, 3, width=10**6)
    solution = solve(problem, limits=Limits(seconds=None, work=1.0))
    assert solution.total == 300_003
    assert solution.status == Status.OPTIMAL


def test_moves_pay_and_the_budget_holds() -> None:
    # Four tasks of 10 at agent 0 cost 10 + 20 + 30 + 40; each move to agent 1 or 2 saves at first 30 or 20.
    problem = plain(4, 3, 10, home=0)
    assert solve(problem, limits=QUICK).total == 10 + 10 + 10 + 20
    one = solve(replace(problem, move_budget=1), limits=QUICK)
    assert one.status == Status.OPTIMAL
    assert one.total == 10 + 20 + 30 + 10
    dear = replace(
        problem, pair_price=np.where(np.arange(3)[None, :] == 0, 0, 30) * np.ones((4, 1), dtype=np.int64)
    )
    stay = solve(dear, limits=QUICK)  # the first move would save 30 and cost 30: it does not pay for itself
    assert stay.assignment is not None
    assert stay.assignment.tolist() == [0, 0, 0, 0]


def test_ceiling_binds_only_who_receives() -> None:
    problem = replace(plain(4, 2, 10, home=0), intake_ceiling=np.array([5, 15], dtype=np.int64))
    solution = solve(problem, limits=QUICK)
    assert solution.assignment is not None
    assert problem.loads(solution.assignment).tolist() == [30, 10]


def test_count_limit_binds_only_what_enters() -> None:
    limit = CountLimit(np.arange(4), np.array([1]), 1, 2)
    solution = solve(replace(plain(4, 2, 10, home=0), count_limits=(limit,)), limits=QUICK)
    assert solution.assignment is not None
    assert solution.assignment.tolist().count(1) == 1


def test_links_are_kept() -> None:
    none = np.zeros(0, dtype=np.int64)
    problem = replace(
        plain(4, 3, 10),
        together=(Link(np.array([0, 1]), np.array([2])),),
        apart=(Link(np.array([2, 3]), none),),
    )
    solution = solve(problem, limits=QUICK)
    assert solution.assignment is not None
    assert solution.assignment[:2].tolist() == [2, 2]
    assert set(solution.assignment[2:].tolist()) == {0, 1}


def test_a_warm_start_is_never_lost() -> None:
    problem = plain(4, 3, 10, home=0)
    start = np.array([0, 0, 1, 2])
    solution = solve(problem, limits=Limits(seconds=None, work=0.0), start=start)
    assert solution.total == 50
