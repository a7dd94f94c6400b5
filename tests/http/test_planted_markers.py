"""Markers planted in records never come out where they do not belong: logs, metrics, errors, addresses."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

from api import logs
from api.http.app import route_table
from tests.support.service import OTHER_PDU, PDU, World

CRN, OTHER_CRN, STAFF, GROUP = "Q770077", "Q880088", "MARKEDSTAFF", "Marked Family"
PROBLEM = {
    "asOf": "2026-11-23",
    "officers": [{"staffCode": STAFF, "teamCode": "N03F01", "grade": "PO", "contractedHours": 37}],
    "cases": [
        {"crn": CRN, "tier": "B2", "caseType": "COMMUNITY", "togetherGroup": GROUP},
        {"crn": OTHER_CRN, "tier": "A2", "caseType": "COMMUNITY", "togetherGroup": GROUP},
    ],
}
MARKERS = (CRN, OTHER_CRN, STAFF, GROUP)


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    """Everything that is logged, at the most talkative level."""
    root = logging.getLogger()
    before = (list(root.handlers), root.level)
    made = io.StringIO()
    logs.configure("DEBUG", made)
    yield made
    root.handlers[:], root.level = before
    structlog.reset_defaults()


def test_markers_stay_out_of_logs_metrics_and_errors(
    local: World, stream: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = {"pdu": PDU, "kind": "ALLOCATION", "problem": PROBLEM}
    key = {"Idempotency-Key": "one"}
    kept = local.client.post("/v1/problems", json=body, headers=key).json()
    path = f"/v1/problems/{kept['id']}"
    answers = [
        local.client.post("/v1/problems", json={**body, "pdu": OTHER_PDU}, headers=key),
        local.client.post(f"{path}/recommendations", json={"crn": "Q999999"}),
        local.client.post(f"{path}/recommendations", json={"crn": CRN, "released": ["NOBODY"]}),
        local.client.post(f"{path}/places", json={"crn": CRN}),
        local.client.post(f"{path}/rosters", json={}),
        local.client.get(f"{path}/nothing-here"),
        local.client.request("PATCH", path),
    ]
    good = [
        local.client.post(f"{path}/recommendations", json={"crn": CRN}),
        local.client.post(f"{path}/allocations", json={"released": [STAFF]}),
        local.client.post(f"{path}/verifications", json={"assignments": [{"crn": CRN, "staffCode": STAFF}]}),
        local.client.get(path),
    ]
    assert all(answer.status_code < 300 for answer in good)

    def fail(*_: Any) -> None:
        raise ValueError(f"{CRN} is held by {STAFF} with {GROUP}")

    monkeypatch.setattr("api.http.prepared.Prepared.recommender", fail)
    answers.append(local.client.post(f"{path}/recommendations", json={"crn": CRN}))
    assert [answer.status_code for answer in answers] == [409, 404, 422, 422, 422, 404, 405, 500]
    texts = [answer.text for answer in answers]
    texts += [stream.getvalue(), local.client.get("/metrics").text, str(local.app.openapi())]
    for marker in MARKERS:
        assert not any(marker in text for text in texts), marker
    lines = [json.loads(line) for line in stream.getvalue().splitlines()]
    requests = [line for line in lines if line["event"] == "request"]
    assert len(requests) == len(answers) + len(good) + 2  # the problem itself, and the metrics
    assert all(line["request_id"] for line in requests)
    failures = [line for line in lines if "error" in line]
    assert [(line["error"], line["event"]) for line in failures] == [("ValueError", "a request failed")]


def test_faults_repeat_only_what_the_caller_sent(local: World) -> None:
    local.client.post("/v1/problems", json={"pdu": PDU, "kind": "ALLOCATION", "problem": PROBLEM})
    mine = {**PROBLEM, "cases": [{"crn": "Q1", "tier": "B2", "caseType": "COMMUNITY"}]}
    answer = local.client.post("/v1/problems", json={"pdu": PDU, "kind": "ALLOCATION", "problem": mine})
    assert answer.status_code == 422
    assert "'Q1' is not a CRN" in answer.text
    assert not any(marker in answer.text for marker in (CRN, OTHER_CRN, GROUP))


def test_no_address_has_room_for_a_crn() -> None:
    for route in route_table():
        names = {
            name.casefold()
            for name in (*route.param_convertors, *(each.alias for each in route.dependant.query_params))
        }
        assert not names & {"crn", "person", "name"}
