"""Every hard rule as a constraint, one function each: it forbids pairs, or adds a limit or link.

The functions write on a `Draft` of an assignment problem, over all cases of the plan. They may run in any order.
`CONSTRAINTS` is the table of contents; solver/assignment turns what they wrote into CP-SAT and kernel terms.
"""

from __future__ import annotations

import datetime as dt
import functools
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np

from models.allocation.terms import Tier
from solver.allocation.facts import Facts
from solver.assignment.problem import NOWHERE, Bools, Ints


@dataclass(frozen=True)
class GroupLimit:
    """At most `limit` of these rows at these officers, once any of them enters. rows, officers: int64 indices."""

    rule: str
    rows: Ints
    officers: Ints
    limit: int


@dataclass
class Draft:
    """What the rules have written so far.

    accounted: bool (n,), cases that the plan must place or list.
    may_take: bool (n, m), pairs that no pair rule forbids, for work that is new to the officer.
    stays: bool (n,), held cases that this question does not move.
    intake_limit: int64 (owners,), the most cases each person may receive. intake_ceiling: int64 (m,), the points at
    or below which an officer who receives anything ends. together, apart: rows of linked cases.
    """

    accounted: Bools
    may_take: Bools
    stays: Bools
    intake_limit: Ints | None = None
    intake_ceiling: Ints | None = None
    move_budget: int | None = None
    together: list[Ints] = field(default_factory=list)
    apart: list[Ints] = field(default_factory=list)
    group_limits: list[GroupLimit] = field(default_factory=list)


Constraint = Callable[[Facts, Draft], None]


def one_officer(_: Facts, draft: Draft) -> None:
    """Every case has one officer or is listed as unallocated with the reasons."""
    draft.accounted[:] = True


def grade_may_hold_tier(facts: Facts, draft: Draft) -> None:
    """The officer's grade may hold the case's tier."""
    rules = [facts.policy.grades.of(officer.grade, officer.training_stage) for officer in facts.officers]
    verdicts: dict[Tier, Bools] = {
        tier: np.array([rule.may_hold(tier) for rule in rules], dtype=bool) for tier in set(facts.tiers)
    }
    for row, tier in enumerate(facts.tiers):
        draft.may_take[row] &= verdicts[tier]
    for officer, rule in enumerate(rules):
        if rule.only_when_pinned:
            draft.may_take[:, officer] &= facts.pinned_owner == facts.owner[officer]


def required_skills(facts: Facts, draft: Draft) -> None:
    """The officer has every skill that the case requires."""
    draft.may_take &= skills_missing(facts, [case.required_skills for case in facts.cases]) == 0


def skills_missing(facts: Facts, wanted: list[tuple[str, ...]]) -> Ints:
    """int64 (n, m): how many of the skills wanted, row by row, each officer lacks."""
    names = sorted({skill for skills in wanted for skill in skills})
    column = {name: number for number, name in enumerate(names)}
    wants = np.zeros((len(wanted), len(names)), dtype=np.float32)
    for row, skills in enumerate(wanted):
        for skill in skills:
            wants[row, column[skill]] = 1.0
    lacks = np.array(
        [[name not in officer.skills for officer in facts.officers] for name in names], dtype=np.float32
    ).reshape(len(names), len(facts.officers))
    missing: Ints = np.rint(wants @ lacks).astype(np.int64)
    return missing


def authorised(facts: Facts, draft: Draft) -> None:
    """The officer's authorisation is in force on the plan date."""
    day = facts.problem.as_of
    for number, officer in enumerate(facts.officers):
        begun = officer.authorised_from is None or officer.authorised_from <= day
        open_still = officer.authorised_until is None or day <= officer.authorised_until
        if not (begun and open_still):
            draft.may_take[:, number] = False


def active_and_staying(facts: Facts, draft: Draft) -> None:
    """The officer is active and, for a case new to them, stays for the policy's minimum tenure."""
    needed = facts.problem.as_of + dt.timedelta(days=facts.policy.limits.least_tenure_days)
    for number, officer in enumerate(facts.officers):
        if not officer.active or (officer.last_day is not None and officer.last_day < needed):
            draft.may_take[:, number] = False


_TEAM_WITH_PROVIDER = re.compile(r"[A-Z][0-9]{2}[A-Z0-9]{3}")


def _provider(team_code: str | None) -> str | None:
    """The provider in a team code such as N03F01, None when the code is not of that shape."""
    if team_code is None or not _TEAM_WITH_PROVIDER.fullmatch(team_code):
        return None
    return team_code[:3]


def in_scope(facts: Facts, draft: Draft) -> None:
    """The officer's team is among the teams the case may go to, and the provider does not change."""
    teams = [officer.team_code for officer in facts.officers]
    providers = [_provider(team) for team in teams]

    @functools.cache
    def in_reach(team_codes: tuple[str, ...], provider: str | None) -> Bools:
        return np.array(
            [
                (not team_codes or team in team_codes) and (provider is None or other in {None, provider})
                for team, other in zip(teams, providers, strict=True)
            ],
            dtype=bool,
        )

    for row, case in enumerate(facts.cases):
        holder = facts.held_by[row]
        team = case.current_team_code or (None if holder == NOWHERE else teams[holder])
        draft.may_take[row] &= in_reach(case.team_codes, _provider(team))


