"""Who stands in which content: an index by which erasure finds what to open. It holds numbers and no CRN.

A person is the first 8 bytes of the HMAC-SHA-256 of their CRN under the store's own key. Sets of people are kept once,
because a problem and the plans made of it hold the same. The index says too much rather than too little: whatever looks
like a CRN counts, inside of words too, and whoever opens a content looks again.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Collection

from sqlalchemy import Connection, delete, select, update

from api.store.rows import CHUNK, insert_if_new
from api.store.tables import contents, people_members, people_sets

_CRN = re.compile(r"[A-Z][0-9]{6}")


def is_indexed(crn: str) -> bool:
    """Whether a CRN, in capitals, looks as CRNs do; whoever is known by anything else is in no index."""
    return _CRN.fullmatch(crn) is not None


def crns_in(text: str) -> set[str]:
    """Whatever could be a CRN in a text."""
    return set(_CRN.findall(text.upper()))


def number_of(key: bytes, crn: str) -> int:
    """A person's number: 64 bits, signed as both databases count."""
    return int.from_bytes(hmac.digest(key, crn.encode(), "sha256")[:8], "big", signed=True)


def set_of(connection: Connection, key: bytes, crns: Collection[str]) -> int | None:
    """The id of the set of these people, made where it is new; None for nobody."""
    people = sorted({number_of(key, crn) for crn in crns})
    if not people:
        return None
    digest = hashlib.sha256(b"".join(each.to_bytes(8, "big", signed=True) for each in people)).hexdigest()
    query = select(people_sets.c.id).where(people_sets.c.digest == digest)
    known = connection.execute(query).scalar_one_or_none()
    if known is not None:
        return int(known)
    insert_if_new(connection, people_sets, [{"digest": digest}])
    made = int(connection.execute(query).scalar_one())
    insert_if_new(connection, people_members, [{"person": each, "set_id": made} for each in people])
    return made


def contents_with(connection: Connection, key: bytes, crn: str) -> set[int]:
    """The contents in which a person may stand."""
    sets = select(people_members.c.set_id).where(people_members.c.person == number_of(key, crn))
    query = select(contents.c.id).where(contents.c.people_id.in_(sets))
    return set(connection.execute(query).scalars())


def forget_person(connection: Connection, key: bytes, crn: str) -> None:
    """Take a person out of every set. The sets lose their digests: they are no longer what those were made of."""
    person = number_of(key, crn)
    sets = list(
        connection.execute(select(people_members.c.set_id).where(people_members.c.person == person)).scalars()
    )
    connection.execute(delete(people_members).where(people_members.c.person == person))
    for start in range(0, len(sets), CHUNK):
        chunk = people_sets.c.id.in_(sets[start : start + CHUNK])
        connection.execute(update(people_sets).where(chunk).values(digest=None))


def drop_unused(connection: Connection) -> None:
    """Remove the sets that no content points to any more."""
    used = select(contents.c.people_id).where(contents.c.people_id.is_not(None))
    unused = select(people_sets.c.id).where(people_sets.c.id.not_in(used))
    connection.execute(delete(people_members).where(people_members.c.set_id.in_(unused)))
    connection.execute(delete(people_sets).where(people_sets.c.id.not_in(used)))
