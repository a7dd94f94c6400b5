"""Generated units: the same seed gives the same problem, without faults, with the shares that were asked for."""

from __future__ import annotations

import datetime as dt
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.allocation.checks import JsonPlaces, problem_faults
from models.allocation.problem import AllocationProblem
from models.allocation.terms import CaseType, Grade, TierScheme
from models.allocation.workload import available_points, case_points
from models.errors import UsageError
from models.policy.policy import default_policy
from models.record import reader
from models.synthetic import allocation_parameters, generate_allocation

PARAMETERS = allocation_parameters()
POLICY = default_policy()


def workloads(problem: AllocationProblem) -> list[float]:
    """Workload as a fraction, held work and base points, of those with the least availability."""
    load = [officer.base_points for officer in problem.officers]
    for case in problem.cases:
        holder = problem.holder(case)
        if holder is not None:
            load[holder] += case_points(case, problem.tier(case), POLICY)
    available = [available_points(officer, POLICY) for officer in problem.officers]
    return [
        points / have
        for points, have in zip(load, available, strict=True)
        if have >= POLICY.limits.least_available_points
    ]


@pytest.fixture(scope="module", params=[TierScheme.V2, TierScheme.V3])
def unit(request: pytest.FixtureRequest) -> AllocationProblem:
    return generate_allocation(PARAMETERS, seed=3, scheme=request.param).problem


def test_the_same_seed_gives_the_same_problem_and_another_seed_another() -> None:
    first = generate_allocation(PARAMETERS, seed=5, cases=300, officers=14)
    again = generate_allocation(PARAMETERS, seed=5, cases=300, officers=14)
    other = generate_allocation(PARAMETERS, seed=6, cases=300, officers=14)
    assert first.problem == again.problem
    assert first.problem.input_hash == again.problem.input_hash
    assert first.problem.input_hash != other.problem.input_hash


@given(
    seed=st.integers(0, 10_000),
    officers=st.integers(1, 16),
    cases=st.integers(0, 120),
    fill=st.sampled_from([0.9, 1.18, 1.35]),
    scheme=st.sampled_from(TierScheme),
)
def test_no_generated_problem_has_a_fault(
    seed: int, officers: int, cases: int, fill: float, scheme: TierScheme
) -> None:
    made = generate_allocation(
        PARAMETERS, seed=seed, officers=officers, cases=min(cases, 15 * officers), fill=fill, scheme=scheme
    )
    problem = made.problem
    assert made.planted is None
    assert problem_faults(problem, JsonPlaces()) == []
    assert reader(AllocationProblem).validate_python(problem.as_json()) == problem
    assert len(problem.officers) == officers
    assert len(problem.cases) == min(cases, 15 * officers)


@pytest.mark.parametrize("fill", [0.9, 1.0, 1.1, 1.18, 1.25, 1.35])
@pytest.mark.parametrize(("cases", "officers"), [(2300, 100), (1200, 55), (200, 10), (3000, 60), (100, 40)])
def test_the_mean_workload_is_the_fill_that_was_asked_for(fill: float, cases: int, officers: int) -> None:
    problem = generate_allocation(PARAMETERS, seed=11, cases=cases, officers=officers, fill=fill).problem
    found = workloads(problem)
    assert sum(found) / len(found) == pytest.approx(fill, abs=0.015)


@given(
    seed=st.integers(0, 10_000),
    officers=st.integers(4, 20),
    cases_each=st.integers(0, 35),
    fill=st.floats(0.9, 1.4),
)
def test_the_fill_is_met_in_small_units_too(seed: int, officers: int, cases_each: int, fill: float) -> None:
    made = generate_allocation(
        PARAMETERS, seed=seed, cases=officers * cases_each, officers=officers, fill=fill
    )
    found = workloads(made.problem)
    assert sum(found) / len(found) == pytest.approx(fill, abs=0.002)


def test_where_cases_alone_exceed_the_fill_everybody_has_less_base_work() -> None:
    """Two officers and many cases for half a workload: base points give way as far as they go."""
    fills = []
    for seed in range(60):
        problem = generate_allocation(PARAMETERS, seed=seed, cases=76, officers=2, fill=0.5).problem
        found = workloads(problem)
        fills.append(sum(found) / len(found))
        if fills[-1] > 0.5 + 0.002:
            assert [officer.base_points for officer in problem.officers] == [0, 0]
    assert max(fills) > 0.51, "one of the seeds is such a unit"


def test_workloads_spread_as_in_real_units(unit: AllocationProblem) -> None:
    found = workloads(unit)
    mean = sum(found) / len(found)
    deviation = (sum((each - mean) ** 2 for each in found) / len(found)) ** 0.5
    assert mean == pytest.approx(1.18, abs=0.015)
    assert 0.12 <= deviation <= 0.28
    assert min(found) < 0.9
    assert 1.45 < max(found) < 2.0


