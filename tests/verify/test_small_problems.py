"""The strategy of small problems reaches what tests rely on it to reach."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Callable

import pytest
from hypothesis import Phase, given, settings

from models.allocation.checks import JsonPlaces, problem_faults
from models.allocation.problem import AllocationProblem
from tests.support.problems import case, officer, small_problems


@given(small_problems(max_cases=4, max_officers=3))
@settings(max_examples=50)
def test_problems_have_no_faults_and_the_size_asked_for(made: AllocationProblem) -> None:
    assert problem_faults(made, JsonPlaces()) == []
    assert len(made.cases) <= 4
    assert 1 <= len(made.officers) <= 3


@pytest.fixture(scope="module")
def sample() -> list[AllocationProblem]:
    """Some problems of the strategy, always the same."""
    found: list[AllocationProblem] = []

    @given(small_problems())
    @settings(max_examples=150, phases=[Phase.generate], derandomize=True)
    def collect(made: AllocationProblem) -> None:
        found.append(made)

    collect()
    return found


def _two_teams(made: AllocationProblem) -> bool:
    return max(Counter(each.staff_code for each in made.officers).values()) > 1


def _linked_pair(made: AllocationProblem) -> bool:
    groups = Counter(each.together_group for each in made.cases if each.together_group)
    return max(groups.values(), default=0) > 1


def _override(made: AllocationProblem) -> bool:
    return any(each.override_reason and each.pinned_staff_code for each in made.cases)


def _holder_unknown(made: AllocationProblem) -> bool:
    return any(not each.waiting and made.holder(each) is None for each in made.cases)


@pytest.mark.parametrize("wanted", [_two_teams, _linked_pair, _override, _holder_unknown])
def test_special_situations_are_reached(
    sample: list[AllocationProblem], wanted: Callable[[AllocationProblem], bool]
) -> None:
    assert sum(map(wanted, sample)) >= 5


def test_every_field_of_cases_and_officers_varies(sample: list[AllocationProblem]) -> None:
    for usual, records in (
        (case(), [each for made in sample for each in made.cases]),
        (officer(), [each for made in sample for each in made.officers]),
    ):
        names = [field.name for field in dataclasses.fields(usual) if field.name != "__pydantic_config__"]
        assert [
            name for name in names if all(getattr(r, name) == getattr(usual, name) for r in records)
        ] == []
