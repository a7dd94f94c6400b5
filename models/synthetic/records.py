"""Cases as records: who holds them and since when, who held them before, and what they demand.

Everything that a case demands of its officer is drawn around its anchor, the officer who holds it or is planted for
it, so that the anchor meets it. A waiting case without an anchor may demand what nobody can meet, as in real life.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from models.allocation.case import Case
from models.allocation.officer import Officer
from models.allocation.terms import CaseType, Sex
from models.policy.policy import Policy
from models.synthetic.caseload import Caseload
from models.synthetic.draws import Generator, Ints, about, pick, quota, some
from models.synthetic.holding import MayHold
from models.synthetic.parameters import AllocationParameters
from models.synthetic.staff import Staff


@dataclass(frozen=True)
class Unit:
    """What the records are drawn from.

    holder: the row that holds each held case, by case number; planted: the row planted for each waiting one, empty
    without a plan; gone: held cases whose holder has left the input (they count for nobody).
    """

    rng: Generator
    parameters: AllocationParameters
    policy: Policy
    as_of: dt.date
    staff: Staff
    caseload: Caseload
    may: MayHold
    holder: Mapping[int, int]
    planted: Mapping[int, int]
    gone: frozenset[int]

    @property
    def count(self) -> int:
        """How many cases there are."""
        return len(self.caseload.kind)

    def anchor(self, case: int) -> int | None:
        """The row that holds the case or is planted for it; None for a waiting case of no plan."""
        return self.holder.get(case, self.planted.get(case))

    def anchor_officer(self, case: int) -> Officer | None:
        """The officer at the anchor."""
        row = self.anchor(case)
        return None if row is None else self.staff.officers[row]

    def code(self, person: int) -> str:
        """The staff code of a person."""
        return self.staff.names.staff(person)


def draw_days_held(unit: Unit) -> Ints:
    """Days since each case came to its holder [cases]: exponential, cut at the most and at the holder's own start.

    Leavers received nothing after their last day. Nobody received more in the last 7 days than the new-case limit
    leaves beside the planted cases: the rest came in the three weeks before.
    """
    table = unit.parameters.history
    most, away = np.full(unit.count, table.held_most_days), np.zeros(unit.count, dtype=np.int64)
    for case, row in unit.holder.items():
        officer = unit.staff.officers[row]
        if officer.authorised_from is not None:
            most[case] = min(table.held_most_days, (unit.as_of - officer.authorised_from).days)
        if officer.last_day is not None:
            away[case] = max(0, (unit.as_of - officer.last_day).days)
    end = 1 - np.exp(-(most - away) / table.held_mean_days)
    drawn = -table.held_mean_days * np.log1p(-unit.rng.random(unit.count) * end)
    days: Ints = away + np.clip(drawn.astype(np.int64), 1, np.maximum(1, most - away))
    left = np.full(unit.staff.people, unit.policy.limits.new_cases, dtype=np.int64)
    np.subtract.at(left, unit.staff.person[list(unit.planted.values())], 1)
    for case in np.flatnonzero(days <= 7).tolist():
        if case not in unit.holder or case in unit.gone:
            continue
        person = int(unit.staff.person[unit.holder[case]])
        if left[person] > 0:
            left[person] -= 1
        else:
            days[case] += 7 * int(unit.rng.integers(1, 4))
    return days


def draw_cases(unit: Unit, days: Ints) -> list[Case]:
    """Every case with its holder and its history."""
    load, names = unit.caseload, unit.staff.names
    numbers = names.crn_first + unit.rng.choice(names.crn_count, unit.count, replace=False)
    skills = [skill.name for skill in unit.parameters.skills]
    cases = []
    for case in range(unit.count):
        kind = load.kinds[int(load.kind[case])]
        required = int(load.required[case])
        preferred = int(load.preferred[case]) & ~required
        cases.append(
            Case(
                crn=f"{names.crn_letter}{int(numbers[case]):06d}",
                tier=kind.tier.name + ("S" if load.suspended[case] else ""),
                case_type=kind.case_type,
                t2a=bool(load.t2a[case]),
                required_skills=tuple(name for bit, name in enumerate(skills) if required >> bit & 1),
                preferred_skills=tuple(name for bit, name in enumerate(skills) if preferred >> bit & 1),
                location=load.places[case],
            )
        )
    _add_holders(unit, cases, days)
    _add_history(unit, cases)
    return cases


def _add_holders(unit: Unit, cases: list[Case], days: Ints) -> None:
    table, staff = unit.parameters.history, unit.staff
    soon = some(unit.rng, table.protected_otherwise, unit.count)
    for case, row in unit.holder.items():
        officer = staff.officers[row]
        since = unit.as_of - dt.timedelta(days=int(days[case]))
        until = since + dt.timedelta(days=table.protected_after_change_days)
        if soon[case]:
            until = max(until, unit.as_of + dt.timedelta(days=int(unit.rng.integers(1, 60))))
        code = officer.staff_code
        if case in unit.gone:
            code = staff.names.leaver(int(unit.rng.integers(1, 60)))
        cases[case] = replace(
            cases[case],
            current_staff_code=code,
            current_team_code=officer.team_code,
            held_since=since,
            protected_until=until if until >= unit.as_of else None,
        )
    waiting = np.flatnonzero(unit.caseload.waiting)
    in_pool = some(unit.rng, unit.parameters.waiting.in_pool, len(waiting))
    for place, case in enumerate(waiting.tolist()):
        if in_pool[place]:
            team = staff.teams[int(unit.rng.integers(len(staff.teams)))]
            cases[case] = replace(cases[case], current_staff_code=f"{team}U", current_team_code=team)


def _add_history(unit: Unit, cases: list[Case]) -> None:
    """Changes of officer so far and who held the case before; waiting cases are mostly people new to probation."""
    table, rng = unit.parameters.history, unit.rng
    changes = quota(rng, table.changes, unit.count)
    returning = some(rng, table.returning, unit.count)
    for case in range(unit.count):
        count = int(changes[case])
        if unit.caseload.waiting[case]:
            count = max(1, count) if returning[case] else 0
        if count == 0:
            continue
        anchor = unit.holder.get(case)
        previous: dict[str, None] = {}
        for _ in range(count):
            person = int(rng.integers(unit.staff.people))
            known = rng.random() >= table.unknown_officer
            if not known or (anchor is not None and person == unit.staff.person[anchor]):
                previous[unit.staff.names.leaver(int(rng.integers(60, 200)))] = None
            else:
                previous[unit.code(person)] = None
        cases[case] = replace(cases[case], officer_changes=count, previous_staff_codes=tuple(previous))


def add_demands(unit: Unit, cases: list[Case]) -> None:
    """Restrictions, exclusions, sex of officer, teams and pins; `cases` is changed in place."""
    _add_exclusions(unit, cases)
    _add_sex(unit, cases)
    _add_teams(unit, cases)
    _add_pins(unit, cases)


def _add_exclusions(unit: Unit, cases: list[Case]) -> None:
    demands, rng = unit.parameters.demands, unit.rng
    for case in np.flatnonzero(some(rng, demands.restricted, unit.count)).tolist():
        cases[case] = replace(cases[case], restricted=True)
    for case in np.flatnonzero(some(rng, demands.excluded, unit.count)).tolist():
        anchor = unit.anchor(case)
        people = {int(rng.integers(unit.staff.people)) for _ in range(int(rng.integers(1, 3)))}
        if anchor is not None:
            people.discard(int(unit.staff.person[anchor]))
        cases[case] = replace(cases[case], excluded_staff_codes=tuple(unit.code(p) for p in sorted(people)))
    held = sorted(set(unit.holder) - unit.gone)
    for _ in range(about(rng, unit.parameters.untidiness.exclusion_added * len(held))):
        case = pick(rng, held)
        holder = cases[case].current_staff_code
        if holder is not None:
            cases[case] = replace(cases[case], excluded_staff_codes=(holder,))


def _add_sex(unit: Unit, cases: list[Case]) -> None:
    demands, rng = unit.parameters.demands, unit.rng
    for case in np.flatnonzero(some(rng, demands.officer_sex, unit.count)).tolist():
        officer = unit.anchor_officer(case)
        drawn = Sex.FEMALE if rng.random() < unit.parameters.posts.female else Sex.MALE
        cases[case] = replace(cases[case], officer_sex=drawn if officer is None else officer.sex)
    for case in np.flatnonzero(some(rng, demands.preferred_sex, unit.count)).tolist():
        drawn = Sex.FEMALE if rng.random() < unit.parameters.posts.female else Sex.MALE
        if cases[case].officer_sex is None:
            cases[case] = replace(cases[case], preferred_officer_sex=drawn)


def _add_teams(unit: Unit, cases: list[Case]) -> None:
    rng, teams = unit.rng, unit.staff.teams
    for case in np.flatnonzero(some(rng, unit.parameters.demands.teams, unit.count)).tolist():
        officer = unit.anchor_officer(case)
        chosen = {teams[int(rng.integers(len(teams)))] for _ in range(int(rng.integers(1, 4)))}
        if officer is not None:
            chosen.add(officer.team_code)
        cases[case] = replace(cases[case], team_codes=tuple(sorted(chosen)))


def _add_pins(unit: Unit, cases: list[Case]) -> None:
    """Held cases pinned to their holder; waiting ones to the planted officer, else to somebody who may hold them."""
    rng = unit.rng
    held = np.array(sorted(set(unit.holder) - unit.gone), dtype=np.int64)
    for case in held[some(rng, unit.parameters.demands.pinned, len(held))].tolist():
        cases[case] = replace(cases[case], pinned_staff_code=cases[case].current_staff_code)
    waiting = np.flatnonzero(unit.caseload.waiting)
    for case in waiting[some(rng, unit.parameters.waiting.pinned, len(waiting))].tolist():
        officer = unit.anchor_officer(case)
        if officer is None:
            able = unit.may.rows(int(unit.caseload.kind[case]), int(unit.caseload.required[case]))
            able = able & unit.staff.receives
            rows = [
                row
                for row in np.flatnonzero(able).tolist()
                if _accepts(cases[case], unit.staff.officers[row])
            ]
            if len(rows) == 0:
                continue
            officer = unit.staff.officers[pick(rng, rows)]
        cases[case] = replace(cases[case], pinned_staff_code=officer.staff_code)


def _accepts(case: Case, officer: Officer) -> bool:
    """Whether the case's own demands allow the officer."""
    return (
        (not case.team_codes or officer.team_code in case.team_codes)
        and officer.staff_code not in case.excluded_staff_codes
        and case.officer_sex in (None, officer.sex)
    )


def add_due_dates(unit: Unit, cases: list[Case]) -> None:
    """When the first appointment of a waiting case is due: releases within a few days, others within weeks."""
    rng = unit.rng
    for case in np.flatnonzero(unit.caseload.waiting).tolist():
        near, later = unit.parameters.waiting.due.get(cases[case].case_type, (0.0, 0.0))
        mark = rng.random()
        urgent = 3 if cases[case].case_type is CaseType.LICENSE else 8
        days = int(rng.integers(0, urgent)) if mark < near else int(rng.integers(8, 40))
        if mark < near + later:
            cases[case] = replace(cases[case], due_by=unit.as_of + dt.timedelta(days=days))
