"""Deciding is a person's act: the store asks for it, and the database refuses anything else by itself."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from sqlalchemy import update
from sqlalchemy.exc import DBAPIError

from api.store.database import StoreSettings
from api.store.records import Decision, Event, Outcome, OverrideReason, PlanState
from api.store.reviewing import acceptance_of
from api.store.store import Store
from api.store.tables import decisions
from models.errors import ConflictError, ForbiddenError, NotFoundError, StoreError, UsageError
from tests.support.databases import Behind
from tests.support.stored import ADA, BEN, CRNS, PDU, WORKER, proposed_plan

NOON = dt.datetime(2026, 11, 23, 12, tzinfo=dt.UTC)


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> dt.datetime:
        return self.now

    def pass_(self, seconds: float) -> dt.datetime:
        """Move on (or back) and return the time before."""
        before = self.now
        self.now += dt.timedelta(seconds=seconds)
        return before


@pytest.mark.parametrize(
    ("outcome", "reason", "state"),
    [
        (Outcome.ACCEPT, None, PlanState.ACCEPTED),
        (Outcome.OVERRIDE, OverrideReason.NO_STAFF, PlanState.REJECTED),
        (Outcome.REJECT, None, PlanState.REJECTED),
    ],
)
def test_a_decision_about_the_whole_closes_the_plan(
    store: Store, outcome: Outcome, reason: OverrideReason | None, state: PlanState
) -> None:
    plan = proposed_plan(store)
    made = store.decide(ADA, plan.id, 1, outcome, reason=reason, opened_at=NOON)
    assert (made.whole, made.crn, made.outcome, made.reason, made.actor) == (True, None, outcome, reason, ADA)
    closed = store.plan(plan.id)
    assert (closed.state, closed.version, closed.decided_by) == (state, 2, "ada")
    assert (closed.decision_id, closed.decided_at) == (made.id, made.decided_at)
    assert store.decisions(plan.id) == (made,)
    with pytest.raises(ConflictError, match=state.value):
        store.decide(BEN, plan.id, 2, Outcome.ACCEPT)
    event = store.audit_events().items[0]
    assert (event.event, event.actor, event.people) == (Event.ALTERATION, ADA, 3)


def test_a_decision_about_one_person_leaves_the_plan_open(store: Store) -> None:
    plan = proposed_plan(store)
    made = store.decide(
        ADA, plan.id, 1, Outcome.OVERRIDE, crn=CRNS[1].lower(), reason=OverrideReason.OTHER, text=" knows them ",
        choice="N01A002",
    )  # fmt: skip # a record on few lines
    assert (made.whole, made.crn, made.text, made.choice) == (False, CRNS[1], "knows them", "N01A002")
    assert made.review_seconds is None
    still = store.plan(plan.id)
    assert (still.state, still.version, still.decided_by) == (PlanState.PROPOSED, 2, None)
    assert store.audit_events().items[0].people == 1
    store.decide(ADA, plan.id, 2, Outcome.ACCEPT)
    assert [each.outcome for each in store.decisions(plan.id)] == [Outcome.OVERRIDE, Outcome.ACCEPT]


def test_what_is_refused(store: Store) -> None:
    plan = proposed_plan(store)
    events = store.chain_head()
    with pytest.raises(ForbiddenError):
        store.decide(WORKER, plan.id, 1, Outcome.ACCEPT)
    with pytest.raises(ForbiddenError):
        store.publish(WORKER, plan.id, 1, "nobody")
    with pytest.raises(ConflictError, match="version 1, not 7"):
        store.decide(ADA, plan.id, 7, Outcome.ACCEPT)
    with pytest.raises(UsageError, match="reason"):
        store.decide(ADA, plan.id, 1, Outcome.OVERRIDE)
    with pytest.raises(UsageError, match="text"):
        store.decide(ADA, plan.id, 1, Outcome.OVERRIDE, reason=OverrideReason.OTHER, text="  ")
    with pytest.raises(NotFoundError) as missing:
        store.decide(ADA, plan.id, 1, Outcome.ACCEPT, crn="X999999")
    assert "X999999" not in str(missing.value)
    with pytest.raises(NotFoundError):
        store.decide(ADA, "nothing", 1, Outcome.ACCEPT)
    with pytest.raises(ConflictError, match="accepted"):
        store.publish(ADA, plan.id, 1, "too early")
    assert store.decisions(plan.id) == ()
    assert store.plan(plan.id) == plan
    assert store.chain_head() == events, "what was refused left nothing behind"


def test_publishing_is_a_disclosure_and_happens_once(store: Store) -> None:
    plan = proposed_plan(store)
    store.decide(ADA, plan.id, 1, Outcome.ACCEPT)
    published = store.publish(BEN, plan.id, 2, "the case management system")
    assert (published.published_by, published.version, published.state) == ("ben", 3, PlanState.ACCEPTED)
    event = store.audit_events().items[0]
    assert (event.event, event.recipient, event.people) == (Event.DISCLOSURE, "the case management system", 3)
    with pytest.raises(ConflictError):
        store.publish(BEN, plan.id, 3, "again")


INSERT = """
    INSERT INTO decisions (id, plan_id, whole, crn, outcome, reason, text, decided_at, actor, actor_kind)
    VALUES (:id, :plan_id, :whole, :crn, :outcome, :reason, :text, :decided_at, :actor, :actor_kind)
