"""Many at once, in threads and in processes: one chain, one plan for a job, one decision for a version."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from api.store.records import Event, JobState, Outcome, PlanState, ProblemKind
from api.store.store import Store
from models.errors import ConflictError, EvenhandError
from tests.support.stored import (
    ADA,
    BEN,
    CRNS,
    PDU,
    kept_problem,
    plan_json,
    problem_json,
    proposed_plan,
    queued_job,
)

ROOT = Path(__file__).parents[2]


def at_once(works: Sequence[Callable[[], Any]]) -> list[Any]:
    """What each work returns or raises, when all of them begin together."""
    together = threading.Barrier(len(works))
    results: list[Any] = [None] * len(works)

    def run(number: int) -> None:
        together.wait(timeout=30)
        try:
            results[number] = works[number]()
        except EvenhandError as error:
            results[number] = error

    threads = [threading.Thread(target=run, args=(number,)) for number in range(len(works))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert None not in results
    return results


def test_threads_append_to_one_chain(store: Store) -> None:
    def work(number: int) -> None:
        for each in range(5):
            store.record(Event.CONSULTATION, ADA, route="r", crns=[f"X{each:06d}", f"Y{number:06d}"])
            kept_problem(store, f"X{each:06d}", *CRNS)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert store.chain_head().position == 60
    assert store.verify_chain() is None
    assert store.problems(None).total == 30
    assert store.audit_events(crn="X000003").total == 12, "whoever came first, a person has one salt"


def test_one_of_many_finishes_a_job(store: Store) -> None:
    job = queued_job(store)
    made = at_once(
        [partial(store.finish_job, job.id, plan_json(*CRNS), {"by": number}) for number in range(6)]
    )
    assert len(set(map(str, made))) == 1
    assert store.plans(None).total == 1
    assert store.job(job.id).state is JobState.SUCCEEDED
    assert store.audit_events(event=Event.COMBINATION).total == 1


def test_one_of_many_decides(store: Store) -> None:
    plan = proposed_plan(store)
    results = at_once(
        [
            partial(store.decide, actor, plan.id, 1, outcome)
            for actor in (ADA, BEN)
            for outcome in (Outcome.ACCEPT, Outcome.REJECT)
        ]
    )
    assert [type(result) for result in results].count(ConflictError) == 3
    (decision,) = store.decisions(plan.id)
    decided = store.plan(plan.id)
    assert (decided.version, decided.decision_id, decided.decided_by) == (
        2,
        decision.id,
        decision.actor.subject,
    )
    assert decided.state is not PlanState.PROPOSED


def test_the_same_key_at_the_same_time_makes_one_problem(store: Store) -> None:
    content = problem_json(*CRNS)
    made = at_once(
        [
            lambda: store.add_problem(ADA, PDU, ProblemKind.ALLOCATION, content, "h", idempotency_key="k")
            for _ in range(6)
        ]
    )
    assert len(set(map(repr, made))) == 1
    assert store.problems(None).total == 1


def test_erasure_waits_for_who_is_writing_and_misses_nobody(store: Store) -> None:
    finishing = [partial(store.finish_job, queued_job(store).id, plan_json(*CRNS), {}) for _ in range(2)]
    results = at_once([partial(store.erase, ADA, CRNS[0]), *finishing])
    assert not any(isinstance(result, EvenhandError) for result in results), results
    for plan in store.plans(None).items:
        assert CRNS[0] not in repr(store.plan_content(plan.id))
    assert store.verify_chain() is None


WRITER = """
import sys
from api.store.records import Event
from api.store.store import Store
from tests.support.stored import ADA, CRNS, proposed_plan

with Store.open(sys.argv[1]) as store:
    print("ready", flush=True)
    sys.stdin.readline()
    for _ in range(8):
        store.record(Event.CONSULTATION, ADA, route="r", crns=CRNS)
        proposed_plan(store)
"""


def test_processes_append_to_one_chain(store: Store, store_url: str) -> None:
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", WRITER, store_url], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        for _ in range(2)
    ]
    for writer in writers:
        assert writer.stdout is not None
        assert writer.stdout.readline() == b"ready\n"
    for writer in writers:
        writer.communicate(b"go\n", timeout=120)
        assert writer.returncode == 0
    assert store.chain_head().position == 2 * 8 * 4
    assert store.verify_chain() is None
    assert store.plans(None).total == 16


def test_a_writer_that_is_killed_leaves_a_whole_store(store: Store, store_url: str) -> None:
    """kill -9 in the midst of writing: every plan that is there is whole, and so is the chain."""
    endless = WRITER.replace("range(8)", "range(100_000)")
    writer = subprocess.Popen(
        [sys.executable, "-c", endless, store_url], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert writer.stdout is not None
    assert writer.stdin is not None
    assert writer.stdout.readline() == b"ready\n"
    writer.stdin.write(b"go\n")
    writer.stdin.flush()
    while store.plans(None).total < 5:
        assert writer.poll() is None
    writer.kill()
    writer.communicate()
    assert store.verify_chain() is None
    for plan in store.plans(None, size=1000).items:
        assert store.plan_content(plan.id) == plan_json(*CRNS)
        assert store.job(plan.job_id).state is JobState.SUCCEEDED
    kept_problem(store)
    assert store.verify_chain() is None
