"""What becomes of a job in the store: every end, each reached once, with the database away now and then."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from api.jobs import doing
from api.jobs.answer import Answered, Asked
from api.jobs.child import Outcome
from api.jobs.doing import MOST_ATTEMPTS, JobRunner, patiently
from api.jobs.failure import Failure, FailureCode
from api.store.records import JobKind, JobState, StoredJob
from api.store.store import Store
from models.errors import StoreUnavailableError
from models.policy.policy import default_policy, policy_text
from tests.support.stored import ADA, CRNS, PDU, kept_problem, plan_json, queued_job

MADE = Answered(plan_json(*CRNS), {"gap": 0.01, "total": 7})


@dataclass
class Told:
    """A solver that says what it was told to say, and keeps what it was asked."""

    outcome: Outcome
    asked: list[Asked] = field(default_factory=list)
    meanwhile: Callable[[Callable[[], bool], Callable[[Any], None]], None] = lambda *_: None

    def solve(
        self, asked: Asked, *, cancelled: Callable[[], bool], watch: Callable[[Any], None] | None
    ) -> Outcome:
        self.asked.append(asked)
        assert watch is not None
        self.meanwhile(cancelled, watch)
        return self.outcome


def done(store: Store, told: Told, job: StoredJob, stopping: threading.Event | None = None) -> StoredJob:
    JobRunner(store, told, "here-1", stopping or threading.Event())(job.id)
    return store.job(job.id)


def test_an_answer_becomes_a_plan_once(store: Store) -> None:
    job = queued_job(store)
    ended = done(store, Told(Outcome(MADE)), job)
    assert (ended.state, ended.attempt, ended.worker) == (JobState.SUCCEEDED, 1, "here-1")
    assert ended.plan_id is not None
    assert store.plan_content(ended.plan_id) == MADE.plan
    assert (ended.best, ended.bound, ended.gap, ended.stage) == (7, None, 0.01, "done")
    again = Told(Outcome(MADE))
    assert done(store, again, job).plan_id == ended.plan_id
    assert not again.asked


def test_a_question_names_its_policy_and_its_start_by_id(store: Store) -> None:
    policy = default_policy()
    store.keep_policy(policy.version, policy.policy_hash, policy_text())
    first = done(store, Told(Outcome(MADE)), queued_job(store))
    question = {"moves": 3, "policyHash": policy.policy_hash, "startPlanId": first.plan_id}
    job = store.add_job(ADA, PDU, JobKind.REBALANCE, first.problem_id, question, {"work": 2.0})
    told = Told(Outcome(MADE))
    done(store, told, job)
    (asked,) = told.asked
    assert (asked.kind, asked.question, asked.limits) == (JobKind.REBALANCE, {"moves": 3}, {"work": 2.0})
    assert asked.policy == policy_text()
    assert asked.start == MADE.plan


def test_a_failure_is_kept_with_its_code(store: Store) -> None:
    told = Told(Outcome(failure=Failure(FailureCode.HUNG, "the solve was not done after 9 s")))
    ended = done(store, told, queued_job(store))
    assert (ended.state, ended.error_code) == (JobState.FAILED, "HUNG")
    assert ended.error_message == "the solve was not done after 9 s"


def test_a_cancelled_job_keeps_the_plan_it_has_and_ends_without_one_otherwise(store: Store) -> None:
    problem = kept_problem(store)
    kept = done(store, Told(Outcome(MADE, cancelled=True)), queued_job(store, problem))
    assert kept.state is JobState.SUCCEEDED
    without = done(store, Told(Outcome(cancelled=True)), queued_job(store, problem))
    assert (without.state, without.plan_id) == (JobState.CANCELLED, None)


def test_a_job_that_was_cancelled_while_its_worker_died_is_not_begun_again(store: Store) -> None:
    job = queued_job(store)
    store.start_job(job.id, "gone-1")
    store.request_cancel(job.id)
    told = Told(Outcome(MADE))
    assert done(store, told, job).state is JobState.CANCELLED
    assert not told.asked


def test_a_job_over_which_many_workers_died_fails(store: Store) -> None:
    job = queued_job(store)
    for number in range(MOST_ATTEMPTS):
        store.start_job(job.id, f"gone-{number}")
    told = Told(Outcome(MADE))
    ended = done(store, told, job)
    assert (ended.state, ended.error_code) == (JobState.FAILED, "WORKERS_LOST")
    assert not told.asked


def test_a_job_that_is_gone_is_no_matter(store: Store) -> None:
    told = Told(Outcome(MADE))
    JobRunner(store, told, "here-1", threading.Event())("9f0e6a3e-0000-4000-8000-000000000000")
    assert not told.asked


def test_a_worker_that_ends_leaves_its_job_to_another(store: Store) -> None:
    stopping = threading.Event()
    crashed = Outcome(failure=Failure(FailureCode.CRASHED, "the solve process ended early (signal 9)"))
    told = Told(crashed, meanwhile=lambda *_: stopping.set())
    job = queued_job(store)
    with pytest.raises(StoreUnavailableError):
        done(store, told, job, stopping)
    assert store.job(job.id).state is JobState.RUNNING


def test_progress_is_told_and_a_request_to_cancel_arrives(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doing, "CANCEL_SECONDS", 0.01)
    monkeypatch.setattr(doing, "PROGRESS_SECONDS", 0.0)
    job = queued_job(store)
    line = {"best": 9, "bound": 4, "gap": 0.5, "seconds": 1.5, "stage": "balancing"}

    def meanwhile(cancelled: Callable[[], bool], watch: Callable[[Any], None]) -> None:
        watch(line)
        while store.job(job.id).best is None:
            pass
        told = store.job(job.id)
        assert (told.best, told.bound, told.gap, told.stage) == (9, 4, 0.5, "balancing")
        assert not cancelled()
        store.request_cancel(job.id)
        while not cancelled():
            pass

    ended = done(store, Told(Outcome(MADE, cancelled=True), meanwhile=meanwhile), job)
    assert ended.state is JobState.SUCCEEDED


def test_what_the_store_is_asked_is_asked_again_while_it_is_away() -> None:
    class Impatient(threading.Event):
        def wait(self, timeout: float | None = None) -> bool:
            assert timeout == 1.0
            return super().wait(0)

    answers = iter([StoreUnavailableError("away"), StoreUnavailableError("away"), None])

    def act() -> str:
        error = next(answers)
        if error is not None:
            raise error
        return "there"

    assert patiently(act, stopping=Impatient()) == "there"


def test_patience_ends_with_the_worker_and_with_its_time() -> None:
    def away() -> None:
        raise StoreUnavailableError("away")

    stopping = threading.Event()
    stopping.set()
    with pytest.raises(StoreUnavailableError):
        patiently(away, stopping=stopping)
    with pytest.raises(StoreUnavailableError):
        patiently(away, stopping=threading.Event(), seconds=-1.0)
