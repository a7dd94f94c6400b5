"""Which cases accepted plans have moved of late: they stay where they are for a while."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from api.jobs.batch.asking import BATCH_ACTOR
from api.store.records import Event, JobKind, Outcome, PlanState, StoredPlan

if TYPE_CHECKING:
    from api.store.store import Store

KINDS = (JobKind.ALLOCATE, JobKind.REBALANCE)
ZONE = zoneinfo.ZoneInfo("Europe/London")
PAGE = 200


def protected_by_plans(store: Store, pdu: str, as_of: dt.date, days: int, run: str) -> Mapping[str, dt.date]:
    """Until when accepted plans of a PDU protect the cases that they moved, by CRN; only what reaches the plan date.

    days: that a case is protected after its plan was accepted. A case about which somebody decided otherwise did not
    move. Each plan that is looked into is a CONSULTATION, of the batch `run`.
    """
    found: dict[str, dt.date] = {}
    for plan in _accepted(store, pdu):
        assert plan.decided_at is not None
        until = plan.decided_at.astimezone(ZONE).date() + dt.timedelta(days=days)
        if until < as_of:
            continue
        store.record(Event.CONSULTATION, BATCH_ACTOR, plan_id=plan.id, route="batch.run", run=run)
        for crn in _moved(store, plan):
            found[crn] = max(until, found.get(crn, until))
    return found


def _accepted(store: Store, pdu: str) -> Iterator[StoredPlan]:
    page, seen = 1, 0
    while True:
        got = store.plans([pdu], state=PlanState.ACCEPTED, kinds=KINDS, page=page, size=PAGE)
        yield from got.items
        seen += len(got.items)
        if seen >= got.total or not got.items:
            return
        page += 1


def _moved(store: Store, plan: StoredPlan) -> Iterator[str]:
    """The cases that changed officer by an accepted plan, what people decided about single ones taken into account."""
    said = {each.crn: each for each in store.decisions(plan.id) if each.crn is not None}
    assignments: list[dict[str, Any]] = store.plan_content(plan.id)["assignments"]
    for each in assignments:
        before, now = each.get("previousStaffCode"), each["staffCode"]
        decision = said.get(each["crn"])
        if decision is not None and decision.outcome is Outcome.REJECT:
            now = before
        if decision is not None and decision.outcome is Outcome.OVERRIDE:
            now = decision.choice or before
        if before is not None and now != before:
            yield each["crn"]
