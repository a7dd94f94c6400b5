"""The nation's units: exact totals, sizes of their own, codes that no two units share."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.allocation.checks import JsonPlaces, problem_faults
from models.errors import UsageError
from models.synthetic import allocation_parameters, nation
from models.synthetic.nation import apportion

PARAMETERS = allocation_parameters()


def test_totals_are_exact_and_no_two_units_share_a_code() -> None:
    units = list(nation(PARAMETERS, seed=4, pdus=14, cases=3000, officers=200))
    problems = [problem for _, problem in units]
    assert len({code for code, _ in units}) == 14
    assert sum(len(problem.cases) for problem in problems) == 3000
    assert sum(len(problem.officers) for problem in problems) == 200
    assert len({case.crn for problem in problems for case in problem.cases}) == 3000
    assert len({officer.key for problem in problems for officer in problem.officers}) == 200
    teams = [{officer.team_code for officer in problem.officers} for problem in problems]
    assert sum(map(len, teams)) == len(set.union(*teams))
    assert len({len(problem.cases) for problem in problems}) > 7, "sizes differ"
    for code, problem in units:
        assert problem_faults(problem, JsonPlaces()) == []
        assert {officer.team_code[:3] for officer in problem.officers} == {code[:3]}


def test_the_same_seed_gives_the_same_nation() -> None:
    first = [p.input_hash for _, p in nation(PARAMETERS, seed=9, pdus=3, cases=90, officers=20)]
    again = [p.input_hash for _, p in nation(PARAMETERS, seed=9, pdus=3, cases=90, officers=20)]
    assert first == again
    assert len(set(first)) == 3


def test_the_whole_nation_is_as_large_as_the_parameters_say() -> None:
    """Only its first unit is drawn: a nation is an iterator, so nobody holds it all at once."""
    code, problem = next(nation(PARAMETERS, seed=1))
    assert code == "N01PDU01"
    average = PARAMETERS.nation.cases / PARAMETERS.nation.units
    assert 0.3 * average < len(problem.cases) < 3 * average


@pytest.mark.parametrize("wrong", [{"pdus": 0}, {"pdus": 313}, {"cases": 5}, {"officers": 100}])
def test_a_nation_that_cannot_be_is_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(UsageError, match="units cannot be made"):
        next(nation(PARAMETERS, seed=1, **wrong))


@given(
    weights=st.lists(st.floats(0.01, 100), min_size=1, max_size=30),
    spare=st.integers(0, 10_000),
    least=st.integers(0, 5),
)
def test_apportioned_parts_add_up(weights: list[float], spare: int, least: int) -> None:
    total = least * len(weights) + spare
    parts = apportion(np.array(weights), total, least)
    assert int(parts.sum()) == total
    assert int(parts.min()) >= least
    exact = np.array(weights) / sum(weights) * spare + least
    assert np.abs(parts - exact).max() < 1 + 1e-6


def test_largest_remainders_by_hand() -> None:
    # 10 split 1 : 1 : 2 is 2.5, 2.5, 5; the first of the equal remainders takes the odd one.
    assert apportion(np.array([1.0, 1.0, 2.0]), 10, 0).tolist() == [3, 2, 5]
