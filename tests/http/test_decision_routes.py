"""Decisions: by a person, on the version that was looked at; restricted cases; exports; comparisons; erasure."""

from __future__ import annotations

import io
import zipfile

import pytest

from api.http.callers import Role
from api.store.records import Event
from tests.support.service import WORKER, Filled, World

Everything = tuple[World, Filled]
ACCEPT = {"outcome": "ACCEPT", "openedAt": "2026-11-23T09:00:00Z"}


def manager(world: World, *more: Role) -> dict[str, str]:
    return world.headers(Role.ALLOCATION, Role.UNPAID_WORK, *more)


def test_a_decision_needs_the_version_that_was_looked_at(everything: Everything) -> None:
    world, filled = everything
    headers, path = manager(world, Role.RESTRICTED), f"/v1/plans/{filled.plan_id}"
    shown = world.client.get(path, headers=headers)
    etag = shown.headers["etag"]
    missing = world.client.post(f"{path}/decisions", json=ACCEPT, headers=headers)
    assert (missing.status_code, missing.json()["errorCode"]) == (428, "VERSION_NEEDED")
    for other in ('"7"', "*", 'W/"1"', "1"):
        moved = world.client.post(f"{path}/decisions", json=ACCEPT, headers={**headers, "If-Match": other})
        assert (moved.status_code, moved.json()["errorCode"]) == (412, "VERSION_MOVED")
    done = world.client.post(f"{path}/decisions", json=ACCEPT, headers={**headers, "If-Match": etag})
    assert done.status_code == 201
    assert done.json()["plan"]["state"] == "ACCEPTED"
    assert done.headers["etag"] != etag
    late = world.client.post(f"{path}/decisions", json=ACCEPT, headers={**headers, "If-Match": etag})
    assert late.status_code == 412
    closed = {**headers, "If-Match": done.headers["etag"]}
    again = world.client.post(f"{path}/decisions", json=ACCEPT, headers=closed)
    assert (again.status_code, again.json()["errorCode"]) == (409, "CONFLICT")
    listed = world.client.get(f"{path}/decisions", headers=headers).json()
    assert [each["outcome"] for each in listed["decisions"]] == ["ACCEPT"]
    assert listed["decisions"][0]["decidedBy"] == "A_MANAGER"


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({"outcome": "OVERRIDE"}, "body"),
        ({"outcome": "OVERRIDE", "reason": "other"}, "body"),
        ({"outcome": "ACCEPT", "openedAt": "2026-11-23T09:00:00"}, "body"),
        ({"outcome": "PERHAPS"}, "outcome"),
    ],
)
def test_decisions_without_reason_or_sense_are_refused(
    everything: Everything, body: dict[str, str], path: str
) -> None:
    world, filled = everything
    headers = {**manager(world, Role.RESTRICTED), "If-Match": '"1"'}
    answer = world.client.post(f"/v1/plans/{filled.plan_id}/decisions", json=body, headers=headers)
    assert answer.status_code == 422
    assert [fault["path"] for fault in answer.json()["faults"]] == [path]


def test_restricted_cases_are_shown_to_those_with_the_right_alone(everything: Everything) -> None:
    world, filled = everything
    crn, plain, right = filled.restricted_crn, manager(world), manager(world, Role.RESTRICTED)
    for path in (f"/v1/problems/{filled.problem_id}", f"/v1/plans/{filled.plan_id}"):
        seen, hidden = (world.client.get(path, headers=each).json() for each in (right, plain))
        assert seen["restrictedCrns"] == []
        assert crn in str(seen["content"])
        assert hidden["restrictedCrns"] == [crn]
        assert crn not in str(hidden["content"])
    exported = [f"/v1/plans/{filled.plan_id}/exports/{form}" for form in ("json", "csv")]
    for path in exported:
        assert crn in world.client.get(path, headers=right).text
        assert crn not in world.client.get(path, headers=plain).text
    sheets = [
        zipfile.ZipFile(
            io.BytesIO(world.client.get(f"/v1/plans/{filled.plan_id}/exports/xlsx", headers=each).content)
        )
        for each in (right, plain)
    ]
    texts = [b"".join(book.read(name) for name in book.namelist()) for book in sheets]
    assert crn.encode() in texts[0]
    assert crn.encode() not in texts[1]
    recommend = f"/v1/problems/{filled.problem_id}/recommendations"
    assert world.client.post(recommend, json={"crn": crn}, headers=right).status_code == 200
    refused = world.client.post(recommend, json={"crn": crn}, headers=plain)
    unknown = world.client.post(recommend, json={"crn": "Z999999"}, headers=plain)
    bodies = [{**each.json(), "instance": None} for each in (refused, unknown)]
    assert bodies[0] == bodies[1]
    checked: dict[str, list[str]] = {"assignments": []}
    path = f"/v1/problems/{filled.problem_id}/verifications"
    assert crn in world.client.post(path, json=checked, headers=right).text
    assert crn not in world.client.post(path, json=checked, headers=plain).text


