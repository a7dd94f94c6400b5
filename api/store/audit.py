"""The audit trail: who touched whose data, how and when, in an order that cannot be changed unseen.

One event is appended at a time: the appender holds the row that keeps the chain's end. It is the last lock that a
transaction takes, so no two wait for each other.
"""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from api.store.base import StoreBase, acting, actor_of, page_of
from api.store.chain import digest_of, event_hash, holds, lookup_of, members_of, pseudonym
from api.store.people import canonical_crn, without_crns
from api.store.records import Actor, AuditEvent, BrokenChain, ChainHead, Event, Page
from api.store.rows import CHUNK, insert_if_new
from api.store.tables import (
    audit_events,
    audit_head,
    audit_people,
    audit_subject_sets,
    plans,
    problems,
)
from api.store.verifying import first_break
from models.errors import NotFoundError, StoreError


class AuditMethods(StoreBase):
    """Appending to the trail, reading it, checking it."""

    def record(  # noqa: PLR0913 - the details that the law asks for, by name
        self,
        event: Event,
        actor: Actor,
        *,
        route: str,
        crns: Iterable[str] = (),
        problem_id: str | None = None,
        plan_id: str | None = None,
        at: dt.datetime | None = None,
        run: str | None = None,
        recipient: str | None = None,
        reason: str | None = None,
    ) -> AuditEvent:
        """Append one event and return it.

        The people concerned are `crns`, or everybody in the problem or plan named; they are kept as pseudonyms.
        `route` is a template ("GET /v1/plans/{planId}"), `run` an id of a job or batch, `recipient` who was given the
        data. Whatever looks like a CRN in these texts is taken out. Raises NotFoundError for an unknown problem or
        plan; ValueError for a DISCLOSURE without a recipient.
        """
        if event is Event.DISCLOSURE and not recipient:
            raise ValueError("a disclosure needs a recipient")
        people = set(map(canonical_crn, crns))

        def work(connection: Connection) -> AuditEvent:
            return self._append(
                connection,
                event,
                actor,
                subjects=self._subjects_named(connection, people, problem_id, plan_id),
                route=route,
                at=at,
                run=run,
                recipient=recipient,
                reason=reason,
            )

        return self._database.write(work)

    def audit_events(
        self,
        *,
        crn: str | None = None,
        event: Event | None = None,
        actor: str | None = None,
        run: str | None = None,
        page: int = 1,
        size: int = 50,
    ) -> Page[AuditEvent]:
        """Events, newest first: those that concern a person, of a kind, by an actor, of a run."""

        def work(connection: Connection) -> Page[AuditEvent]:
            query = select(audit_events)
            for column, value in (("event", event), ("actor", actor), ("run", run)):
                if value is not None:
                    query = query.where(audit_events.c[column] == str(value))
            if crn is not None:
                query = query.where(audit_events.c.subjects.in_(self._sets_with(connection, crn)))
            rows, total = page_of(connection, query, audit_events.c.position, page, size)
            return Page(tuple(map(_event_of, rows)), page, size, total)

        return self._database.read(work)

    def chain_head(self) -> ChainHead:
        """The end of the trail. Kept elsewhere, it shows later that nothing before it was changed."""
        return self._database.read(_head)

    def verify_chain(self, expected: ChainHead | None = None) -> BrokenChain | None:
        """The first place where the trail is not what was written, or None when it is whole.

        `expected` is an earlier `chain_head`, kept outside the database: it must still be part of the trail.
        """
        return self._database.read(lambda connection: first_break(connection, expected))

    def _append(  # noqa: PLR0913 - as above
        self,
        connection: Connection,
        event: Event,
        actor: Actor,
        *,
        subjects: tuple[str | None, int],
        route: str,
        at: dt.datetime | None = None,
        run: str | None = None,
        recipient: str | None = None,
        reason: str | None = None,
    ) -> AuditEvent:
        """Append one event within a transaction, as its last act."""
        head = connection.execute(select(audit_head).with_for_update()).one_or_none()
        if head is None:
            raise StoreError("the end of the audit trail is missing: run evenhand audit verify")
        digest, people = subjects
        row: dict[str, Any] = {
            "position": head.position + 1,
            "event": event.value,
            **acting(actor),
            "at": (at or self._clock()).astimezone(dt.UTC).isoformat(timespec="microseconds"),
            "run": without_crns(run),
            "route": without_crns(route),
            "recipient": without_crns(recipient),
            "reason": without_crns(reason),
            "subjects": digest,
            "people": people,
            "previous": head.hash,
        }
        row["hash"] = event_hash(row)
        connection.execute(insert(audit_events).values(row))
        connection.execute(update(audit_head).values(position=row["position"], hash=row["hash"]))
        return _event_of(connection.execute(_at(row["position"])).one())

    def _subjects_named(
        self, connection: Connection, crns: Collection[str], problem_id: str | None, plan_id: str | None
    ) -> tuple[str | None, int]:
        """The people of an event: those given, else those of a problem or plan."""
        if not crns and (problem_id or plan_id):
            table, wanted = (plans, plan_id) if plan_id else (problems, problem_id)
            row = connection.execute(select(table.c.subjects).where(table.c.id == wanted)).one_or_none()
            if row is None:
                raise NotFoundError(f"there is no such {table.name[:-1]}")
            return row.subjects, _size_of(connection, row.subjects)
        return self._subjects(connection, crns)

    def _subjects(self, connection: Connection, crns: Collection[str]) -> tuple[str | None, int]:
        """Keep a set of people under their pseudonyms; its name, and how many they are."""
        if not crns:
            return None, 0
        key = self._key(connection)
        salts = self._salts(connection, {lookup_of(key, crn): crn for crn in crns})
        members = members_of(pseudonym(salt, crn) for crn, salt in salts.items())
        digest = digest_of(members)
        insert_if_new(connection, audit_subject_sets, [{"digest": digest, "members": members}])
        return digest, len(salts)

    def _salts(self, connection: Connection, crns: Mapping[str, str]) -> dict[str, bytes]:
        """The salt of each person, by CRN; made for those seen for the first time. `crns` is by lookup."""
        now = self._clock()
        lookups = sorted(crns)
        found = _people_by_lookup(connection, lookups)
        missing = [lookup for lookup in lookups if lookup not in found]
        if missing:
            rows = [{"lookup": each, "salt": secrets.token_bytes(32), "seen_at": now} for each in missing]
            insert_if_new(connection, audit_people, rows)
            found |= _people_by_lookup(connection, missing)  # another writer's may have come first
        yesterday = now - dt.timedelta(days=1)
        stale = [lookup for lookup in lookups if found[lookup].seen_at < yesterday]
        for start in range(0, len(stale), CHUNK):
            chunk = audit_people.c.lookup.in_(stale[start : start + CHUNK])
            connection.execute(update(audit_people).where(chunk).values(seen_at=now))
        return {crns[lookup]: row.salt for lookup, row in found.items()}

    def _sets_with(self, connection: Connection, crn: str) -> list[str]:
        """The names of the sets that hold a person; none for somebody unknown or erased."""
        known = canonical_crn(crn)
        lookup = lookup_of(self._key(connection), known)
        found = _people_by_lookup(connection, [lookup])
        if not found:
            return []
        wanted = pseudonym(found[lookup].salt, known)
        with connection.execute(select(audit_subject_sets).execution_options(yield_per=100)) as rows:
            return [row.digest for row in rows if holds(row.members, wanted)]


