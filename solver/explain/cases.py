"""What would place an unallocated case? Single relaxations, each checked by the checker and priced exactly.

Everything else stays as the plan has it. A relaxation is offered only where it is the one thing that stands in an
officer's way; what nobody may relax (grade, sex of the officer, conflict, links) is none.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from pydantic import ConfigDict

from models.allocation.case import Case
from models.allocation.officer import Officer, OfficerKey
from models.allocation.plan import Plan
from models.allocation.problem import AllocationProblem
from models.allocation.terms import parse_tier
from models.allocation.workload import workload_percent
from models.errors import UsageError
from models.policy.policy import Policy
from models.record import CAMEL, as_json
from solver.allocation.instance import Instance, compile_instance
from solver.allocation.reasons import rules_refusing, standing_of
from solver.allocation.standing import Standing
from solver.assignment.problem import NOWHERE
from solver.verify import recompute, verify_edited

Line = tuple[str, str | None, str | None]


@dataclass(frozen=True, slots=True)
class CaseLever:
    """One relaxation that places the case with one officer.

    rule: what is relaxed. cost: band-points that the plan then costs more. workload_after: of the officer, in %.
    """

    __pydantic_config__: ClassVar[ConfigDict] = CAMEL

    rule: str
    staff_code: str
    team_code: str
    sentence: str
    cost: int
    workload_after: float | None


@dataclass(frozen=True, slots=True)
class CaseLevers:
    """What would place a case, the cheapest first. officers: how many there are; single: how many one rule stops.

    solved: how many of those were checked. Empty levers: no single relaxation was found.
    """

    __pydantic_config__: ClassVar[ConfigDict] = CAMEL

    crn: str
    why: str
    levers: tuple[CaseLever, ...]
    officers: int
    single: int
    solved: int

    def as_json(self) -> dict[str, Any]:
        """The levers with camelCase names."""
        return as_json(self)


@dataclass(frozen=True)
class _Relaxed:
    """The input with one thing relaxed, and the words for it."""

    problem: AllocationProblem
    policy: Policy
    sentence: str


def what_would_place(
    problem: AllocationProblem, policy: Policy, plan: Plan, crn: str, *, most: int = 12
) -> CaseLevers:
    """Single relaxations for a case that the plan leaves unallocated; `most` of them are checked, the cheapest first.

    Raises UsageError for a case that the plan does not list as unallocated.
    """
    why = next((each.sentence for each in plan.unallocated if each.crn == crn), None)
    if why is None or crn not in problem.case_numbers:
        raise UsageError(f"{crn} is not among the unallocated cases of the plan")
    instance = compile_instance(problem, policy, plan.question)
    placed = instance.placement(instance.assignment_of(plan))
    facts = instance.facts
    row = next(number for number, case in enumerate(facts.cases) if case.crn == crn)
    standing = standing_of(instance, placed)
    refused = rules_refusing(instance, standing, row)
    single = [officer for officer, rules in enumerate(refused) if len(rules) == 1]
    prices = _prices(instance, standing, row)
    cheapest = sorted(single, key=lambda officer: (prices[officer], officer))
    lines = _lines(instance, placed)
    places = {each: OfficerKey(staff, team) for each, staff, team in lines if staff and team}
    before = recompute(problem, plan.question, places, policy).total
    levers, solved = [], 0
    for officer in cheapest:
        if solved == most:
            break
        for relaxed in _relaxations(instance, standing, row, officer, refused[officer][0]):
            solved += 1
            key = facts.officers[officer].key
            cost = _cost(relaxed, plan, lines, places, crn, key)
            if cost is None:
                continue
            after = workload_percent(
                int(standing.loads[officer] + standing.weights[row, officer]), int(facts.available[officer])
            )
            levers.append(CaseLever(refused[officer][0], *key, relaxed.sentence, cost - before, after))
    levers.sort(key=lambda each: (each.cost, each.staff_code, each.team_code))
    return CaseLevers(crn, why, tuple(levers), len(facts.officers), len(single), solved)


def _prices(instance: Instance, standing: Standing, row: int) -> list[int]:
    """What the case would cost with each officer, whatever the rules say."""
    bands = instance.kernel.bands
    after = bands.cost(standing.loads + standing.weights[row]) - bands.cost(standing.loads)
    return [int(each) for each in after + instance.fit[row] + instance.change[row]]


def _lines(instance: Instance, placed: Any) -> list[Line]:
    facts = instance.facts
    return [
        (facts.cases[row].crn, *facts.officers[placed[row]].key)
        if placed[row] != NOWHERE
        else (facts.cases[row].crn, None, None)
        for row in np.flatnonzero(instance.draft.accounted | (placed != NOWHERE)).tolist()
    ]


def _cost(
    relaxed: _Relaxed,
    plan: Plan,
    lines: list[Line],
    places: Mapping[str, OfficerKey],
    crn: str,
    key: OfficerKey,
) -> int | None:
    """The plan's total with the case there, None where some rule still forbids it."""
    taken: list[Line] = [(each[0], *key) if each[0] == crn else each for each in lines]
    if verify_edited(relaxed.problem, taken, plan.question, relaxed.policy):
        return None
    return recompute(relaxed.problem, plan.question, {**places, crn: key}, relaxed.policy).total


