"""Where a store is kept, who may read it, and which state of its tables is accepted."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from api.store.database import default_url, store_url
from api.store.store import Store
from models.errors import StoreError, StoreUnavailableError, UsageError
from tests.support.stored import kept_problem


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_file_is_its_owners_alone_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        folder = tmp_path / "data" / "evenhand"
        with Store.open(f"sqlite:///{folder / 'evenhand.db'}", migrate=True) as store:
            kept_problem(store)
            made = sorted(folder.iterdir())
            assert [path.name for path in made] == ["evenhand.db", "evenhand.db-shm", "evenhand.db-wal"]
            assert [mode(path) for path in made] == [0o600] * 3
        assert mode(folder) == 0o700
    finally:
        os.umask(before)


def test_a_file_that_others_could_read_is_closed_to_them(tmp_path: Path) -> None:
    file = tmp_path / "store.db"
    file.touch(mode=0o644)
    Store.open(f"sqlite:///{file}", migrate=True).close()
    assert mode(file) == 0o600


def test_the_default_is_a_file_in_the_users_data_folder(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert default_url() == f"sqlite:///{tmp_path / 'evenhand' / 'evenhand.db'}"


@pytest.mark.parametrize(
    "address",
    ["sqlite://", "sqlite:///:memory:", "mysql://host/name", "secret nonsense", "oracle://a:secret@b/c"],
)
def test_other_addresses_are_refused_without_repeating_them(address: str) -> None:
    with pytest.raises(UsageError) as refusal:
        store_url(address)
    assert "secret" not in str(refusal.value)


def test_drivers_are_chosen_here() -> None:
    assert store_url("postgres://u@h/n").drivername == "postgresql+psycopg"
    assert store_url("postgresql://u@h/n").drivername == "postgresql+psycopg"
    assert store_url("sqlite:////f.db").drivername == "sqlite+pysqlite"


def test_an_empty_database_is_migrated_only_when_asked(database_url: str) -> None:
    with pytest.raises(StoreError, match="evenhand store migrate"):
        Store.open(database_url)
    assert not Path(database_url.removeprefix("sqlite:///")).exists(), "looking for a store makes none"
    Store.open(database_url, migrate=True).close()
    with Store.open(database_url) as store:
        assert store.chain_head().position == 0
        assert store.verify_chain() is None


def test_a_store_of_a_newer_evenhand_is_left_alone(database_url: str) -> None:
    Store.open(database_url, migrate=True).close()
    engine = create_engine(store_url(database_url))
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = 'r9999'"))
    engine.dispose()
    for migrate in (False, True):
        with pytest.raises(StoreError, match="newer evenhand"):
            Store.open(database_url, migrate=migrate)


def test_a_file_that_is_no_database_is_said_to_be_damaged(tmp_path: Path) -> None:
    file = tmp_path / "store.db"
    file.write_bytes(b"this is no database at all" * 100)
    with pytest.raises(StoreError, match="damaged"):
        Store.open(f"sqlite:///{file}", migrate=True)


def test_a_place_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StoreUnavailableError, match="cannot be opened"):
        Store.open(f"sqlite:///{tmp_path / 'file' / 'store.db'}", migrate=True)


def test_two_stores_on_one_database_see_the_same(store_url: str) -> None:
    with Store.open(store_url) as one, Store.open(store_url) as other:
        assert other.problem(kept_problem(one).id).people == 3