"""


def refused(behind: Behind, statement: str, **values: Any) -> bool:
    """Whether the database refuses a statement."""
    try:
        behind(statement, **values)
    except DBAPIError:
        return True
    return False


def row(plan_id: str, **changed: Any) -> dict[str, Any]:
    """A sound decision about a whole plan, for writing it past the store."""
    return {
        "id": "d1",
        "plan_id": plan_id,
        "whole": True,
        "crn": None,
        "outcome": "ACCEPT",
        "reason": None,
        "text": None,
        "decided_at": "2026-11-23 12:00:00.000000",
        "actor": "ada",
        "actor_kind": "PERSON",
    } | changed


UNSOUND: tuple[dict[str, Any], ...] = (
    {"actor_kind": "SERVICE"},
    {"actor_kind": None},
    {"actor": None},
    {"actor": ""},
    {"decided_at": None},
    {"plan_id": None},
    {"plan_id": "another"},
    {"outcome": "PERHAPS"},
    {"outcome": "OVERRIDE"},
    {"outcome": "OVERRIDE", "reason": "mood"},
    {"outcome": "OVERRIDE", "reason": "other"},
    {"outcome": "OVERRIDE", "reason": "other", "text": ""},
    {"crn": "X100001"},
)


def test_the_database_refuses_unsound_decisions(store: Store, behind: Behind) -> None:
    plan = proposed_plan(store)
    for changed in UNSOUND:
        assert refused(behind, INSERT, **row(plan.id) | changed), changed
    assert store.decisions(plan.id) == ()
    behind(INSERT, **row(plan.id))
    assert len(store.decisions(plan.id)) == 1, "and takes a sound one"


DECIDE = """
    UPDATE plans SET state = :state, decided_by = :by, decided_at = :at, decision_id = :decision WHERE id = :id
"""


UNPROVEN: tuple[dict[str, Any], ...] = (
    {"by": None},
    {"at": None},
    {"decision": None},
    {"by": "ben"},
    {"at": "2026-11-23 13:00:00.000000"},
    {"decision": "d2"},
    {"decision": "d3"},
    {"decision": "d9"},
    {"state": "REJECTED"},
    {"state": "PUBLISHED"},
    {"state": "PROPOSED"},
)


def test_the_database_refuses_a_decided_plan_without_its_decision(store: Store, behind: Behind) -> None:
    """d1 accepts the whole plan, d2 one person's place in it, d3 another plan."""
    plan, other = proposed_plan(store), proposed_plan(store)
    behind(INSERT, **row(plan.id))
    behind(INSERT, **row(plan.id, id="d2", whole=False, crn="X100001"))
    behind(INSERT, **row(other.id, id="d3"))
    sound = {
        "state": "ACCEPTED",
        "by": "ada",
        "at": "2026-11-23 12:00:00.000000",
        "decision": "d1",
        "id": plan.id,
    }
    for changed in UNPROVEN:
        assert refused(behind, DECIDE, **sound | changed), changed
    assert store.plan(plan.id) == plan
    behind(DECIDE, **sound)
    assert store.plan(plan.id).state is PlanState.ACCEPTED, "and takes a sound one"


def test_the_database_keeps_what_was_decided(store: Store, behind: Behind) -> None:
    plan = proposed_plan(store)
    store.decide(ADA, plan.id, 1, Outcome.ACCEPT)
    before = store.plan(plan.id)
    for statement in (
        "UPDATE plans SET state = 'REJECTED'",
        "UPDATE plans SET state = 'PROPOSED', decided_by = NULL, decided_at = NULL, decision_id = NULL",
        "UPDATE plans SET version = 1",
        "UPDATE plans SET published_at = decided_at",
        "UPDATE plans SET published_by = 'ada'",
        "UPDATE plans SET decided_by = 'ben'",
    ):
        assert refused(behind, statement), statement
    assert store.plan(plan.id) == before


def test_the_database_publishes_accepted_plans_alone(store: Store, behind: Behind) -> None:
    proposed_plan(store)
    assert refused(behind, "UPDATE plans SET published_by = 'ada', published_at = created_at")


def test_the_database_keeps_decisions_as_they_were_made(store: Store, behind: Behind) -> None:
    plan = proposed_plan(store)
    made = store.decide(ADA, plan.id, 1, Outcome.ACCEPT, crn=CRNS[0], opened_at=NOON)
    for statement in (
        "UPDATE decisions SET outcome = 'REJECT'",
        "UPDATE decisions SET actor = 'ben'",
        "UPDATE decisions SET decided_at = opened_at",
        "UPDATE decisions SET opened_at = NULL",
        "UPDATE decisions SET plan_id = 'x'",
        "UPDATE decisions SET id = 'x'",
        "UPDATE decisions SET whole = NOT whole",
        "DELETE FROM plans",
    ):
        assert refused(behind, statement), statement
    assert store.decisions(plan.id) == (made,)


