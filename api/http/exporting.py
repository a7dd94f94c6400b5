"""A stored plan written as a file."""

from __future__ import annotations

import csv
import io
import json
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from api.http.checking import plan_of, roster_of
from api.http.errors import AnswerError, ErrorCode
from api.http.prepared import Prepared
from api.http.restricted import without
from api.http.service import Asking
from api.store.records import Event
from models.allocation.problem import AllocationProblem
from models.errors import NotFoundError
from models.policy.policy import Policy, parse_policy

MEDIA_TYPES: Mapping[str, str] = {
    "json": "application/json",
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "ics": "text/calendar; charset=utf-8",
}
_PLAN_COLUMNS = (
    "crn",
    "staffCode",
    "teamCode",
    "previousStaffCode",
    "reason",
    "overrideReason",
    "overrideText",
)
_ROSTER_COLUMNS = (
    "crn", "deliusEventNumber", "projectCode", "date", "startTime", "endTime", "supervisorOfficerCode", "minutes",
)  # fmt: skip # names side by side


def exported(ask: Asking, plan_id: str, form: str, recipient: str | None) -> bytes:
    """The file's content, recorded as disclosed. Raises AnswerError for a form that this kind of plan has not."""
    stored = ask.plan(plan_id)
    prepared = ask.prepared(stored.problem_id)
    hidden = ask.hidden(prepared)
    content = without(ask.store.plan_content(stored.id), hidden)
    if form == "json":
        made = (json.dumps(content, ensure_ascii=False, indent=2) + "\n").encode()
    elif "assignments" in content:
        made = _plan_file(ask, prepared, content, hidden, form)
    else:
        made = _roster_file(ask, prepared, content, form)
    ask.touched(
        Event.DISCLOSURE, plan_id=stored.id, run=stored.job_id, recipient=recipient or ask.caller.subject
    )
    return made


def _plan_file(
    ask: Asking, prepared: Prepared, content: dict[str, Any], hidden: frozenset[str], form: str
) -> bytes:
    if form == "csv":
        return _csv(_PLAN_COLUMNS, content["assignments"])
    if form != "xlsx":
        raise AnswerError(ErrorCode.QUESTION_REFUSED, "An allocation plan is no calendar.")
    from api.reports.spreadsheet import write_plan_spreadsheet

    plan = plan_of(content)
    problem = _without_cases(prepared.allocation(), hidden)
    with tempfile.TemporaryDirectory(prefix="evenhand-") as folder:
        path = Path(folder) / "plan.xlsx"
        write_plan_spreadsheet(problem, plan, _policy(ask, plan.provenance.policy_hash), path)
        return path.read_bytes()


def _without_cases(problem: AllocationProblem, hidden: frozenset[str]) -> AllocationProblem:
    if not hidden:
        return problem
    return replace(problem, cases=tuple(case for case in problem.cases if case.crn not in hidden))


def _roster_file(ask: Asking, prepared: Prepared, content: dict[str, Any], form: str) -> bytes:
    if form == "csv":
        return _csv(_ROSTER_COLUMNS, content["appointments"])
    from api.reports.roster_view import RosterView

    roster = roster_of(content)
    policy = _policy(ask, roster.provenance.policy_hash)
    view = RosterView(prepared.unpaid_work(), roster, policy)
    if form == "ics":
        from api.reports.roster_calendar import calendar_of

        return calendar_of(view)
    from api.reports.roster_spreadsheet import write_roster_spreadsheet

    with tempfile.TemporaryDirectory(prefix="evenhand-") as folder:
        path = Path(folder) / "roster.xlsx"
        write_roster_spreadsheet(view, path)
        return path.read_bytes()


def _policy(ask: Asking, policy_hash: str) -> Policy:
    """The policy that a plan was made by, where the store has kept it; else the one in force."""
    if policy_hash == ask.service.policy.policy_hash:
        return ask.service.policy
    try:
        kept = ask.store.policy(policy_hash)
    except NotFoundError:
        return ask.service.policy
    return parse_policy(kept.text, file=f"{kept.version}.toml")


def _csv(columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> bytes:
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\r\n")
    writer.writerow(columns)
    for row in rows:
        writer.writerow([_cell(row.get(column)) for column in columns])
    return stream.getvalue().encode("utf-8-sig")


def _cell(value: Any) -> str:
    """A value as a cell that no spreadsheet takes for a formula."""
    if value is None:
        return ""
    text = " ".join(value) if isinstance(value, list) else str(value)
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text