def test_nobody_decides_on_what_they_cannot_see(everything: Everything) -> None:
    world, filled = everything
    headers = {**manager(world), "If-Match": '"1"'}
    path = f"/v1/plans/{filled.plan_id}/decisions"
    assert world.client.post(path, json=ACCEPT, headers=headers).status_code == 403
    one = {"outcome": "REJECT", "crn": filled.restricted_crn}
    assert world.client.post(path, json=one, headers=headers).status_code == 404


def test_an_export_is_a_file_and_a_disclosure_to_somebody(everything: Everything) -> None:
    world, filled = everything
    headers = {**manager(world), "Disclosure-Recipient": "Court team"}
    for plan_id, form in (
        (filled.plan_id, "json"),
        (filled.plan_id, "csv"),
        (filled.plan_id, "xlsx"),
        (filled.roster_id, "csv"),
        (filled.roster_id, "xlsx"),
        (filled.roster_id, "ics"),
    ):
        answer = world.client.get(f"/v1/plans/{plan_id}/exports/{form}", headers=headers)
        assert answer.status_code == 200
        assert answer.headers["content-disposition"] == f'attachment; filename="plan-{plan_id}.{form}"'
        assert answer.headers["cache-control"] == "no-store"
        (event, *_) = world.store.audit_events(event=Event.DISCLOSURE).items
        assert event.recipient == "Court team"
    calendar = world.client.get(f"/v1/plans/{filled.plan_id}/exports/ics", headers=headers)
    assert (calendar.status_code, calendar.json()["errorCode"]) == (422, "QUESTION_REFUSED")


def test_two_plans_are_compared(everything: Everything) -> None:
    world, filled = everything
    body = {"planIds": [filled.plan_id, filled.second_plan_id]}
    found = world.client.post(
        "/v1/plans/comparisons", json=body, headers=manager(world, Role.RESTRICTED)
    ).json()
    assert found["first"]["planId"] == filled.plan_id
    assert found["same"] > 0
    assert all(each["first"] != each["second"] for each in found["different"])
    mixed = {"planIds": [filled.plan_id, filled.roster_id]}
    answer = world.client.post("/v1/plans/comparisons", json=mixed, headers=manager(world))
    assert answer.status_code == 422


def test_whoever_is_erased_is_gone_from_what_was_prepared_too(everything: Everything) -> None:
    world, filled = everything
    headers = world.headers(*Role, pdus=["*"])
    path = f"/v1/problems/{filled.problem_id}/recommendations"
    assert world.client.post(path, json={"crn": filled.crn}, headers=headers).status_code == 200
    done = world.client.post("/v1/erasures", json={"crn": filled.crn}, headers=headers)
    assert done.json()["problems"] == 1
    assert world.client.post(path, json={"crn": filled.crn}, headers=headers).status_code == 404
    assert filled.crn not in world.client.get(f"/v1/plans/{filled.plan_id}", headers=headers).text


def test_another_hosts_erasure_is_noticed(everything: Everything) -> None:
    world, filled = everything
    headers = world.headers(*Role, pdus=["*"])
    path = f"/v1/problems/{filled.problem_id}/recommendations"
    assert world.client.post(path, json={"crn": filled.crn}, headers=headers).status_code == 200
    world.store.erase(WORKER, filled.crn)  # not through this service, whose memory still holds the problem
    assert world.client.post(path, json={"crn": filled.crn}, headers=headers).status_code == 404
