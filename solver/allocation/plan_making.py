"""From an assignment to a plan that people can read: items of the objective, reasons, what is unallocated and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import metadata

import numpy as np

from models.allocation.officer import OfficerKey
from models.allocation.plan import Assignment, BoundProof, Objective, Plan, Provenance, gap_of
from solver.allocation.instance import Instance
from solver.allocation.reasons import reasons_of, why_unallocated
from solver.assignment.problem import NOWHERE, Ints
from solver.engine import Limits, Status


@dataclass(frozen=True)
class Outcome:
    """What a strategy found. assignment: int64 (k,) over the instance's tasks. bound: on the plan's total.

    proof: the multipliers that the bound follows from, None where there are none.
    """

    assignment: Ints
    bound: int | None
    unallocated_proven: bool
    proof: BoundProof | None = None


def make_plan(instance: Instance, outcome: Outcome, limits: Limits, seconds: float) -> Plan:
    """The plan of an outcome. `seconds` is the wall time it took."""
    facts = instance.facts
    placed = instance.placement(outcome.assignment)
    objective = objective_of(instance, outcome.assignment)
    bound = None if outcome.bound is None else min(outcome.bound, objective.total)
    gap = gap_of(objective.total, bound, objective.fixed)
    officers, balance = instance.checker.loads_and_balance(
        instance.checker.after(placement_of(instance, placed))
    )
    return Plan(
        status=_status(gap, outcome.unallocated_proven).value,
        objective=objective,
        bound=bound,
        gap=gap,
        unallocated_proven=outcome.unallocated_proven,
        wall_seconds=round(seconds, 3),
        question=facts.question,
        findings=instance.checker.findings,
        assignments=_assignments(instance, placed),
        unallocated=tuple(
            why_unallocated(instance, placed, int(row))
            for row in np.flatnonzero(instance.draft.accounted & (placed == NOWHERE))
        ),
        officers=officers,
        balance=balance,
        provenance=provenance_of(instance, limits),
        bound_proof=outcome.proof,
    )


def _status(gap: float | None, unallocated_proven: bool) -> Status:
    return Status.OPTIMAL if gap == 0.0 and unallocated_proven else Status.FEASIBLE


def objective_of(instance: Instance, assignment: Ints) -> Objective:
    """The plan's price by item."""
    placed = instance.placement(assignment)
    rows = np.flatnonzero(placed != NOWHERE)
    pressure = int(instance.kernel.bands.cost(instance.kernel.loads(assignment)).sum())
    change = int(instance.change[rows, placed[rows]].sum())
    fit = int(instance.fit[rows, placed[rows]].sum())
    return Objective(
        unallocated_weight=instance.kernel.skipped_weight(assignment),
        pressure=pressure,
        change_of_officer=change,
        fit=fit,
        total=pressure + change + fit,
        fixed=instance.fixed,
    )


def placement_of(instance: Instance, placed: Ints) -> Mapping[str, OfficerKey]:
    """The officer of each allocated case, by CRN."""
    facts = instance.facts
    return {
        facts.cases[row].crn: facts.officers[placed[row]].key for row in np.flatnonzero(placed != NOWHERE)
    }


def _assignments(instance: Instance, placed: Ints) -> tuple[Assignment, ...]:
    facts = instance.facts
    loads = instance.kernel.loads(placed[instance.tasks])
    found = []
    for row in np.flatnonzero(placed != NOWHERE):
        case, officer = facts.cases[row], facts.officers[placed[row]]
        kept = bool(instance.kept_pins[row])
        found.append(
            Assignment(
                crn=case.crn,
                staff_code=officer.staff_code,
                team_code=officer.team_code,
                previous_staff_code=None if case.waiting else case.current_staff_code,
                reason=reasons_of(instance, placed, loads, int(row)),
                override_reason=case.override_reason if kept else None,
                override_text=case.override_text if kept else None,
            )
        )
    return tuple(found)


def provenance_of(instance: Instance, limits: Limits) -> Provenance:
    """Enough to make the plan again."""
    facts = instance.facts
    return Provenance(
        input_hash=facts.problem.input_hash,
        policy_hash=facts.policy.policy_hash,
        policy_version=facts.policy.version,
        engine_version=metadata.version("evenhand"),
        seed=limits.seed,
        time_limit=limits.seconds,
        work_limit=limits.work,
        threads=limits.threads,
        as_of=facts.problem.as_of.isoformat(),
    )
