"""Bringing a database to a state of the tables, up or down, in one transaction and one process at a time."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from api.store.database import Database
from models.errors import StoreError, UsageError

_PLACE = Path(__file__).parent / "migrations"
_TURN = text("SELECT pg_advisory_xact_lock(7166317206)")


def revisions() -> tuple[str, ...]:
    """The names of the states, oldest first."""
    script = ScriptDirectory(str(_PLACE))
    return tuple(reversed([each.revision for each in script.walk_revisions()]))


def current(database: Database) -> str | None:
    """The state that the database is in; None for one that has no tables of ours yet."""
    return database.read(lambda connection: MigrationContext.configure(connection).get_current_revision())


def migrate(database: Database, to: str | None = None) -> None:
    """Bring the database to a state, by default the newest; "base" takes everything away.

    Raises UsageError for a state that is unknown.
    """
    known = revisions()
    wanted = known[-1] if to is None else to
    if wanted not in (*known, "base"):
        raise UsageError(f"there is no state {wanted} of the store; there are {', '.join(known)} and base")

    def work(connection: Connection) -> None:
        if not database.is_sqlite:
            connection.execute(_TURN)
        config = Config()
        config.set_main_option("script_location", str(_PLACE).replace("%", "%%"))
        config.attributes["connection"] = connection
        now = MigrationContext.configure(connection).get_current_revision()
        down = now is not None and (wanted == "base" or known.index(wanted) < known.index(now))
        (command.downgrade if down else command.upgrade)(config, wanted)

    _require_known(current(database))
    if current(database) != wanted:
        database.write(work, alone=True)


def require_newest(database: Database) -> None:
    """Raise StoreError unless the database is in the newest state."""
    now = current(database)
    _require_known(now)
    if now != revisions()[-1]:
        raise StoreError("the store is not in the state that this version needs: run evenhand store migrate")


def _require_known(now: str | None) -> None:
    if now is not None and now not in revisions():
        raise StoreError("the store was last used by a newer evenhand; use that version, or restore a backup")
