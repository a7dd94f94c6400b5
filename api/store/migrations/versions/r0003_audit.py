"""The audit trail: appended to, never changed; its end; the sets of people; their salts; the store's own key.

The database refuses to change or remove an event or a set of people, and moves the end by one at a time only.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "r0003"
down_revision = "r0002"
branch_labels = None
depends_on = None

COUNT = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Create the trail, empty, and what guards it."""
    op.create_table(
        "audit_events",
        sa.Column("position", COUNT, primary_key=True, autoincrement=False),
        sa.Column("event", sa.String(16), nullable=False),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("actor_kind", sa.String(8), nullable=False),
        sa.Column("at", sa.String(32), nullable=False),
        sa.Column("run", sa.Text),
        sa.Column("route", sa.Text, nullable=False),
        sa.Column("recipient", sa.Text),
        sa.Column("reason", sa.Text),
        sa.Column("subjects", sa.String(64)),
        sa.Column("people", sa.Integer, nullable=False),
        sa.Column("previous", sa.String(64), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.CheckConstraint("actor_kind IN ('PERSON', 'SERVICE')", name="actor_kind"),
        sa.CheckConstraint(
            "event IN ('COLLECTION', 'ALTERATION', 'CONSULTATION', 'DISCLOSURE', 'COMBINATION', 'ERASURE')",
            name="audit_event_kind",
        ),
        sa.CheckConstraint(
            "event <> 'DISCLOSURE' OR recipient IS NOT NULL", name="disclosure_has_a_recipient"
        ),
    )
    op.create_index("audit_events_by_subjects", "audit_events", ["subjects"])
    op.create_index("audit_events_by_run", "audit_events", ["run"])
    head = op.create_table(
        "audit_head",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("position", COUNT, nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.CheckConstraint("id = 1", name="one_end"),
    )
    op.bulk_insert(head, [{"id": 1, "position": 0, "hash": "0" * 64}])
    op.create_table(
        "audit_subject_sets",
        sa.Column("digest", sa.String(64), primary_key=True),
        sa.Column("members", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "audit_people",
        sa.Column("lookup", sa.String(64), primary_key=True),
        sa.Column("salt", sa.LargeBinary, nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_table(
        "store_keys",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("value", sa.LargeBinary, nullable=False),
    )
    for statement in SQLITE_GUARDS if op.get_bind().dialect.name == "sqlite" else POSTGRESQL_GUARDS:
        op.execute(statement)


KEPT = ("audit_events", "audit_subject_sets")

SQLITE_GUARDS = (
    *(
        f"""
        CREATE TRIGGER {table}_stay_{verb.lower()} BEFORE {verb} ON {table}
        BEGIN SELECT RAISE(ABORT, 'the audit trail is only appended to'); END
        """
        for table in KEPT
        for verb in ("UPDATE", "DELETE")
    ),
    """
    CREATE TRIGGER audit_head_moves BEFORE UPDATE ON audit_head WHEN NEW.position <> OLD.position + 1
    BEGIN SELECT RAISE(ABORT, 'the audit trail is only appended to'); END
    """,
    """
    CREATE TRIGGER audit_head_stays BEFORE DELETE ON audit_head
    BEGIN SELECT RAISE(ABORT, 'the audit trail is only appended to'); END
    """,
)

POSTGRESQL_GUARDS = (
    """
    CREATE FUNCTION audit_stays() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION 'the audit trail is only appended to' USING ERRCODE = 'check_violation'; END $$
    """,
    *(
        f"""
        CREATE TRIGGER {table}_stay BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}
        FOR EACH STATEMENT EXECUTE FUNCTION audit_stays()
        """
        for table in KEPT
    ),
    """
    CREATE TRIGGER audit_head_stays BEFORE DELETE OR TRUNCATE ON audit_head
    FOR EACH STATEMENT EXECUTE FUNCTION audit_stays()
    """,
    """
    CREATE TRIGGER audit_head_moves BEFORE UPDATE ON audit_head FOR EACH ROW
    WHEN (NEW.position <> OLD.position + 1) EXECUTE FUNCTION audit_stays()
    """,
)


def downgrade() -> None:
    """Drop the trail. Keep a backup: this is the one thing that the store exists to prevent."""
    for table in ("store_keys", "audit_people", "audit_subject_sets", "audit_head", "audit_events"):
        op.drop_table(table)
    if op.get_bind().dialect.name != "sqlite":
        op.execute("DROP FUNCTION audit_stays")
