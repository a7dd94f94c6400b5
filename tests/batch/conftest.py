"""What the batch's tests share: the databases, and small units as folders of extracts."""

from __future__ import annotations

from pathlib import Path

import pytest

from models.extracts.write import write_allocation
from models.synthetic import allocation_parameters, nation
from tests.support.databases import (  # noqa: F401 - fixtures, used by their names
    cluster,
    database_url,
    postgresql_url,
    sqlite_url,
    store,
    store_url,
)


@pytest.fixture
def nation_folder(tmp_path: Path) -> Path:
    """Three small units, one folder each."""
    folder = tmp_path / "nation"
    for name, problem in nation(allocation_parameters(), seed=6, pdus=3, cases=90, officers=15):
        (folder / name).mkdir(parents=True)
        write_allocation(problem, folder / name)
    return folder
