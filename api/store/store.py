"""The store: the one door to what the service remembers. One Store in a process; its methods may be called by threads.

Every method is one transaction: all of it is kept, or none. Methods that write record their own audit event in the
same transaction; what is read and shown to somebody is recorded by whoever shows it, with `record`. Whatever goes
wrong is of models.errors: StoreUnavailableError when the database does not answer within `wait_seconds`.
"""

from __future__ import annotations

from types import TracebackType

from api.store.base import Clock, utc_now
from api.store.database import Database, StoreSettings, open_engine, require_file, store_url
from api.store.erasing import ErasingMethods
from api.store.migrating import migrate as bring_to
from api.store.migrating import require_newest


class Store(ErasingMethods):
    """Problems, jobs, plans, decisions, batches, policies, the audit trail, erasure and retention."""

    @classmethod
    def open(
        cls,
        url: str,
        *,
        migrate: bool = False,
        settings: StoreSettings | None = None,
        clock: Clock = utc_now,
    ) -> Store:
        """Open the store at `url` (sqlite:///FILE or postgresql://...; see database.default_url).

        `migrate` first brings its tables to the newest state; a new database needs it. Raises UsageError for an
        address that cannot be used, StoreError when the tables are in another state, StoreUnavailableError
        when there is no such database or it does not answer.
        """
        chosen = settings or StoreSettings()
        address = store_url(url)
        if not migrate:
            require_file(address)
        database = Database(open_engine(address, chosen), chosen)
        try:
            if migrate:
                bring_to(database)
            require_newest(database)
            store = cls(database, chosen, clock)
            database.write(store._make_key)
        except BaseException:
            database.engine.dispose()
            raise
        return store

    def ping(self) -> None:
        """Ask the database for a sign of life. Raises StoreUnavailableError."""
        self.chain_head()

    def close(self) -> None:
        """Give the connections back. The store cannot be used afterwards."""
        self._database.engine.dispose()

    def __enter__(self) -> Store:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
