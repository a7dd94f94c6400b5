"""The rules that look at one case and one officer alone.

Each takes a Pair and returns why the pair is forbidden, in a sentence, or None when the rule is kept. They are
asked only of what a plan changes, and by the findings of what is held today.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from models.allocation.case import Case
from models.allocation.officer import Officer
from models.allocation.terms import Grade
from models.allocation.workload import available_points
from models.rules import Violation
from solver.verify.situation import Situation, name


@dataclass(frozen=True, slots=True)
class Pair:
    """A case and an officer who holds it or might."""

    situation: Situation
    case: Case
    officer: Officer

    @property
    def code(self) -> str:
        return self.officer.staff_code


PairRule = Callable[[Pair], str | None]


def grade_may_hold_tier(pair: Pair) -> str | None:
    """The officer's grade may hold the case's tier."""
    officer = pair.officer
    rule = pair.situation.policy.grades.of(officer.grade, officer.training_stage)
    if not rule.may_hold(pair.situation.problem.tier(pair.case)):
        return f"{pair.code} is {_grade(officer)}; the case is {pair.case.tier}"
    if rule.only_when_pinned and pair.case.pinned_staff_code != pair.code:
        return f"{pair.code} is {_grade(officer)} and takes only cases that are pinned there"
    return None


def _grade(officer: Officer) -> str:
    if officer.grade is Grade.PQIP:
        return f"a PQIP in training stage {officer.training_stage or 1}"
    return f"{'an' if officer.grade is Grade.SPO else 'a'} {officer.grade.value}"


def required_skills(pair: Pair) -> str | None:
    """The officer has every skill that the case requires."""
    missing = [skill for skill in pair.case.required_skills if skill not in pair.officer.skills]
    return f"{pair.code} lacks {', '.join(missing)}" if missing else None


def authorised(pair: Pair) -> str | None:
    """The officer's authorisation is in force on the plan date."""
    day, officer = pair.situation.problem.as_of, pair.officer
    if officer.authorised_from is not None and day < officer.authorised_from:
        return f"{pair.code} is not authorised before {officer.authorised_from}"
    if officer.authorised_until is not None and day > officer.authorised_until:
        return f"the authorisation of {pair.code} ended on {officer.authorised_until}"
    return None


def active_and_staying(pair: Pair) -> str | None:
    """The officer is active and, for a case new to them, stays for the policy's minimum tenure."""
    gone = still_there(pair)
    if gone is not None or pair.officer.last_day is None:
        return gone
    left = (pair.officer.last_day - pair.situation.problem.as_of).days
    needed = pair.situation.policy.limits.least_tenure_days
    if left >= needed:
        return None
    days = "1 day" if left == 1 else f"{left} days"
    return f"{pair.code} leaves on {pair.officer.last_day}, {days} after the plan date; {needed} are needed"


def still_there(pair: Pair) -> str | None:
    """What active_and_staying asks of a case already held: the officer is active and has not left."""
    if not pair.officer.active:
        return f"{pair.code} is not active"
    if pair.officer.last_day is not None and pair.officer.last_day < pair.situation.problem.as_of:
        return f"{pair.code} left on {pair.officer.last_day}"
    return None


def in_scope(pair: Pair) -> str | None:
    """The officer's team is among the teams the case may go to, and the provider does not change."""
    team, teams = pair.officer.team_code, pair.case.team_codes
    faults = []
    if teams and team not in teams:
        faults.append(f"the case may go to {', '.join(teams)}; {name(pair.officer)} is in another team")
    now, then = provider_of(_team_today(pair)), provider_of(team)
    if now is not None and then is not None and now != then:
        faults.append(f"the case is with provider {now}; {name(pair.officer)} is with {then}")
    return "; ".join(faults) or None


def _team_today(pair: Pair) -> str | None:
    """The team the case is in: as stated, else its holder's."""
    if pair.case.current_team_code is not None:
        return pair.case.current_team_code
    holder = pair.situation.problem.holder(pair.case)
    return None if holder is None else pair.situation.problem.officers[holder].team_code


_TEAM_CODE = re.compile(r"([A-Z][0-9]{2})[A-Z0-9]{3}")


def provider_of(team_code: str | None) -> str | None:
    """The provider that a team code begins with (N03 of N03F01); None when the code is not of that form."""
    match = None if team_code is None else _TEAM_CODE.fullmatch(team_code)
    return None if match is None else match[1]


def no_conflict(pair: Pair) -> str | None:
    """The officer is not excluded from the case."""
    if pair.code in pair.case.excluded_staff_codes:
        return f"{pair.code} is excluded from the case"
    if pair.case.crn in pair.situation.released and pair.code == pair.case.current_staff_code:
        return f"the case is released from {pair.code} and does not return there"
    return None


def officer_sex(pair: Pair) -> str | None:
    """Where the case demands it, the officer is of that sex."""
    wanted, sex = pair.case.officer_sex, pair.officer.sex
    if wanted is None or wanted == sex:
        return None
    known = f"the sex of {pair.code} is not recorded" if sex is None else f"{pair.code} is {sex.lower()}"
    return f"the case needs a {wanted.lower()} officer; {known}"


def pinned(pair: Pair) -> str | None:
    """A pinned case stays, or goes, where it is pinned."""
    pin = pair.case.pinned_staff_code
    return None if pin is None or pin == pair.code else f"the case is pinned to {pin}, not to {pair.code}"


def enough_availability(pair: Pair) -> str | None:
    """The part of workload_ceiling that a pair decides alone: who has almost no availability receives nothing."""
    available = available_points(pair.officer, pair.situation.policy)
    least = pair.situation.policy.limits.least_available_points
    if available >= least:
        return None
    return f"{name(pair.officer)} has {available} points available; {least} are needed to receive anything"


PAIR_RULES: Mapping[str, PairRule] = MappingProxyType(
    {
        "grade_may_hold_tier": grade_may_hold_tier,
        "required_skills": required_skills,
        "authorised": authorised,
        "active_and_staying": active_and_staying,
        "in_scope": in_scope,
        "no_conflict": no_conflict,
        "officer_sex": officer_sex,
        "workload_ceiling": enough_availability,
        "pinned": pinned,
    }
)
"""What decides whether an officer may take a case by the pair alone, by rule id, in the register's order."""


def refusals(situation: Situation, case: Case, officer: Officer) -> tuple[Violation, ...]:
    """Every pair rule that forbids giving this case to this officer, an override left out of account."""
    pair = Pair(situation, case, officer)
    found = []
    for rule_id, rule in PAIR_RULES.items():
        sentence = rule(pair)
        if sentence is not None:
            found.append(Violation(rule_id, sentence, case.crn, officer.staff_code, officer.team_code))
    return tuple(found)


def may_take(situation: Situation, case: Case, officer: Officer) -> bool:
    """Whether no pair rule forbids it."""
    pair = Pair(situation, case, officer)
    return all(rule(pair) is None for rule in PAIR_RULES.values())
