"""Contents, problems, batches, jobs, policies, keys."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "r0001"
down_revision = None
branch_labels = None
depends_on = None

COUNT = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.DateTime(timezone=True)


def _sequence() -> sa.Column[int]:
    return sa.Column("sequence", COUNT, primary_key=True, autoincrement=True)


def _actor_kind() -> sa.CheckConstraint:
    return sa.CheckConstraint("actor_kind IN ('PERSON', 'SERVICE')", name="actor_kind")


def _id() -> sa.Column[str]:
    return sa.Column("id", sa.String(36), nullable=False, unique=True)


def upgrade() -> None:
    """Create the tables of what is asked."""
    op.create_table(
        "contents",
        sa.Column("id", COUNT, primary_key=True, autoincrement=True),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "problems",
        _sequence(),
        _id(),
        sa.Column("pdu", sa.Text, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("input_hash", sa.Text, nullable=False),
        sa.Column("people", sa.Integer, nullable=False),
        sa.Column("subjects", sa.String(64)),
        sa.Column("content_id", COUNT, sa.ForeignKey("contents.id"), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("erased_at", TIME),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("actor_kind", sa.String(8), nullable=False),
        _actor_kind(),
        sa.CheckConstraint("kind IN ('ALLOCATION', 'UNPAID_WORK')", name="problem_kind"),
        sqlite_autoincrement=True,
    )
    op.create_index("problems_by_pdu", "problems", ["pdu", "kind", "sequence"])
    op.create_index("problems_by_content", "problems", ["content_id"])
    op.create_table(
        "batches",
        _sequence(),
        _id(),
        sa.Column("question_id", COUNT, sa.ForeignKey("contents.id"), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("ended_at", TIME),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("actor_kind", sa.String(8), nullable=False),
        _actor_kind(),
        sqlite_autoincrement=True,
    )
    _create_jobs()
    op.create_table(
        "batch_items",
        sa.Column("batch_id", sa.String(36), sa.ForeignKey("batches.id"), primary_key=True),
        sa.Column("pdu", sa.Text, primary_key=True),
        sa.Column("kind", sa.String(16), primary_key=True),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("problem_id", sa.String(36), sa.ForeignKey("problems.id")),
        sa.Column("job_id", sa.String(36), sa.ForeignKey("jobs.id")),
        sa.Column("report_id", COUNT, sa.ForeignKey("contents.id")),
        sa.Column("changed_at", TIME, nullable=False),
        sa.CheckConstraint("state IN ('PENDING', 'SUBMITTED', 'DONE', 'FAILED')", name="batch_item_state"),
    )
    op.create_table(
        "policies",
        sa.Column("hash", sa.String(64), primary_key=True),
        sa.Column("version", sa.Text, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("kept_at", TIME, nullable=False),
    )
    op.create_table(
        "idempotency",
        sa.Column("actor", sa.Text, primary_key=True),
        sa.Column("key_hash", sa.String(64), primary_key=True),
        sa.Column("body_hash", sa.String(64), nullable=False),
        sa.Column("target", sa.String(16), nullable=False),
        sa.Column("target_id", sa.String(36), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
    )
    op.create_index("idempotency_by_target", "idempotency", ["target_id"])


def _create_jobs() -> None:
    op.create_table(
        "jobs",
        _sequence(),
        _id(),
        sa.Column("pdu", sa.Text, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("problem_id", sa.String(36), sa.ForeignKey("problems.id"), nullable=False),
        sa.Column("batch_id", sa.String(36), sa.ForeignKey("batches.id")),
        sa.Column("question_id", COUNT, sa.ForeignKey("contents.id"), nullable=False),
        sa.Column("limits", sa.Text, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("attempt", sa.Integer, nullable=False),
        sa.Column("worker", sa.Text),
        sa.Column("best", sa.BigInteger),
        sa.Column("bound", sa.BigInteger),
        sa.Column("gap", sa.Float),
        sa.Column("seconds", sa.Float),
        sa.Column("stage", sa.Text),
        sa.Column("cancel_requested", sa.Boolean, nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("started_at", TIME),
        sa.Column("heartbeat_at", TIME),
        sa.Column("ended_at", TIME),
        sa.Column("error_code", sa.Text),
        sa.Column("error_message", sa.Text),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("actor_kind", sa.String(8), nullable=False),
        _actor_kind(),
        sa.CheckConstraint("kind IN ('ALLOCATE', 'REBALANCE', 'ROSTER', 'REPAIR')", name="job_kind"),
        sa.CheckConstraint(
            "state IN ('QUEUED', 'RUNNING', 'SUCCEEDED', 'FAILED', 'CANCELLED')", name="job_state"
        ),
        sa.CheckConstraint(
            "(state IN ('SUCCEEDED', 'FAILED', 'CANCELLED')) = (ended_at IS NOT NULL)",
            name="job_end_has_a_time",
        ),
        sa.CheckConstraint("(state = 'FAILED') = (error_code IS NOT NULL)", name="job_failure_has_a_code"),
        sqlite_autoincrement=True,
    )
    op.create_index("jobs_by_pdu", "jobs", ["pdu", "state", "sequence"])
    op.create_index("jobs_by_problem", "jobs", ["problem_id"])
    op.create_index("jobs_by_batch", "jobs", ["batch_id"])
    op.create_index("jobs_by_question", "jobs", ["question_id"])


def downgrade() -> None:
    """Drop them with what is in them."""
    for table in ("idempotency", "policies", "batch_items", "jobs", "batches", "problems", "contents"):
        op.drop_table(table)
