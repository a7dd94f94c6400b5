"""The audit trail's chain: every event's hash covers the event and the hash before it. Pure.

Let c(e) be the event's fields as JSON with sorted keys and no blanks, position and the hash before it included; then
hash(e) = SHA-256(c(e)), and the first event follows 64 zeros. A person stands in the trail as
HMAC-SHA-256(salt, CRN), cut to 16 bytes, where the salt is theirs alone: once it is deleted nobody can tell whose
pseudonym it was, and the chain has not changed.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterable, Mapping
from typing import Any

FIRST = "0" * 64
"""What the first event follows."""

PSEUDONYM_BYTES = 16

COVERED = (
    "position",
    "event",
    "actor",
    "actor_kind",
    "at",
    "run",
    "route",
    "recipient",
    "reason",
    "subjects",
    "people",
    "previous",
)
"""The columns that the hash covers: all but the hash itself."""


def event_hash(row: Mapping[str, Any]) -> str:
    """The hash of an event, from its row; hexadecimal."""
    covered = {name: row[name] for name in COVERED}
    text = json.dumps(covered, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def pseudonym(salt: bytes, crn: str) -> bytes:
    """How a person stands in the trail, 16 bytes."""
    return hmac.digest(salt, crn.encode(), "sha256")[:PSEUDONYM_BYTES]


def lookup_of(key: bytes, crn: str) -> str:
    """Under what a person's salt is found: keyed with the store's own key, so that the table alone names nobody."""
    return hmac.digest(key, crn.encode(), "sha256").hex()


def members_of(pseudonyms: Iterable[bytes]) -> bytes:
    """A set of people as one value: their pseudonyms in order, end to end."""
    return b"".join(sorted(set(pseudonyms)))


def digest_of(members: bytes) -> str:
    """The name of a set of people; events carry it, so the chain covers the set."""
    return hashlib.sha256(members).hexdigest()


def holds(members: bytes, wanted: bytes) -> bool:
    """Whether a set holds a pseudonym."""
    return any(
        members[start : start + PSEUDONYM_BYTES] == wanted
        for start in range(0, len(members), PSEUDONYM_BYTES)
    )
