"""The tables as the queries see them. The migrations create them, with the triggers that guard them.

`sequence` counts in the order of arrival and `id` is what others know a record by. Contents (problems, plans,
questions, reports) lie compressed in a table of their own, so that erasure can rewrite them and nothing else.
"""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Dialect,
    Float,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
)

metadata = MetaData()


class UtcTime(TypeDecorator[dt.datetime]):
    """A time in UTC, aware in Python; SQLite keeps it without a zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: dt.datetime | None, dialect: Dialect) -> dt.datetime | None:
        """To the database. A time without a zone raises ValueError: nobody knows what it means."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone")
        utc = value.astimezone(dt.UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: dt.datetime | None, dialect: Dialect) -> dt.datetime | None:
        """From the database."""
        if value is None:
            return None
        return value.replace(tzinfo=dt.UTC) if dialect.name == "sqlite" else value.astimezone(dt.UTC)


class JsonText(TypeDecorator[Any]):
    """JSON as text, with its keys in order."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:  # noqa: ARG002 - the parent's
        """To the database."""
        return None if value is None else json.dumps(value, sort_keys=True, separators=(",", ":"))

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:  # noqa: ARG002 - the parent's
        """From the database."""
        return None if value is None else json.loads(value)


Count = BigInteger().with_variant(Integer, "sqlite")
"""Whole numbers; on SQLite INTEGER, which alone counts by itself."""


def _sequence() -> Column[int]:
    return Column("sequence", Count, primary_key=True, autoincrement=True)


def _id() -> Column[str]:
    return Column("id", String(36), unique=True, nullable=False)


def _actor() -> tuple[Column[str], Column[str]]:
    return Column("actor", Text, nullable=False), Column("actor_kind", String(8), nullable=False)


contents = Table(
    "contents",
    metadata,
    Column("id", Count, primary_key=True, autoincrement=True),
    Column("body", LargeBinary, nullable=False),
    Column("people_id", Count),
)

people_sets = Table(
    "people_sets",
    metadata,
    Column("id", Count, primary_key=True, autoincrement=True),
    Column("digest", String(64), unique=True),
)

people_members = Table(
    "people_members",
    metadata,
    Column("person", BigInteger, primary_key=True, autoincrement=False),
    Column("set_id", Count, primary_key=True, autoincrement=False),
)

problems = Table(
    "problems",
    metadata,
    _sequence(),
    _id(),
    Column("pdu", Text, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("input_hash", Text, nullable=False),
    Column("people", Integer, nullable=False),
    Column("subjects", String(64)),
    Column("content_id", Count, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("erased_at", UtcTime),
    *_actor(),
)

batches = Table(
    "batches",
    metadata,
    _sequence(),
    _id(),
    Column("question_id", Count, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("ended_at", UtcTime),
    *_actor(),
)

jobs = Table(
    "jobs",
    metadata,
    _sequence(),
    _id(),
    Column("pdu", Text, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("problem_id", String(36), nullable=False),
    Column("batch_id", String(36)),
    Column("question_id", Count, nullable=False),
    Column("limits", JsonText, nullable=False),
    Column("state", String(16), nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("worker", Text),
    Column("best", BigInteger),
    Column("bound", BigInteger),
    Column("gap", Float),
    Column("seconds", Float),
    Column("stage", Text),
    Column("cancel_requested", Boolean, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("started_at", UtcTime),
    Column("heartbeat_at", UtcTime),
    Column("ended_at", UtcTime),
    Column("error_code", Text),
    Column("error_message", Text),
    *_actor(),
)

batch_items = Table(
    "batch_items",
    metadata,
    Column("batch_id", String(36), primary_key=True),
    Column("pdu", Text, primary_key=True),
    Column("kind", String(16), primary_key=True),
    Column("state", String(16), nullable=False),
    Column("problem_id", String(36)),
    Column("job_id", String(36)),
    Column("report_id", Count),
    Column("changed_at", UtcTime, nullable=False),
)

policies = Table(
    "policies",
    metadata,
    Column("hash", String(64), primary_key=True),
    Column("version", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("kept_at", UtcTime, nullable=False),
)

idempotency = Table(
    "idempotency",
    metadata,
    Column("actor", Text, primary_key=True),
    Column("key_hash", String(64), primary_key=True),
    Column("body_hash", String(64), nullable=False),
    Column("target", String(16), nullable=False),
    Column("target_id", String(36), nullable=False),
    Column("created_at", UtcTime, nullable=False),
)

plans = Table(
    "plans",
    metadata,
    _sequence(),
    _id(),
    Column("pdu", Text, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("problem_id", String(36), nullable=False),
    Column("job_id", String(36), unique=True, nullable=False),
    Column("content_id", Count, nullable=False),
    Column("summary", JsonText, nullable=False),
    Column("subjects", String(64)),
    Column("state", String(16), nullable=False),
    Column("version", Integer, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("decided_by", Text),
    Column("decided_at", UtcTime),
    Column("decision_id", String(36)),
    Column("published_by", Text),
    Column("published_at", UtcTime),
    Column("erased_at", UtcTime),
    Column("superseded_by", String(36)),
)

decisions = Table(
    "decisions",
    metadata,
    _sequence(),
    _id(),
    Column("plan_id", String(36), nullable=False),
    Column("whole", Boolean, nullable=False),
    Column("crn", Text),
    Column("outcome", String(16), nullable=False),
    Column("reason", String(16)),
    Column("text", Text),
    Column("choice", Text),
    Column("opened_at", UtcTime),
    Column("decided_at", UtcTime, nullable=False),
    *_actor(),
)

# What the chain covers is kept as plain text and whole numbers: any change of a byte then changes a value.
audit_events = Table(
    "audit_events",
    metadata,
    Column("position", Count, primary_key=True, autoincrement=False),
    Column("event", String(16), nullable=False),
    Column("actor", Text, nullable=False),
    Column("actor_kind", String(8), nullable=False),
    Column("at", String(32), nullable=False),
    Column("run", Text),
    Column("route", Text, nullable=False),
    Column("recipient", Text),
    Column("reason", Text),
    Column("subjects", String(64)),
    Column("people", Integer, nullable=False),
    Column("previous", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
)

audit_head = Table(
    "audit_head",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("position", Count, nullable=False),
    Column("hash", String(64), nullable=False),
)

audit_subject_sets = Table(
    "audit_subject_sets",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("members", LargeBinary, nullable=False),
)

audit_people = Table(
    "audit_people",
    metadata,
    Column("lookup", String(64), primary_key=True),
    Column("salt", LargeBinary, nullable=False),
    Column("seen_at", UtcTime, nullable=False),
)

store_keys = Table(
    "store_keys",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", LargeBinary, nullable=False),
)
