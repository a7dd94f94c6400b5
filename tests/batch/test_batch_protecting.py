"""Cases that accepted plans have moved are protected in the next batches, as long as the policy says."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from api.jobs.batch.finding import protected
from api.jobs.batch.protecting import protected_by_plans
from api.store.records import Event, Outcome, OverrideReason, ProblemKind, StoredPlan
from api.store.store import Store
from models.extracts import read_allocation
from models.extracts.json_problem import problem_of_json
from models.extracts.limits import LIMITS
from tests.support.batches import Here, asked_of, really, run
from tests.support.problems import AS_OF
from tests.support.stored import ADA, PDU, kept_problem, queued_job

DECIDED = dt.datetime(2026, 11, 1, 23, 30, tzinfo=dt.UTC)
UNTIL = dt.date(2026, 11, 29)
RUN = "batch-1"


def moved_plan(store: Store, *, pdu: str = PDU) -> StoredPlan:
    """A plan that moves the first three people, gives the fourth their first officer, and leaves the fifth."""
    crns = [f"X10000{number}" for number in range(1, 6)]
    problem = kept_problem(store, *crns, pdu=pdu)
    job = queued_job(store, problem)
    assignments: list[dict[str, Any]] = [
        {"crn": crn, "staffCode": "N01A002", "previousStaffCode": before, "reason": []}
        for crn, before in zip(crns, ["N01A001"] * 3 + [None, "N01A002"], strict=True)
    ]
    store.start_job(job.id, "worker-1")
    return store.plan(store.finish_job(job.id, {"status": "OPTIMAL", "assignments": assignments}, {}))


@pytest.fixture
def dated(store_url: str) -> Store:
    """A store whose clock stands still."""
    return Store.open(store_url, clock=lambda: DECIDED)


def test_what_an_accepted_plan_moved_is_protected_for_four_weeks(dated: Store) -> None:
    with dated as store:
        plan = moved_plan(store)
        assert protected_by_plans(store, PDU, UNTIL, 28, RUN) == {}, "a proposal protects nobody"
        store.decide(ADA, plan.id, 1, Outcome.REJECT, crn="X100002")
        store.decide(
            ADA, plan.id, 2, Outcome.OVERRIDE, crn="X100003", reason=OverrideReason.NO_STAFF, choice="N01A001"
        )
        store.decide(ADA, plan.id, 3, Outcome.ACCEPT)
        # Accepted at 23:30 UTC on the first, in London the same day: 28 days on it is the 29th.
        assert protected_by_plans(store, PDU, UNTIL, 28, RUN) == {"X100001": UNTIL}
        assert protected_by_plans(store, PDU, UNTIL + dt.timedelta(days=1), 28, RUN) == {}
        assert protected_by_plans(store, "N01PDU02", UNTIL, 28, RUN) == {}
        assert [event.people for event in store.audit_events(run=RUN).items] == [5]
        assert store.audit_events(run=RUN).items[0].event is Event.CONSULTATION


def test_an_override_to_another_officer_is_a_change_too(dated: Store) -> None:
    with dated as store:
        plan = moved_plan(store)
        store.decide(
            ADA, plan.id, 1, Outcome.OVERRIDE, crn="X100001", reason=OverrideReason.NO_STAFF, choice="N01A009"
        )
        store.decide(ADA, plan.id, 2, Outcome.ACCEPT)
        assert set(protected_by_plans(store, PDU, UNTIL, 28, RUN)) == {"X100001", "X100002", "X100003"}


def test_protection_is_the_latest_of_what_is_known_and_for_held_cases_alone() -> None:
    given = read_allocation(Path(__file__).parents[2] / "examples" / "pdu")
    held = next(case for case in given.cases if not case.waiting)
    waiting = next(case for case in given.cases if case.waiting)
    held = replace(
        held, held_since=given.as_of - dt.timedelta(days=20), officer_changes=1, protected_until=None
    )
    soon, late = given.as_of + dt.timedelta(days=3), given.as_of + dt.timedelta(days=30)
    problem = replace(given, cases=(held, waiting))

    def until(days: int, accepted: dict[str, dt.date]) -> list[dt.date | None]:
        return [case.protected_until for case in protected(problem, days, accepted).cases]

    assert until(28, {}) == [given.as_of + dt.timedelta(days=8), waiting.protected_until]
    assert until(28, {held.crn: soon, waiting.crn: late}) == [
        given.as_of + dt.timedelta(days=8),
        waiting.protected_until,
    ]
    assert until(28, {held.crn: late}) == [late, waiting.protected_until]
    assert until(10, {held.crn: given.as_of - dt.timedelta(days=1)}) == [None, waiting.protected_until]


def test_the_next_batch_leaves_alone_what_the_last_one_moved_once_it_was_accepted(
    store: Store, nation_folder: Path
) -> None:
    asked = asked_of(store, folder=nation_folder)
    run(store, Here(store, really), asked, plain=store)
    first = store.batches().items[0].id
    moved: set[str] = set()
    for item in store.batch_items(first):
        plan = store.plan(str(store.job(str(item.job_id)).plan_id))
        content = store.plan_content(plan.id)["assignments"]
        moved |= {
            each["crn"] for each in content if each["previousStaffCode"] not in (None, each["staffCode"])
        }
        store.decide(ADA, plan.id, plan.version, Outcome.ACCEPT)
    assert moved
    run(store, Here(store, really), asked, plain=store)  # the extracts do not show it yet
    second = store.batches().items[0].id
    days = dt.timedelta(days=28)
    for item in store.batch_items(second):
        content = store.problem_content(str(item.problem_id))
        problem = problem_of_json(content, None, limits=LIMITS, repeated=[])
        assert store.problem(str(item.problem_id)).kind is ProblemKind.ALLOCATION
        theirs = {case.crn: case.protected_until for case in problem.cases if case.crn in moved}
        until = store.plan(str(store.job(str(item.job_id)).plan_id)).created_at.date() + days
        assert all(date is not None and AS_OF <= date <= until for date in theirs.values())
        made = store.plan_content(str(store.job(str(item.job_id)).plan_id))["assignments"]
        assert not moved & {
            each["crn"] for each in made if each["previousStaffCode"] not in (None, each["staffCode"])
        }
