"""What every part of the store stands on: the database, the clock, contents, and the audit trail's end."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import secrets
import uuid
import zlib
from collections.abc import Callable, Collection, Mapping
from typing import Any

from sqlalchemy import Connection, Row, Select, delete, func, insert, select, update

from api.store.database import Database, StoreSettings
from api.store.indexing import crns_in, drop_unused, set_of
from api.store.records import Actor, ActorKind
from api.store.rows import CHUNK, insert_if_new
from api.store.tables import contents, store_keys
from models.errors import NotFoundError

Clock = Callable[[], dt.datetime]
"""Tells the time, in UTC and aware."""

_KEY = "lookup"


def utc_now() -> dt.datetime:
    """The time now."""
    return dt.datetime.now(dt.UTC)


def new_id() -> str:
    """A new id."""
    return str(uuid.uuid4())


def as_text(content: Any) -> str:
    """A content as JSON."""
    return json.dumps(content, separators=(",", ":"), ensure_ascii=False)


def packed(text: str) -> bytes:
    """A content as it is kept: its JSON, compressed."""
    return zlib.compress(text.encode(), 6)


def unpacked(body: bytes) -> Any:
    """A content from what is kept."""
    return json.loads(zlib.decompress(body))


def mentions(body: bytes, wanted: str) -> bool:
    """Whether a text of letters and digits, given in capitals, stands anywhere in what is kept of a content."""
    return wanted in zlib.decompress(body).decode().upper()


def hash_of(*parts: Any) -> str:
    """One hash for a request, from JSON values."""
    text = json.dumps(parts, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def actor_of(row: Row[Any]) -> Actor:
    """The actor of a row."""
    return Actor(row.actor, ActorKind(row.actor_kind))


def acting(actor: Actor) -> Mapping[str, str]:
    """The columns of an actor."""
    return {"actor": actor.subject, "actor_kind": actor.kind.value}


class StoreBase:
    """The database and how contents are kept in it."""

    def __init__(self, database: Database, settings: StoreSettings, clock: Clock) -> None:
        self._database = database
        self._settings = settings
        self._clock = clock

    def _keep(self, connection: Connection, content: Any) -> int:
        """Keep a content and return its id."""
        text = as_text(content)
        people = set_of(connection, self._key(connection), crns_in(text))
        values = {"body": packed(text), "people_id": people}
        key = connection.execute(insert(contents).values(values)).inserted_primary_key
        assert key is not None
        return int(key[0])

    def _content(self, connection: Connection, content_id: int) -> Any:
        body = connection.execute(select(contents.c.body).where(contents.c.id == content_id)).scalar_one()
        return unpacked(body)

    def _rewrite(self, connection: Connection, content_id: int, content: Any) -> None:
        """Write a content anew, without somebody; who is left stays in the index."""
        body = packed(as_text(content))
        connection.execute(update(contents).where(contents.c.id == content_id).values(body=body))

    def _drop_contents(self, connection: Connection, content_ids: Collection[int]) -> None:
        ids = sorted(content_ids)
        for start in range(0, len(ids), CHUNK):
            connection.execute(delete(contents).where(contents.c.id.in_(ids[start : start + CHUNK])))
        drop_unused(connection)

    def _key(self, connection: Connection) -> bytes:
        """The store's own key, for finding people's salts and contents."""
        query = select(store_keys.c.value).where(store_keys.c.name == _KEY)
        return bytes(connection.execute(query).scalar_one())

    def _make_key(self, connection: Connection) -> None:
        """Give a new store its key."""
        insert_if_new(connection, store_keys, [{"name": _KEY, "value": secrets.token_bytes(32)}])


def one(connection: Connection, query: Select[Any], what: str) -> Row[Any]:
    """The row of a query by id. Raises NotFoundError, which says of what kind it was."""
    row = connection.execute(query).one_or_none()
    if row is None:
        raise NotFoundError(f"there is no such {what}")
    return row


def page_of(
    connection: Connection, query: Select[Any], sequence: Any, page: int, size: int
) -> tuple[list[Row[Any]], int]:
    """One page of a query, newest first, and how many rows there are in all. Pages count from 1."""
    total = connection.execute(select(func.count()).select_from(query.subquery())).scalar_one()
    first = (max(page, 1) - 1) * size
    rows = connection.execute(query.order_by(sequence.desc()).limit(size).offset(first)).all()
    return list(rows), int(total)
