"""Faults of a request's body, address or headers, in the same form as those of an extract."""

from __future__ import annotations

from typing import cast

from fastapi.exceptions import RequestValidationError
from pydantic_core import ErrorDetails

from models.faults import Fault, clauses, json_path

_PLACES = {"path": "address", "query": "query", "header": "header", "body": ""}


def request_faults(error: RequestValidationError) -> tuple[Fault, ...]:
    """Every fault, with its path in the body (`limits.seconds`) or its place (`header.If-Match`)."""
    return tuple(_fault(cast("ErrorDetails", details)) for details in error.errors())


def _fault(details: ErrorDetails) -> Fault:
    place, *rest = details["loc"]
    if details["type"] == "json_invalid":
        return Fault("this is not JSON", "a JSON object", path="body")
    problem, expected = clauses(details)
    if details["type"] == "string_pattern_mismatch":
        problem, expected = "this has not the form it needs", f"text that matches {details['ctx']['pattern']}"
    prefix = _PLACES.get(str(place), "")
    return Fault(problem, expected, path=json_path(rest, prefix) or "body")
