"""Who stands in which content, so that erasure opens no other; and plans that a better one of a batch has replaced.

A person is a number here: the first 8 bytes of the HMAC-SHA-256 of their CRN under the store's own key. A problem and
the plans made of it hold the same people, so a set of people is kept once, and a content points to its set.

The database refuses to decide on a plan that was superseded, and to supersede one that was decided on.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import zlib

import sqlalchemy as sa
from alembic import op

revision = "r0004"
down_revision = "r0003"
branch_labels = None
depends_on = None

COUNT = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
CRN = re.compile(rb"[A-Z][0-9]{6}")


def upgrade() -> None:
    """Create the index and fill it from what is there; make room for superseded plans."""
    op.create_table(
        "people_sets",
        sa.Column("id", COUNT, primary_key=True, autoincrement=True),
        sa.Column("digest", sa.String(64), unique=True),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "people_members",
        sa.Column("person", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("set_id", COUNT, sa.ForeignKey("people_sets.id"), primary_key=True, autoincrement=False),
        sqlite_with_rowid=False,
    )
    op.create_index("people_members_by_set", "people_members", ["set_id"])
    op.add_column("contents", sa.Column("people_id", COUNT))
    op.create_index("contents_by_people", "contents", ["people_id"])
    op.add_column("plans", sa.Column("superseded_by", sa.String(36)))
    _fill()
    sqlite = op.get_bind().dialect.name == "sqlite"
    for statement in SQLITE_GUARDS if sqlite else POSTGRESQL_GUARDS:
        op.execute(statement)


def _fill() -> None:
    connection = op.get_bind()
    ids = list(connection.execute(sa.text("SELECT id FROM contents ORDER BY id")).scalars())
    if not ids:
        return
    key = connection.execute(
        sa.text("SELECT value FROM store_keys WHERE name = 'lookup'")
    ).scalar_one_or_none()
    if key is None:  # the trail was taken away, and its key with it
        key = secrets.token_bytes(32)
        insert = sa.text("INSERT INTO store_keys (name, value) VALUES ('lookup', :key)")
        connection.execute(insert.bindparams(sa.bindparam("key", key, sa.LargeBinary)))
    sets: dict[str, int] = {}
    for content_id in ids:
        query = sa.text("SELECT body FROM contents WHERE id = :id")
        body = connection.execute(query, {"id": content_id}).scalar_one()
        crns = set(CRN.findall(zlib.decompress(body).decode().upper().encode()))
        people = sorted(_number(bytes(key), crn) for crn in crns)
        if not people:
            continue
        digest = hashlib.sha256(b"".join(each.to_bytes(8, "big", signed=True) for each in people)).hexdigest()
        if digest not in sets:
            sets[digest] = len(sets) + 1
            _add_set(connection, sets[digest], digest, people)
        point = sa.text("UPDATE contents SET people_id = :people WHERE id = :id")
        connection.execute(point, {"people": sets[digest], "id": content_id})
    if connection.dialect.name != "sqlite":
        connection.execute(
            sa.text("SELECT setval(pg_get_serial_sequence('people_sets', 'id'), :last)"),
            {"last": max(1, len(sets))},
        )


def _add_set(connection: sa.Connection, set_id: int, digest: str, people: list[int]) -> None:
    connection.execute(
        sa.text("INSERT INTO people_sets (id, digest) VALUES (:id, :digest)"),
        {"id": set_id, "digest": digest},
    )
    connection.execute(
        sa.text("INSERT INTO people_members (person, set_id) VALUES (:person, :id)"),
        [{"person": person, "id": set_id} for person in people],
    )


def _number(key: bytes, crn: bytes) -> int:
    return int.from_bytes(hmac.digest(key, crn, "sha256")[:8], "big", signed=True)


WRONG = "NEW.superseded_by IS NOT NULL AND NEW.state <> 'PROPOSED'"

SQLITE_GUARDS = (
    f"""
    CREATE TRIGGER plans_superseded_update BEFORE UPDATE ON plans WHEN {WRONG}
    BEGIN SELECT RAISE(ABORT, 'a superseded plan is not decided on'); END
    """,
    f"""
    CREATE TRIGGER plans_superseded_insert BEFORE INSERT ON plans WHEN {WRONG}
    BEGIN SELECT RAISE(ABORT, 'a superseded plan is not decided on'); END
    """,
)

POSTGRESQL_GUARDS = (
    """
    ALTER TABLE plans ADD CONSTRAINT plan_superseded_is_not_decided_on
    CHECK (superseded_by IS NULL OR state = 'PROPOSED')
    """,
)


def downgrade() -> None:
    """Drop the index. Superseded plans are proposals again."""
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TRIGGER plans_superseded_update")
        op.execute("DROP TRIGGER plans_superseded_insert")
    else:
        op.drop_constraint("plan_superseded_is_not_decided_on", "plans", type_="check")
    op.execute("ALTER TABLE plans DROP COLUMN superseded_by")
    op.drop_index("contents_by_people", "contents")
    op.execute("ALTER TABLE contents DROP COLUMN people_id")
    op.drop_table("people_members")
    op.drop_table("people_sets")
