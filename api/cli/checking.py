"""What `evenhand verify` does: reads a plan, checks it, says every violation."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.text import Text

from api.cli.exits import ExitCode
from api.cli.loading import check_released, the_policy, the_problem, the_team
from api.cli.terminal import say, show, show_json
from api.reports.summary import counted, wrapped
from models.allocation.plan import Plan, Question
from models.allocation.problem import AllocationProblem
from models.errors import UsageError
from models.extracts import EditedPlan, read_plan, read_roster
from models.extracts.rosters import states_sessions
from models.policy.policy import Policy
from models.rules import Violation
from solver.verify import mismatches, verify, verify_edited
from solver.verify.unpaid_work import roster_mismatches, verify_roster


@dataclass(frozen=True)
class Check:
    """Which plan is checked against which problem; question: what a plan answers that does not say it itself."""

    source: Path
    plan: Path
    policy: Path | None
    as_of: str | None
    question: Question
    as_json: bool


def check(asked: Check) -> ExitCode:
    """Checks a plan or a roster and says what it breaks. Raises what reading raises."""
    if states_sessions(asked.plan):
        return _check_roster(asked)
    plan = read_plan(asked.plan)
    if isinstance(plan, Plan) and asked.question != Question():
        raise UsageError("--kind, --moves and --release are for tables: this plan states its own question")
    policy = the_policy(asked.policy)
    problem = the_problem(asked.source, asked.as_of, default=_date_of(plan))
    if isinstance(plan, EditedPlan):
        check_released(problem, asked.question.released)
        warnings: tuple[str, ...] = ()
        violations = verify_edited(problem, plan.assignments, asked.question, policy)
    else:
        warnings = mismatches(problem, plan, policy)
        violations = (*verify(problem, plan, policy), *_unproven(problem, plan, policy))
    when_clean = "every rule holds"
    if isinstance(plan, Plan):
        when_clean += " and every claim is so"
    return _told(asked, violations, warnings, f"{when_clean} ({counted(len(plan.assignments), 'line')})")


def _check_roster(asked: Check) -> ExitCode:
    """The same for a roster of unpaid work. Tables that state no first day begin on the roster's."""
    if asked.question != Question():
        raise UsageError("--kind, --moves and --release are for tables: a roster states its own question")
    roster, policy = read_roster(asked.plan), the_policy(asked.policy)
    first = roster.provenance.first_day
    problem = the_team(asked.source, asked.as_of, policy, option="--as-of", default=first)
    violations = verify_roster(problem, roster, policy)
    appointments = counted(len(roster.appointments), "appointment")
    when_clean = f"every rule holds and every claim is so ({appointments})"
    return _told(asked, violations, roster_mismatches(problem, roster, policy), when_clean)


def _told(
    asked: Check, violations: Sequence[Violation], warnings: Sequence[str], when_clean: str
) -> ExitCode:
    """Says what was found."""
    for warning in warnings:
        say(f"evenhand: warning: {warning}")
    if asked.as_json:
        show_json(
            {
                "clean": not violations,
                "violations": [_as_json(violation) for violation in violations],
                "warnings": list(warnings),
            }
        )
    else:
        show(_lines(asked.plan, violations, when_clean))
    return ExitCode.NOT_CLEAN if violations else ExitCode.DONE


def _unproven(problem: AllocationProblem, plan: Plan, policy: Policy) -> tuple[Violation, ...]:
    """What the proof of the bound lacks. The question's arrays are slow to import, and few plans need them."""
    if plan.bound_proof is None:
        return ()
    from solver.allocation.proof import unproven

    return unproven(problem, plan, policy)


def _date_of(plan: Plan | EditedPlan) -> dt.date | None:
    """The plan date that a plan states: extracts that state none are read as of that day."""
    if isinstance(plan, EditedPlan) or plan.provenance.as_of is None:
        return None
    try:
        return dt.date.fromisoformat(plan.provenance.as_of)
    except ValueError:
        return None


def _as_json(violation: Violation) -> dict[str, str | None]:
    return {
        "rule": violation.rule,
        "crn": violation.crn,
        "staffCode": violation.staff_code,
        "teamCode": violation.team_code,
        "sentence": violation.sentence,
    }


def _lines(path: Path, violations: Sequence[Violation], when_clean: str) -> Iterator[Text]:
    if not violations:
        yield Text(f"{path}: {when_clean}", style="green")
        return
    yield Text(f"{path}: {counted(len(violations), 'violation')}", style="bold red")
    for violation in violations:
        about = [code for code in (violation.crn, violation.staff_code) if code is not None]
        unsaid = ", ".join(code for code in about if code not in violation.sentence)
        words = ": ".join(part for part in (violation.rule, unsaid, violation.sentence) if part)
        yield from wrapped(words, "      ", "  ")
