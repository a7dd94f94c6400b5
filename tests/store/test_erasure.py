"""Erasure and retention: nothing of the person is left anywhere, and the audit trail is as whole as before."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import subprocess
import zlib
from collections.abc import Iterator
from pathlib import Path

from api.store.people import crns_of, names, people_of, without_crns, without_person
from api.store.records import BatchItemState, Erasure, Event, JobKind, JobState, Outcome, OverrideReason
from api.store.store import Store
from tests.support.databases import Cluster
from tests.support.stored import (
    ADA,
    BEN,
    CRNS,
    PDU,
    WORKER,
    kept_problem,
    plan_json,
    proposed_plan,
    queued_job,
)

GONE, OTHER, THIRD = CRNS
ERASED_PROBLEM_CRNS = {OTHER, THIRD}


def full_store(store: Store) -> str:
    """A person in everything that a store can hold; the id of the plan."""
    plan = proposed_plan(store)
    store.decide(ADA, plan.id, 1, Outcome.OVERRIDE, crn=GONE, reason=OverrideReason.OTHER, text=f"{GONE} moved",
                 choice="N01A007")  # fmt: skip # a record on few lines
    store.decide(ADA, plan.id, 2, Outcome.ACCEPT, crn=OTHER, text=f"as with {GONE.lower()}", choice=GONE)
    store.decide(ADA, plan.id, 3, Outcome.ACCEPT)
    store.add_job(ADA, PDU, JobKind.REPAIR, plan.problem_id, {"absent": [f"{GONE}:2026-11-24"], GONE: 1}, {},
                  idempotency_key=GONE)  # fmt: skip # a record on few lines
    batch = store.add_batch(WORKER, {"only": [GONE, OTHER]}, idempotency_key=GONE)
    store.put_batch_item(batch.id, PDU, JobKind.REBALANCE, BatchItemState.FAILED, report={"faults": [GONE]})
    failed = queued_job(store)
    store.fail_job(failed.id, "CRASH", f"at case {GONE}")
    store.record(Event.CONSULTATION, BEN, route=f"GET /{GONE}", crns=[GONE], reason=GONE)
    return plan.id


def everything_of(store: Store, plan_id: str) -> str:
    """All that the store says about the plan and what surrounds it."""
    plan = store.plan(plan_id)
    batch = store.batches().items[0]
    return repr(
        [
            plan,
            store.plan_content(plan_id),
            store.decisions(plan_id),
            [(job, store.job_question(job.id)) for job in store.jobs(None).items],
            [(problem, store.problem_content(problem.id)) for problem in store.problems(None).items],
            (batch, store.batch_items(batch.id)),
            store.audit_events(size=1000),
        ]
    )


def test_nothing_that_can_be_asked_names_an_erased_person(store: Store) -> None:
    plan_id = full_store(store)
    before = everything_of(store, plan_id)
    assert GONE in before
    trail = store.chain_head()
    erased = store.erase(ADA, f" {GONE.lower()} ", "request 7")
    assert erased == Erasure(
        problems=2, plans=1, jobs=1, decisions=2, other=3
    )  # 3: batch, its report, the salt

    after = everything_of(store, plan_id)
    assert GONE not in after.upper()
    assert OTHER in after
    assert not store.erase(ADA, "X999999").anything
    assert store.audit_events(crn=GONE).total == 0
    assert store.verify_chain(trail) is None, "the trail from before is part of the trail now"
    erasure = store.audit_events(event=Event.ERASURE).items[-1]
    assert (erasure.people, erasure.reason) == (0, "request 7")


def test_what_is_left_is_whole(store: Store) -> None:
    plan_id = full_store(store)
    decided = store.plan(plan_id)
    events = store.audit_events(size=1000).items
    store.erase(ADA, GONE)
    plan = store.plan(plan_id)
    assert (plan.state, plan.version, plan.decision_id) == (
        decided.state,
        decided.version,
        decided.decision_id,
    )
    problem = store.problem(plan.problem_id)
    assert plan.erased_at is not None
    assert (problem.people, problem.erased_at) == (2, plan.erased_at)
    assert people_of(store.problem_content(problem.id)) == ERASED_PROBLEM_CRNS
    content = store.plan_content(plan_id)
    assert [each["crn"] for each in content["assignments"]] == [OTHER, THIRD]
    assert content["assignments"][1]["reason"] == ["after [erased]"]
    assert content["provenance"]["inputHash"] == problem.input_hash != "hash"
    about, beside, whole = store.decisions(plan_id)
    assert (about.whole, about.crn, about.text, about.choice) == (False, None, "[erased]", None)
    assert (about.outcome, about.reason, about.actor) == (Outcome.OVERRIDE, OverrideReason.OTHER, ADA)
    assert (beside.crn, beside.text, beside.choice) == (OTHER, "as with [erased]", "[erased]")
    assert whole.whole
    assert store.audit_events(size=1000).items[1:] == events
    assert store.erase(ADA, GONE) == Erasure(0, 0, 0, 0, 0)
    kept_problem(store)
    assert store.audit_events(crn=GONE).total == 1, "somebody who comes again begins anew"


def zlib_streams(raw: bytes) -> Iterator[bytes]:
    """Whatever in a file can be unpacked, as far as it can be: pieces that no table points to any more, too."""
    place = raw.find(b"\x78\x9c")
    while place >= 0:
        unpacker, text = zlib.decompressobj(), b""
        with contextlib.suppress(zlib.error):  # a piece ends where another page begins
            for start in range(place, min(place + 10_000, len(raw)), 64):
                text += unpacker.decompress(raw[start : start + 64])
        yield text
        place = raw.find(b"\x78\x9c", place + 1)


def test_no_byte_of_the_person_is_in_the_file(tmp_path: Path) -> None:
    """In the tables, the free pages, the log: as text or compressed. The same search finds them before."""
    file = tmp_path / "store.db"

    def found() -> bool:
        raw = b"".join(path.read_bytes() for path in sorted(tmp_path.iterdir()))
        wanted = GONE.encode()
        return wanted in raw.upper() or any(wanted in text.upper() for text in zlib_streams(raw))

    with Store.open(f"sqlite:///{file}", migrate=True) as store:
        full_store(store)
        for number in range(40):  # enough to move pages about
            kept_problem(store, *CRNS, *(f"Y{number:06d}" for number in range(20)), pdu=f"N02PDU{number:02d}")
        assert found()
        wal = file.with_name("store.db-wal")
        assert GONE.encode() in wal.read_bytes() + file.read_bytes()
        assert store.erase(ADA, GONE).problems == 42
        assert not found(), "while the store is open"
        assert names(store.problem_content(store.problems(None).items[0].id), OTHER)
    assert not found(), "and when it is closed"


def test_no_dump_of_postgresql_holds_the_person(cluster: Cluster) -> None:
    url = cluster.create_migrated()

    def dump() -> str:
        done = subprocess.run([cluster.programs / "pg_dump", url], capture_output=True, text=True, check=True)
        streams = [
            unpacked
            for line in done.stdout.splitlines()
            if "\\\\x789c" in line
            for unpacked in zlib_streams(bytes.fromhex(line.split("\\\\x", 1)[1].split("\t")[0]))
        ]
        assert streams, "the contents are in the dump"
        return (done.stdout + b"".join(streams).decode()).upper()

    with Store.open(url) as store:
        full_store(store)
        assert GONE in dump()
        store.erase(ADA, GONE)
        after = dump()
        assert GONE not in after
        assert OTHER in after
    cluster.drop(url)


def test_a_plan_being_made_leaves_out_who_was_erased_meanwhile(store: Store) -> None:
    job = queued_job(store)
    store.start_job(job.id, "worker")
    store.erase(ADA, GONE)
    plan_id = store.finish_job(job.id, plan_json(*CRNS), {})
    content = store.plan_content(plan_id)
    assert GONE not in json.dumps(content)
    assert people_of(content) == ERASED_PROBLEM_CRNS
    assert store.audit_events(crn=GONE).total == 0


def test_retention_removes_what_is_too_old_and_nothing_else(store_url: str) -> None:
    times = [dt.datetime(2026, 1, 1, tzinfo=dt.UTC)]
    with Store.open(store_url, clock=lambda: times[-1]) as store:
        old = full_store(store)
        busy = queued_job(store, kept_problem(store, "Z000001"))
        store.start_job(busy.id, "worker")
        for job in store.jobs(None, states=[JobState.QUEUED]).items:
            store.end_cancelled(job.id)
        store.end_batch(store.batches().items[0].id)
        times.append(times[0] + dt.timedelta(days=100))
        new = proposed_plan(store, OTHER, "Y000001")
        head = store.chain_head()

        assert store.apply_retention(times[-1], 100).problems == 0, "exactly as old as allowed"
        assert store.chain_head() == head
        retired = store.apply_retention(times[-1] + dt.timedelta(days=1), 100)
        # The old plan's problem and the failed job's; people: GONE and THIRD, and Z000001, not seen for 101 days.
        assert (retired.problems, retired.jobs, retired.plans, retired.decisions, retired.batches) == (
            2,
            3,
            1,
            3,
            1,
        )
        assert retired.people == 3
        assert [plan.id for plan in store.plans(None).items] == [new.id]
        assert {job.id for job in store.jobs(None).items} == {busy.id, new.job_id}
        assert old not in repr(store.plans(None))
        assert store.audit_events(crn=GONE).total == 0
        assert store.audit_events(crn=OTHER).total > 0
        assert store.verify_chain(head) is None
        event = store.audit_events().items[0]
        assert (event.event, event.actor.subject) == (Event.ERASURE, "retention")
        contents = store._database.read(
            lambda connection: connection.exec_driver_sql("SELECT count(*) FROM contents").scalar_one()
        )
        assert contents == 5, "two problems, two questions, one plan"


def test_people_are_recognised_wherever_they_stand() -> None:
    content = {
        "cases": [{"crn": "x100001"}, {"crn": "X100002", "keepApartCrns": ["X100001", "X100003"]}],
        "byCrn": {"X100001": 1, "X100002": 2},
        "crn": "X100001",
        "sentence": "X100001 and x100001, but not X1000012",
        "projectCode": "P000001",
        "numbers": [1, 2.5, None, True],
    }
    assert people_of(content) == {"X100001", "X100002", "X100003"}
    assert crns_of(content) == people_of(content) | {"P000001"}
    assert names(content, "x100001 ")
    assert not names(content, "X100009")
    assert without_person(content, "x100001", {"P000001": "P2"}) == {
        "cases": [{"crn": "X100002", "keepApartCrns": ["X100003"]}],
        "byCrn": {"X100002": 2},
        "crn": None,
        "sentence": "[erased] and [erased], but not [erased]2",
        "projectCode": "P2",
        "numbers": [1, 2.5, None, True],
    }
    assert without_crns("X100001, x100002; N03A019 P000001") == "[erased], [erased]; N03A019 [erased]"
    assert without_crns(None) is None
