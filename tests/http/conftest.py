"""The services and databases of the HTTP tests."""

from __future__ import annotations

from tests.support.databases import (  # noqa: F401 - fixtures, used by their names
    cluster,
    database_url,
    postgresql_url,
    sqlite_url,
    store,
    store_url,
)
from tests.support.service import (  # noqa: F401 - the same
    allocation_problem,
    everything,
    filled_file,
    issuer,
    lite,
    local,
    unpaid_problem,
    world,
    world_of,
)