def test_a_job_has_one_plan_whatever_writes_it(store: Store, behind: Behind) -> None:
    proposed_plan(store)
    assert refused(
        behind,
        "INSERT INTO plans (id, pdu, kind, problem_id, job_id, content_id, summary, state, version, created_at) "
        "SELECT 'second', pdu, kind, problem_id, job_id, content_id, summary, state, version, created_at FROM plans",
    )


def test_a_refusal_names_no_record(store: Store, behind: Behind) -> None:
    """The store's own complaint about a broken constraint repeats nothing of the row."""
    plan = proposed_plan(store)
    behind(INSERT, **row(plan.id, id="taken", text=CRNS[0]))
    with pytest.raises(StoreError) as refusal:
        store._database.write(lambda connection: connection.execute(update(decisions).values(id=CRNS[0])))
    assert CRNS[0] not in str(refusal.value)
    assert refusal.value.__cause__ is None


def test_shares_and_review_times(store_url: str) -> None:
    clock = Clock()
    with Store.open(store_url, clock=clock) as store:
        nothing = store.acceptance(None)
        assert (nothing.rate, nothing.median_review_seconds, nothing.blind) == (None, None, False)
        plan = proposed_plan(store)
        for version, (outcome, seconds) in enumerate(
            [(Outcome.ACCEPT, 30), (Outcome.ACCEPT, 90), (Outcome.OVERRIDE, 120)], start=1
        ):
            opened = clock.pass_(seconds)
            store.decide(
                ADA,
                plan.id,
                version,
                outcome,
                crn=CRNS[0],
                reason=OverrideReason.CONTINUITY,
                opened_at=opened,
            )
        store.decide(BEN, plan.id, 4, Outcome.REJECT)
        everybody = store.acceptance([PDU])
        assert (everybody.accepted, everybody.overridden, everybody.rejected) == (2, 1, 1)
        assert (everybody.rate, everybody.median_review_seconds) == (0.5, 90.0)
        assert store.acceptance(None, "ada").rate == pytest.approx(2 / 3)
        assert store.acceptance(None, "ben").median_review_seconds is None
        assert store.acceptance(["elsewhere"]).rate is None
    with Store.open(store_url, settings=StoreSettings(blind_run=2, blind_seconds=100)) as strict:
        (run,) = strict.acceptance(None).blind_runs
        assert (run.person, run.length) == ("ada", 2)


def decision(number: int, person: str, outcome: Outcome, seconds: float | None) -> Decision:
    """The decision with this number; it took so many seconds, or the plan was never opened."""
    opened = None if seconds is None else NOON - dt.timedelta(seconds=seconds)
    actor = ADA if person == "ada" else BEN
    reason = OverrideReason.NO_STAFF if outcome is Outcome.OVERRIDE else None
    return Decision(str(number), number, "p", False, None, outcome, reason, None, None, opened, NOON, actor)


YES, NO, OTHERWISE = Outcome.ACCEPT, Outcome.REJECT, Outcome.OVERRIDE


@pytest.mark.parametrize(
    ("made", "flagged"),
    [
        ([("ada", YES, 9), ("ada", YES, 9), ("ada", YES, 9)], [("ada", 3)]),
        ([("ada", YES, 9), ("ada", YES, 9)], []),
        ([("ada", YES, 9), ("ada", YES, 10), ("ada", YES, 9), ("ada", YES, 9)], []),
        ([("ada", YES, None), ("ada", YES, None), ("ada", YES, 1)], [("ada", 3)]),
        ([("ada", YES, 9), ("ada", YES, 9), ("ada", OTHERWISE, 1), ("ada", YES, 9)], []),
        ([("ada", YES, 9), ("ada", YES, 9), ("ada", NO, 1), ("ada", YES, 9)], []),
        (
            [("ada", YES, 9), ("ben", YES, 60), ("ada", YES, 9), ("ben", OTHERWISE, 9), ("ada", YES, 9)],
            [("ada", 3)],
        ),
        ([("ada", YES, 9), ("ada", YES, -3600), ("ada", YES, 9), ("ada", YES, 9)], [("ada", 3)]),
        (
            [("ada", YES, 1), *[("ben", YES, 1)] * 4, ("ada", YES, 1), ("ada", YES, 1)],
            [("ada", 3), ("ben", 4)],
        ),
    ],
)
def test_blind_acceptance_is_flagged(
    made: list[tuple[str, Outcome, float | None]], flagged: list[tuple[str, int]]
) -> None:
    """The policy here: three in a row, each within ten seconds."""
    decisions_made = [decision(number, *each) for number, each in enumerate(made)]
    found = acceptance_of(decisions_made, StoreSettings(blind_run=3, blind_seconds=10))
    assert [(run.person, run.length) for run in found.blind_runs] == flagged
    assert found.blind == bool(flagged)
