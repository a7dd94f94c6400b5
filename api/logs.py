"""Structured logs: one JSON object a line, on stderr, with request and job ids and without personal data.

Three things keep personal data out. A line holds nothing but the fields in FIELDS. An error is logged by its kind and
the place in our code where it arose, never by its words. What other libraries say is logged without the values they
put in. Last, anything that has the form of a CRN is struck out.
"""

from __future__ import annotations

import copy
import logging
import re
import sys
from collections.abc import MutableMapping
from pathlib import Path
from typing import Any, TextIO

import structlog

FIELDS = frozenset(
    {
        "event", "level", "timestamp", "logger",
        "request_id", "job_id", "batch_id", "problem_id", "plan_id", "worker",
        "method", "route", "status", "seconds", "bytes", "count", "state", "stage", "attempt", "code",
        "error", "place", "database", "host", "port", "version", "auth", "kind",
    }
)  # fmt: skip # names side by side
"""What a line may hold. No field is for a name, a CRN, a subject or free text about a record."""

_CRN = re.compile(r"(?<![A-Za-z0-9])[A-Za-z][0-9]{6}(?![A-Za-z0-9])")
_OURS = Path(__file__).parents[1]


def configure(level: str = "INFO", stream: TextIO | None = None) -> None:
    """Send everything that is logged in this process, by us or by a library, to `stream` (stderr) as JSON lines."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(
        _Formatter(
            foreign_pre_chain=shared,
            processors=[error_by_kind, listed_fields_alone, structlog.processors.JSONRenderer()],
        )
    )
    root = logging.getLogger()
    for old in list(root.handlers):
        root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(level)
    for name in ("httpx", "httpcore", "dbos", "sqlalchemy", "alembic", "asyncio", "multipart", "urllib3"):
        logging.getLogger(name).setLevel(max(logging.WARNING, logging.getLevelName(level)))
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access", "dbos"):
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = name != "uvicorn.access"  # we log requests ourselves, by route and not by address


def logger(name: str) -> structlog.stdlib.BoundLogger:
    """A logger of ours. Events are fixed sentences; what varies goes into fields of FIELDS."""
    made: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(name)
    return made


class _Formatter(structlog.stdlib.ProcessorFormatter):
    """Leaves what a library put into its message out of it: the template alone remains."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        if not hasattr(record, "_logger"):  # structlog's own records have one
            record = copy.copy(record)
            template = record.msg if isinstance(record.msg, str) else type(record.msg).__name__
            record.msg, record.args = template.replace("%", ""), ()
        return super().format(record)


def error_by_kind(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Replaces an error by its kind and the innermost place of ours."""
    told = event.pop("exc_info", None)
    record = event.get("_record")
    if not told and record is not None:
        told = record.exc_info
    if told is True:
        told = sys.exc_info()
    error = told if isinstance(told, BaseException) else told[1] if isinstance(told, tuple) else None
    if error is not None:
        event["error"] = type(error).__name__
        event["place"] = place_of(error)
    event.pop("stack_info", None)
    return event


def place_of(error: BaseException) -> str:
    """File and line of the innermost frame of ours; "elsewhere" where there is none."""
    place = "elsewhere"
    trace = error.__traceback__
    while trace is not None:
        path = Path(trace.tb_frame.f_code.co_filename)
        if path.is_relative_to(_OURS) and "site-packages" not in path.relative_to(_OURS).parts:
            place = f"{path.relative_to(_OURS).as_posix()}:{trace.tb_lineno}"
        trace = trace.tb_next
    return place


def listed_fields_alone(
    _logger: Any, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Drops every field that is not in FIELDS, and strikes out what looks like a CRN."""
    return {
        name: _CRN.sub("[crn]", value) if isinstance(value, str) else value
        for name, value in event.items()
        if name in FIELDS and (value is None or isinstance(value, (str, int, float, bool)))
    }
