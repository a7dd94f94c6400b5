"""The checker and the register of rules say the same."""

from __future__ import annotations

import inspect

import pytest

from models.rules import ALLOCATION_RULES, Strength
from solver.verify import CHECKS, CLAIMS, PAIR_RULES


def _ids(strength: Strength) -> list[str]:
    return [rule.id for rule in ALLOCATION_RULES.values() if rule.strength is strength]


def test_every_hard_rule_has_one_check_and_no_check_is_without_a_rule() -> None:
    assert list(CHECKS) == _ids(Strength.HARD)


def test_every_claim_has_one_check() -> None:
    assert list(CLAIMS) == _ids(Strength.CLAIM)


@pytest.mark.parametrize("rule_id", [*CHECKS, *CLAIMS])
def test_a_check_says_of_itself_what_the_register_says(rule_id: str) -> None:
    check = CHECKS.get(rule_id) or CLAIMS[rule_id]
    assert inspect.getdoc(check) == ALLOCATION_RULES[rule_id].sentence
    assert check.__name__ == rule_id


def test_the_pair_rules_are_those_of_the_register_and_the_least_availability() -> None:
    pair_rules = [rule.id for rule in ALLOCATION_RULES.values() if rule.pair or rule.id == "workload_ceiling"]
    assert list(PAIR_RULES) == pair_rules
