"""Plans for tests: what a problem looks like once a few cases go somewhere, and which rules that breaks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from models.allocation.officer import Officer, OfficerKey
from models.allocation.plan import (
    Assignment,
    Plan,
    Provenance,
    Question,
    Unallocated,
    gap_of,
)
from models.allocation.problem import AllocationProblem
from models.policy.policy import Policy, default_policy
from models.rules import Violation
from solver.verify import balance, findings, load_rows, recompute, verify_edited
from solver.verify.releases import situation_of
from solver.verify.situation import Standing
from tests.support.problems import allocate

Changes = Mapping[str, Officer | None]
"""Where cases go, by CRN; None: left unallocated. Whoever is not named stays held, or waiting."""


def lines(
    of: AllocationProblem,
    changes: Changes,
    question: Question | None = None,
    policy: Policy | None = None,
) -> list[tuple[str, str | None, str | None]]:
    """A line for every case that is in the plan."""
    situation = situation_of(of, question or allocate(), policy or default_policy())
    found: list[tuple[str, str | None, str | None]] = []
    for case, standing, home in zip(of.cases, situation.standings, situation.homes, strict=True):
        officer = changes[case.crn] if case.crn in changes else None if home is None else of.officers[home]
        if standing is not Standing.OUT or case.crn in changes:
            found.append((case.crn, *(officer.key if officer else (None, None))))
    return found


def violations(
    of: AllocationProblem,
    changes: Changes,
    question: Question | None = None,
    policy: Policy | None = None,
) -> tuple[Violation, ...]:
    """Every hard rule that these changes break."""
    asked, by = question or allocate(), policy or default_policy()
    return verify_edited(of, lines(of, changes, asked, by), asked, by)


def broken(
    of: AllocationProblem,
    changes: Changes,
    question: Question | None = None,
    policy: Policy | None = None,
) -> list[tuple[str, str | None]]:
    """The rules that these changes break, each with its case."""
    return [(each.rule, each.crn) for each in violations(of, changes, question, policy)]


def honest_plan(
    of: AllocationProblem,
    changes: Changes,
    question: Question | None = None,
    policy: Policy | None = None,
    *,
    bound: int | None = None,
    **fields: Any,
) -> Plan:
    """A plan that makes these changes and tells the truth about it; `fields` are told otherwise."""
    asked, by = question or allocate(), policy or default_policy()
    places = {
        crn: OfficerKey(staff, team)
        for crn, staff, team in lines(of, changes, asked, by)
        if staff is not None and team is not None
    }
    waiting = [crn for crn, staff, _ in lines(of, changes, asked, by) if staff is None]
    objective = recompute(of, asked, places, by)
    made: dict[str, Any] = {
        "status": "FEASIBLE",
        "objective": objective,
        "bound": bound,
        "gap": gap_of(objective.total, bound, objective.fixed),
        "unallocated_proven": False,
        "wall_seconds": 0.1,
        "question": asked,
        "findings": findings(of, by, asked),
        "assignments": tuple(_assignment(of, crn, key) for crn, key in places.items()),
        "unallocated": tuple(Unallocated(crn, ("workload_ceiling",), "nobody has room") for crn in waiting),
        "officers": load_rows(of, asked, places, by),
        "balance": balance(of, asked, places, by),
        "provenance": Provenance(of.input_hash, by.policy_hash, by.version, "0.1.0", 0, None),
    }
    return Plan(**{**made, **fields})


def _assignment(of: AllocationProblem, crn: str, key: OfficerKey) -> Assignment:
    case = of.cases[of.case_numbers[crn]]
    holder = None if case.waiting else case.current_staff_code
    pinned = case.override_reason is not None and case.pinned_staff_code == key.staff_code
    reason, text = (case.override_reason, case.override_text) if pinned else (None, None)
    return Assignment(crn, *key, holder, ("level workload",), reason, text)
