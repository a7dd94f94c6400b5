"""Answers about jobs."""

from __future__ import annotations

from api.http.views.base import PageView, Time, View
from api.store.records import JobKind, JobState, StoredJob


class JobError(View):
    """Why a job failed: a code, and a sentence that names no record."""

    error_code: str
    message: str


class JobView(View):
    """A job: how far it is and, once there is one, the plan that it made.

    best: the value of the best plan so far, bound: what is proven that no plan can beat, gap: the distance as a
    fraction; null while unknown.
    """

    id: str
    pdu: str
    kind: JobKind
    problem_id: str
    batch_id: str | None
    state: JobState
    attempt: int
    best: int | None
    bound: int | None
    gap: float | None
    seconds: float | None
    stage: str | None
    cancel_requested: bool
    created_at: Time
    started_at: Time | None
    ended_at: Time | None
    plan_id: str | None
    error: JobError | None

    @classmethod
    def of(cls, job: StoredJob) -> JobView:
        error = (
            None
            if job.error_code is None
            else JobError(error_code=job.error_code, message=job.error_message or job.error_code)
        )
        named = {name: getattr(job, name) for name in cls.model_fields if name != "error"}
        return cls(error=error, **named)


class JobsView(PageView):
    """Jobs, the newest first."""

    jobs: tuple[JobView, ...]
