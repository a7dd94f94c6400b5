"""`evenhand store`: the state of the database, migrations, backups of the file, retention."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from api.cli.options import DatabaseOption, JsonOption

store_app = typer.Typer(
    help="The database that the service keeps its problems, plans and audit trail in.", rich_markup_mode=None
)


@store_app.command("status")
def store_status(database: DatabaseOption = None, as_json: JsonOption = False) -> int:
    """Say which state the tables are in and which one this version needs. Exit code 1 when they differ."""
    from api.cli.exits import ExitCode
    from api.cli.opening import address_of
    from api.cli.terminal import show_json, show_text
    from api.store.database import existing_database
    from api.store.migrating import current, revisions

    with existing_database(address_of(database)) as opened:
        now, needed = current(opened), revisions()[-1]
    if as_json:
        show_json({"state": now, "needed": needed})
    else:
        show_text(f"the store is in state {now or 'none'}; this version needs {needed}")
    return ExitCode.DONE if now == needed else ExitCode.NOT_CLEAN


@store_app.command("migrate")
def migrate_store(
    database: DatabaseOption = None,
    to: Annotated[
        str | None,
        typer.Option(
            "--to", metavar="STATE", help="An earlier state: what came later is removed with its data."
        ),
    ] = None,
    as_json: JsonOption = False,
) -> int:
    """Bring the tables to the state that this version needs. Make a backup first."""
    from api.cli.exits import ExitCode
    from api.cli.opening import address_of
    from api.cli.terminal import show_json, show_text
    from api.store.database import opened_database
    from api.store.migrating import current, migrate

    with opened_database(address_of(database)) as opened:
        before = current(opened)
        migrate(opened, to)
        after = current(opened)
    if as_json:
        show_json({"before": before, "state": after})
    else:
        show_text(f"the store is in state {after or 'none'}; it was in state {before or 'none'}")
    return ExitCode.DONE


@store_app.command("backup")
def back_up_store(
    out: Annotated[
        Path, typer.Argument(metavar="FILE", help="A new file; one that is there is not touched.")
    ],
    database: DatabaseOption = None,
) -> int:
    """Copy a SQLite store into a file while it is in use. For PostgreSQL use pg_dump."""
    from api.cli.exits import ExitCode
    from api.cli.opening import address_of
    from api.cli.terminal import show_text
    from api.store.database import back_up, existing_database

    with existing_database(address_of(database)) as opened:
        back_up(opened, out)
    show_text(f"{out}: a copy of the store; treat it as the store itself")
    return ExitCode.DONE


@store_app.command("retire")
def retire_from_store(
    days: Annotated[int, typer.Option("--days", min=1, help="How long problems and plans may be kept.")],
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> int:
    """Remove what is older than may be kept: problems, jobs, plans, decisions, batches. The audit trail stays."""
    import dataclasses
    import datetime as dt

    from api.cli.exits import ExitCode
    from api.cli.opening import open_store, operator
    from api.cli.terminal import show_json, show_text

    with open_store(database) as store:
        retired = store.apply_retention(dt.datetime.now(dt.UTC), days, operator())
    if as_json:
        show_json(dataclasses.asdict(retired))
    else:
        show_text(f"removed {retired.problems} problems, {retired.plans} plans, {retired.batches} batches")
    return ExitCode.DONE
