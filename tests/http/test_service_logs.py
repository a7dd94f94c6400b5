"""Logs: one JSON object a line, without anything of a record."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

from api import logs

MARKED = "Z987654"


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    """Where logs go during a test; everything is put back afterwards."""
    root = logging.getLogger()
    before = (list(root.handlers), root.level)
    made = io.StringIO()
    logs.configure("INFO", made)
    yield made
    root.handlers[:], root.level = before
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_line_is_json_with_ids_time_and_level(stream: io.StringIO) -> None:
    structlog.contextvars.bind_contextvars(request_id="r-1")
    logs.logger("evenhand.test").info("a thing happened", job_id="j-1", seconds=0.5)
    (line,) = lines(stream)
    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "event": "a thing happened",
        "request_id": "r-1",
        "job_id": "j-1",
        "seconds": 0.5,
        "level": "info",
        "logger": "evenhand.test",
    }


def test_fields_that_are_not_listed_are_dropped_and_crns_struck_out(stream: io.StringIO) -> None:
    logs.logger("evenhand.test").info(f"about {MARKED}", crn=MARKED, name="Ann Other", state=f"x {MARKED}")
    assert MARKED not in stream.getvalue()
    assert "Ann Other" not in stream.getvalue()
    assert lines(stream)[0]["state"] == "x [crn]"


def test_an_error_is_told_by_kind_and_place_and_not_by_its_words(stream: io.StringIO) -> None:
    try:
        raise ValueError(f"the case of {MARKED} and Ann Other")
    except ValueError:
        logs.logger("evenhand.test").exception("it failed")
        logging.getLogger("some.library").exception("it failed for %s", "Ann Other")
    ours, theirs = lines(stream)
    for line in (ours, theirs):
        assert line["error"] == "ValueError"
        assert line["place"].startswith("tests/http/test_service_logs.py:")
    assert "Ann Other" not in stream.getvalue()
    assert MARKED not in stream.getvalue()


def test_what_a_library_says_is_logged_without_its_values(stream: io.StringIO) -> None:
    logging.getLogger("some.library").warning("row %s of %s", 7, "Ann Other")
    logging.getLogger("some.library").warning({"a": "Ann Other"})
    assert [line["event"] for line in lines(stream)] == ["row s of s", "dict"]
    assert "Ann Other" not in stream.getvalue()


def test_addresses_of_requests_are_not_logged_by_the_server(stream: io.StringIO) -> None:
    logging.getLogger("uvicorn.access").info("GET /v1/x?crn=%s", MARKED)
    assert stream.getvalue() == ""


def test_a_level_is_kept_to(stream: io.StringIO) -> None:
    logs.logger("evenhand.test").debug("too quiet")
    logging.getLogger("dbos").info("too quiet")
    assert stream.getvalue() == ""
