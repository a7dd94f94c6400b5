"""The one place that runs CP-SAT: status, limits, cancel, progress and the second opinion on infeasibility."""

from __future__ import annotations

import random
import threading
import time
from typing import Any

import numpy as np
import pytest
from ortools.sat.python import cp_model

from models.errors import SolverError
from solver import engine
from solver.engine import Clock, Limits, Status, Stop, run


def _knapsacks(seed: int, tasks: int = 60, agents: int = 8) -> cp_model.CpModel:
    """A generalised assignment problem that takes CP-SAT far longer than the tests give it."""
    rng = random.Random(seed)
    model = cp_model.CpModel()
    at = [[model.new_bool_var("") for _ in range(agents)] for _ in range(tasks)]
    weight = [[rng.randint(1, 100) for _ in range(agents)] for _ in range(tasks)]
    for task in at:
        model.add_exactly_one(task)
    for agent in range(agents):
        room = sum(weight[task][agent] for task in range(tasks)) * 8 // 10 // agents
        model.add(sum(weight[task][agent] * at[task][agent] for task in range(tasks)) <= room)
    price = [[111 - weight[t][a] + rng.randint(-10, 10) for a in range(agents)] for t in range(tasks)]
    model.minimize(sum(price[t][a] * at[t][a] for t in range(tasks) for a in range(agents)))
    return model


def test_an_optimum_is_proven_with_its_bound() -> None:
    model = cp_model.CpModel()
    x, y = model.new_int_var(0, 10, ""), model.new_int_var(0, 10, "")
    model.add(2 * x + 3 * y >= 12)  # cheapest: y = 4 at 5 each is 20, x = 6 at 3 each is 18
    model.minimize(3 * x + 5 * y)
    result = run(model, Limits())
    assert (result.status, result.objective, result.bound) == (Status.OPTIMAL, 18, 18)
    assert result.values is not None
    assert result.values.tolist() == [6, 0]


def test_a_feasibility_model_has_no_objective_and_no_bound() -> None:
    model = cp_model.CpModel()
    model.add(model.new_int_var(0, 3, "") >= 2)
    result = run(model, Limits())
    assert result.status is Status.OPTIMAL
    assert result.objective is None
    assert result.bound is None


def test_infeasible_is_said_after_a_second_solve_with_presolve_flipped(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    solves: list[tuple[int, bool]] = []
    once = engine._run_once

    def recording(*args: Any, presolve: bool) -> engine.Run:
        solves.append((args[4], presolve))
        return once(*args, presolve=presolve)

    monkeypatch.setattr(engine, "_run_once", recording)
    model = cp_model.CpModel()
    x = model.new_bool_var("")
    model.add(x >= 1)
    model.add(x <= 0)
    result = run(model, Limits(threads=2))
    assert result == engine.Run(Status.INFEASIBLE, None, None, None)
    assert solves == [(2, True), (1, False)]


def test_a_false_claim_of_infeasibility_is_not_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    once = engine._run_once

    def wrong_with_presolve(*args: Any, presolve: bool) -> engine.Run:
        if presolve:
            return engine.Run(Status.INFEASIBLE, None, None, None)
        return once(*args, presolve=presolve)

    monkeypatch.setattr(engine, "_run_once", wrong_with_presolve)
    model = cp_model.CpModel()
    model.minimize(model.new_int_var(4, 9, ""))
    result = run(model, Limits())
    assert (result.status, result.objective) == (Status.OPTIMAL, 4)


def test_a_model_that_cp_sat_refuses_is_a_solver_error() -> None:
    model = cp_model.CpModel()
    huge = model.new_int_var(0, 2**62, "")
    model.add(huge * 4 >= 1)
    with pytest.raises(SolverError):
        run(model, Limits())


def test_nothing_found_in_time_is_unknown_and_has_no_bound() -> None:
    result = run(_knapsacks(1), Limits(seconds=None, work=1e-9, threads=1))
    assert result == engine.Run(Status.UNKNOWN, None, None, None)


@pytest.mark.parametrize("threads", [1, 2])
def test_the_same_work_gives_the_same_plan(threads: int) -> None:
    limits = Limits(seconds=None, work=0.3, seed=5, threads=threads)
    first, second = run(_knapsacks(2), limits), run(_knapsacks(2), limits)
    assert first.values is not None
    assert second.values is not None
    assert np.array_equal(first.values, second.values)
    assert (first.objective, first.bound) == (second.objective, second.bound)


def test_a_request_to_stop_keeps_the_best_plan_so_far() -> None:
    stop = Stop()
    found = threading.Event()

    def first_solution(best: int | None, bound: int | None) -> None:
        if best is not None:
            found.set()

    def ask() -> None:
        assert found.wait(60)
        stop.request()

    asking = threading.Thread(target=ask)
    asking.start()
    result = run(_knapsacks(3), Limits(seconds=120, threads=1), stop=stop, watch=first_solution)
    asking.join()
    assert result.status is Status.FEASIBLE
    assert result.values is not None


def test_a_request_made_before_the_search_ends_it_too() -> None:
    stop = Stop()
    stop.request()
    began = time.monotonic()
    run(_knapsacks(4, 200, 20), Limits(seconds=120, threads=1), stop=stop)
    assert time.monotonic() - began < 100  # far from the limit: it was ended, however slow the machine


def test_progress_reports_best_and_bound_as_they_improve() -> None:
    told: list[tuple[int | None, int | None]] = []
    result = run(
        _knapsacks(5, 12, 3), Limits(seconds=60), watch=lambda best, bound: told.append((best, bound))
    )
    assert result.status is Status.OPTIMAL
    bests = [best for best, _ in told if best is not None]
    assert bests == sorted(bests, reverse=True)
    assert bests[-1] == result.objective
    assert all(bound is None or bound <= bests[-1] for _, bound in told)


def test_a_clock_knows_what_is_left() -> None:
    assert Clock(None).left is None
    assert not Clock(None).over
    spent = Clock(0.0)
    assert spent.left == 0.0
    assert spent.over