def _at(position: int) -> Any:
    return select(audit_events).where(audit_events.c.position == position)


def _head(connection: Connection) -> ChainHead:
    row = connection.execute(select(audit_head)).one_or_none()
    if row is None:
        raise StoreError("the end of the audit trail is missing: run evenhand audit verify")
    return ChainHead(row.position, row.hash)


def _size_of(connection: Connection, digest: str | None) -> int:
    if digest is None:
        return 0
    query = select(audit_subject_sets.c.members).where(audit_subject_sets.c.digest == digest)
    return len(connection.execute(query).scalar_one()) // 16


def _people_by_lookup(connection: Connection, lookups: list[str]) -> dict[str, Row[Any]]:
    found: dict[str, Row[Any]] = {}
    for start in range(0, len(lookups), CHUNK):
        query = select(audit_people).where(audit_people.c.lookup.in_(lookups[start : start + CHUNK]))
        found.update((row.lookup, row) for row in connection.execute(query))
    return found


def _event_of(row: Row[Any]) -> AuditEvent:
    return AuditEvent(
        position=row.position,
        event=Event(row.event),
        actor=actor_of(row),
        at=dt.datetime.fromisoformat(row.at),
        run=row.run,
        route=row.route,
        recipient=row.recipient,
        reason=row.reason,
        people=row.people,
        hash=row.hash,
    )
