"""The databases of the store's tests, and the way in behind the store's back."""

from __future__ import annotations

from tests.support.databases import (  # noqa: F401 - fixtures, used by their names
    behind,
    cluster,
    database_url,
    postgresql_url,
    sqlite_url,
    store,
    store_url,
    unguarded,
)