def no_conflict(facts: Facts, draft: Draft) -> None:
    """The officer is not excluded from the case."""
    for row, case in enumerate(facts.cases):
        excluded = {facts.owner_of[code] for code in case.excluded_staff_codes if code in facts.owner_of}
        if facts.released[row] and case.current_staff_code in facts.owner_of:
            excluded.add(facts.owner_of[case.current_staff_code])
        for owner in excluded:
            draft.may_take[row, facts.owner == owner] = False


def officer_sex(facts: Facts, draft: Draft) -> None:
    """Where the case demands it, the officer is of that sex."""
    sexes = np.array([officer.sex or "" for officer in facts.officers])
    for row, case in enumerate(facts.cases):
        if case.officer_sex is not None:
            draft.may_take[row] &= sexes == str(case.officer_sex)


def linked_cases(facts: Facts, draft: Draft) -> None:
    """Cases to be held together share one person, and cases to be kept apart have different persons."""
    together: dict[str, list[int]] = {}
    apart: dict[str, list[int]] = {}
    for row, case in enumerate(facts.cases):
        if case.together_group is not None:
            together.setdefault(case.together_group, []).append(row)
        if case.apart_group is not None:
            apart.setdefault(case.apart_group, []).append(row)
    draft.together.extend(np.array(rows, dtype=np.int64) for rows in together.values() if len(rows) > 1)
    draft.apart.extend(np.array(rows, dtype=np.int64) for rows in apart.values() if len(rows) > 1)


def tier_limit(facts: Facts, draft: Draft) -> None:
    """No officer holds more cases of a tier than their limit."""
    letters = np.array([tier.letter for tier in facts.tiers])
    for number, officer in enumerate(facts.officers):
        for letter, limit in officer.tier_limits.items():
            rows = np.flatnonzero(letters == letter)
            draft.group_limits.append(
                GroupLimit("tier_limit", rows, np.array([number], dtype=np.int64), limit)
            )


def new_case_limit(facts: Facts, draft: Draft) -> None:
    """No person receives more new cases than the limit, in the plan plus the last 7 days."""
    recent = np.zeros(len(facts.persons), dtype=np.int64)
    for number, officer in enumerate(facts.officers):
        recent[facts.owner[number]] += officer.new_cases_last_7_days
    draft.intake_limit = np.maximum(0, facts.policy.limits.new_cases - recent)


def team_oversight_limit(facts: Facts, draft: Draft) -> None:
    """A senior officer's team holds no more high-risk cases than the senior's oversight limit."""
    high_risk = facts.rows_where(facts.policy.limits.high_risk(tier) for tier in facts.tiers)
    for senior, limit in facts.problem.oversight_limits.items():
        overseen = np.flatnonzero([officer.senior_code == senior for officer in facts.officers])
        if overseen.size:
            draft.group_limits.append(GroupLimit("team_oversight_limit", high_risk, overseen, limit))


def workload_ceiling(facts: Facts, draft: Draft) -> None:
    """New work takes nobody above the ceiling, and goes to nobody with almost no availability."""
    limits = facts.policy.limits
    draft.may_take[:, facts.available < limits.least_available_points] = False
    draft.intake_ceiling = limits.ceiling_percent * facts.available // 100


def pinned(facts: Facts, draft: Draft) -> None:
    """A pinned case stays, or goes, where it is pinned."""
    rows = np.flatnonzero(facts.pinned_owner != NOWHERE)
    draft.may_take[rows] &= facts.owner[None, :] == facts.pinned_owner[rows, None]
    draft.stays |= facts.pinned_at_home


def move_budget(facts: Facts, draft: Draft) -> None:
    """At most the given number of held cases change officer, and a protected case does not."""
    held = facts.home != NOWHERE
    draft.stays |= held if facts.allocating else facts.protected
    draft.move_budget = 0 if facts.allocating else facts.question.moves


CONSTRAINTS: Mapping[str, Constraint] = MappingProxyType(
    {
        "one_officer": one_officer,
        "grade_may_hold_tier": grade_may_hold_tier,
        "required_skills": required_skills,
        "authorised": authorised,
        "active_and_staying": active_and_staying,
        "in_scope": in_scope,
        "no_conflict": no_conflict,
        "officer_sex": officer_sex,
        "linked_cases": linked_cases,
        "tier_limit": tier_limit,
        "new_case_limit": new_case_limit,
        "team_oversight_limit": team_oversight_limit,
        "workload_ceiling": workload_ceiling,
        "pinned": pinned,
        "move_budget": move_budget,
    }
)
"""The constraint of each hard rule, by the rule's id. A pinned or protected case that may not move is `stays`."""


def draft_of(facts: Facts) -> Draft:
    """What every rule of the register writes for these facts."""
    draft = Draft(
        accounted=np.zeros(len(facts.cases), dtype=bool),
        may_take=np.ones(facts.shape, dtype=bool),
        stays=np.zeros(len(facts.cases), dtype=bool),
    )
    for constrain in CONSTRAINTS.values():
        constrain(facts, draft)
    return draft
