"""Jobs: questions asked of problems, and what becomes of them. Every end is reached once."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import Connection, Row, Select, insert, select, update

from api.store.base import acting, actor_of, new_id, one, page_of
from api.store.idempotency import earlier, remember
from api.store.people import crns_of, people_of, without_crns, without_person
from api.store.problems import ProblemMethods, problem_row, require_problem
from api.store.records import Actor, Event, JobKind, JobState, Page, PlanState, StoredJob
from api.store.room import OPEN, require_room
from api.store.tables import batches, jobs, plans
from models.errors import ConflictError


class JobMethods(ProblemMethods):
    """Asking, working, ending."""

    def add_job(  # noqa: PLR0913 - the parts of a request, by name
        self,
        actor: Actor,
        pdu: str,
        kind: JobKind,
        problem_id: str,
        question: Mapping[str, Any],
        limits: Mapping[str, Any],
        *,
        idempotency_key: str | None = None,
        batch_id: str | None = None,
        route: str = "store.add_job",
        most_open: int | None = None,
    ) -> StoredJob:
        """Keep a question of a problem as a QUEUED job, and record the CONSULTATION of the problem.

        The same key with the same request returns the same job; with another one it raises ConflictError. Raises
        NotFoundError when the PDU has no such problem, or there is no such batch; NoRoomError when it has `most_open`
        jobs that have not ended.
        """
        named = crns_of(question)

        def work(connection: Connection) -> StoredJob:
            body = ["job", pdu, kind, problem_id, dict(question), dict(limits), batch_id]
            before = earlier(connection, actor, idempotency_key, body)
            if before is not None:
                return _job_of(one(connection, _by_id(before), "job"))
            require_problem(connection, problem_id, pdu)
            if batch_id is not None:
                one(connection, select(batches.c.id).where(batches.c.id == batch_id), "batch")
            require_room(connection, pdu, most_open)
            job_id, now = new_id(), self._clock()
            connection.execute(
                insert(jobs).values(
                    id=job_id,
                    pdu=pdu,
                    kind=kind.value,
                    problem_id=problem_id,
                    batch_id=batch_id,
                    question_id=self._keep(connection, question),
                    limits=dict(limits),
                    state=JobState.QUEUED.value,
                    attempt=0,
                    cancel_requested=False,
                    created_at=now,
                    **acting(actor),
                )
            )
            remember(connection, actor, idempotency_key, body, target_id=job_id, now=now)
            people = named & self._people_in(connection, problem_id) if named else named
            subjects = self._subjects_named(connection, people, problem_id, None)
            self._append(
                connection, Event.CONSULTATION, actor, subjects=subjects, route=route, at=now, run=job_id
            )
            return _job_of(one(connection, _by_id(job_id), "job"))

        return self._database.write(work)

    def job(self, job_id: str) -> StoredJob:
        """The job by this id. Raises NotFoundError."""
        return self._database.read(lambda connection: _job_of(one(connection, _by_id(job_id), "job")))

    def job_question(self, job_id: str) -> dict[str, Any]:
        """What the job asks. Raises NotFoundError."""

        def work(connection: Connection) -> dict[str, Any]:
            row = one(connection, select(jobs.c.question_id).where(jobs.c.id == job_id), "job")
            question: dict[str, Any] = self._content(connection, row.question_id)
            return question

        return self._database.read(work)

    def jobs(
        self,
        pdus: Collection[str] | None,
        *,
        states: Collection[JobState] | None = None,
        kinds: Collection[JobKind] | None = None,
        problem_id: str | None = None,
        batch_id: str | None = None,
        page: int = 1,
        size: int = 50,
    ) -> Page[StoredJob]:
        """Jobs of these PDUs, states and kinds (None: of all), newest first."""

        def work(connection: Connection) -> Page[StoredJob]:
            query = _with_plan()
            if pdus is not None:
                query = query.where(jobs.c.pdu.in_(sorted(pdus)))
            if states is not None:
                query = query.where(jobs.c.state.in_([state.value for state in states]))
            if kinds is not None:
                query = query.where(jobs.c.kind.in_([kind.value for kind in kinds]))
            for column, value in ((jobs.c.problem_id, problem_id), (jobs.c.batch_id, batch_id)):
                if value is not None:
                    query = query.where(column == value)
            rows, total = page_of(connection, query, jobs.c.sequence, page, size)
            return Page(tuple(map(_job_of, rows)), page, size, total)

        return self._database.read(work)

    def start_job(self, job_id: str, worker: str) -> bool:
        """Begin, or take up after another worker: RUNNING, one attempt more. False when the job has ended.

        Raises NotFoundError.
        """

        def work(connection: Connection) -> bool:
            row = _held(connection, job_id)
            if row.state not in OPEN:
                return False
            now = self._clock()
            connection.execute(
                update(jobs)
                .where(jobs.c.id == job_id)
                .values(
                    state=JobState.RUNNING.value,
                    attempt=row.attempt + 1,
                    worker=worker,
                    started_at=row.started_at or now,
                    heartbeat_at=now,
                )
            )
            return True

        return self._database.write(work)

    def report_progress(
        self,
        job_id: str,
        *,
        best: int | None,
        bound: int | None,
        gap: float | None,
        seconds: float | None,
        stage: str | None,
        worker: str | None = None,
    ) -> bool:
        """Keep how far the job is; a sign of life too. False when it has ended or is another worker's."""
        values = {
            "best": best,
            "bound": bound,
            "gap": gap,
            "seconds": seconds,
            "stage": without_crns(stage),
        }
        return self._sign_of_life(job_id, worker, values)

    def heartbeat(self, job_id: str, worker: str | None = None) -> bool:
        """A sign of life. False when the job has ended or is another worker's."""
        return self._sign_of_life(job_id, worker, {})

    def _sign_of_life(self, job_id: str, worker: str | None, values: Mapping[str, Any]) -> bool:
        def work(connection: Connection) -> bool:
            query = update(jobs).where(jobs.c.id == job_id, jobs.c.state == JobState.RUNNING.value)
            if worker is not None:
                query = query.where(jobs.c.worker == worker)
            return connection.execute(query.values(heartbeat_at=self._clock(), **values)).rowcount == 1

        return self._database.write(work)

    def request_cancel(self, job_id: str) -> StoredJob:
        """Ask for the job's end. One that has not begun is CANCELLED at once; one that has ended stays as it is.

        Raises NotFoundError.
        """

        def work(connection: Connection) -> StoredJob:
            row = _held(connection, job_id)
            if row.state in OPEN:
                values: dict[str, Any] = {"cancel_requested": True}
                if row.state == JobState.QUEUED.value:
                    values |= {"state": JobState.CANCELLED.value, "ended_at": self._clock()}
                connection.execute(update(jobs).where(jobs.c.id == job_id).values(values))
            return _job_of(one(connection, _by_id(job_id), "job"))

        return self._database.write(work)

    def cancel_requested(self, job_id: str) -> bool:
        """Whether somebody asked for the job's end. Raises NotFoundError."""
        query = select(jobs.c.cancel_requested).where(jobs.c.id == job_id)
        return self._database.read(lambda connection: bool(one(connection, query, "job").cancel_requested))

    def finish_job(
        self,
        job_id: str,
        plan_content: Mapping[str, Any],
        summary: Mapping[str, Any],
        *,
        route: str = "store.finish_job",
    ) -> str:
        """End the job as SUCCEEDED with its plan, a PROPOSED one, and record the COMBINATION. Returns the plan's id.

        All of it happens in one transaction, and once: finishing again returns the plan of the first time. People
        who were erased from the problem meanwhile are left out of the plan. `summary` is for lists and names nobody.
        Raises NotFoundError; ConflictError when the job FAILED or was CANCELLED.
        """

        def work(connection: Connection) -> str:
            job = _held(connection, job_id)
            made = connection.execute(select(plans.c.id).where(plans.c.job_id == job_id)).scalar_one_or_none()
            if made is not None:
                return str(made)
            if job.state not in OPEN:
                raise ConflictError(f"the job has ended: {job.state}")
            content = self._without_erased(connection, job, plan_content)
            subjects = self._subjects(connection, people_of(content))
            plan_id, now = new_id(), self._clock()
            connection.execute(
                insert(plans).values(
                    id=plan_id,
                    pdu=job.pdu,
                    kind=job.kind,
                    problem_id=job.problem_id,
                    job_id=job_id,
                    content_id=self._keep(connection, content),
                    summary=dict(summary),
                    subjects=subjects[0],
                    state=PlanState.PROPOSED.value,
                    version=1,
                    created_at=now,
                )
            )
            self._end(connection, job_id, JobState.SUCCEEDED)
            self._append(
                connection,
                Event.COMBINATION,
                actor_of(job),
                subjects=subjects,
                route=route,
                at=now,
                run=job_id,
            )
            return plan_id

        return self._database.write(work)

    def fail_job(self, job_id: str, error_code: str, message: str) -> bool:
        """End the job as FAILED. False when it had ended before. Raises NotFoundError."""

        def work(connection: Connection) -> bool:
            if _held(connection, job_id).state not in OPEN:
                return False
            self._end(
                connection,
                job_id,
                JobState.FAILED,
                error_code=error_code,
                error_message=without_crns(message),
            )
            return True

        return self._database.write(work)

    def end_cancelled(self, job_id: str) -> bool:
        """End the job as CANCELLED, for want of any plan to keep. False when it had ended before."""

        def work(connection: Connection) -> bool:
            if _held(connection, job_id).state not in OPEN:
                return False
            self._end(connection, job_id, JobState.CANCELLED)
            return True

        return self._database.write(work)

    def _end(self, connection: Connection, job_id: str, state: JobState, **values: Any) -> None:
        connection.execute(
            update(jobs)
            .where(jobs.c.id == job_id)
            .values(state=state.value, ended_at=self._clock(), **values)
        )

    def _people_in(self, connection: Connection, problem_id: str) -> set[str]:
        return people_of(self._content(connection, problem_row(connection, problem_id).content_id))

    def _without_erased(
        self, connection: Connection, job: Row[Any], plan_content: Mapping[str, Any]
    ) -> Mapping[str, Any]:
        """The plan without the people who were erased from its problem while it was made."""
        problem = problem_row(connection, job.problem_id)
        if problem.erased_at is None:
            return plan_content
        left = crns_of(self._content(connection, problem.content_id))
        for crn in sorted(crns_of(plan_content) - left):
            plan_content = without_person(plan_content, crn)
        return plan_content


