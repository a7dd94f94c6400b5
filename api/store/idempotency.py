"""The same request twice, under a key that its sender chose, has one effect.

Keys and requests are kept as hashes. The key's row is written in the transaction of what it stands for.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import Connection, delete, insert, select

from api.store.base import hash_of
from api.store.records import Actor
from api.store.tables import idempotency
from models.errors import ConflictError


def earlier(connection: Connection, actor: Actor, key: str | None, body: list[Any]) -> str | None:
    """The id of what the same request made before, or None. `body` begins with the kind of record that it makes.

    Raises ConflictError when the key belongs to another request. A second sender who comes while the first is not
    done waits for them here.
    """
    if key is None:
        return None
    take_turns(connection, actor.subject, key)
    query = select(idempotency).where(
        idempotency.c.actor == actor.subject, idempotency.c.key_hash == hash_of(key)
    )
    row = connection.execute(query).one_or_none()
    if row is None:
        return None
    if row.body_hash != hash_of(body):
        raise ConflictError("this idempotency key was used for another request")
    return str(row.target_id)


def remember(
    connection: Connection,
    actor: Actor,
    key: str | None,
    body: list[Any],
    *,
    target_id: str,
    now: dt.datetime,
) -> None:
    """Keep what the request has made, if it came with a key."""
    if key is not None:
        connection.execute(
            insert(idempotency).values(
                actor=actor.subject,
                key_hash=hash_of(key),
                body_hash=hash_of(body),
                target=body[0],
                target_id=target_id,
                created_at=now,
            )
        )


def forget(connection: Connection, target_id: str) -> None:
    """Forget the key of a record: its hash was made from what is now erased."""
    connection.execute(delete(idempotency).where(idempotency.c.target_id == target_id))


def take_turns(connection: Connection, *name: str) -> None:
    """On PostgreSQL, hold the name until the transaction ends; on SQLite there is one writer at a time anyway."""
    if connection.dialect.name == "postgresql":
        number = int(hash_of(*name)[:15], 16)
        connection.exec_driver_sql("SELECT pg_advisory_xact_lock(%s)", (number,))
