"""The services and databases of the HTTP tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import structlog

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
    served,
    unpaid_problem,
    world,
    world_of,
)


@pytest.fixture(autouse=True)
def plain_logs() -> Iterator[None]:
    """Tracebacks without drawings, which take seconds each."""
    printer = structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
    structlog.configure(processors=[structlog.contextvars.merge_contextvars, printer])
    yield
    structlog.reset_defaults()