def _with_plan() -> Select[Any]:
    """Jobs with the ids of their plans."""
    return select(jobs, plans.c.id.label("plan_id")).outerjoin(plans, plans.c.job_id == jobs.c.id)


def _by_id(job_id: str) -> Select[Any]:
    return _with_plan().where(jobs.c.id == job_id)


def _held(connection: Connection, job_id: str) -> Row[Any]:
    """The job's row, held against other writers until the transaction ends. Raises NotFoundError."""
    return one(connection, select(jobs).where(jobs.c.id == job_id).with_for_update(), "job")


def _job_of(row: Row[Any]) -> StoredJob:
    return StoredJob(
        id=row.id,
        sequence=row.sequence,
        pdu=row.pdu,
        kind=JobKind(row.kind),
        problem_id=row.problem_id,
        batch_id=row.batch_id,
        limits=row.limits,
        state=JobState(row.state),
        attempt=row.attempt,
        worker=row.worker,
        best=row.best,
        bound=row.bound,
        gap=row.gap,
        seconds=row.seconds,
        stage=row.stage,
        cancel_requested=row.cancel_requested,
        created_at=row.created_at,
        started_at=row.started_at,
        heartbeat_at=row.heartbeat_at,
        ended_at=row.ended_at,
        plan_id=row.plan_id,
        error_code=row.error_code,
        error_message=row.error_message,
        actor=actor_of(row),
    )
