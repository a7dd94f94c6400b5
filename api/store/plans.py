"""Plans and what people decide about them. A plan is a proposal; deciding is a person's act."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, insert, or_, select, update

from api.store.base import acting, actor_of, new_id, one, page_of
from api.store.jobs import JobMethods
from api.store.people import canonical_crn, people_of
from api.store.records import (
    Acceptance,
    Actor,
    ActorKind,
    Decision,
    Event,
    JobKind,
    Outcome,
    OverrideReason,
    Page,
    PlanState,
    StoredPlan,
)
from api.store.reviewing import acceptance_of
from api.store.tables import decisions, jobs, plans
from models.errors import ConflictError, ForbiddenError, NotFoundError, UsageError

STATE_AFTER = {
    Outcome.ACCEPT: PlanState.ACCEPTED,
    Outcome.OVERRIDE: PlanState.REJECTED,  # something else is done instead; the decision says why
    Outcome.REJECT: PlanState.REJECTED,
}
"""What a decision about the whole plan makes of it."""


class PlanMethods(JobMethods):
    """Finding plans and deciding about them."""

    def plan(self, plan_id: str) -> StoredPlan:
        """The plan by this id. Raises NotFoundError."""
        return self._database.read(lambda connection: _plan_of(one(connection, _by_id(plan_id), "plan")))

    def plan_content(self, plan_id: str) -> dict[str, Any]:
        """The plan as contract JSON. Raises NotFoundError. Record who is shown it (`record`)."""

        def work(connection: Connection) -> dict[str, Any]:
            content: dict[str, Any] = self._content(
                connection, one(connection, _by_id(plan_id), "plan").content_id
            )
            return content

        return self._database.read(work)

    def plans(
        self,
        pdus: Collection[str] | None,
        *,
        state: PlanState | None = None,
        kinds: Collection[JobKind] | None = None,
        problem_id: str | None = None,
        page: int = 1,
        size: int = 50,
    ) -> Page[StoredPlan]:
        """Plans of these PDUs and kinds (None: of all), newest first."""

        def work(connection: Connection) -> Page[StoredPlan]:
            query = select(plans)
            if pdus is not None:
                query = query.where(plans.c.pdu.in_(sorted(pdus)))
            if state is not None:
                query = query.where(*_in_state(state))
            if kinds is not None:
                query = query.where(plans.c.kind.in_([kind.value for kind in kinds]))
            if problem_id is not None:
                query = query.where(plans.c.problem_id == problem_id)
            rows, total = page_of(connection, query, plans.c.sequence, page, size)
            return Page(tuple(map(_plan_of, rows)), page, size, total)

        return self._database.read(work)

    def decide(  # noqa: PLR0913 - the parts of a decision, by name
        self,
        actor: Actor,
        plan_id: str,
        expected_version: int,
        outcome: Outcome,
        *,
        crn: str | None = None,
        reason: OverrideReason | None = None,
        text: str | None = None,
        choice: str | None = None,
        opened_at: dt.datetime | None = None,
        route: str = "store.decide",
    ) -> Decision:
        """Decide about a plan, or about the place of one person in it, and record the ALTERATION.

        An OVERRIDE has a reason; the reason OTHER has a text. `opened_at` is when the person was first shown the
        plan. A decision about the whole plan closes it: ACCEPTED, or REJECTED.

        Raises ForbiddenError for a service; NotFoundError for an unknown plan or a person who is not in it;
        ConflictError when the version has moved on or the plan is closed; UsageError for a missing reason or text.
        """
        if actor.kind is not ActorKind.PERSON:
            raise ForbiddenError("deciding is a person's act")
        said = text.strip() if text is not None else None
        if outcome is Outcome.OVERRIDE and reason is None:
            raise UsageError("an override needs a reason")
        if reason is OverrideReason.OTHER and not said:
            raise UsageError('the reason "other" needs a text')
        person = None if crn is None else canonical_crn(crn)

        def work(connection: Connection) -> Decision:
            plan = _held_open(connection, plan_id, expected_version)
            if person is not None and person not in people_of(self._content(connection, plan.content_id)):
                raise NotFoundError("there is no such person in this plan")
            decision_id, now = new_id(), self._clock()
            connection.execute(
                insert(decisions).values(
                    id=decision_id,
                    plan_id=plan_id,
                    whole=person is None,
                    crn=person,
                    outcome=outcome.value,
                    reason=None if reason is None else reason.value,
                    text=said or None,
                    choice=choice,
                    opened_at=opened_at,
                    decided_at=now,
                    **acting(actor),
                )
            )
            values: dict[str, Any] = {"version": plan.version + 1}
            if person is None:
                values |= {
                    "state": STATE_AFTER[outcome].value,
                    "decided_by": actor.subject,
                    "decided_at": now,
                    "decision_id": decision_id,
                }
            connection.execute(update(plans).where(plans.c.id == plan_id).values(values))
            subjects = self._subjects_named(connection, () if person is None else (person,), None, plan_id)
            self._append(
                connection, Event.ALTERATION, actor, subjects=subjects, route=route, at=now, run=plan.job_id
            )
            return _decision_of(
                one(connection, select(decisions).where(decisions.c.id == decision_id), "decision")
            )

        return self._database.write(work)

    def supersede(self, plan_id: str, others: Collection[str] = ()) -> int:
        """Let a batch's plan be the one proposal of batches for its PDU and kind. Returns how many it replaced.

        Replaced are the older proposals that batches made, and `others`, of the same PDU and kind; but none that
        somebody has begun to decide about, and none where this plan is superseded itself. Doing it again changes
        nothing. Raises NotFoundError.
        """

        def work(connection: Connection) -> int:
            best = one(connection, _by_id(plan_id).with_for_update(), "plan")
            if best.superseded_by is not None:
                return 0
            older = and_(
                plans.c.sequence < best.sequence,
                plans.c.job_id.in_(select(jobs.c.id).where(jobs.c.batch_id.is_not(None))),
            )
            return connection.execute(
                update(plans)
                .where(plans.c.pdu == best.pdu, plans.c.kind == best.kind, plans.c.id != plan_id)
                .where(or_(older, plans.c.id.in_(sorted(others))))
                .where(*_in_state(PlanState.PROPOSED))
                .where(plans.c.id.not_in(select(decisions.c.plan_id)))
                .values(superseded_by=plan_id, version=plans.c.version + 1)
            ).rowcount

        return self._database.write(work)

    def publish(
        self,
        actor: Actor,
        plan_id: str,
        expected_version: int,
        recipient: str,
        *,
        route: str = "store.publish",
    ) -> StoredPlan:
        """Mark an ACCEPTED plan as handed on to `recipient`, and record the DISCLOSURE.

        Raises ForbiddenError for a service; ConflictError when the version has moved on, the plan is not accepted or
        was published before; NotFoundError.
        """
        if actor.kind is not ActorKind.PERSON:
            raise ForbiddenError("publishing is a person's act")

        def work(connection: Connection) -> StoredPlan:
            plan = _held(connection, plan_id, expected_version)
            if plan.state != PlanState.ACCEPTED.value or plan.published_at is not None:
                raise ConflictError("only an accepted plan is published, and once")
            now = self._clock()
            connection.execute(
                update(plans)
                .where(plans.c.id == plan_id)
                .values(version=plan.version + 1, published_by=actor.subject, published_at=now)
            )
            subjects = self._subjects_named(connection, (), None, plan_id)
            self._append(
                connection,
                Event.DISCLOSURE,
                actor,
                subjects=subjects,
                route=route,
                at=now,
                run=plan.job_id,
                recipient=recipient,
            )
            return _plan_of(one(connection, _by_id(plan_id), "plan"))

        return self._database.write(work)

    def decisions(self, plan_id: str) -> tuple[Decision, ...]:
        """Every decision about a plan, in the order in which they were made. Raises NotFoundError."""

        def work(connection: Connection) -> tuple[Decision, ...]:
            one(connection, select(plans.c.id).where(plans.c.id == plan_id), "plan")
            query = select(decisions).where(decisions.c.plan_id == plan_id).order_by(decisions.c.sequence)
            return tuple(map(_decision_of, connection.execute(query)))

        return self._database.read(work)

    def acceptance(self, pdus: Collection[str] | None, person: str | None = None) -> Acceptance:
        """How people decide in these PDUs (None: in all), or one person: shares, review time, blind runs."""

        def work(connection: Connection) -> Acceptance:
            query = select(decisions).join(plans, plans.c.id == decisions.c.plan_id)
            if pdus is not None:
                query = query.where(plans.c.pdu.in_(sorted(pdus)))
            if person is not None:
                query = query.where(decisions.c.actor == person)
            rows = connection.execute(query.order_by(decisions.c.sequence))
            return acceptance_of(map(_decision_of, rows), self._settings)

        return self._database.read(work)


def _by_id(plan_id: str) -> Any:
    return select(plans).where(plans.c.id == plan_id)


def _held(connection: Connection, plan_id: str, expected_version: int) -> Row[Any]:
    """The plan's row, held against other writers. Raises NotFoundError; ConflictError when it has moved on."""
    row = one(connection, _by_id(plan_id).with_for_update(), "plan")
    if row.version != expected_version:
        raise ConflictError(f"the plan has changed: version {row.version}, not {expected_version}")
    return row


