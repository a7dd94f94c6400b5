"""The benchmarks' own checker, limit by limit: kept, broken, and the nearest edge that is allowed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from solver.assignment.feasible import breaches
from solver.assignment.problem import NOWHERE, AssignmentProblem, Bands, CountLimit, Ints, Link

N = NOWHERE


def ints(*values: int) -> Ints:
    return np.array(values, dtype=np.int64)


@pytest.fixture
def problem() -> AssignmentProblem:
    """Tasks 0 and 1 stand at agents 0 and 1, tasks 2 and 3 are new; each weighs 10; three agents, three owners."""
    return AssignmentProblem(
        pair_price=np.zeros((4, 3), np.int64),
        weight=ints(10, 10, 10, 10),
        eligible=np.ones((4, 3), np.bool_),
        base_load=ints(0, 5, 0),
        bands=Bands(np.tile(np.arange(0, 60, 10), (3, 1)), np.tile(np.arange(5), (3, 1))),
        home=ints(0, 1, N, N),
        owner=ints(0, 1, 2),
        skip_weight=ints(1, 1, 2, 3),
    )


def test_a_plan_without_limits(problem: AssignmentProblem) -> None:
    assert breaches(problem, ints(0, 1, 2, 2), 0) == []


@pytest.mark.parametrize("plan", [(0, 1, 2), (0, 1, 2, 3), (0, 1, 2, -2)])
def test_what_is_no_assignment(problem: AssignmentProblem, plan: tuple[int, ...]) -> None:
    assert breaches(problem, ints(*plan), 0) == ["shape"]


def test_eligible(problem: AssignmentProblem) -> None:
    eligible = problem.eligible.copy()
    eligible[2, 2] = False
    assert breaches(replace(problem, eligible=eligible), ints(0, 1, 2, 2), 0) == ["eligible"]
    assert breaches(replace(problem, eligible=eligible), ints(0, 1, 1, 2), 0) == []


def test_skipping(problem: AssignmentProblem) -> None:
    # Tasks 2 and 3 weigh 2 and 3 when skipped; task 0 has a home and may never be.
    assert breaches(problem, ints(0, 1, N, N), 5) == []
    assert breaches(problem, ints(0, 1, N, N), 4) == ["skip_budget"]
    assert breaches(problem, ints(N, 1, 2, 2), 5) == ["skipped"]
    assert breaches(replace(problem, may_skip=False), ints(0, 1, N, 2), 5) == ["skipped"]


def test_capacity(problem: AssignmentProblem) -> None:
    # Agent 1 has 5 + 10 at home and 10 with task 2: 25.
    assert breaches(replace(problem, capacity=ints(90, 25, 90)), ints(0, 1, 1, 2), 0) == []
    assert breaches(replace(problem, capacity=ints(90, 24, 90)), ints(0, 1, 1, 2), 0) == ["capacity"]
    assert breaches(replace(problem, capacity=ints(90, 14, 90)), ints(0, 1, 2, 2), 0) == ["capacity"]


def test_ceiling_binds_only_what_is_entered(problem: AssignmentProblem) -> None:
    assert breaches(replace(problem, intake_ceiling=ints(0, 25, 90)), ints(0, 1, 1, 2), 0) == []
    assert breaches(replace(problem, intake_ceiling=ints(0, 24, 90)), ints(0, 1, 1, 2), 0) == [
        "intake_ceiling"
    ]


def test_intake_counts_owners(problem: AssignmentProblem) -> None:
    limited = replace(problem, intake_limit=ints(5, 5, 1))
    assert breaches(limited, ints(0, 1, 2, 1), 0) == []
    assert breaches(limited, ints(0, 1, 2, 2), 0) == ["intake_limit"]
    one_body = replace(problem, owner=ints(0, 1, 1), intake_limit=ints(5, 1))
    assert breaches(one_body, ints(0, 2, 1, 0), 0) == []  # task 1 stays with its owner
    assert breaches(one_body, ints(0, 1, 1, 2), 0) == ["intake_limit"]


def test_moves(problem: AssignmentProblem) -> None:
    limited = replace(problem, move_budget=1)
    assert breaches(limited, ints(1, 1, 2, 2), 0) == []
    assert breaches(limited, ints(1, 0, 2, 2), 0) == ["move_budget"]
    assert breaches(replace(limited, owner=ints(0, 0, 1)), ints(1, 0, 2, 2), 0) == []


def test_counts_bind_when_anything_enters(problem: AssignmentProblem) -> None:
    limited = replace(problem, count_limits=(CountLimit(ints(1, 2), ints(1), 1, 2),))
    assert breaches(limited, ints(0, 1, 2, 1), 0) == []  # task 3 is not counted
    assert breaches(limited, ints(0, 0, 1, 2), 0) == []  # 1 + task 2 = 2
    assert breaches(limited, ints(0, 1, 1, 2), 0) == ["count_limit"]
    full = replace(problem, count_limits=(CountLimit(ints(1, 2), ints(1), 5, 2),))
    assert breaches(full, ints(0, 1, 2, 2), 0) == []  # above the limit today, and nothing is added


def test_together(problem: AssignmentProblem) -> None:
    new = replace(problem, together=(Link(ints(2, 3), ints()),))
    assert breaches(new, ints(0, 1, 2, 2), 0) == []
    assert breaches(new, ints(0, 1, 2, 1), 0) == ["together"]
    assert breaches(new, ints(0, 1, 2, N), 3) == []
    held = replace(problem, together=(Link(ints(0, 2), ints()),))
    assert breaches(held, ints(0, 1, 0, 2), 0) == []
    assert breaches(held, ints(0, 1, 2, 2), 0) == ["together"]
    assert breaches(held, ints(2, 1, 2, 2), 0) == []  # both enter agent 2
    fixed = replace(problem, together=(Link(ints(2), ints(1)),))
    assert breaches(fixed, ints(0, 1, 1, 2), 0) == []
    assert breaches(fixed, ints(0, 1, 2, 2), 0) == ["together"]


def test_apart(problem: AssignmentProblem) -> None:
    new = replace(problem, apart=(Link(ints(2, 3), ints()),))
    assert breaches(new, ints(0, 1, 2, 1), 0) == []
    assert breaches(new, ints(0, 1, 2, 2), 0) == ["apart"]
    held = replace(problem, apart=(Link(ints(0, 2), ints()),))
    assert breaches(held, ints(0, 1, 0, 2), 0) == ["apart"]
    assert breaches(held, ints(1, 1, 0, 2), 0) == []
    fixed = replace(problem, apart=(Link(ints(2), ints(1)),))
    assert breaches(fixed, ints(0, 1, 1, 2), 0) == ["apart"]
    assert breaches(fixed, ints(0, 1, 2, 2), 0) == []
    both_stay = replace(problem, owner=ints(0, 0, 1), apart=(Link(ints(0, 1), ints()),))
    assert breaches(both_stay, ints(0, 1, 2, 2), 0) == []
