"""The databases that jobs wait in."""

from __future__ import annotations

from tests.support.databases import (  # noqa: F401 - fixtures, used by their names
    cluster,
    database_url,
    postgresql_url,
    sqlite_url,
    store,
    store_url,
)
