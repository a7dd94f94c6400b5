"""A batch's report, gathered from the store: one plan at a time, because a nation's do not fit in memory together."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from api.jobs.batch.asking import BATCH_ACTOR, BatchAsked
from api.jobs.batch.running import all_jobs
from api.reports.batch_view import (
    BatchView,
    FailureLine,
    LeftLine,
    MoveLine,
    UnitLine,
    left_of,
    moves_of,
    unit_of_plan,
    unit_of_roster,
    unit_without,
)
from api.store.records import BatchItem, BatchItemState, Event, JobKind, PlanState

if TYPE_CHECKING:
    from api.store.store import Store

WORDS = {JobKind.REBALANCE: "allocation", JobKind.ROSTER: "unpaid work"}


def view_of(store: Store, batch_id: str) -> BatchView:
    """What the report of a batch shows. Raises NotFoundError."""
    batch = store.batch(batch_id)
    asked = BatchAsked.of_json(batch.question)
    units: list[UnitLine] = []
    moves: list[MoveLine] = []
    left: list[LeftLine] = []
    failures: list[FailureLine] = []
    for item in store.batch_items(batch_id):
        what, size = WORDS[item.kind], (item.report or {}).get("size")
        if item.state is BatchItemState.DONE and item.job_id is not None:
            plan, restricted = _plan_of(store, item)
            if item.kind is JobKind.REBALANCE:
                units.append(unit_of_plan(item.pdu, item.state, plan, size))
                moves += moves_of(item.pdu, plan, restricted)
                left += left_of(item.pdu, what, plan["unallocated"], restricted)
            else:
                units.append(unit_of_roster(item.pdu, item.state, plan, size))
                left += left_of(item.pdu, what, plan["unplaced"], restricted)
        else:
            units.append(unit_without(item.pdu, what, item.state, size))
            failures += _failures(item, what)
    return BatchView(
        batch_id=batch_id,
        where=asked.where,
        begun=batch.created_at,
        ended=batch.ended_at,
        policy_version=store.policy(asked.policy_hash).version,
        units=tuple(units),
        moves=tuple(moves),
        left=tuple(left),
        failures=tuple(failures),
    )


def evidence(store: Store, batch_id: str) -> list[dict[str, Any]]:
    """Of each part: its state, how many jobs it took, and its plan's SHA-256 without the time that the plan took.

    proposals: how many of the part's plans are proposals still, and were not superseded.

    Two runs of the same extracts, policy, seed and work limit agree when these do. Raises NotFoundError.
    """
    jobs = all_jobs(store, batch_id)
    proposed = {job.plan_id for job in jobs if job.plan_id is not None and _is_proposal(store, job.plan_id)}
    found = []
    for item in store.batch_items(batch_id):
        mine = [job for job in jobs if (job.pdu, job.kind) == (item.pdu, item.kind)]
        plan_hash = None
        if item.job_id is not None and item.state is BatchItemState.DONE:
            plan, _ = _plan_of(store, item)
            plan.pop("wallSeconds")
            plan_hash = hashlib.sha256(json.dumps(plan, sort_keys=True).encode()).hexdigest()
        found.append(
            {
                "pdu": item.pdu,
                "kind": item.kind,
                "state": item.state,
                "jobs": len(mine),
                "rounds": len({job.limits["round"] for job in mine}),
                "plans": sum(1 for job in mine if job.plan_id is not None),
                "proposals": sum(1 for job in mine if job.plan_id in proposed),
                "planHash": plan_hash,
            }
        )
    return found


def _is_proposal(store: Store, plan_id: str) -> bool:
    return store.plan(plan_id).state is PlanState.PROPOSED


def _plan_of(store: Store, item: BatchItem) -> tuple[dict[str, Any], frozenset[str]]:
    """A part's plan, and the CRNs of its restricted cases."""
    assert item.job_id is not None
    plan_id = store.job(item.job_id).plan_id
    assert plan_id is not None
    restricted: frozenset[str] = frozenset()
    if item.kind is JobKind.REBALANCE and item.problem_id is not None:
        cases = store.problem_content(item.problem_id)["cases"]
        restricted = frozenset(case["crn"] for case in cases if case.get("restricted"))
    store.record(Event.CONSULTATION, BATCH_ACTOR, plan_id=plan_id, route="batch.report", run=item.batch_id)
    return store.plan_content(plan_id), restricted


def _failures(item: BatchItem, what: str) -> list[FailureLine]:
    if item.state is not BatchItemState.FAILED:
        return []
    report = item.report or {}
    code = str(report.get("errorCode", ""))
    if "faults" in report:
        return [FailureLine(item.pdu, what, code, fault["sentence"]) for fault in report["faults"]]
    return [FailureLine(item.pdu, what, code, str(report.get("message", "")))]
