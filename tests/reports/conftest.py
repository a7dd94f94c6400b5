"""A plan with something of everything: placed, moved, transferred, unallocated, found, overridden."""

from __future__ import annotations

import pytest

from api.reports.view import PlanView
from models.allocation.plan import Question, QuestionKind
from models.allocation.terms import Grade, Sex
from models.policy.policy import default_policy
from solver.allocation.allocate import plan
from solver.engine import Limits
from tests.support.problems import case, held, officer, problem

FORMULA = '=HYPERLINK("http://example.invalid";"@+-")'


@pytest.fixture(scope="session")
def view() -> PlanView:
    """N03A001 has eight A3 cases, so a budget of two moves is spent on them; N03A002 has none.

    X000011 is pinned to the PSO N03A003 under an override although it is B2; X000013 demands a man and there is
    none; X000005's holder has left.
    """
    full, empty, trainee = (
        officer("N03A001", sex=Sex.FEMALE),
        officer("N03A002", "N03F02", sex=Sex.FEMALE),
        officer("N03A003", grade=Grade.PSO, sex=Sex.FEMALE),
    )
    made = problem(
        [full, empty, trainee],
        [
            *(held(f"X00010{number}", "A3", full) for number in range(8)),
            held("X000005", "C2", officer("N03A099")),
            case(
                "X000011",
                "B2",
                pinned_staff_code="N03A003",
                override_reason="other",
                override_text=FORMULA,
            ),
            case("X000012", "D2"),
            case("X000013", "C1", officer_sex=Sex.MALE),
        ],
    )
    question = Question(QuestionKind.REBALANCE, 2)
    policy = default_policy()
    return PlanView.of(made, plan(made, policy, question, Limits(20.0, threads=1)), policy)
