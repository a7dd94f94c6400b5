"""The roster checker and the register of rules say the same."""

from __future__ import annotations

import inspect
from pathlib import Path

import pytest

from models.rules import UNPAID_WORK_RULES, Strength
from solver.verify.unpaid_work import ROSTER_CHECKS, ROSTER_CLAIMS


def _ids(strength: Strength) -> list[str]:
    return [rule.id for rule in UNPAID_WORK_RULES.values() if rule.strength is strength]


def test_every_hard_rule_has_one_check_and_no_check_is_without_a_rule() -> None:
    assert list(ROSTER_CHECKS) == _ids(Strength.HARD)


def test_every_claim_has_one_check() -> None:
    assert list(ROSTER_CLAIMS) == _ids(Strength.CLAIM)


@pytest.mark.parametrize("rule_id", [*ROSTER_CHECKS, *ROSTER_CLAIMS])
def test_a_check_says_of_itself_what_the_register_says(rule_id: str) -> None:
    check = ROSTER_CHECKS.get(rule_id) or ROSTER_CLAIMS[rule_id]
    assert inspect.getdoc(check) == UNPAID_WORK_RULES[rule_id].sentence
    assert check.__name__ == rule_id


@pytest.mark.parametrize("rule_id", ROSTER_CHECKS)
def test_the_page_on_unpaid_work_states_every_hard_rule(rule_id: str) -> None:
    page = Path(__file__).parents[2] / "docs" / "unpaid-work.md"
    assert f"| `{rule_id}` |" in page.read_text(encoding="utf-8")