def test_tiers_and_case_types_have_their_shares(unit: AllocationProblem) -> None:
    scheme = unit.tier_scheme or TierScheme.V2
    letters = Counter(unit.tier(case).letter for case in unit.cases)
    for letter, share in PARAMETERS.tiers.letters(scheme).items():
        assert letters[letter] / len(unit.cases) == pytest.approx(share, abs=0.01)
    types = Counter(case.case_type for case in unit.cases)
    for case_type in CaseType:
        assert types[case_type] / len(unit.cases) == pytest.approx(
            PARAMETERS.case_types.share(case_type), abs=0.01
        )


def test_grades_show_the_vacancies(unit: AllocationProblem) -> None:
    grades = Counter(officer.grade for officer in unit.officers)
    posts, vacancies = PARAMETERS.posts, PARAMETERS.vacancies
    filled = {
        Grade.PO: posts.PO * (1 - vacancies.PO),
        Grade.PSO: posts.PSO * (1 - vacancies.PSO),
        Grade.PQIP: posts.PQIP * (1 - vacancies.PQIP),
    }
    carrying = len(unit.officers) - grades[Grade.SPO]
    for grade, share in filled.items():
        assert grades[grade] / carrying == pytest.approx(share / sum(filled.values()), abs=0.03)
    assert grades[Grade.SPO] == len({officer.team_code for officer in unit.officers}) == 8


def test_seniors_hold_nothing(unit: AllocationProblem) -> None:
    seniors = {officer.staff_code for officer in unit.officers if officer.grade is Grade.SPO}
    assert [case.crn for case in unit.cases if case.current_staff_code in seniors] == []


def test_shares_of_what_is_rare_are_near_the_parameters(unit: AllocationProblem) -> None:
    cases = unit.cases
    held = [case for case in cases if not case.waiting]
    assert sum(case.waiting for case in cases) == round(PARAMETERS.waiting.share * len(cases))
    demands, untidiness = PARAMETERS.demands, PARAMETERS.untidiness
    found_and_expected = {
        "protected": (sum(case.protected(unit.as_of) for case in held) / len(held), 0.09, 0.02),
        "restricted": (sum(case.restricted for case in cases) / len(cases), demands.restricted, 0.002),
        "together": (sum(c.together_group is not None for c in cases) / len(cases), demands.together, 0.006),
        "apart": (sum(c.apart_group is not None for c in cases) / len(cases), demands.apart, 0.006),
        "five officers": (sum(case.officer_changes >= 4 for case in cases) / len(cases), 0.06, 0.01),
        "two teams": (
            sum(len(numbers) - 1 for numbers in unit.officers_of.values()) / len(unit.officers),
            PARAMETERS.posts.in_two_teams,
            0.01,
        ),
        "holder gone": (
            sum(unit.holder(case) is None for case in held) / len(held),
            untidiness.holder_gone,
            0.002,
        ),
    }
    for name, (found, expected, tolerance) in found_and_expected.items():
        assert found == pytest.approx(expected, abs=tolerance), name


def test_new_cases_of_the_week_are_those_held_since_then(unit: AllocationProblem) -> None:
    found = Counter(
        unit.holder(case)
        for case in unit.cases
        if case.held_since is not None and case.held_since >= unit.as_of - dt.timedelta(days=7)
    )
    for number, officer in enumerate(unit.officers):
        assert officer.new_cases_last_7_days == found[number]


def test_what_makes_real_units_hard_is_there(unit: AllocationProblem) -> None:
    soon = unit.as_of + dt.timedelta(days=28)
    officers, cases = unit.officers, unit.cases
    waiting = [case for case in cases if case.waiting]
    assert any(o.last_day is not None and unit.as_of <= o.last_day < soon for o in officers)
    assert any(o.authorised_until is not None and o.authorised_until < unit.as_of for o in officers)
    assert any(o.reduction_hours == o.contracted_hours and o.grade is not Grade.SPO for o in officers)
    assert any(o.leave for o in officers)
    assert any(o.tier_limits for o in officers)
    assert unit.oversight_limits
    assert any(c.excluded_staff_codes for c in cases)
    assert any(c.officer_sex for c in cases)
    assert any(c.pinned_staff_code for c in cases)
    assert any(set(c.previous_staff_codes) - set(unit.officers_of) for c in cases)
    assert any(c.due_by is not None and c.due_by <= unit.as_of + dt.timedelta(days=7) for c in waiting)
    assert any(c.current_staff_code is not None for c in waiting), "some wait in a pool"
    assert 0 < sum(bool(c.required_skills) for c in cases) < sum(bool(c.preferred_skills) for c in cases)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"officers": 0}, "at least 1 officer"),
        ({"cases": -1}, "0 to 1000000 cases"),
        ({"fill": 2.0}, "0.3 to 1.6"),
        ({"waiting": 1.5}, "0 to 1"),
        ({"cases": 20_000, "officers": 10}, "fewer cases"),
    ],
)
def test_what_cannot_be_made_is_refused_with_the_remedy(wrong: dict[str, float], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        generate_allocation(PARAMETERS, seed=1, **wrong)  # type: ignore[arg-type]  # one wrong value of many kinds
