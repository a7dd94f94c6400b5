"""Problems through HTTP: given as JSON or as extracts, listed, shown, with every fault at once."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

import pytest

from api.http.callers import Role
from api.settings import ServiceLimits
from api.store.store import Store
from tests.support.service import OTHER_PDU, PDU, Make, World

OFFICERS = "staffCode,teamCode,grade,contractedHours\nN03A001,N03F01,PO,37\n"
CASES = "crn,tier,caseType\nX000001,B2,COMMUNITY\n"


def given(problem: dict[str, Any], kind: str = "ALLOCATION", pdu: str = PDU) -> dict[str, Any]:
    return {"pdu": pdu, "kind": kind, "problem": problem}


def upload(world: World, files: dict[str, str | bytes], **fields: str) -> Any:
    parts = [("files", (name, content)) for name, content in files.items()]
    return world.client.post(
        "/v1/problems/uploads", data={"pdu": PDU, "kind": "ALLOCATION", **fields}, files=parts
    )


def faults_of(answer: Any) -> dict[str, str]:
    assert answer.status_code == 422
    body = answer.json()
    assert body["count"] == len(body["faults"])
    return {
        fault["path"] or f"{fault['file']}:{fault['row']}:{fault['column']}": fault["problem"]
        for fault in body["faults"]
    }


def test_a_problem_is_kept_listed_and_shown(local: World, allocation_problem: dict[str, Any]) -> None:
    answer = local.client.post("/v1/problems", json=given(allocation_problem))
    assert answer.status_code == 201
    kept = answer.json()
    assert answer.headers["location"] == f"/v1/problems/{kept['id']}"
    assert (kept["pdu"], kept["kind"], kept["people"]) == (
        PDU,
        "ALLOCATION",
        len(allocation_problem["cases"]),
    )
    assert local.client.get("/v1/problems").json()["problems"] == [kept]
    shown = local.client.get(f"/v1/problems/{kept['id']}").json()
    assert shown["content"] == allocation_problem
    assert shown["inputHash"] == kept["inputHash"]


def test_unpaid_work_is_kept_too(local: World, unpaid_problem: dict[str, Any]) -> None:
    answer = local.client.post("/v1/problems", json=given(unpaid_problem, "UNPAID_WORK"))
    assert answer.status_code == 201
    shown = local.client.get(f"/v1/problems/{answer.json()['id']}").json()
    assert shown["content"] == unpaid_problem


def test_the_same_key_keeps_one_problem_and_another_body_is_a_conflict(
    local: World, allocation_problem: dict[str, Any]
) -> None:
    key = {"Idempotency-Key": "monday-1"}
    first = local.client.post("/v1/problems", json=given(allocation_problem), headers=key)
    again = local.client.post("/v1/problems", json=given(allocation_problem), headers=key)
    assert first.json() == again.json()
    other = local.client.post("/v1/problems", json=given(allocation_problem, pdu=OTHER_PDU), headers=key)
    assert (other.status_code, other.json()["errorCode"]) == (409, "CONFLICT")


def test_every_fault_is_told_with_its_path(local: World, allocation_problem: dict[str, Any]) -> None:
    broken = json.loads(json.dumps(allocation_problem))
    broken["cases"][3]["tier"] = "Z9"
    broken["officers"][0]["contractedHours"] = "many"
    body = {**given(broken, pdu="two words"), "extra": 1}
    found = faults_of(local.client.post("/v1/problems", json=body))
    assert set(found) == {"pdu", "extra", "problem.cases[3].tier", "problem.officers[0].contractedHours"}


@pytest.mark.parametrize(
    ("content", "path"),
    [
        (b'{"pdu": "N03", "kind": "ALLOCATION", "problem": []}', "problem"),
        (b'{"pdu": "N03", "kind": "ALLOCATION"', "line 1, column 36"),
        (b'{"pdu": "N03", "pdu": "N03", "kind": "ALLOCATION", "problem": {}}', "pdu"),
        (b'{"pdu": "N03", "kind": "NEITHER", "problem": {"officers": [], "cases": []}}', "kind"),
    ],
)
def test_bodies_that_are_no_problem(local: World, content: bytes, path: str) -> None:
    headers = {"Content-Type": "application/json"}
    assert path in faults_of(local.client.post("/v1/problems", content=content, headers=headers))


def test_another_media_type_is_refused(local: World) -> None:
    answer = local.client.post("/v1/problems", content=b"{}", headers={"Content-Type": "text/plain"})
    assert (answer.status_code, answer.json()["errorCode"]) == (415, "UNSUPPORTED_MEDIA_TYPE")
    assert answer.headers["content-type"] == "application/problem+json"


def test_extracts_are_uploaded_as_they_are(local: World) -> None:
    answer = upload(local, {"officers.csv": OFFICERS, "cases.csv": CASES}, asOf="2026-11-23")
    assert answer.status_code == 201
    shown = local.client.get(answer.headers["location"]).json()
    assert shown["content"]["asOf"] == "2026-11-23"
    assert [case["crn"] for case in shown["content"]["cases"]] == ["X000001"]


def test_faults_of_extracts_name_file_row_and_column(local: World) -> None:
    spoilt = "crn,tier,caseType\nX000001,Z9,COMMUNITY\nX000001,B2,NOWHERE\n"
    found = faults_of(upload(local, {"officers.csv": OFFICERS, "cases.csv": spoilt}))
    assert {"cases.csv:2:tier", "cases.csv:3:caseType"} <= set(found)


def test_faults_of_a_form_are_told_with_those_of_its_files(local: World) -> None:
    spoilt: dict[str, str | bytes] = {
        "officers.csv": OFFICERS.replace(",37", ",many"),
        "cases.csv": CASES.replace("B2", "Z9"),
    }
    found = faults_of(upload(local, spoilt, pdu="two words", asOf="soon", extra="1"))
    assert {"pdu", "asOf", "extra", "officers.csv:2:contractedHours", "cases.csv:2:tier"} <= set(found)


def test_faults_of_a_form_are_all_told(local: World) -> None:
    found = faults_of(upload(local, {"../officers.csv": OFFICERS}, kind="NEITHER", asOf="soon", extra="1"))
    assert set(found) == {"kind", "asOf", "extra", "files[0]"}


def test_a_workbook_that_swells_is_refused(lite: Store, world_of: Make) -> None:
    small = world_of(lite, authenticated=False, limits=ServiceLimits(body_megabytes=1))
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("xl/workbook.xml", b" " * 60_000_000)
    assert len(packed.getvalue()) < 1_000_000
    assert upload(small, {"problem.xlsx": packed.getvalue()}).status_code == 422


def test_too_many_rows_are_refused(lite: Store, world_of: Make) -> None:
    small = world_of(lite, authenticated=False, limits=ServiceLimits(rows=5))
    cases = "crn,tier,caseType\n" + "".join(f"X{number:06},B2,COMMUNITY\n" for number in range(6))
    answer = upload(small, {"officers.csv": OFFICERS, "cases.csv": cases})
    assert answer.status_code == 422


def test_too_many_files_are_refused(lite: Store, world_of: Make) -> None:
    small = world_of(lite, authenticated=False, limits=ServiceLimits(upload_files=2))
    answer = upload(small, {f"{name}.csv": OFFICERS for name in ("officers", "cases", "problem")})
    assert (answer.status_code, answer.json()["errorCode"]) == (400, "BAD_REQUEST")


def test_a_body_beyond_the_limit_is_refused_whether_or_not_it_says_so(lite: Store, world_of: Make) -> None:
    small = world_of(lite, authenticated=False, limits=ServiceLimits(body_megabytes=1))
    told = small.client.post(
        "/v1/problems", content=b" " * 1_000_001, headers={"Content-Type": "application/json"}
    )

    async def pieces() -> Any:
        for _ in range(11):
            yield b" " * 100_000

    untold = small.client.post("/v1/problems", content=pieces(), headers={"Content-Type": "application/json"})
    for answer in (told, untold):
        assert (answer.status_code, answer.json()["errorCode"]) == (413, "BODY_TOO_LARGE")


def test_nothing_is_kept_for_a_pdu_or_kind_that_is_not_the_callers(
    world: World, allocation_problem: dict[str, Any]
) -> None:
    for headers, pdu in (
        (world.headers(Role.ALLOCATION), OTHER_PDU),
        (world.headers(Role.UNPAID_WORK), PDU),
    ):
        answer = world.client.post("/v1/problems", json=given(allocation_problem, pdu=pdu), headers=headers)
        assert (answer.status_code, answer.json()["errorCode"]) == (403, "FORBIDDEN")
    assert world.store.problems(None).total == 0


def test_lists_come_in_pages(local: World, allocation_problem: dict[str, Any]) -> None:
    for number in range(3):
        local.client.post("/v1/problems", json=given(allocation_problem, pdu=f"N03PDU{number}"))
    first = local.client.get("/v1/problems?size=2").json()
    second = local.client.get("/v1/problems?size=2&page=2").json()
    assert (first["total"], first["page"], first["size"]) == (3, 1, 2)
    assert [each["pdu"] for each in (*first["problems"], *second["problems"])] == [
        "N03PDU2",
        "N03PDU1",
        "N03PDU0",
    ]
    assert local.client.get("/v1/problems?pdu=N03PDU1").json()["total"] == 1
    assert local.client.get("/v1/problems?kind=UNPAID_WORK").json()["total"] == 0
    assert set(faults_of(local.client.get("/v1/problems?size=0&page=x"))) == {"query.size", "query.page"}
