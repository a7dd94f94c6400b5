"""From a question about a stored problem to a plan, all of it as JSON: what a solve process does for its parent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from api.store.records import JobKind
from models.errors import UsageError
from models.policy.policy import Policy, default_policy, parse_policy
from models.record import reader
from solver.engine import Limits, Progress, ProgressCallback, Stop


@dataclass(frozen=True)
class Asked:
    """A question of a problem, as it goes to the solve process.

    problem: the contract's JSON. question: the contract's names without the kind (moves, released, strategy; for a
    repair withoutSupervisors, closedProjects, dates, absent). limits: seconds, work, seed, threads and target, the gap
    at which to stop, which has no effect beside a work limit. policy: the text of a policy file, None for the default
    policy. start: the plan in hand to begin from, or the roster to be repaired.
    """

    kind: JobKind
    problem: Mapping[str, Any]
    question: Mapping[str, Any] = field(default_factory=dict)
    limits: Mapping[str, Any] = field(default_factory=dict)
    policy: str | None = None
    start: Mapping[str, Any] | None = None

    def as_json(self) -> dict[str, Any]:
        """The question as one JSON object."""
        return {
            "kind": self.kind,
            "problem": self.problem,
            "question": self.question,
            "limits": self.limits,
            "policy": self.policy,
            "start": self.start,
        }

    @staticmethod
    def of_json(value: Mapping[str, Any]) -> Asked:
        """What `as_json` wrote."""
        return Asked(
            JobKind(value["kind"]),
            value["problem"],
            value.get("question") or {},
            value.get("limits") or {},
            value.get("policy"),
            value.get("start"),
        )


@dataclass(frozen=True)
class Answered:
    """A verified plan or roster as the contract's JSON, and its figures for lists: no record is in the summary."""

    plan: dict[str, Any]
    summary: dict[str, Any]


def answer(asked: Asked, *, stop: Stop | None = None, watch: ProgressCallback | None = None) -> Answered:
    """Answers a question. stop: keeps the best plan so far when requested.

    Raises InputError for a problem with faults, UsageError for a question that cannot be asked of it, and what
    solving raises.
    """
    policy = default_policy() if asked.policy is None else parse_policy(asked.policy, file="policy")
    limits = limits_of(asked.limits)
    ending = stop or Stop()
    target = None if limits.work is not None else asked.limits.get("target")
    watcher = _stopping_at(target, ending, watch)
    if asked.kind in (JobKind.ALLOCATE, JobKind.REBALANCE):
        return _allocation(asked, policy, limits, ending, watcher)
    return _roster(asked, policy, limits, ending, watcher)


def limits_of(given: Mapping[str, Any]) -> Limits:
    """The solver's limits in a job's. Raises UsageError for numbers that are none."""
    try:
        seconds, work = given.get("seconds"), given.get("work")
        if seconds is None and work is None:
            seconds = Limits().seconds
        return Limits(
            None if seconds is None else float(seconds),
            None if work is None else float(work),
            int(given.get("seed", 0)),
            max(1, int(given.get("threads", 1))),
        )
    except (TypeError, ValueError):
        raise UsageError("the limits of a job are numbers: seconds, work, seed, threads") from None


def _stopping_at(target: float | None, stop: Stop, watch: ProgressCallback | None) -> ProgressCallback | None:
    """A watcher that ends the solve at a gap no wider than target."""
    if target is None:
        return watch

    def tell(progress: Progress) -> None:
        if watch is not None:
            watch(progress)
        if progress.gap is not None and progress.gap <= target:
            stop.request()

    return tell


def _allocation(
    asked: Asked, policy: Policy, limits: Limits, stop: Stop, watch: ProgressCallback | None
) -> Answered:
    from models.allocation.plan import Plan, Question
    from models.extracts.json_problem import problem_of_json
    from models.extracts.limits import LIMITS
    from solver.allocation.allocate import plan

    problem = problem_of_json(asked.problem, None, limits=LIMITS, repeated=[])
    try:
        question = reader(Question).validate_python({**asked.question, "kind": asked.kind})
        start = None if asked.start is None else reader(Plan).validate_python(asked.start)
    except ValidationError:
        raise UsageError("the question or the plan in hand does not follow the contract") from None
    made = plan(problem, policy, question, limits, start=start, stop=stop, on_progress=watch)
    moved = sum(1 for each in made.assignments if each.previous_staff_code not in (None, each.staff_code))
    summary = {
        "status": made.status,
        "unallocatedWeight": made.objective.unallocated_weight,
        "total": made.objective.total,
        "bound": made.bound,
        "gap": made.gap,
        "wallSeconds": made.wall_seconds,
        "cases": len(problem.cases),
        "officers": len(problem.officers),
        "allocated": len(made.assignments),
        "unallocated": len(made.unallocated),
        "moved": moved,
        "findings": len(made.findings),
    }
    return Answered(made.as_json(), summary)


def _roster(
    asked: Asked, policy: Policy, limits: Limits, stop: Stop, watch: ProgressCallback | None
) -> Answered:
    from api.jobs.roster_answer import new_roster, repaired

    if asked.kind is JobKind.ROSTER:
        made, people = new_roster(asked.problem, asked.start, policy, limits, stop, watch)
    else:
        made, people = repaired(asked.problem, asked.start, asked.question, policy, limits, stop, watch)
    summary = {
        "status": made.status,
        "unplacedPeople": made.objective.unplaced_people,
        "lostMinutes": made.objective.lost_minutes,
        "total": made.objective.total,
        "bound": made.bound,
        "gap": made.gap,
        "gapNet": made.gap_net,
        "wallSeconds": made.wall_seconds,
        "people": people,
        "sessions": len(made.sessions),
        "appointments": len(made.appointments),
        "changes": len(made.changes),
        "findings": len(made.findings),
    }
    return Answered(made.as_json(), summary)
