"""Checking the audit trail from its first event to its kept end."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, func, select

from api.store.chain import FIRST, digest_of, event_hash
from api.store.records import BrokenChain, ChainHead
from api.store.tables import audit_events, audit_head, audit_subject_sets


def first_break(connection: Connection, expected: ChainHead | None) -> BrokenChain | None:
    """The first place where the trail is not what was written, or None.

    Events may be appended meanwhile: what is checked is the trail up to its end at the beginning of the check.
    """
    with _any_bytes(connection):
        head = connection.execute(select(audit_head.c.position, audit_head.c.hash)).one_or_none()
        if head is None:
            return BrokenChain(1, "the end of the trail, which is kept apart, is missing")
        sets: dict[str, int] = {}
        broken = _broken_events(connection, head.position, head.hash, expected, sets)
        altered = _altered_set(connection, sets)
        found = [each for each in (broken, altered) if each is not None]
        if found:
            return min(found, key=lambda each: each.position)
        return _beyond(connection)


def _broken_events(
    connection: Connection, last: int, end: str, expected: ChainHead | None, sets: dict[str, int]
) -> BrokenChain | None:
    """The first broken event up to position `last`; `sets` gets the sets of people and where they are first used."""
    query = select(audit_events).where(audit_events.c.position <= last).order_by(audit_events.c.position)
    position, previous = 0, FIRST
    with connection.execute(query.execution_options(yield_per=1000)) as rows:
        for row in rows.mappings():
            position += 1
            why = _fault_of(row, position, previous)
            if why is None and expected is not None and expected.position == position:
                why = None if expected.hash == row["hash"] else "the event differs from the hash kept outside"
            if why is not None:
                return BrokenChain(position, why)
            previous = row["hash"]
            if row["subjects"] is not None:
                sets.setdefault(row["subjects"], position)
    if position < last:
        return BrokenChain(position + 1, "events at the end are missing")
    if previous != end:
        return BrokenChain(max(position, 1), "the last event is not the one that ended the trail")
    if expected is not None and expected.position > position:
        return BrokenChain(position + 1, "the trail is shorter than it was when its end was kept outside")
    return None


def _fault_of(row: Mapping[Any, Any], position: int, previous: str) -> str | None:
    """What is wrong with the event that should be the one at `position`."""
    if row["position"] != position:
        return "an event is missing"
    if row["previous"] != previous:
        return "the event does not follow the one before it"
    try:
        whole = event_hash({str(name): value for name, value in row.items()}) == row["hash"]
    except TypeError:  # a value of a kind that was never written
        whole = False
    return None if whole else "the event was altered"


def _altered_set(connection: Connection, sets: Mapping[str, int]) -> BrokenChain | None:
    """The first event whose set of people is missing or altered."""
    sound: set[str] = set()
    with connection.execute(select(audit_subject_sets).execution_options(yield_per=100)) as rows:
        for row in rows:
            if isinstance(row.members, bytes) and digest_of(row.members) == row.digest:
                sound.add(row.digest)
    position = min((position for digest, position in sets.items() if digest not in sound), default=None)
    if position is None:
        return None
    return BrokenChain(position, "the list of people of the event is missing or was altered")


def _beyond(connection: Connection) -> BrokenChain | None:
    """The first event beyond the kept end. The end is read last: what was appended meanwhile moved it on."""
    last = connection.execute(select(func.max(audit_events.c.position))).scalar_one() or 0
    end = connection.execute(select(audit_head.c.position)).scalar_one()
    return BrokenChain(end + 1, "there are events beyond the end of the trail") if last > end else None


@contextmanager
def _any_bytes(connection: Connection) -> Iterator[None]:
    """Let SQLite hand out texts that are no longer UTF-8, which is what an altered byte can make of them."""
    driver: Any = connection.connection.driver_connection
    if connection.dialect.name != "sqlite":
        yield
        return
    driver.text_factory = lambda raw: raw.decode(errors="surrogateescape")
    try:
        yield
    finally:
        driver.text_factory = str