def _held_open(connection: Connection, plan_id: str, expected_version: int) -> Row[Any]:
    row = _held(connection, plan_id, expected_version)
    if row.superseded_by is not None:
        raise ConflictError("the plan has been superseded by another")
    if row.state != PlanState.PROPOSED.value:
        raise ConflictError(f"the plan has been decided on: {row.state}")
    return row


def _in_state(state: PlanState) -> tuple[ColumnElement[bool], ...]:
    """The conditions of a state. The database knows a superseded plan as a proposal that another has replaced."""
    if state is PlanState.SUPERSEDED:
        return (plans.c.superseded_by.is_not(None),)
    return (plans.c.state == state.value, plans.c.superseded_by.is_(None))


def _plan_of(row: Row[Any]) -> StoredPlan:
    summary: Mapping[str, Any] = row.summary
    return StoredPlan(
        id=row.id,
        sequence=row.sequence,
        pdu=row.pdu,
        kind=JobKind(row.kind),
        problem_id=row.problem_id,
        job_id=row.job_id,
        state=PlanState.SUPERSEDED if row.superseded_by is not None else PlanState(row.state),
        version=row.version,
        summary=summary,
        created_at=row.created_at,
        decided_by=row.decided_by,
        decided_at=row.decided_at,
        decision_id=row.decision_id,
        published_by=row.published_by,
        published_at=row.published_at,
        erased_at=row.erased_at,
        superseded_by=row.superseded_by,
    )


def _decision_of(row: Row[Any]) -> Decision:
    return Decision(
        id=row.id,
        sequence=row.sequence,
        plan_id=row.plan_id,
        whole=row.whole,
        crn=row.crn,
        outcome=Outcome(row.outcome),
        reason=None if row.reason is None else OverrideReason(row.reason),
        text=row.text,
        choice=row.choice,
        opened_at=row.opened_at,
        decided_at=row.decided_at,
        actor=actor_of(row),
    )