def _relaxations(
    instance: Instance, standing: Standing, row: int, officer: int, rule: str
) -> Iterator[_Relaxed]:
    """The relaxation of one rule for one officer, where there is one."""
    facts = instance.facts
    problem, policy = facts.problem, facts.policy
    case, person = facts.cases[row], facts.officers[officer]
    code = person.staff_code
    if rule == "required_skills":
        lacking = [skill for skill in case.required_skills if skill not in person.skills]
        named = " and ".join(skill.replace("_", " ").lower() for skill in lacking)
        trained = dataclasses.replace(person, skills=(*person.skills, *lacking))
        yield _Relaxed(_with_officer(problem, person, trained), policy, f"{code} trained in {named}")
    elif rule == "authorised":
        renewed = dataclasses.replace(person, authorised_from=None, authorised_until=None)
        yield _Relaxed(
            _with_officer(problem, person, renewed), policy, f"the authorisation of {code} in force"
        )
    elif rule == "in_scope" and case.team_codes:
        wider = dataclasses.replace(case, team_codes=(*case.team_codes, person.team_code))
        yield _Relaxed(
            _with_case(problem, case, wider), policy, f"the case allowed to go to team {person.team_code}"
        )
    elif rule == "new_case_limit":
        most = int(standing.received[facts.owner[officer]]) + person.new_cases_last_7_days + 1
        most = max(most, policy.limits.new_cases + 1)
        sentence = (
            f"{_counted(most, 'new case')} a week allowed for {code} instead of {policy.limits.new_cases}"
        )
        yield _Relaxed(problem, _with_limits(policy, new_cases=most), sentence)
    elif rule == "workload_ceiling":
        points, available = int(standing.loads[officer] + standing.weights[row, officer]), facts.available
        if int(available[officer]) >= policy.limits.least_available_points:
            most = -(-100 * points // int(available[officer]))
            sentence = f"a ceiling of {most} % for {code} instead of {policy.limits.ceiling_percent} %"
            yield _Relaxed(problem, _with_limits(policy, ceiling_percent=most), sentence)
    elif rule == "team_oversight_limit" and person.senior_code is not None:
        limit = problem.oversight_limits.get(person.senior_code, 0) + 1
        limits = {**problem.oversight_limits, person.senior_code: limit}
        sentence = f"an oversight limit of {limit} for {person.senior_code} instead of {limit - 1}"
        yield _Relaxed(dataclasses.replace(problem, oversight_limits=limits), policy, sentence)
    elif rule == "tier_limit":
        letter = parse_tier(case.tier, problem.tier_scheme).letter
        if letter in person.tier_limits:
            limit = person.tier_limits[letter] + 1
            more = dataclasses.replace(person, tier_limits={**person.tier_limits, letter: limit})
            sentence = f"{_counted(limit, 'case')} of tier {letter} allowed for {code} instead of {limit - 1}"
            yield _Relaxed(_with_officer(problem, person, more), policy, sentence)


def _counted(count: int, thing: str) -> str:
    return f"{count} {thing}{'' if count == 1 else 's'}"


def _with_limits(policy: Policy, **limits: int) -> Policy:
    return policy.model_copy(update={"limits": policy.limits.model_copy(update=limits)})


def _with_officer(problem: AllocationProblem, person: Officer, changed: Officer) -> AllocationProblem:
    officers = tuple(changed if each.key == person.key else each for each in problem.officers)
    return dataclasses.replace(problem, officers=officers)


def _with_case(problem: AllocationProblem, case: Case, changed: Case) -> AllocationProblem:
    cases = tuple(changed if each.crn == case.crn else each for each in problem.cases)
    return dataclasses.replace(problem, cases=cases)
