"""What a worker does with a job: reads it, has it solved, tells how far it is, and brings it to its end in the store.

Every step may be done again: by this worker after the database was away, or by another one after this one died. The
store lets each job end once.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from api.jobs.answer import Asked
from api.jobs.child import Outcome, ProgressLine
from api.jobs.failure import Failure, FailureCode
from models.errors import ConflictError, NotFoundError, StoreUnavailableError

if TYPE_CHECKING:
    from api.store.records import StoredJob
    from api.store.store import Store

ResultT = TypeVar("ResultT")

MOST_ATTEMPTS = 6
"""Workers that may die over one job before the job itself is taken to be what kills them."""

CANCEL_SECONDS = 0.3
PROGRESS_SECONDS = 0.5
BEAT_SECONDS = 5.0
PATIENCE_SECONDS = 900.0


class Solver(Protocol):
    """What answers questions: Children, in processes of their own."""

    def solve(
        self, asked: Asked, *, cancelled: Callable[[], bool], watch: Callable[[ProgressLine], None] | None
    ) -> Outcome:
        """The answer to a question; cancelled is asked now and then, watch gets each line of progress."""


@dataclass(frozen=True)
class JobRunner:
    """Does jobs by id. stopping: set when this worker ends; what it then leaves undone another takes up."""

    store: Store
    solver: Solver
    worker: str
    stopping: threading.Event

    def __call__(self, job_id: str) -> None:
        """Brings the job to its end. Returns without a word when it has ended, or is gone, or this worker stops."""
        with contextlib.suppress(NotFoundError, ConflictError):  # erased, or ended elsewhere meanwhile
            if self.patiently(lambda: self.store.start_job(job_id, self.worker)):
                self._do(self.patiently(lambda: self.store.job(job_id)))

    def _do(self, job: StoredJob) -> None:
        if job.cancel_requested:
            self.patiently(lambda: self.store.end_cancelled(job.id))
            return
        if job.attempt > MOST_ATTEMPTS:
            lost = Failure(FailureCode.WORKERS_LOST, f"{MOST_ATTEMPTS} workers ended while they did this job")
            self._fail(job, lost)
            return
        asked = self.patiently(lambda: self.asked_of(job))
        teller = _Teller(self.store, job, self.worker)
        with teller.telling() as cancelled:
            outcome = self.solver.solve(asked, cancelled=cancelled, watch=teller.note)
        if self.stopping.is_set():
            raise StoreUnavailableError("this worker is ending")  # the queue must not take the job for done
        self._end(job, outcome)

    def asked_of(self, job: StoredJob) -> Asked:
        """The job as the solve process takes it. Raises NotFoundError when something of it was removed."""
        question = self.store.job_question(job.id)
        policy_hash, start_plan = question.pop("policyHash", None), question.pop("startPlanId", None)
        return Asked(
            job.kind,
            self.store.problem_content(job.problem_id),
            question,
            job.limits,
            None if policy_hash is None else self.store.policy(policy_hash).text,
            None if start_plan is None else self.store.plan_content(start_plan),
        )

    def _end(self, job: StoredJob, outcome: Outcome) -> None:
        if outcome.answered is not None:
            made = outcome.answered
            self.patiently(lambda: self._tell_figures(job, made.summary))
            self.patiently(lambda: self.store.finish_job(job.id, made.plan, made.summary))
        elif outcome.failure is not None:
            self._fail(job, outcome.failure)
        else:
            self.patiently(lambda: self.store.end_cancelled(job.id))

    def _tell_figures(self, job: StoredJob, summary: Mapping[str, Any]) -> None:
        """What the job shows at its end is what its plan says, and not what was told last on the way."""
        best, bound, gap = (summary.get(name) for name in ("total", "bound", "gap"))
        seconds = summary.get("wallSeconds")
        self.store.report_progress(
            job.id, best=best, bound=bound, gap=gap, seconds=seconds, stage="done", worker=self.worker
        )

    def _fail(self, job: StoredJob, failure: Failure) -> None:
        self.patiently(lambda: self.store.fail_job(job.id, failure.code, failure.sentence))

    def patiently(self, act: Callable[[], ResultT]) -> ResultT:
        """Does what the store is asked, again and again while the database is away.

        Raises StoreUnavailableError after a quarter of an hour, or when this worker stops.
        """
        return patiently(act, stopping=self.stopping)


def patiently(
    act: Callable[[], ResultT], *, stopping: threading.Event, seconds: float = PATIENCE_SECONDS
) -> ResultT:
    """The result of act, tried again while the database is away. Raises StoreUnavailableError in the end."""
    end = time.monotonic() + seconds
    while True:
        try:
            return act()
        except StoreUnavailableError:
            if time.monotonic() > end or stopping.wait(1.0):
                raise


class _Teller:
    """Tells the store how far a job is, and asks it whether the job is still wanted, in a thread of its own.

    A database that is away only delays that: the solve goes on.
    """

    def __init__(self, store: Store, job: StoredJob, worker: str) -> None:
        self._store, self._job, self._worker = store, job, worker
        self._latest: Mapping[str, Any] | None = None
        self._cancelled = threading.Event()
        self._done = threading.Event()

    def note(self, line: Mapping[str, Any]) -> None:
        """The solve's latest word."""
        self._latest = line

    @contextlib.contextmanager
    def telling(self) -> Iterator[Callable[[], bool]]:
        """While the block runs. Yields whether somebody asked for the job's end."""
        thread = threading.Thread(target=self._tell, name="evenhand-teller", daemon=True)
        thread.start()
        try:
            yield self._cancelled.is_set
        finally:
            self._done.set()
            thread.join()

    def _tell(self) -> None:
        told: Mapping[str, Any] | None = None
        spoke = time.monotonic()
        while not self._done.wait(CANCEL_SECONDS):
            with contextlib.suppress(StoreUnavailableError, NotFoundError):
                if self._store.cancel_requested(self._job.id):
                    self._cancelled.set()
                latest, silence = self._latest, time.monotonic() - spoke
                if latest is not told and latest is not None and silence >= PROGRESS_SECONDS:
                    self._report(latest)
                    told, spoke = latest, time.monotonic()
                elif silence >= BEAT_SECONDS:
                    self._store.heartbeat(self._job.id, self._worker)
                    spoke = time.monotonic()

    def _report(self, line: Mapping[str, Any]) -> None:
        self._store.report_progress(
            self._job.id,
            best=line["best"],
            bound=line["bound"],
            gap=line["gap"],
            seconds=line["seconds"],
            stage=line["stage"],
            worker=self._worker,
        )
