"""The rules that count: what an officer, a person or a senior's team may hold once something is received."""

from __future__ import annotations

from collections.abc import Iterator

from models.allocation.case import Case
from models.rules import Violation
from solver.verify.facts import PlanFacts
from solver.verify.pairs import enough_availability
from solver.verify.situation import counted, name


def tier_limit(facts: PlanFacts) -> Iterator[Violation]:
    """No officer holds more cases of a tier than their limit."""
    problem = facts.situation.problem
    receiving = {(place, _letter(facts, number)) for number, place in facts.bound_by_rules.items()}
    for position, officer in enumerate(problem.officers):
        for letter, limit in officer.tier_limits.items():
            if (position, letter) not in receiving:
                continue
            held = sum(
                place == position and _letter(facts, number) == letter
                for number, place in enumerate(facts.places)
            )
            if held > limit:
                sentence = (
                    f"{name(officer)} would hold {counted(held)} of tier {letter}; the limit is {limit}"
                )
                yield Violation("tier_limit", sentence, None, *officer.key)


def _letter(facts: PlanFacts, number: int) -> str:
    problem = facts.situation.problem
    return problem.tier(problem.cases[number]).letter


def new_case_limit(facts: PlanFacts) -> Iterator[Violation]:
    """No person receives more new cases than the limit, in the plan plus the last 7 days."""
    situation = facts.situation
    limit = situation.policy.limits.new_cases
    receiving = {facts.person(number) for number in facts.received if not facts.overridden(number)}
    for code, officers in situation.problem.officers_of.items():
        if code not in receiving:
            continue
        received = sum(facts.person(number) == code for number in facts.received)
        recent = sum(situation.problem.officers[each].new_cases_last_7_days for each in officers)
        if received + recent > limit:
            sentence = (
                f"{code} would receive {counted(received)}, after {recent} in the last 7 days; "
                f"the limit is {limit} in all"
            )
            yield Violation("new_case_limit", sentence, None, code)


def team_oversight_limit(facts: PlanFacts) -> Iterator[Violation]:
    """A senior officer's team holds no more high-risk cases than the senior's oversight limit."""
    situation = facts.situation
    for senior, limit in situation.problem.oversight_limits.items():
        team = {
            position
            for position, officer in enumerate(situation.problem.officers)
            if officer.senior_code == senior
        }
        entering = [
            number
            for number, place in facts.bound_by_rules.items()
            if place in team and situation.homes[number] not in team
        ]
        if not any(_high_risk(facts, situation.problem.cases[number]) for number in entering):
            continue
        held = sum(
            place in team and _high_risk(facts, case)
            for case, place in zip(situation.problem.cases, facts.places, strict=True)
        )
        if held > limit:
            sentence = (
                f"the officers of {senior} would hold {counted(held, 'high-risk case')}; the limit is {limit}"
            )
            yield Violation("team_oversight_limit", sentence, None, senior)


def _high_risk(facts: PlanFacts, case: Case) -> bool:
    return facts.situation.policy.limits.high_risk(facts.situation.problem.tier(case))


def workload_ceiling(facts: PlanFacts) -> Iterator[Violation]:
    """New work takes nobody above the ceiling, and goes to nobody with almost no availability."""
    situation = facts.situation
    for number in facts.bound_by_rules:
        sentence = enough_availability(facts.pair(number))
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
