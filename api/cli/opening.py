"""The store that a command works on."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from api.store.records import Actor
    from api.store.store import Store


def address_of(database: str | None) -> str:
    """The address given, else the one in EVENHAND_DATABASE_URL, else the file in the user's data folder."""
    from api.store.database import default_url

    return database or os.environ.get("EVENHAND_DATABASE_URL", "").strip() or default_url()


def open_store(database: str | None) -> Store:
    """The store as it is; nothing is created or migrated."""
    from api.store.store import Store

    return Store.open(address_of(database))


def operator() -> Actor:
    """The person at the keyboard, by the name that the system knows them by."""
    import getpass

    from api.store.records import Actor, ActorKind

    try:
        name = getpass.getuser()
    except (KeyError, OSError):  # a user without a name, as in some containers
        name = str(os.getuid())
    return Actor(f"os:{name}", ActorKind.PERSON)
