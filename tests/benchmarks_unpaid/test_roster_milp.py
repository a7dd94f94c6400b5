"""CP-SAT models as linear programmes: the same optimum, row by row and as a whole."""

from __future__ import annotations

import numpy as np
import pytest
from ortools.sat.python import cp_model
from scipy.optimize import Bounds, LinearConstraint, milp

from benchmarks.roster_instances import team, team_of
from benchmarks.roster_milp import programme_of
from models.errors import SolverError, UsageError
from solver.engine import Limits, run


def least(model: cp_model.CpModel) -> float | None:
    """The optimum by HiGHS, None when there is none."""
    form = programme_of(model)
    found = milp(
        form.price,
        integrality=np.ones(len(form.price), np.int64),
        bounds=Bounds(form.least, form.most),
        constraints=[LinearConstraint(form.rows, form.lower, form.upper)],
    )
    return None if found.x is None else float(found.fun) + form.constant


def test_a_row_that_holds_when_a_literal_does() -> None:
    # x + y >= 7 when b; b costs -10 when it holds: worth it while x + y costs at most 10, and x + y = 7 costs 7.
    model = cp_model.CpModel()
    x, y = (model.new_int_var(0, 5, "") for _ in range(2))
    b = model.new_bool_var("")
    model.add(x + y >= 7).only_enforce_if(b)
    model.minimize(x + y - 10 * b)
    assert least(model) == pytest.approx(-3)


def test_a_row_that_holds_when_a_literal_does_not() -> None:
    model = cp_model.CpModel()
    x = model.new_int_var(-4, 9, "")
    b = model.new_bool_var("")
    model.add(x <= 2).only_enforce_if(~b)
    model.minimize(4 * b - x)
    # Without b x is 2; with it 9 - 4 = 5 more than nothing.
    assert least(model) == pytest.approx(-5)


def test_clauses_implications_and_at_most_one() -> None:
    model = cp_model.CpModel()
    a, b, c, d = (model.new_bool_var("") for _ in range(4))
    model.add_bool_or([a, b, ~c])
    model.add_at_most_one([a, b])
    model.add_exactly_one([c, d])
    model.add_implication(b, d)
    model.add_bool_and([~d, c]).only_enforce_if(a)
    model.minimize(5 * a + 3 * b - 4 * c + 1)
    # With c something of a, b: b needs d, which c excludes, so a: 5 - 4 + 1 = 2; without c: d alone, 1.
    assert least(model) == pytest.approx(1)


def test_random_models_have_the_same_optimum() -> None:
    draw = np.random.default_rng(5)
    for _ in range(25):
        model = cp_model.CpModel()
        bools = [model.new_bool_var("") for _ in range(6)]
        whole = [model.new_int_var(-3, 6, "") for _ in range(2)]
        literals = [*bools, *(~each for each in bools)]
        for _ in range(5):
            chosen = [literals[k] for k in draw.choice(len(literals), 3, replace=False)]
            kind = int(draw.integers(4))
            if kind == 0:
                model.add_bool_or(chosen)
            elif kind == 1:
                model.add_at_most_one(chosen)
            else:
                terms = sum(int(draw.integers(-4, 5)) * each for each in (*bools[:3], *whole))
                row = model.add(terms <= int(draw.integers(-2, 6)))
                if kind == 3:
                    row.only_enforce_if(chosen[:2])
        model.minimize(sum(int(draw.integers(-5, 6)) * each for each in (*bools, *whole)))
        assert least(model) == run(model, Limits(seconds=None)).objective


def test_what_has_no_row_is_refused() -> None:
    model = cp_model.CpModel()
    x, y, z = (model.new_int_var(0, 5, "") for _ in range(3))
    model.add_multiplication_equality(z, [x, y])
    with pytest.raises(SolverError, match="no row"):
        programme_of(model)


def test_ranges_with_holes_keep_them() -> None:
    # x is 0 or 4 to 6, and x + y is 3 or 9 when b: y is at most 4, so b costs x = 5 at least, or x = 0 and y = 3.
    model = cp_model.CpModel()
    x = model.new_int_var_from_domain(cp_model.Domain.from_intervals([[0, 0], [4, 6]]), "")
    y, b = model.new_int_var(0, 4, ""), model.new_bool_var("")
    model.add_linear_expression_in_domain(x + y, cp_model.Domain.from_values([3, 9])).only_enforce_if(b)
    model.add(x >= 1)
    model.minimize(x + 3 * y - 20 * b)
    # x = 6, y = 3, b: 6 + 9 - 20; without b: 4.
    assert least(model) == pytest.approx(-5)


def test_a_team_is_drawn_again_from_its_name() -> None:
    one = team(30, 4, 4, 7)
    assert one.name == "team-30x4x4-v2-s7"
    assert one.size == "team-30x4x4-v2"
    assert team_of(one.name) == one
    assert team_of(one.name).problem().input_hash == one.problem().input_hash
    with pytest.raises(UsageError, match="names no team"):
        team_of("pdu-300x20")
