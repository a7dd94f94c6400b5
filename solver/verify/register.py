"""The check of every hard rule, by the rule's id. A rule without a check, or a check without a rule, is a defect."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType

from models.rules import ALLOCATION_RULES, Violation
from solver.verify import pairs
from solver.verify.facts import PlanFacts
from solver.verify.limits import new_case_limit, team_oversight_limit, tier_limit, workload_ceiling
from solver.verify.links import linked_cases
from solver.verify.moves import move_budget, pinned

Check = Callable[[PlanFacts], Iterator[Violation]]
"""Yields every violation of one rule. Its docstring is the rule's sentence in the register."""


def one_officer(facts: PlanFacts) -> Iterator[Violation]:
    """Every case has one officer or is listed as unallocated with the reasons."""
    yield from facts.faults


def _of_every_change(rule: pairs.PairRule) -> Check:
    """The check that asks a pair rule of every case that somebody receives, but for overridden pins."""

    @functools.wraps(rule)
    def check(facts: PlanFacts) -> Iterator[Violation]:
        for number in facts.bound_by_rules:
            sentence = rule(facts.pair(number))
            if sentence is not None:
                yield facts.violation(rule.__name__, sentence, number)

    return check


CHECKS: Mapping[str, Check] = MappingProxyType(
    {
        "one_officer": one_officer,
        "grade_may_hold_tier": _of_every_change(pairs.grade_may_hold_tier),
        "required_skills": _of_every_change(pairs.required_skills),
        "authorised": _of_every_change(pairs.authorised),
        "active_and_staying": _of_every_change(pairs.active_and_staying),
        "in_scope": _of_every_change(pairs.in_scope),
        "no_conflict": _of_every_change(pairs.no_conflict),
        "officer_sex": _of_every_change(pairs.officer_sex),
        "linked_cases": linked_cases,
        "tier_limit": tier_limit,
        "new_case_limit": new_case_limit,
        "team_oversight_limit": team_oversight_limit,
        "workload_ceiling": workload_ceiling,
        "pinned": pinned,
        "move_budget": move_budget,
    }
)
"""One check for each hard rule of the register, in its order."""


def broken_rules(facts: PlanFacts) -> tuple[Violation, ...]:
    """Every violation of every hard rule: by case in the input's order, then what concerns no one case.

    Within a case the order is the register's.
    """
    found = [violation for check in CHECKS.values() for violation in check(facts)]
    return tuple(sorted(found, key=functools.partial(_place, facts)))


def _place(facts: PlanFacts, violation: Violation) -> tuple[int, int]:
    numbers = facts.situation.problem.case_numbers
    last = len(numbers)
    position = last + 1 if violation.crn is None else numbers.get(violation.crn, last)
    return position, list(ALLOCATION_RULES).index(violation.rule)
