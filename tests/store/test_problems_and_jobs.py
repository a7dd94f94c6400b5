"""Problems, jobs and batches: kept as given, begun and ended in the ways allowed, the same request once."""

from __future__ import annotations

import datetime as dt

import pytest

from api.store.records import (
    BatchItemState,
    Event,
    JobKind,
    JobState,
    PlanState,
    ProblemKind,
)
from api.store.store import Store
from models.errors import ConflictError, NotFoundError
from tests.support.stored import (
    ADA,
    BEN,
    CRNS,
    PDU,
    WORKER,
    kept_problem,
    plan_json,
    problem_json,
    proposed_plan,
    queued_job,
)


def test_a_problem_comes_back_as_it_was_given(store: Store) -> None:
    content = problem_json(*CRNS) | {"note": "Llŷn £ 😀", "none": None, "list": [1.5, True]}
    kept = store.add_problem(ADA, PDU, ProblemKind.ALLOCATION, content, "abc")
    assert store.problem(kept.id) == kept
    assert store.problem_content(kept.id) == content
    assert (kept.pdu, kept.kind, kept.input_hash, kept.people) == (PDU, ProblemKind.ALLOCATION, "abc", 3)
    assert kept.actor == ADA
    assert kept.created_at.tzinfo is dt.UTC


def test_lists_are_by_pdu_newest_first_and_in_pages(store: Store) -> None:
    made = [
        kept_problem(store, pdu=f"N0{1 + number % 2}PDU01", input_hash=str(number)) for number in range(5)
    ]
    assert [each.id for each in store.problems(None).items] == [each.id for each in reversed(made)]
    assert store.problems(["N01PDU01"]).items == (made[4], made[2], made[0])
    assert store.problems([]).total == 0
    second = store.problems(None, page=2, size=2)
    assert (second.items, second.total) == ((made[2], made[1]), 5)
    assert store.latest_problems() == (made[4], made[3])
    assert store.latest_problems("N02") == (made[3],)
    assert store.latest_problems("N0%") == ()


def test_what_is_not_there_is_not_found(store: Store) -> None:
    for ask in (
        store.problem,
        store.problem_content,
        store.job,
        store.job_question,
        store.plan,
        store.decisions,
        store.plan_content,
        store.batch,
        store.batch_items,
        store.policy,
        store.cancel_requested,
    ):
        with pytest.raises(NotFoundError):
            ask("nothing")
    with pytest.raises(NotFoundError):
        store.start_job("nothing", "worker")
    problem = kept_problem(store)
    with pytest.raises(NotFoundError):
        store.add_job(ADA, "N09PDU09", JobKind.ALLOCATE, problem.id, {}, {})
    with pytest.raises(NotFoundError):
        store.add_job(ADA, PDU, JobKind.ALLOCATE, problem.id, {}, {}, batch_id="nothing")


def test_the_life_of_a_job(store: Store) -> None:
    problem = kept_problem(store)
    job = store.add_job(ADA, PDU, JobKind.REBALANCE, problem.id, {"moves": 5}, {"timeLimit": 10})
    assert (job.state, job.attempt, job.plan_id, job.limits) == (JobState.QUEUED, 0, None, {"timeLimit": 10})
    assert store.job_question(job.id) == {"moves": 5}
    assert not store.heartbeat(job.id), "nobody works at it yet"

    assert store.start_job(job.id, "one")
    assert store.report_progress(
        job.id, best=2**40, bound=10, gap=0.5, seconds=1.5, stage=f"moving {CRNS[0]}", worker="one"
    )
    running = store.job(job.id)
    assert (running.state, running.attempt, running.worker) == (JobState.RUNNING, 1, "one")
    assert (running.best, running.bound, running.gap, running.seconds) == (2**40, 10, 0.5, 1.5)
    assert running.stage == "moving [erased]", "no personal data stands beside the contents"

    assert store.start_job(job.id, "two"), "another takes it up"
    assert not store.heartbeat(job.id, "one")
    assert store.heartbeat(job.id, "two")
    assert store.job(job.id).attempt == 2

    plan_id = store.finish_job(job.id, plan_json(*CRNS), {"placed": 3})
    ended = store.job(job.id)
    assert (ended.state, ended.plan_id) == (JobState.SUCCEEDED, plan_id)
    assert ended.ended_at is not None
    assert not store.start_job(job.id, "three")
    assert not store.heartbeat(job.id)
    assert not store.fail_job(job.id, "TOO_LATE", "")
    assert not store.end_cancelled(job.id)
    plan = store.plan(plan_id)
    assert (plan.state, plan.version, plan.kind, plan.summary) == (
        PlanState.PROPOSED,
        1,
        JobKind.REBALANCE,
        {"placed": 3},
    )
    assert store.plan_content(plan_id) == plan_json(*CRNS)
    assert store.plans([PDU], state=PlanState.PROPOSED, problem_id=problem.id).items == (plan,)
    assert store.plans([PDU], state=PlanState.ACCEPTED).total == 0


