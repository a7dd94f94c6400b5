"""Problems: what was given to the service, by PDU; and the policies that were used."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select

from api.store.audit import AuditMethods
from api.store.base import acting, actor_of, new_id, one, page_of
from api.store.idempotency import earlier, remember
from api.store.people import people_of
from api.store.records import Actor, Event, Page, ProblemKind, StoredPolicy, StoredProblem
from api.store.rows import insert_if_new
from api.store.tables import policies, problems
from models.errors import NotFoundError


class ProblemMethods(AuditMethods):
    """Keeping and finding problems and policies."""

    def add_problem(
        self,
        actor: Actor,
        pdu: str,
        kind: ProblemKind,
        content: Mapping[str, Any],
        input_hash: str,
        *,
        idempotency_key: str | None = None,
        route: str = "store.add_problem",
    ) -> StoredProblem:
        """Keep a problem (contract JSON) and record a COLLECTION of everybody in it.

        The same key with the same problem returns the problem kept then; with another one it raises ConflictError.
        """
        crns = people_of(content)

        def work(connection: Connection) -> StoredProblem:
            request = (actor, idempotency_key, ["problem", pdu, kind, input_hash])
            before = earlier(connection, *request)
            if before is not None:
                return _problem_of(one(connection, _by_id(before), "problem"))
            problem_id, now = new_id(), self._clock()
            subjects = self._subjects(connection, crns)
            connection.execute(
                insert(problems).values(
                    id=problem_id,
                    pdu=pdu,
                    kind=kind.value,
                    input_hash=input_hash,
                    people=len(crns),
                    subjects=subjects[0],
                    content_id=self._keep(connection, content),
                    created_at=now,
                    **acting(actor),
                )
            )
            remember(connection, *request, target_id=problem_id, now=now)
            self._append(connection, Event.COLLECTION, actor, subjects=subjects, route=route, at=now)
            return _problem_of(one(connection, _by_id(problem_id), "problem"))

        return self._database.write(work)

    def problem(self, problem_id: str) -> StoredProblem:
        """The problem by this id. Raises NotFoundError."""
        return self._database.read(
            lambda connection: _problem_of(one(connection, _by_id(problem_id), "problem"))
        )

    def problem_content(self, problem_id: str) -> dict[str, Any]:
        """What the problem says, as contract JSON. Raises NotFoundError. Record who is shown it (`record`)."""

        def work(connection: Connection) -> dict[str, Any]:
            content: dict[str, Any] = self._content(
                connection, one(connection, _by_id(problem_id), "problem").content_id
            )
            return content

        return self._database.read(work)

    def problems(
        self,
        pdus: Collection[str] | None,
        *,
        kind: ProblemKind | None = None,
        page: int = 1,
        size: int = 50,
    ) -> Page[StoredProblem]:
        """Problems of these PDUs (None: of all), newest first."""

        def work(connection: Connection) -> Page[StoredProblem]:
            query = select(problems)
            if pdus is not None:
                query = query.where(problems.c.pdu.in_(sorted(pdus)))
            if kind is not None:
                query = query.where(problems.c.kind == kind.value)
            rows, total = page_of(connection, query, problems.c.sequence, page, size)
            return Page(tuple(map(_problem_of, rows)), page, size, total)

        return self._database.read(work)

    def latest_problems(self, region: str | None = None) -> tuple[StoredProblem, ...]:
        """The newest problem of each kind and PDU, in the order of PDU and kind.

        `region` keeps the PDUs whose code begins with it (N01 holds N01PDU01).
        """

        def work(connection: Connection) -> tuple[StoredProblem, ...]:
            newest = select(func.max(problems.c.sequence)).group_by(problems.c.pdu, problems.c.kind)
            query = select(problems).where(problems.c.sequence.in_(newest))
            if region is not None:
                query = query.where(problems.c.pdu.startswith(region, autoescape=True))
            rows = connection.execute(query.order_by(problems.c.pdu, problems.c.kind))
            return tuple(map(_problem_of, rows))

        return self._database.read(work)

    def keep_policy(self, version: str, policy_hash: str, text: str) -> StoredPolicy:
        """Keep a policy file by its hash; one that is kept already stays as it is."""

        def work(connection: Connection) -> StoredPolicy:
            row = {"hash": policy_hash, "version": version, "text": text, "kept_at": self._clock()}
            insert_if_new(connection, policies, [row])
            query = select(policies).where(policies.c.hash == policy_hash)
            return _policy_of(one(connection, query, "policy"))

        return self._database.write(work)

    def policy(self, policy_hash: str) -> StoredPolicy:
        """The policy file with this hash. Raises NotFoundError."""
        query = select(policies).where(policies.c.hash == policy_hash)
        return self._database.read(lambda connection: _policy_of(one(connection, query, "policy")))

    def policies(self) -> tuple[StoredPolicy, ...]:
        """Every policy file kept, in the order of version and hash."""
        query = select(policies).order_by(policies.c.version, policies.c.hash)
        return self._database.read(lambda connection: tuple(map(_policy_of, connection.execute(query))))


def problem_row(connection: Connection, problem_id: str) -> Row[Any]:
    """The row of a problem. Raises NotFoundError."""
    return one(connection, _by_id(problem_id), "problem")


def require_problem(connection: Connection, problem_id: str, pdu: str) -> None:
    """Raise NotFoundError unless the PDU has this problem."""
    if problem_row(connection, problem_id).pdu != pdu:
        raise NotFoundError("there is no such problem in this PDU")


def _by_id(problem_id: str) -> Any:
    return select(problems).where(problems.c.id == problem_id)


def _problem_of(row: Row[Any]) -> StoredProblem:
    return StoredProblem(
        id=row.id,
        sequence=row.sequence,
        pdu=row.pdu,
        kind=ProblemKind(row.kind),
        input_hash=row.input_hash,
        people=row.people,
        created_at=row.created_at,
        actor=actor_of(row),
        erased_at=row.erased_at,
    )


def _policy_of(row: Row[Any]) -> StoredPolicy:
    return StoredPolicy(version=row.version, hash=row.hash, text=row.text, kept_at=row.kept_at)
