"""Limits: jobs, streams, slow bodies, slow answers; and a store that is away. A real server where the wire matters."""

from __future__ import annotations

import json
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from api.http.callers import Role
from api.settings import ServiceLimits
from api.store.records import JobKind, JobState, ProblemKind
from api.store.store import Store
from models.errors import StoreFullError, StoreUnavailableError
from tests.support.service import PDU, WORKER, Filled, Make, Serve, World


def running_job(store: Store) -> str:
    """A job that a worker has begun."""
    content = {"asOf": "2026-11-23", "officers": [], "cases": []}
    problem = store.add_problem(WORKER, PDU, ProblemKind.ALLOCATION, content, "hash")
    job = store.add_job(WORKER, PDU, JobKind.ALLOCATE, problem.id, {}, {"seconds": 1})
    store.start_job(job.id, "a-worker")
    return job.id


def test_a_pdu_has_so_many_jobs_at_once(
    lite: Store, world_of: Make, allocation_problem: dict[str, Any]
) -> None:
    world = world_of(lite, authenticated=False, limits=ServiceLimits(jobs_per_pdu=2))
    body = {"pdu": PDU, "kind": "ALLOCATION", "problem": allocation_problem}
    problem = world.client.post("/v1/problems", json=body).json()["id"]
    path = f"/v1/problems/{problem}/allocations"
    jobs = [world.client.post(path, json={"limits": {"seed": seed}}) for seed in range(3)]
    assert [answer.status_code for answer in jobs] == [202, 202, 429]
    assert jobs[2].json()["errorCode"] == "TOO_MANY_JOBS"
    assert int(jobs[2].headers["retry-after"]) > 0
    assert "evenhand_jobs_refused_total 1.0" in world.client.get("/metrics").text
    assert world.queue.submitted == [answer.json()["id"] for answer in jobs[:2]]
    assert world.store.jobs(None).total == 2
    ended = world.client.delete(f"/v1/jobs/{jobs[0].json()['id']}")
    assert (ended.status_code, ended.json()["state"]) == (202, "CANCELLED")
    assert world.queue.cancelled == [jobs[0].json()["id"]]
    assert world.client.post(path, json={}).status_code == 202


def test_a_solve_gets_no_more_time_than_the_deployment_allows(
    lite: Store, world_of: Make, allocation_problem: dict[str, Any]
) -> None:
    world = world_of(lite, authenticated=False, limits=ServiceLimits(job_seconds=30))
    body = {"pdu": PDU, "kind": "ALLOCATION", "problem": allocation_problem}
    problem = world.client.post("/v1/problems", json=body).json()["id"]
    for asked, given in (({"seconds": 500}, 30), ({"work": 5}, 30), ({}, 10), ({"seconds": 2.5}, 2.5)):
        job = world.client.post(f"/v1/problems/{problem}/allocations", json={"limits": asked}).json()
        assert world.store.job(job["id"]).limits["seconds"] == given


def test_progress_is_told_until_the_job_ends(lite: Store, world_of: Make, served: Serve) -> None:
    world = world_of(lite, authenticated=False)
    job = running_job(lite)
    seen: list[tuple[str, dict[str, Any]]] = []
    with httpx.stream("GET", f"{served(world)}/v1/jobs/{job}/events", timeout=20) as stream:
        assert stream.headers["content-type"].startswith("text/event-stream")
        assert stream.headers["cache-control"] == "no-store"
        name = ""
        for line in stream.iter_lines():
            if line.startswith("event: "):
                name = line.removeprefix("event: ")
            if line.startswith("data: "):
                seen.append((name, json.loads(line.removeprefix("data: "))))
                if len(seen) == 2:
                    lite.report_progress(job, best=12, bound=10, gap=0.5, seconds=1.0, stage="balancing")
                if len(seen) == 4:
                    lite.fail_job(job, "CRASHED", "the solve ended")
    assert [name for name, _ in seen[:4]] == ["progress"] * 4
    assert {"best": 12, "bound": 10, "gap": 0.5}.items() <= seen[3][1].items()
    assert seen[-1][0] == "end"
    assert seen[-1][1]["error"] == {"errorCode": "CRASHED", "message": "the solve ended"}


def test_so_many_streams_are_open_at_once_and_each_gives_its_place_back(
    lite: Store, world_of: Make, served: Serve
) -> None:
    world = world_of(lite, authenticated=False, limits=ServiceLimits(streams=1))
    job, address = running_job(lite), served(world)
    with httpx.stream("GET", f"{address}/v1/jobs/{job}/events", timeout=20) as first:
        assert first.status_code == 200
        refused = httpx.get(f"{address}/v1/jobs/{job}/events")
        assert (refused.status_code, refused.json()["errorCode"]) == (429, "TOO_MANY_STREAMS")
    for _ in range(200):  # the server notices at its next look
        with httpx.stream("GET", f"{address}/v1/jobs/{job}/events", timeout=20) as again:
            if again.status_code == 200:
                return
        time.sleep(0.05)
    pytest.fail("the place was not given back")


def test_a_stream_ends_when_the_token_does(lite: Store, world_of: Make, served: Serve) -> None:
    world = world_of(lite)
    job, address = running_job(lite), served(world)
    headers = world.headers(Role.ALLOCATION, exp=int(time.time()) + 1)
    told = httpx.get(f"{address}/v1/jobs/{job}/events", headers=headers, timeout=30)
    assert told.status_code == 200
    assert "event: end" not in told.text
    assert lite.job(job).state is JobState.RUNNING


