"""The tables' states, up and down, with data in them, on both databases."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Connection, func, inspect, select

from api.store.database import Database, opened_database
from api.store.migrating import current, migrate, revisions
from api.store.records import Outcome
from api.store.store import Store
from api.store.tables import contents, decisions, jobs, metadata, plans, problems
from models.errors import UsageError
from tests.support.stored import ADA, kept_problem, proposed_plan, queued_job


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    with opened_database(database_url) as opened:
        yield opened


def names_of(database: Database) -> set[str]:
    """The tables, functions and triggers that are there, but for the migrations' own."""

    def work(connection: Connection) -> set[str]:
        if database.is_sqlite:
            query = "SELECT name FROM sqlite_master WHERE name NOT LIKE 'sqlite_%'"
        else:
            query = (
                "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace UNION "
                "SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace UNION "
                "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal"
            )
        found = {row[0] for row in connection.exec_driver_sql(query)}
        return {name for name in found if not name.startswith("alembic_version")}

    return database.read(work)


def count(database: Database, table: Any) -> int:
    return database.read(
        lambda connection: connection.execute(select(func.count()).select_from(table)).scalar_one()
    )


def test_every_state_is_reached_and_left_again(database: Database) -> None:
    seen: list[set[str]] = []
    for revision in revisions():
        seen.append(names_of(database))
        migrate(database, revision)
        assert current(database) == revision
        assert seen[-1] < names_of(database), "each state adds something"
    for revision, before in zip([*revisions()[-2::-1], "base"], reversed(seen), strict=True):
        migrate(database, revision)
        assert names_of(database) == before
    assert current(database) is None
    migrate(database)
    assert current(database) == revisions()[-1]


def test_the_queries_see_what_the_migrations_made(database: Database) -> None:
    migrate(database)

    def work(connection: Connection) -> None:
        found = inspect(connection)
        assert set(found.get_table_names()) == {*metadata.tables, "alembic_version"}
        for name, table in metadata.tables.items():
            made = {each["name"]: each for each in found.get_columns(name)}
            assert set(made) == set(table.columns.keys()), name
            for column in table.columns:
                assert made[column.name]["nullable"] == column.nullable, f"{name}.{column.name}"
            keys = found.get_pk_constraint(name)["constrained_columns"]
            assert set(keys) == {column.name for column in table.primary_key}, name

    database.read(work)


def test_data_lives_through_every_state_that_has_room_for_it(database_url: str, database: Database) -> None:
    with Store.open(database_url, migrate=True) as store:
        plan = proposed_plan(store)
        store.decide(ADA, plan.id, 1, Outcome.ACCEPT)
        waiting = queued_job(store)
        problem = store.problem(plan.problem_id)
        content = store.problem_content(problem.id)
        stored = count(database, contents)

    migrate(database, "r0002")  # without the audit trail
    assert (count(database, plans), count(database, decisions)) == (1, 1)
    migrate(database)
    with Store.open(database_url) as store:
        assert store.plan(plan.id).decided_by == "ada"
        assert store.decisions(plan.id)[0].outcome is Outcome.ACCEPT
        assert store.chain_head().position == 0, "the trail went with its state, and begins anew"
        kept_problem(store)
        assert store.verify_chain() is None

    migrate(database, "r0001")  # without plans and decisions
    assert (count(database, problems), count(database, jobs)) == (3, 2)
    assert count(database, contents) == stored + 1 - 1, "the plan's contents went with it"
    migrate(database)
    with Store.open(database_url) as store:
        assert store.problem(problem.id) == problem
        assert store.problem_content(problem.id) == content
        assert store.job(waiting.id) == waiting
        assert store.plans(None).total == 0
        assert store.start_job(waiting.id, "worker")


def test_a_migration_that_fails_leaves_nothing_behind(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    migrate(database, "r0001")
    before = names_of(database)

    def fail(*_: object) -> None:
        raise RuntimeError("the power went")

    with monkeypatch.context() as patched:
        patched.setattr("alembic.operations.Operations.bulk_insert", fail)  # in the midst of r0003
        with pytest.raises(RuntimeError):
            migrate(database)
    assert current(database) == "r0001"
    assert names_of(database) == before
    migrate(database)


def test_many_may_open_a_new_database_at_once(database_url: str) -> None:
    opened: list[int] = []

    def work() -> None:
        with Store.open(database_url, migrate=True) as store:
            opened.append(store.chain_head().position)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert opened == [0, 0, 0, 0]


def test_unknown_states_are_refused(database: Database) -> None:
    with pytest.raises(UsageError, match="r0001"):
        migrate(database, "r9")
