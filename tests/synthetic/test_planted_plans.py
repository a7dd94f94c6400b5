"""The planted plan breaks no hard rule and leaves nothing out, whatever the seed and the size."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.allocation.officer import OfficerKey
from models.allocation.plan import Question
from models.allocation.problem import AllocationProblem
from models.allocation.terms import TierScheme
from models.errors import UsageError
from models.policy.policy import default_policy
from models.rules import Violation
from models.synthetic import allocation_parameters, generate_allocation
from solver.verify import findings, verify_edited

PARAMETERS = allocation_parameters()
POLICY = default_policy()


def violations(problem: AllocationProblem, planted: Mapping[str, OfficerKey]) -> tuple[Violation, ...]:
    """What the checker says of the planted plan: held cases where they are, waiting ones as planted."""
    lines: list[tuple[str, str | None, str | None]] = []
    for case in problem.cases:
        holder = problem.holder(case)
        if case.waiting:
            lines.append((case.crn, *planted[case.crn]))
        elif holder is not None:
            lines.append((case.crn, *problem.officers[holder].key))
    return verify_edited(problem, lines, Question(), POLICY)


@given(
    seed=st.integers(0, 1_000_000),
    officers=st.integers(1, 16),
    cases_each=st.integers(1, 20),
    fill=st.sampled_from([0.8, 1.0, 1.18, 1.3, 1.35]),
    waiting=st.sampled_from([0.0, 0.03, 0.1]),
    scheme=st.sampled_from(TierScheme),
)
def test_the_planted_plan_breaks_no_rule(
    seed: int, officers: int, cases_each: int, fill: float, waiting: float, scheme: TierScheme
) -> None:
    made = generate_allocation(
        PARAMETERS,
        seed=seed,
        cases=officers * cases_each,
        officers=officers,
        fill=fill,
        waiting=waiting,
        plant=True,
        scheme=scheme,
    )
    assert made.planted is not None
    assert set(made.planted) == {case.crn for case in made.problem.cases if case.waiting}
    assert len(made.planted) == round(waiting * officers * cases_each)
    assert violations(made.problem, made.planted) == ()


@pytest.mark.parametrize("scheme", TierScheme)
@pytest.mark.parametrize("factor", [1.0, 0.3])
def test_planted_plans_of_full_size_hold_too(scheme: TierScheme, factor: float) -> None:
    made = generate_allocation(
        PARAMETERS.scarcer(factor), seed=2, fill=1.3, waiting=0.06, plant=True, scheme=scheme
    )
    assert made.planted is not None
    assert len(made.planted) == 138
    assert violations(made.problem, made.planted) == ()


def test_the_checker_would_see_a_planted_plan_that_is_wrong() -> None:
    made = generate_allocation(PARAMETERS, seed=4, cases=200, officers=10, waiting=0.1, plant=True)
    assert made.planted is not None
    senior = made.problem.officers[-1].key
    wrong = dict.fromkeys(made.planted, senior)
    rules = {violation.rule for violation in violations(made.problem, wrong)}
    assert {"grade_may_hold_tier", "workload_ceiling", "new_case_limit"} <= rules


def test_more_waiting_cases_than_anybody_may_receive_cannot_be_planted() -> None:
    with pytest.raises(UsageError, match="fewer waiting cases"):
        generate_allocation(PARAMETERS, seed=1, cases=100, officers=3, waiting=0.9, plant=True)


@pytest.mark.parametrize("seed", range(1, 6))
@pytest.mark.parametrize("scheme", TierScheme)
def test_what_is_held_is_mostly_as_the_rules_want_it(seed: int, scheme: TierScheme) -> None:
    problem = generate_allocation(PARAMETERS, seed=seed, scheme=scheme).problem
    named = {finding.crn for finding in findings(problem, POLICY, Question()) if finding.crn is not None}
    assert 0 < len(named) / len(problem.cases) <= PARAMETERS.untidiness.findings_at_most
