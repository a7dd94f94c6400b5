"""`evenhand store`, `evenhand audit` and `evenhand erase`, on both databases."""

from __future__ import annotations

import json
from pathlib import Path

from sqlalchemy import create_engine, text
from typer.testing import CliRunner, Result

from api.cli.app import app
from api.store.database import store_url as parsed
from api.store.store import Store
from tests.support.stored import CRNS, proposed_plan


def evenhand(url: str, *arguments: str, given: str = "", code: int = 0) -> Result:
    """Run the command on a store; its address stands in the environment."""
    done = CliRunner(env={"EVENHAND_DATABASE_URL": url}).invoke(app, list(arguments), input=given)
    assert done.exit_code == code, done.output
    return done


def test_a_whole_trail_and_a_broken_one(store: Store, store_url: str) -> None:
    proposed_plan(store)
    whole = json.loads(evenhand(store_url, "audit", "verify", "--json").stdout)
    assert whole == {
        "whole": True,
        "events": 3,
        "hash": store.chain_head().hash,
        "brokenAt": None,
        "why": None,
    }
    kept = evenhand(store_url, "audit", "verify").stdout.splitlines()[-1]
    assert kept == f"3:{store.chain_head().hash}"

    other = f"2:{'0' * 64}"
    evenhand(store_url, "audit", "verify", "--kept", kept)
    differs = evenhand(store_url, "audit", "verify", "--kept", other, code=1)
    assert "broken at position 2" in differs.stderr
    evenhand(store_url, "audit", "verify", "--kept", "nonsense", code=2)

    engine = create_engine(parsed(store_url))
    with engine.begin() as connection:
        for statement in (
            ("DROP TRIGGER audit_events_stay_update",)
            if engine.dialect.name == "sqlite"
            else ("ALTER TABLE audit_events DISABLE TRIGGER ALL",)
        ):
            connection.execute(text(statement))
        connection.execute(text("UPDATE audit_events SET actor = 'bob' WHERE position = 2"))
    engine.dispose()
    broken = json.loads(evenhand(store_url, "audit", "verify", "--json", code=1).stdout)
    assert (broken["brokenAt"], broken["why"]) == (2, "the event was altered")


def test_erasing_reads_the_crn_from_standard_input(store: Store, store_url: str) -> None:
    plan = proposed_plan(store)
    done = evenhand(store_url, "erase", "--reason", "request 12", given=f"{CRNS[0].lower()}\n")
    assert CRNS[0] not in done.stdout.upper() + done.stderr.upper()
    assert CRNS[0] not in json.dumps(store.plan_content(plan.id))
    erasure = store.audit_events().items[0]
    assert (erasure.event.value, erasure.reason) == ("ERASURE", "request 12")
    evenhand(store_url, "erase", given=f"{CRNS[0]}\n", code=1)
    for nonsense in ("", "everybody\n", f"{CRNS[1]} {CRNS[2]}\n"):
        evenhand(store_url, "erase", given=nonsense, code=2)


def test_states_of_the_tables(database_url: str) -> None:
    if database_url.startswith("sqlite"):
        missing = evenhand(database_url, "store", "status", code=1)
        assert "there is no store at this place" in missing.stderr
    evenhand(database_url, "store", "migrate")
    assert json.loads(evenhand(database_url, "store", "status", "--json").stdout)["state"] == "r0004"
    evenhand(database_url, "store", "migrate", "--to", "r0001")
    evenhand(database_url, "store", "status", code=1)
    stale = evenhand(database_url, "audit", "verify", code=1)
    assert "evenhand store migrate" in stale.stderr
    evenhand(database_url, "store", "migrate", "--to", "r7", code=2)


def test_a_backup_of_a_store_in_use_is_a_store(tmp_path: Path, sqlite_url: str) -> None:
    with Store.open(sqlite_url, migrate=True) as store:
        plan = proposed_plan(store)
        copy = tmp_path / "copy.db"
        evenhand(sqlite_url, "store", "backup", str(copy))
        evenhand(sqlite_url, "store", "backup", str(copy), code=2)
        proposed_plan(store)
    assert copy.stat().st_mode & 0o077 == 0
    with Store.open(f"sqlite:///{copy}") as restored:
        assert restored.plans(None).total == 1
        assert restored.plan(plan.id) == plan
        assert restored.verify_chain() is None


def test_retention_by_command(store: Store, store_url: str) -> None:
    proposed_plan(store)
    kept = json.loads(evenhand(store_url, "store", "retire", "--days", "1", "--json").stdout)
    assert kept["problems"] == 0
    assert store.plans(None).total == 1