def test_a_job_is_finished_once(store: Store) -> None:
    job = queued_job(store)
    first = store.finish_job(job.id, plan_json(*CRNS), {"from": "first"})
    events = store.chain_head().position
    assert store.finish_job(job.id, plan_json(), {"from": "second"}) == first
    assert store.plan(first).summary == {"from": "first"}
    assert store.plans(None).total == 1
    assert store.chain_head().position == events


@pytest.mark.parametrize("end", ["failed", "cancelled"])
def test_an_ended_job_gets_no_plan(store: Store, end: str) -> None:
    job = queued_job(store)
    store.start_job(job.id, "worker")
    if end == "failed":
        assert store.fail_job(job.id, "MEMORY", f"out of memory at {CRNS[1]}")
        assert store.job(job.id).error_message == "out of memory at [erased]"
    else:
        assert store.end_cancelled(job.id)
    with pytest.raises(ConflictError):
        store.finish_job(job.id, plan_json(), {})
    assert store.plans(None).total == 0


def test_cancelling(store: Store) -> None:
    waiting, running, ended = (queued_job(store) for _ in range(3))
    store.start_job(running.id, "worker")
    store.finish_job(ended.id, plan_json(), {})
    assert store.request_cancel(waiting.id).state is JobState.CANCELLED
    assert not store.start_job(waiting.id, "worker")
    assert store.request_cancel(running.id).state is JobState.RUNNING
    assert store.cancel_requested(running.id)
    assert store.finish_job(running.id, plan_json(), {}), "the best plan so far is kept"
    assert not store.request_cancel(ended.id).cancel_requested


def test_jobs_by_state_and_batch(store: Store) -> None:
    batch = store.add_batch(WORKER, {"region": "N01"})
    problem = kept_problem(store)
    inside = store.add_job(ADA, PDU, JobKind.ALLOCATE, problem.id, {}, {}, batch_id=batch.id)
    outside = queued_job(store, problem)
    assert store.jobs(None, batch_id=batch.id).items == (inside,)
    assert store.jobs(None, states=[JobState.QUEUED]).items == (outside, inside)
    assert store.jobs([PDU], states=[JobState.RUNNING]).total == 0
    assert store.jobs(["other"]).total == 0
    assert store.jobs(None, problem_id=problem.id).total == 2


def test_the_same_request_under_a_key_has_one_effect(store: Store) -> None:
    content = problem_json(*CRNS)
    first = store.add_problem(ADA, PDU, ProblemKind.ALLOCATION, content, "h", idempotency_key="k1")
    assert store.add_problem(ADA, PDU, ProblemKind.ALLOCATION, content, "h", idempotency_key="k1") == first
    others = store.add_problem(BEN, PDU, ProblemKind.ALLOCATION, content, "h", idempotency_key="k1")
    assert others.id != first.id, "a key is its sender's own"
    with pytest.raises(ConflictError):
        store.add_problem(ADA, PDU, ProblemKind.ALLOCATION, content, "other", idempotency_key="k1")

    def ask(moves: int, key: str | None) -> str:
        question, limits = {"moves": moves}, {"timeLimit": 1}
        return store.add_job(ADA, PDU, JobKind.REBALANCE, first.id, question, limits, idempotency_key=key).id

    assert ask(1, "k2") == ask(1, "k2")
    assert ask(1, None) != ask(1, None)
    with pytest.raises(ConflictError):
        ask(2, "k2")
    with pytest.raises(ConflictError):
        ask(1, "k1")
    assert store.add_batch(ADA, {"n": 1}, idempotency_key="k3") == store.add_batch(
        ADA, {"n": 1}, idempotency_key="k3"
    )
    assert [store.problems(None).total, store.jobs(None).total, store.batches().total] == [2, 3, 1]