def test_a_body_that_stalls_is_given_up(lite: Store, world_of: Make, served: Serve) -> None:
    world = world_of(lite, authenticated=False, limits=ServiceLimits(read_seconds=1))
    port = int(served(world).rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port), timeout=20) as wire:
        wire.sendall(
            b"POST /v1/problems HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
            b"Content-Length: 1000\r\n\r\n{"
        )
        answer = b""
        # The head and the body may come one after the other.
        while not answer.endswith(b"}") and (part := wire.recv(65_536)):
            answer += part
    assert answer.startswith(b"HTTP/1.1 408")
    assert b"BODY_TOO_SLOW" in answer


def test_an_answer_that_takes_too_long_is_given_up(
    lite: Store, world_of: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = world_of(lite, authenticated=False, limits=ServiceLimits(request_seconds=1))
    release = threading.Event()
    monkeypatch.setattr(Store, "policies", lambda _: release.wait(20) and ())
    try:
        answer = world.client.get("/v1/policies")
    finally:
        release.set()
    assert (answer.status_code, answer.json()["errorCode"]) == (503, "TOO_SLOW")


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (StoreUnavailableError("the host db-7 is away"), 503, "UNAVAILABLE"),
        (StoreFullError("/srv/db-7 is full"), 507, "STORE_FULL"),
        (RuntimeError("the case of Z987654"), 500, "INTERNAL"),
    ],
)
def test_a_store_that_fails_gives_a_clear_answer_without_its_words(
    local: World, monkeypatch: pytest.MonkeyPatch, error: Exception, status: int, code: str
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise error

    monkeypatch.setattr(Store, "problems", fail)
    answer = local.client.get("/v1/problems")
    assert (answer.status_code, answer.json()["errorCode"]) == (status, code)
    assert answer.json()["status"] == status
    assert str(error) not in answer.text
    assert ("retry-after" in answer.headers) == (status == 503)


def test_readiness_tells_what_is_down(local: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any) -> None:
        raise StoreUnavailableError("away")

    monkeypatch.setattr(Store, "ping", fail)
    answer = local.client.get("/health/readiness")
    assert answer.status_code == 503
    assert answer.json() == {
        "status": "DOWN",
        "components": {"process": "UP", "store": "DOWN", "queue": "UP"},
    }
    assert local.client.get("/health/liveness").status_code == 200


def test_the_core_holds_on_both_databases(
    store: Store, world_of: Make, allocation_problem: dict[str, Any]
) -> None:
    world = world_of(store, authenticated=False)
    body = {"pdu": PDU, "kind": "ALLOCATION", "problem": allocation_problem}
    key = {"Idempotency-Key": "k-1"}
    first, again = (world.client.post("/v1/problems", json=body, headers=key).json() for _ in range(2))
    assert first == again
    crn = allocation_problem["cases"][0]["crn"]
    path = f"/v1/problems/{first['id']}"
    assert world.client.post(f"{path}/recommendations", json={"crn": crn}).status_code == 200
    assert world.client.get(path).json()["content"] == allocation_problem
    job = world.client.post(f"{path}/rebalances", json={"moves": 2}).json()
    assert world.client.get(f"/v1/jobs?state=QUEUED&state=RUNNING&pdu={PDU}").json()["jobs"] == [job]
    assert world.client.post("/v1/erasures", json={"crn": crn}).json()["problems"] == 1
    assert world.client.post(f"{path}/recommendations", json={"crn": crn}).status_code == 404
    trail = world.client.get("/v1/audit/events").json()
    assert trail["events"][0]["event"] == "ERASURE"
    assert world.client.post("/v1/audit/verifications").json()["whole"] is True


def test_a_plan_of_the_callers_own_is_checked(everything: tuple[World, Filled]) -> None:
    world, filled = everything
    headers = world.headers(Role.ALLOCATION, Role.RESTRICTED)
    plan = world.store.plan_content(filled.plan_id)
    path = f"/v1/problems/{filled.problem_id}/verifications"
    assert world.client.post(path, json={"plan": plan}, headers=headers).json()["clean"] is True
    moved = {**plan, "objective": {**plan["objective"], "total": plan["objective"]["total"] + 1}}
    found = world.client.post(path, json={"plan": moved}, headers=headers).json()
    assert not found["clean"]
    broken = world.client.post(path, json={"plan": {**plan, "officers": 7}}, headers=headers)
    assert [fault["path"] for fault in broken.json()["faults"]] == ["plan.officers"]


def test_a_job_asked_for_again_needs_no_room_of_its_own(
    store: Store, world_of: Make, allocation_problem: dict[str, Any]
) -> None:
    world = world_of(store, authenticated=False, limits=ServiceLimits(jobs_per_pdu=1))
    body = {"pdu": PDU, "kind": "ALLOCATION", "problem": allocation_problem}
    path = f"/v1/problems/{world.client.post('/v1/problems', json=body).json()['id']}/allocations"
    first, again = (world.client.post(path, json={}, headers={"Idempotency-Key": "one"}) for _ in range(2))
    assert (first.status_code, again.status_code) == (202, 202)
    assert first.json()["id"] == again.json()["id"]
    refused = world.client.post(path, json={}, headers={"Idempotency-Key": "two"})
    assert (refused.status_code, refused.json()["errorCode"]) == (429, "TOO_MANY_JOBS")


def test_no_two_who_ask_at_once_take_the_same_place(
    store: Store, world_of: Make, allocation_problem: dict[str, Any]
) -> None:
    world = world_of(store, authenticated=False, limits=ServiceLimits(jobs_per_pdu=3))
    body = {"pdu": PDU, "kind": "ALLOCATION", "problem": allocation_problem}
    path = f"/v1/problems/{world.client.post('/v1/problems', json=body).json()['id']}/allocations"
    with ThreadPoolExecutor(8) as callers:
        statuses = list(callers.map(lambda _: world.client.post(path, json={}).status_code, range(8)))
    assert sorted(statuses) == [202] * 3 + [429] * 5
