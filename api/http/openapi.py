"""The description of the API: error bodies as they are, examples, security; complete enough to be tested against."""

from __future__ import annotations

from collections.abc import Iterable
from importlib import metadata
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from api.http.errors import MEANING, MEDIA_TYPE, ErrorCode, problem_body
from models.allocation.problem import AllocationProblem
from models.faults import Fault
from models.record import reader
from models.unpaid_work.problem import UnpaidWorkProblem

Responses = dict[int | str, dict[str, Any]]
"""Documented responses by status."""

ALWAYS = (
    ErrorCode.BAD_REQUEST,
    ErrorCode.UNAUTHENTICATED,
    ErrorCode.FORBIDDEN,
    ErrorCode.WRONG_DOOR,
    ErrorCode.INPUT_FAULTS,
    ErrorCode.TOO_MANY_REQUESTS,
    ErrorCode.UNAVAILABLE,
    ErrorCode.BUSY,
    ErrorCode.STORE_FULL,
)
"""What every route of /v1 can answer."""
DESCRIPTION = """Fair, safe case allocation and unpaid work rosters.

A *problem* is an input of one PDU, a *job* a question asked of it, a *plan* what the job made: a proposal, on which
people *decide*. Names and rules of problems and plans are those of the project's contract. Errors are RFC 9457
problem bodies (application/problem+json). CRNs are never part of an address.
"""


def answers(*codes: ErrorCode) -> Responses:
    """The documentation of these errors, those of ALWAYS included, by status."""
    found: Responses = {}
    for code in dict.fromkeys((*ALWAYS, *codes)):
        said = MEANING[code]
        entry = found.setdefault(said.status, _documented(said.status, said.title))
        entry["content"][MEDIA_TYPE]["examples"][code.value] = {
            "summary": said.title,
            "value": _example(code),
        }
    for status in (429, 503):
        if status in found:
            found[status]["headers"] = {
                "Retry-After": {"description": "Seconds to wait.", "schema": {"type": "string"}}
            }
    return found


def link(operation: str, body: dict[str, str] | None = None, **parameters: str) -> dict[str, Any]:
    """An OpenAPI link: what can be done next, and with which parts of this answer."""
    found: dict[str, Any] = {"operationId": operation, "parameters": parameters}
    return found if body is None else {**found, "requestBody": body}


def _documented(status: int, title: str) -> dict[str, Any]:
    name = "InputFaults" if status == 422 else "Problem"
    return {
        "description": title,
        "content": {
            MEDIA_TYPE: {"schema": {"$ref": f"#/components/schemas/{name}"}, "examples": {}},
        },
    }


def _example(code: ErrorCode) -> dict[str, Any]:
    faults: Iterable[Fault] = ()
    if code is ErrorCode.INPUT_FAULTS:
        faults = [Fault("'Z9' is not a tier", "a tier such as B2", path="problem.cases[3].tier")]
    return problem_body(
        code,
        MEANING[code].title,
        request_id="0d4f8b52-7f0b-4c22-9d50-3a3a7f8a2a11",
        faults=tuple(faults),
    )


_TEXT = {"type": "string"}
_TEXT_OR_NULL = {"type": ["string", "null"]}
_MEMBERS: dict[str, Any] = {
    "type": _TEXT,
    "title": _TEXT,
    "status": {"type": "integer"},
    "detail": _TEXT,
    "instance": _TEXT_OR_NULL,
    "errorCode": {"type": "string", "enum": [code.value for code in ErrorCode]},
    "userMessage": _TEXT,
    "developerMessage": _TEXT,
    "moreInfo": _TEXT,
}
_FAULT = {
    "type": "object",
    "required": ["file", "row", "column", "path", "problem", "expected", "sentence"],
    "properties": {
        "file": _TEXT_OR_NULL,
        "row": {"type": ["integer", "null"]},
        "column": _TEXT_OR_NULL,
        "path": _TEXT_OR_NULL,
        "problem": _TEXT,
        "expected": _TEXT,
        "sentence": _TEXT,
    },
    "additionalProperties": False,
}
SCHEMAS: dict[str, Any] = {
    "Problem": {
        "type": "object",
        "description": "RFC 9457's members and the ecosystem's error fields.",
        "required": list(_MEMBERS),
        "properties": _MEMBERS,
        "additionalProperties": False,
    },
    "InputFaults": {
        "type": "object",
        "description": "The same with every fault of the input; count says how many there are.",
        "required": [*_MEMBERS, "count", "faults"],
        "properties": {
            **_MEMBERS,
            "count": {"type": "integer"},
            "faults": {"type": "array", "items": {"$ref": "#/components/schemas/Fault"}},
        },
        "additionalProperties": False,
    },
    "Fault": _FAULT,
}


