"""A plan as a spreadsheet: to read, to print, and to change by hand and give back to `evenhand verify`.

Every text is written as text: nothing in a record becomes a formula, a link or a number.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from api.reports.sheets import Cell, Rows, workbook
from api.reports.view import PlanView, gap_in_words
from models.allocation.officer import OfficerKey
from models.allocation.plan import Assignment, BalanceFigures, Plan
from models.allocation.problem import AllocationProblem
from models.policy.policy import Policy
from models.rules import ALLOCATION_RULES

ASSIGNMENTS = "Assignments"
"""The sheet that `evenhand verify` reads back; its first columns are crn, staffCode, teamCode."""


def write_plan_spreadsheet(problem: AllocationProblem, plan: Plan, policy: Policy, path: Path) -> None:
    """Writes an XLSX with a sheet for each part of the plan. Raises OSError as writing does."""
    view = PlanView.of(problem, plan, policy)
    with workbook(path) as writer:
        writer.sheet("Summary", ("item", "value", "note"), _summary(view))
        writer.sheet(ASSIGNMENTS, _ASSIGNMENT_HEADINGS, _assignments(view))
        writer.sheet("Moves", _MOVE_HEADINGS, _moves(view))
        writer.sheet("Unallocated", ("crn", "tier", "caseType", "dueBy", "rules", "why"), _unallocated(view))
        officers = list(_officers(view))
        sheet = writer.sheet("Officers", _OFFICER_HEADINGS, officers)
        _bars(sheet, len(officers))
        writer.sheet(
            "Findings", ("rule", "crn", "staffCode", "teamCode", "finding", "the rule"), _findings(view)
        )
        writer.sheet("Provenance", ("item", "value"), _provenance(plan))


def _bars(sheet: Any, count: int) -> None:
    """Workload % before and after as bars on one scale, red above 110 %."""
    first = _OFFICER_HEADINGS.index("workloadBefore")
    for column, colour in ((first, "#9DB2BF"), (first + 1, "#5B8DB8")):
        area = (1, column, max(count, 1), column)
        sheet.conditional_format(
            *area,
            {
                "type": "data_bar",
                "bar_color": colour,
                "min_type": "num",
                "min_value": 0,
                "max_type": "num",
                "max_value": 160,
            },
        )
    sheet.set_column(first, first + 1, 22)


def _summary(view: PlanView) -> Rows:
    plan, objective = view.plan, view.plan.objective
    yield "what", view.title, view.headline
    yield "waiting cases placed", len(view.changes["placed"]), f"of {view.waiting}"
    yield "unallocated", len(plan.unallocated), "see Unallocated"
    yield "held cases moved", len(view.changes["moved"]), "see Moves"
    yield "held cases that stay", len(view.changes["stays"]), None
    yield "cases left out", view.out, "the holder is not among the officers"
    yield "findings", len(plan.findings), "see Findings"
    yield (
        "unallocated weight",
        objective.unallocated_weight,
        ("proven least" if plan.unallocated_proven else "not proven least"),
    )
    yield "pressure", objective.pressure, "band-points"
    yield "change of officer", objective.change_of_officer, "band-points"
    yield "fit", objective.fit, "band-points"
    yield "total", objective.total, "band-points"
    yield "of which fixed", objective.fixed, "what this question cannot move"
    yield "bound", plan.bound, None if plan.bound is not None else "unknown"
    yield "gap", None if plan.gap is None else gap_in_words(plan.gap), "of what was decided"
    for name, figure in _FIGURES:
        before, after = figure(plan.balance.before), figure(plan.balance.after)
        yield f"{name} after", after, f"{'-' if before is None else before} before"


_FIGURES: tuple[tuple[str, Callable[[BalanceFigures], Cell]], ...] = (
    ("highest Workload %", lambda figures: figures.max_workload),
    ("lowest Workload %", lambda figures: figures.min_workload),
    ("mean Workload %", lambda figures: figures.mean_workload),
    ("spread of Workload %", lambda figures: figures.spread),
    ("Gini of Workload %", lambda figures: figures.gini),
    ("officers over 100 %", lambda figures: figures.officers_over_100),
    ("officers over 110 %", lambda figures: figures.officers_over_110),
    ("most cases held", lambda figures: figures.max_cases),
)

_ASSIGNMENT_HEADINGS = (
    "crn",
    "staffCode",
    "teamCode",
    "change",
    "previousStaffCode",
    "tier",
    "caseType",
    "points",
    "reason",
    "overrideReason",
    "overrideText",
)


def _assignments(view: PlanView) -> Rows:
    """Every case that waited first, those without an officer with an empty staff code; then the held ones."""
    for assignment in view.changes["placed"]:
        yield _assignment(view, assignment)
    for entry in view.plan.unallocated:
        case = view.case(entry.crn)
        yield (
            entry.crn,
            None,
            None,
            "unallocated",
            None,
            case.tier,
            case.case_type.value,
            None,
            entry.sentence,
        )
    for word in ("moved", "transferred", "stays"):
        for assignment in view.changes[word]:
            yield _assignment(view, assignment)


def _assignment(view: PlanView, assignment: Assignment) -> Sequence[Cell]:
    case = view.case(assignment.crn)
    return (
        assignment.crn,
        assignment.staff_code,
        assignment.team_code,
        view.change_of(assignment),
        assignment.previous_staff_code,
        case.tier,
        case.case_type.value,
        view.points(assignment),
        "; ".join(assignment.reason),
        assignment.override_reason,
        assignment.override_text,
    )


_MOVE_HEADINGS = ("crn", "tier", "from", "fromTeam", "to", "toTeam", "change", "heldSince", "reason")


def _moves(view: PlanView) -> Rows:
    for word in ("moved", "transferred"):
        for assignment in view.changes[word]:
            case = view.case(assignment.crn)
            holder = view.holder(assignment.crn) or OfficerKey("", "")
            yield (
                case.crn,
                case.tier,
                holder.staff_code,
                holder.team_code,
                assignment.staff_code,
                assignment.team_code,
                word,
                None if case.held_since is None else case.held_since.isoformat(),
                "; ".join(assignment.reason),
            )


def _unallocated(view: PlanView) -> Rows:
    for entry in view.plan.unallocated:
        case = view.case(entry.crn)
        due = None if case.due_by is None else case.due_by.isoformat()
        yield entry.crn, case.tier, case.case_type.value, due, ", ".join(entry.rules), entry.sentence


_OFFICER_HEADINGS = (
    "staffCode",
    "teamCode",
    "grade",
    "availablePoints",
    "pointsBefore",
    "pointsAfter",
    "workloadBefore",
    "workloadAfter",
    "received",
    "given",
)


def _officers(view: PlanView) -> Rows:
    for row in view.officers:
        load = row.load
        yield (
            load.staff_code,
            load.team_code,
            row.officer.grade.value,
            load.available_points,
            load.points_before,
            load.points_after,
            load.workload_before,
            load.workload_after,
            len(row.received),
            len(row.given),
        )


def _findings(view: PlanView) -> Rows:
    for found in view.findings_by_rule.values():
        for finding in found:
            yield (
                finding.rule,
                finding.crn,
                finding.staff_code,
                finding.team_code,
                finding.sentence,
                ALLOCATION_RULES[finding.rule].sentence,
            )


def _provenance(plan: Plan) -> Rows:
    made = plan.provenance
    question = plan.question
    yield "question", question.kind.value
    yield "moves", question.moves
    yield "released", ", ".join(question.released)
    yield "strategy", question.strategy
    yield "plan date", made.as_of
    yield "input hash", made.input_hash
    yield "policy version", made.policy_version
    yield "policy hash", made.policy_hash
    yield "engine version", made.engine_version
    yield "seed", made.seed
    yield "time limit (s)", made.time_limit
    yield "work limit", made.work_limit
    yield "threads", made.threads
    yield "wall time (s)", plan.wall_seconds
