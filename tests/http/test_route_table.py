"""Tests made from the route table: a new route without roles, an audit event or an example here fails."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from api.http.app import route_table
from api.http.callers import ROLE_OF_KIND, Role
from api.http.declared import BECAUSE, EVENT, ROLES
from api.store.records import Event
from tests.support.service import OTHER_PDU, PDU, Filled, World

TABLE = {f"{method} {route.path}": route for route in route_table() for method in sorted(route.methods or ())}

OFFICERS = "staffCode,teamCode,grade,contractedHours\nN03A001,N03F01,PO,37\n"
CASES = "crn,tier,caseType\nX000001,B2,COMMUNITY\n"
SMALL = {
    "asOf": "2026-11-23",
    "officers": [{"staffCode": "N03A001", "teamCode": "N03F01", "grade": "PO", "contractedHours": 37}],
    "cases": [{"crn": "X000001", "tier": "B2", "caseType": "COMMUNITY"}],
}


EXAMPLES: dict[str, tuple[str | None, dict[str, Any]]] = {
    # route: the kind of problem that it concerns (None: no one object), and how it is called; $name is of Filled
    "POST /v1/problems": (
        "ALLOCATION",
        {"json": {"pdu": PDU, "kind": "ALLOCATION", "problem": SMALL}},
    ),
    "POST /v1/problems/uploads": (
        "ALLOCATION",
        {
            "data": {"pdu": PDU, "kind": "ALLOCATION", "asOf": "2026-11-23"},
            "files": [("files", ("officers.csv", OFFICERS)), ("files", ("cases.csv", CASES))],
        },
    ),
    "GET /v1/problems": (None, {}),
    "GET /v1/problems/{problemId}": ("ALLOCATION", {"problemId": "$problem_id"}),
    "POST /v1/problems/{problemId}/allocations": ("ALLOCATION", {"problemId": "$problem_id", "json": {}}),
    "POST /v1/problems/{problemId}/rebalances": (
        "ALLOCATION",
        {"problemId": "$problem_id", "json": {"moves": 3}},
    ),
    "POST /v1/problems/{problemId}/rosters": ("UNPAID_WORK", {"problemId": "$unpaid_id", "json": {}}),
    "POST /v1/problems/{problemId}/repairs": (
        "UNPAID_WORK",
        {
            "problemId": "$unpaid_id",
            "json": {"planId": "$roster_id", "absent": [{"crn": "$unpaid_crn", "date": "2026-11-24"}]},
        },
    ),
    "POST /v1/problems/{problemId}/recommendations": (
        "ALLOCATION",
        {"problemId": "$problem_id", "json": {"crn": "$crn"}},
    ),
    "POST /v1/problems/{problemId}/places": (
        "UNPAID_WORK",
        {"problemId": "$unpaid_id", "json": {"crn": "$unpaid_crn"}},
    ),
    "POST /v1/problems/{problemId}/verifications": (
        "ALLOCATION",
        {"problemId": "$problem_id", "json": {"planId": "$plan_id"}},
    ),
    "GET /v1/jobs": (None, {}),
    "GET /v1/jobs/{jobId}": ("ALLOCATION", {"jobId": "$job_id"}),
    "DELETE /v1/jobs/{jobId}": ("ALLOCATION", {"jobId": "$job_id"}),
    "GET /v1/jobs/{jobId}/events": ("ALLOCATION", {"jobId": "$ended_job_id"}),
    "GET /v1/plans": (None, {}),
    "GET /v1/plans/{planId}": ("ALLOCATION", {"planId": "$plan_id"}),
    "POST /v1/plans/comparisons": ("ALLOCATION", {"json": {"planIds": ["$plan_id", "$second_plan_id"]}}),
    "GET /v1/plans/{planId}/decisions": ("UNPAID_WORK", {"planId": "$roster_id"}),
    "POST /v1/plans/{planId}/decisions": (
        "ALLOCATION",
        {"planId": "$plan_id", "json": {"outcome": "OVERRIDE", "crn": "$crn", "reason": "continuity"}},
    ),
    "GET /v1/plans/{planId}/exports/{format}": ("UNPAID_WORK", {"planId": "$roster_id", "format": "ics"}),
    "GET /v1/policies": (None, {}),
    "POST /v1/erasures": (None, {"json": {"crn": "Z000000"}}),
    "GET /v1/audit/events": (None, {}),
    "POST /v1/audit/verifications": (None, {}),
    "GET /v1/acceptances": (None, {}),
    "GET /v1/batches": (None, {}),
}
WHOLE_SCOPE = {"POST /v1/erasures", "GET /v1/audit/events"}
"""They concern every PDU at once, and so does the scope that they need."""
WRITES_FOR_A_PDU = {"POST /v1/problems", "POST /v1/problems/uploads"}
"""They name a PDU themselves, so that refusing it tells nothing."""


def filled_in(value: Any, filled: Filled) -> Any:
    """An example with what Filled says in the place of each $name."""
    if isinstance(value, dict):
        return {name: filled_in(inner, filled) for name, inner in value.items()}
    if isinstance(value, list):
        return [filled_in(inner, filled) for inner in value]
    if isinstance(value, str) and value.startswith("$"):
        return getattr(filled, value[1:])
    return value


def call(name: str, filled: Filled, world: World, headers: dict[str, str]) -> httpx.Response:
    method, path = name.split(" ")
    given = filled_in(EXAMPLES[name][1], filled)
    inside = {key: given.pop(key) for key in ("problemId", "planId", "jobId", "format") if key in given}
    if name == "POST /v1/plans/{planId}/decisions":
        headers = {**headers, "If-Match": f'"{world.store.plan(filled.plan_id).version}"'}
    return world.client.request(method, path.format(**inside), **given, headers=headers)


def roles_of(name: str) -> set[Role]:
    return {Role(role) for role in (TABLE[name].openapi_extra or {})[ROLES]}


def everyone(world: World) -> dict[str, str]:
    return world.headers(*Role, pdus=["*"])


@pytest.mark.parametrize("name", TABLE)
def test_a_route_declares_roles_and_its_event_or_why_none(name: str) -> None:
    extra = TABLE[name].openapi_extra or {}
    assert set(extra[ROLES]) <= {role.value for role in Role}
    assert extra[ROLES]
    assert (EVENT in extra) != (BECAUSE in extra)
    assert extra.get(EVENT, "COLLECTION") in set(Event)
    assert name in EXAMPLES, "a route needs an example here"


def test_the_table_is_what_is_served(world: World) -> None:
    served = {
        f"{method.upper()} {path}"
        for path, methods in world.app.openapi()["paths"].items()
        for method in methods
        if path.startswith("/v1")
    }
    assert served == set(TABLE) == set(EXAMPLES)


@pytest.mark.parametrize("name", TABLE)
def test_a_route_records_the_event_that_it_declares(name: str, everything: tuple[World, Filled]) -> None:
    world, filled = everything
    before = world.store.chain_head().position
    answer = call(name, filled, world, everyone(world))
    assert answer.status_code < 300, answer.text
    events = [each for each in world.store.audit_events(size=200).items if each.position > before]
    declared = (TABLE[name].openapi_extra or {}).get(EVENT)
    assert [each.event.value for each in events] == ([] if declared is None else [declared])
    for each in events:
        assert (each.route, each.actor.subject) == (name, "A_MANAGER")
        assert (each.recipient is not None) == (declared == "DISCLOSURE")
    assert world.store.verify_chain() is None


@pytest.mark.parametrize("name", TABLE)
def test_nobody_gets_in_without_a_token(name: str, everything: tuple[World, Filled]) -> None:
    world, filled = everything
    answer = call(name, filled, world, {})
    assert (answer.status_code, answer.json()["errorCode"]) == (401, "UNAUTHENTICATED")
    assert answer.headers["www-authenticate"].startswith("Bearer")


@pytest.mark.parametrize("name", TABLE)
def test_every_role_and_every_scope(name: str, everything: tuple[World, Filled]) -> None:
    world, filled = everything
    for role in (*Role, None):
        for scope in ((PDU,), (OTHER_PDU,), ("*",), ()):
            headers = world.headers(*([] if role is None else [role]), Role.RESTRICTED, pdus=scope)
            answer = call(name, filled, world, headers)
            expected = expected_status(name, role, scope)
            assert answer.status_code in expected, (role, scope, answer.status_code, answer.text[:200])
            if answer.status_code < 300 and "*" not in scope:
                assert set(named_pdus(answer)) <= set(scope)
            if answer.status_code == 404:
                assert answer.json()["detail"] == "There is nothing here that the caller may see."


def expected_status(name: str, role: Role | None, scope: tuple[str, ...]) -> set[int]:
    """What the declarations of a route make of a caller."""
    kind = EXAMPLES[name][0]
    if role not in roles_of(name) and Role.RESTRICTED not in roles_of(name):
        return {403}
    if name in WHOLE_SCOPE:
        return {200} if "*" in scope else {403}
    if kind is None:
        return {200}
    covered = role is ROLE_OF_KIND[kind] and ("*" in scope or PDU in scope)
    if covered:
        return {200, 201, 202}
    return {403} if name in WRITES_FOR_A_PDU else {404}


def named_pdus(answer: httpx.Response) -> Iterator[str]:
    """Every PDU that an answer names."""
    if answer.headers["content-type"] != "application/json":
        return

    def within(value: Any) -> Iterator[str]:
        if isinstance(value, dict):
            if isinstance(value.get("pdu"), str):
                yield value["pdu"]
            for inner in value.values():
                yield from within(inner)
        elif isinstance(value, list):
            for inner in value:
                yield from within(inner)

    yield from within(answer.json())


def test_lists_leave_out_kinds_that_are_not_the_callers(everything: tuple[World, Filled]) -> None:
    world, _ = everything
    allocation = world.headers(Role.ALLOCATION)
    unpaid = world.headers(Role.UNPAID_WORK)
    for path, name in (("/v1/problems", "problems"), ("/v1/plans", "plans"), ("/v1/jobs", "jobs")):
        mine = {each["id"] for each in world.client.get(path, headers=allocation).json()[name]}
        theirs = {each["id"] for each in world.client.get(path, headers=unpaid).json()[name]}
        assert mine
        assert theirs
        assert not mine & theirs


@pytest.mark.parametrize("name", ["POST /v1/plans/{planId}/decisions", "POST /v1/erasures"])
def test_a_service_does_not_do_what_is_a_persons_act(name: str, everything: tuple[World, Filled]) -> None:
    world, filled = everything
    answer = call(name, filled, world, world.headers(*Role, pdus=["*"], person=False))
    assert (answer.status_code, answer.json()["errorCode"]) == (403, "FORBIDDEN")
