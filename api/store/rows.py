"""Many rows at a time: how many values one statement takes, and rows that may be there already."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.dialects import postgresql, sqlite

CHUNK = 500
"""Values in one IN list: under the limits of both databases."""


def insert_if_new(connection: Connection, table: Any, rows: Collection[Mapping[str, Any]]) -> None:
    """Insert the rows whose key is not there yet.

    Give them in the order of their keys: no two writers then wait for each other in turn.
    """
    if rows:
        dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
        connection.execute(dialect.insert(table).on_conflict_do_nothing(), list(rows))
