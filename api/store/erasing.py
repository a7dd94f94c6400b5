"""Taking people out: one by CRN, or everybody whose records are older than they may be kept.

The audit trail is never rewritten. It knows people by pseudonyms made with a salt of each person's own; erasing
deletes the salt.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from typing import Any

from sqlalchemy import Column, Connection, Row, Table, delete, func, or_, select, update

from api.store.base import mentions
from api.store.batches import BatchMethods
from api.store.chain import lookup_of
from api.store.idempotency import forget
from api.store.indexing import contents_with, forget_person, is_indexed
from api.store.people import ERASED, canonical_crn, without_person
from api.store.records import Actor, ActorKind, Erasure, Event, Retired
from api.store.room import OPEN
from api.store.rows import CHUNK
from api.store.tables import (
    audit_people,
    batch_items,
    batches,
    contents,
    decisions,
    idempotency,
    jobs,
    plans,
    problems,
)

RETENTION = Actor("retention", ActorKind.SERVICE)
"""Who removes what is too old, unless somebody else is named."""


class ErasingMethods(BatchMethods):
    """Erasure and retention."""

    def erase(
        self, actor: Actor, crn: str, reason: str | None = None, *, route: str = "store.erase"
    ) -> Erasure:
        """Take a person out of every problem, plan, question, report and decision, and delete their salt.

        Records one ERASURE, which does not say whose. What the person's absence changes in a problem is marked with
        `erased_at`, and its input hash, which was made from their record too, is replaced. Plans that are being made
        of such a problem leave the person out when they are finished. Afterwards the database file holds no trace:
        SQLite overwrites what it frees, and its log is emptied.
        """
        person = canonical_crn(crn)
        seen, before = 0, set[int]()
        if not is_indexed(person):
            # Looking through everything takes long: it is done before other writers have to wait.
            seen, before = self._database.read(lambda connection: _contents_with(connection, person, after=0))

        def work(connection: Connection) -> Erasure:
            erased = self._erase_from(connection, person, self._found(connection, person, seen, before))
            self._append(connection, Event.ERASURE, actor, subjects=(None, 0), route=route, reason=reason)
            return erased

        erased = self._database.write(work, alone=True)
        self._database.leave_no_trace()
        return erased

    def apply_retention(self, now: dt.datetime, days: int, actor: Actor = RETENTION) -> Retired:
        """Remove problems and batches that came more than `days` days before `now`.

        With them go their jobs, plans and decisions, old idempotency keys and the salts of people not seen since.
        Records one ERASURE when there was anything. What still has a job at work is kept until it has ended.
        """
        before = now - dt.timedelta(days=days)

        def work(connection: Connection) -> Retired:
            retired = self._retire(connection, before)
            if retired != Retired(0, 0, 0, 0, 0, 0):
                self._append(
                    connection,
                    Event.ERASURE,
                    actor,
                    subjects=(None, 0),
                    route="store.apply_retention",
                    reason=f"older than {days} days",
                )
            return retired

        retired = self._database.write(work, alone=True)
        self._database.leave_no_trace()
        return retired

    def _found(self, connection: Connection, person: str, seen: int, before: set[int]) -> set[int]:
        """The contents in which a person stands: of the index, or found before and among what is newer than that."""
        if not is_indexed(person):
            return before | _contents_with(connection, person, after=seen)[1]
        ids = contents_with(connection, self._key(connection), person)
        maybe = _rows_with(connection, contents, contents.c.id, ids)
        return {row.id for row in maybe if mentions(row.body, person)}

    def _erase_from(self, connection: Connection, person: str, found: Collection[int]) -> Erasure:
        now = self._clock()
        theirs = _rows_with(connection, problems, problems.c.content_id, found)
        hashes = {row.input_hash: f"{ERASED} {row.id}" for row in theirs}
        for row in theirs:
            connection.execute(
                update(problems)
                .where(problems.c.id == row.id)
                .values(erased_at=now, input_hash=hashes[row.input_hash], people=problems.c.people - 1)
            )
            forget(connection, row.id)
        made = _rows_with(connection, plans, plans.c.problem_id, [row.id for row in theirs])
        also = _rows_with(connection, plans, plans.c.content_id, found)
        changed = {row.id: row for row in (*made, *also)}
        for row in changed.values():
            summary = without_person(row.summary, person, hashes)
            connection.execute(
                update(plans).where(plans.c.id == row.id).values(erased_at=now, summary=summary)
            )
        asked = _rows_with(connection, jobs, jobs.c.question_id, found)
        for row in (*asked, *_rows_with(connection, batches, batches.c.question_id, found)):
            forget(connection, row.id)
        for content_id in sorted({*found, *(row.content_id for row in changed.values())}):
            content = self._content(connection, content_id)
            self._rewrite(connection, content_id, without_person(content, person, hashes))
        key = self._key(connection)
        forget_person(connection, key, person)
        lookup = lookup_of(key, person)
        known = connection.execute(delete(audit_people).where(audit_people.c.lookup == lookup)).rowcount
        decided = _erase_decisions(connection, person)
        own = {row.content_id for row in (*theirs, *changed.values())} | {row.question_id for row in asked}
        return Erasure(
            problems=len(theirs),
            plans=len(changed),
            jobs=len(asked),
            decisions=decided,
            other=len(set(found) - own) + known,
        )

    def _retire(self, connection: Connection, before: dt.datetime) -> Retired:
        at_work = select(jobs.c.problem_id).where(jobs.c.state.in_(OPEN))
        old = connection.execute(
            select(problems.c.id, problems.c.content_id)
            .where(problems.c.created_at < before)
            .where(problems.c.id.not_in(at_work))
        ).all()
        ids = [row.id for row in old]
        asked = _rows_with(connection, jobs, jobs.c.problem_id, ids)
        made = _rows_with(connection, plans, plans.c.problem_id, ids)
        decided = 0
        for start in range(0, len(ids), CHUNK):
            chunk = ids[start : start + CHUNK]
            of_these = select(plans.c.id).where(plans.c.problem_id.in_(chunk))
            decided += connection.execute(delete(decisions).where(decisions.c.plan_id.in_(of_these))).rowcount
            connection.execute(delete(plans).where(plans.c.problem_id.in_(chunk)))
            connection.execute(
                update(batch_items)
                .where(batch_items.c.problem_id.in_(chunk))
                .values(problem_id=None, job_id=None)
            )
            connection.execute(delete(jobs).where(jobs.c.problem_id.in_(chunk)))
            connection.execute(delete(problems).where(problems.c.id.in_(chunk)))
        ended = connection.execute(
            select(batches)
            .where(batches.c.created_at < before, batches.c.ended_at.is_not(None))
            .where(batches.c.id.not_in(select(jobs.c.batch_id).where(jobs.c.batch_id.is_not(None))))
        ).all()
        runs = [row.id for row in ended]
        items = _rows_with(connection, batch_items, batch_items.c.batch_id, runs)
        for start in range(0, len(runs), CHUNK):
            chunk = runs[start : start + CHUNK]
            connection.execute(delete(batch_items).where(batch_items.c.batch_id.in_(chunk)))
            connection.execute(delete(batches).where(batches.c.id.in_(chunk)))
        self._drop_contents(
            connection,
            {
                *(row.content_id for row in (*old, *made)),
                *(row.question_id for row in (*asked, *ended)),
                *(row.report_id for row in items if row.report_id is not None),
            },
        )
        connection.execute(delete(idempotency).where(idempotency.c.created_at < before))
        people = connection.execute(delete(audit_people).where(audit_people.c.seen_at < before)).rowcount
        return Retired(len(ids), len(asked), len(made), decided, len(runs), people)


def _contents_with(connection: Connection, person: str, *, after: int) -> tuple[int, set[int]]:
    """The id of the newest content, and which contents newer than `after` the person stands in."""
    newest, found = after, set()
    query = select(contents).where(contents.c.id > after).order_by(contents.c.id)
    with connection.execute(query.execution_options(yield_per=20)) as rows:
        for row in rows:
            newest = row.id
            if mentions(row.body, person):
                found.add(row.id)
    return newest, found


def _rows_with(
    connection: Connection, table: Table, column: Column[Any], values: Collection[Any]
) -> list[Row[Any]]:
    """The rows of a table whose column has one of the values."""
    wanted, found = sorted(values), list[Row[Any]]()
    for start in range(0, len(wanted), CHUNK):
        found += connection.execute(select(table).where(column.in_(wanted[start : start + CHUNK]))).all()
    return found


def _erase_decisions(connection: Connection, person: str) -> int:
    """Take a person out of the decisions; those about them keep outcome and reason. Returns how many changed."""
    told = func.upper(decisions.c.text).contains(person, autoescape=True)
    chosen = func.upper(decisions.c.choice).contains(person, autoescape=True)
    count = 0
    for row in connection.execute(
        select(decisions).where(or_(decisions.c.crn == person, told, chosen))
    ).all():
        about = row.crn == person
        values = {
            "crn": None if about else row.crn,
            "text": ERASED if about and row.text else without_person(row.text, person),
            "choice": None if about else without_person(row.choice, person),
        }
        connection.execute(update(decisions).where(decisions.c.id == row.id).values(values))
        count += 1
    return count
