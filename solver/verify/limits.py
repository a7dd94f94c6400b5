"""The rules that count: what an officer, a person or a senior's team may hold once something is received."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from models.allocation.case import Case
from models.rules import Violation
from solver.verify.facts import PlanFacts
from solver.verify.pairs import enough_availability
from solver.verify.situation import counted, name


def tier_limit(facts: PlanFacts) -> Iterator[Violation]:
    """No officer holds more cases of a tier than their limit."""
    problem = facts.situation.problem
    letters = [problem.tier(case).letter for case in problem.cases]
    held = Counter(zip(facts.places, letters, strict=True))
    receiving = {(place, letters[number]) for number, place in facts.bound_by_rules.items()}
    for position, officer in enumerate(problem.officers):
        for letter, limit in officer.tier_limits.items():
            count = held[position, letter]
            if (position, letter) in receiving and count > limit:
                sentence = (
                    f"{name(officer)} would hold {counted(count)} of tier {letter}; the limit is {limit}"
                )
                yield Violation("tier_limit", sentence, None, *officer.key)


def new_case_limit(facts: PlanFacts) -> Iterator[Violation]:
    """No person receives more new cases than the limit, in the plan plus the last 7 days."""
    situation = facts.situation
    limit = situation.policy.limits.new_cases
    received = Counter(facts.person(number) for number in facts.received)
    receiving = {facts.person(number) for number in facts.received if not facts.overridden(number)}
    for code, officers in situation.problem.officers_of.items():
        recent = sum(situation.problem.officers[each].new_cases_last_7_days for each in officers)
        if code in receiving and received[code] + recent > limit:
            sentence = (
                f"{code} would receive {counted(received[code])}, after {recent} in the last 7 days; "
                f"the limit is {limit} in all"
            )
            yield Violation("new_case_limit", sentence, None, code)


def team_oversight_limit(facts: PlanFacts) -> Iterator[Violation]:
    """A senior officer's team holds no more high-risk cases than the senior's oversight limit."""
    situation = facts.situation
    officers = situation.problem.officers

    def high_risk(case: Case) -> bool:
        return situation.policy.limits.high_risk(situation.problem.tier(case))

    held = situation.counts(facts.places, high_risk)
    entering = {
        (officers[place].senior_code, situation.senior_code(situation.homes[number]))
        for number, place in facts.bound_by_rules.items()
        if high_risk(situation.problem.cases[number])
    }
    for senior, limit in situation.problem.oversight_limits.items():
        comes_in = any(to == senior and origin != senior for to, origin in entering)
        count = sum(
            cases for cases, officer in zip(held, officers, strict=True) if officer.senior_code == senior
        )
        if comes_in and count > limit:
            sentence = f"the officers of {senior} would hold {counted(count, 'high-risk case')}; the limit is {limit}"
            yield Violation("team_oversight_limit", sentence, None, senior)


def workload_ceiling(facts: PlanFacts) -> Iterator[Violation]:
    """New work takes nobody above the ceiling, and goes to nobody with almost no availability."""
    situation = facts.situation
    lacking: dict[int, str | None] = {}
    for number, place in facts.bound_by_rules.items():
        if place not in lacking:
            lacking[place] = enough_availability(facts.pair(number))
        sentence = lacking[place]
        if sentence is not None:
            yield facts.violation("workload_ceiling", sentence, number)
    ceiling = situation.policy.limits.ceiling_percent
    for position in sorted(set(facts.bound_by_rules.values())):
        officer, points = situation.problem.officers[position], facts.loads[position]
        available = situation.available[position]
        if 100 * points > ceiling * available:
            sentence = (
                f"{name(officer)} would have {points} points on {available} available, above {ceiling} %"
            )
            yield Violation("workload_ceiling", sentence, None, *officer.key)