def describe(app: FastAPI, *, tokens: bool) -> dict[str, Any]:
    """The whole description, made once. tokens: whether callers need a bearer token."""
    if app.openapi_schema is not None:
        return app.openapi_schema
    made = get_openapi(
        title="evenhand",
        version=metadata.version("evenhand"),
        summary="Proposals for case allocation and unpaid work, verified and explained; people decide.",
        description=DESCRIPTION,
        routes=app.routes,
        tags=TAGS,
    )
    schemas = made.setdefault("components", {}).setdefault("schemas", {})
    schemas |= SCHEMAS | given_schemas()
    for unused in ("HTTPValidationError", "ValidationError"):  # FastAPI's own form of 422, which is not ours
        schemas.pop(unused, None)
    if tokens:
        made["components"]["securitySchemes"] = {
            "bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
        }
    for path, methods in made["paths"].items():
        for operation in methods.values():
            if tokens and path.startswith("/v1"):
                operation["security"] = [{"bearer": []}]
            operation.get("responses", {}).pop("default", None)
    app.openapi_schema = made
    return made


TAGS = [
    {"name": "problems", "description": "Inputs of one PDU."},
    {"name": "questions", "description": "What may be asked of a problem, as a job or at once."},
    {"name": "jobs", "description": "Questions under way."},
    {"name": "plans", "description": "Proposals, decisions on them, and exports."},
    {"name": "governance", "description": "Policies, erasure, the audit trail, how people decide."},
    {"name": "batches", "description": "Overnight runs over many PDUs."},
    {"name": "service", "description": "Health, versions, figures."},
]


def body_of(schema: str, arguments: dict[str, Any], media_type: str = "application/json") -> dict[str, Any]:
    """A route's arguments, with the documentation of a body that the route reads itself."""
    body = {
        "required": True,
        "content": {media_type: {"schema": {"$ref": f"#/components/schemas/{schema}"}, **EXAMPLES[schema]}},
    }
    return {**arguments, "openapi_extra": {**arguments["openapi_extra"], "requestBody": body}}


EXAMPLES: dict[str, dict[str, Any]] = {
    "GivenProblem": {
        "examples": {
            "allocation": {
                "value": {
                    "pdu": "N03PDU1",
                    "kind": "ALLOCATION",
                    "problem": {
                        "asOf": "2026-11-23",
                        "officers": [
                            {
                                "staffCode": "N03A019",
                                "teamCode": "N03F01",
                                "grade": "PO",
                                "contractedHours": 37,
                            }
                        ],
                        "cases": [{"crn": "X123456", "tier": "B2", "caseType": "COMMUNITY"}],
                    },
                }
            }
        }
    },
    "GivenUpload": {},
}


def given_schemas() -> dict[str, Any]:
    """The schemas of problems as they come: the contract's, with everything optional that may be left out."""
    found: dict[str, Any] = {}
    names = []
    for kind in (AllocationProblem, UnpaidWorkProblem):
        made = reader(kind).json_schema(ref_template="#/components/schemas/Given{model}")
        inner = made.pop("$defs", {})
        names.append(f"Given{kind.__name__}")
        found |= {f"Given{name}": schema for name, schema in inner.items()} | {names[-1]: made}
    pdu = {"type": "string", "minLength": 1, "maxLength": 40, "pattern": r"^[A-Za-z0-9_.-]+$"}
    kinds = {"type": "string", "enum": ["ALLOCATION", "UNPAID_WORK"]}
    found["GivenProblem"] = {
        "type": "object",
        "required": ["pdu", "kind", "problem"],
        "additionalProperties": False,
        "properties": {
            "pdu": pdu,
            "kind": kinds,
            "problem": {"anyOf": [{"$ref": f"#/components/schemas/{name}"} for name in names]},
        },
    }
    found["GivenUpload"] = {
        "type": "object",
        "required": ["pdu", "kind", "files"],
        "properties": {
            "pdu": pdu,
            "kind": kinds,
            "asOf": {"type": "string", "format": "date"},
            "files": {"type": "array", "minItems": 1, "items": {"type": "string", "format": "binary"}},
        },
    }
    return found
