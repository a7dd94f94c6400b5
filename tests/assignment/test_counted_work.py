"""A unit of work is about a second of one core: what takes the time is what is counted."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.optimize import linprog

from solver.assignment import columns
from solver.assignment.arrays import prepare
from solver.assignment.bound import Lagrangian, scale_for
from solver.assignment.climb import Climb, guessed
from solver.assignment.columns import Master
from solver.assignment.full_model import CPSAT_WORK, in_cpsat
from solver.assignment.kernel import PAIR_WORK, solve
from solver.assignment.problem import NOWHERE, AssignmentProblem, Bands
from solver.assignment.relaxation import tables
from solver.engine import Limits, Progress, Run, Status, Stop


def unit(tasks: int = 60, agents: int = 6) -> AssignmentProblem:
    """New tasks of uneven weight, at uneven prices, for agents whose load grows dearer."""
    rng = np.random.default_rng(4)
    return AssignmentProblem(
        pair_price=rng.integers(0, 300, (tasks, agents)),
        weight=rng.integers(10, 90, tasks),
        eligible=np.ones((tasks, agents), dtype=np.bool_),
        base_load=np.zeros(agents, dtype=np.int64),
        bands=Bands(np.tile(np.arange(41) * 50, (agents, 1)), np.tile(np.arange(40), (agents, 1))),
        home=np.full(tasks, NOWHERE),
        owner=np.arange(agents),
        skip_weight=np.ones(tasks, dtype=np.int64),
    )


@pytest.fixture
def master() -> Master:
    """Column generation that has its first columns, from guessed prices."""
    inst = prepare(unit(), 0)
    relaxation = Lagrangian(inst, tables(inst), 0, scale_for(inst))
    climb = Climb(relaxation, guessed(inst, relaxation.table, inst.base))
    for _ in range(40):
        climb.step(None)
    assert climb.best is not None
    made = Master(relaxation, climb.best, climb.best_value)
    made.start(climb.proof.reach, None)
    return made


def test_a_masters_programme_counts_its_iterations_and_entries(
    master: Master, monkeypatch: pytest.MonkeyPatch
) -> None:
    solved: list[tuple[int, int, int]] = []

    def counted(*given: Any, **named: Any) -> Any:
        result: Any = linprog(*given, **named)
        rows = named["A_eq"].shape[0] + named["A_ub"].shape[0]
        solved.append((result.nit, rows, named["A_eq"].nnz + named["A_ub"].nnz))
        return result

    monkeypatch.setattr(columns, "linprog", counted)
    assert master.work == 0.0
    upper = master.best.bound * 2
    for _ in range(5):
        master.step(upper)
    expected = sum(
        iterations * (columns.ITERATION_WORK + columns.ROW_WORK * rows) + entries * columns.ENTRY_WORK
        for iterations, rows, entries in solved
    )
    assert len(solved) == 5
    assert any(iterations for iterations, _, _ in solved)
    assert master.work == pytest.approx(expected)


def test_picking_a_plan_counts_what_cpsat_says_it_took(
    master: Master, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Limits] = []

    def run(_model: object, limits: Limits, *, stop: Stop) -> Run:
        asked.append(limits)
        return Run(Status.UNKNOWN, None, None, None, work=0.25)

    master.step(master.best.bound * 2)
    before = master.work
    monkeypatch.setattr(columns, "run", run)
    plan = np.zeros(60, dtype=np.int64)
    assert master.pick(10**9, plan, Limits(seconds=None, work=0.9), Stop()) is None
    assert master.work == pytest.approx(before + 0.25 * CPSAT_WORK)
    assert asked[0].work == pytest.approx(0.9 / CPSAT_WORK)


def test_cpsat_is_given_work_in_its_own_unit_and_one_worker() -> None:
    assert in_cpsat(Limits(seconds=5.0, threads=2)) == Limits(seconds=5.0, threads=2)
    given = in_cpsat(Limits(seconds=5.0, work=CPSAT_WORK, seed=3, threads=2))
    assert given == Limits(seconds=5.0, work=1.0, seed=3, threads=1)


def test_making_ready_counts_by_pairs() -> None:
    problem = unit()
    ready = Limits(seconds=None, work=problem.tasks * (problem.agents + 1) * PAIR_WORK, threads=1)
    told: list[Progress] = []
    solve(problem, limits=ready, on_progress=told.append)
    assert {each.stage for each in told} <= {"start", "done"}, "no work is left to search with"