def test_batches_and_their_items(store: Store) -> None:
    batch = store.add_batch(WORKER, {"folder": "night"})
    problem = kept_problem(store)
    key = (batch.id, PDU, JobKind.REBALANCE)
    store.put_batch_item(
        batch.id, "N01PDU02", JobKind.REBALANCE, BatchItemState.FAILED, report={"faults": [1]}
    )
    store.put_batch_item(*key, BatchItemState.PENDING)
    job = store.add_job(WORKER, PDU, JobKind.REBALANCE, problem.id, {}, {}, batch_id=batch.id)
    store.put_batch_item(*key, BatchItemState.SUBMITTED, problem_id=problem.id, job_id=job.id)
    done = store.put_batch_item(*key, BatchItemState.DONE, report={"moved": 2})
    assert (done.problem_id, done.job_id, done.report) == (problem.id, job.id, {"moved": 2})
    assert store.put_batch_item(*key, BatchItemState.DONE, report={"moved": 3}).report == {"moved": 3}
    items = store.batch_items(batch.id)
    assert [(item.pdu, item.state) for item in items] == [
        (PDU, BatchItemState.DONE),
        ("N01PDU02", BatchItemState.FAILED),
    ]
    assert items[1].report == {"faults": [1]}
    assert store.batches(open_only=True).items == (batch,)
    assert store.end_batch(batch.id)
    assert not store.end_batch(batch.id)
    assert store.batches(open_only=True).total == 0
    assert store.batch(batch.id).ended_at is not None
    with pytest.raises(NotFoundError):
        store.put_batch_item("nothing", PDU, JobKind.REBALANCE, BatchItemState.PENDING)


def test_policies_are_kept_by_their_hash(store: Store) -> None:
    kept = store.keep_policy("2026-11", "a" * 64, "points = 1")
    assert store.keep_policy("other name", "a" * 64, "other text") == kept
    store.keep_policy("2026-11", "b" * 64, "points = 2")
    assert [policy.hash[0] for policy in store.policies()] == ["a", "b"]
    assert store.policy("a" * 64) == kept


def test_every_write_that_touches_people_is_on_the_trail(store: Store) -> None:
    plan = proposed_plan(store)
    events = list(reversed(store.audit_events().items))
    assert [event.event for event in events] == [Event.COLLECTION, Event.CONSULTATION, Event.COMBINATION]
    assert [event.people for event in events] == [3, 3, 3]
    assert [event.run for event in events] == [None, plan.job_id, plan.job_id]
    assert {event.actor for event in events} == {ADA}
    problem = store.problem(plan.problem_id)
    store.add_job(
        ADA, PDU, JobKind.REPAIR, problem.id, {"absent": [f"{CRNS[1]}:2026-11-24"], "n": "P000001"}, {}
    )
    assert store.audit_events(crn=CRNS[1]).items[0].people == 1, "the question names one person"


def test_order_is_by_arrival_when_the_clock_is_put_back(store_url: str) -> None:
    times = iter(dt.datetime(2026, 10, 25, 2, 30, tzinfo=dt.UTC) - dt.timedelta(hours=n) for n in range(40))
    with Store.open(store_url, clock=lambda: next(times)) as store:
        made = [kept_problem(store, input_hash=str(number)) for number in range(3)]
        plan = proposed_plan(store)
        assert made[0].created_at > made[1].created_at > made[2].created_at
        newest = store.problems(None).items
        assert [each.sequence for each in newest] == sorted((each.sequence for each in newest), reverse=True)
        assert store.latest_problems()[0].id == plan.problem_id
        positions = [event.position for event in store.audit_events().items]
        assert positions == sorted(positions, reverse=True)
        assert store.verify_chain() is None
