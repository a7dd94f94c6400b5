"""Plans, and decisions by people alone.

What the database itself refuses: a decision by a service; a decided plan without the person, the time and the decision
about this very plan; a published plan that was not accepted, or without a person and a time; a second decision about
the whole; a decision changed afterwards, but for what erasure takes out.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "r0002"
down_revision = "r0001"
branch_labels = None
depends_on = None

COUNT = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.DateTime(timezone=True)

PROOF = ["decision_id", "id", "decided_by", "decided_at"]
PROVEN = ["decisions.id", "decisions.plan_id", "decisions.actor", "decisions.decided_at"]


def _proof() -> sa.ForeignKeyConstraint:
    """A decided plan points to the decision about itself by this person at this time."""
    return sa.ForeignKeyConstraint(PROOF, PROVEN, name="plan_decision", deferrable=True, initially="DEFERRED")


def upgrade() -> None:
    """Create plans and decisions, and what guards them."""
    sqlite = op.get_bind().dialect.name == "sqlite"
    _create_plans(
        *([_proof()] if sqlite else [])
    )  # SQLite can add none later; PostgreSQL needs the other table
    _create_decisions()
    if sqlite:
        for statement in SQLITE_GUARDS:
            op.execute(statement)
        return
    op.create_foreign_key(
        "plan_decision",
        "plans",
        "decisions",
        PROOF,
        [name.split(".")[1] for name in PROVEN],
        deferrable=True,
        initially="DEFERRED",
    )
    for statement in POSTGRESQL_GUARDS:
        op.execute(statement)


def _create_plans(*more: sa.ForeignKeyConstraint) -> None:
    op.create_table(
        "plans",
        sa.Column("sequence", COUNT, primary_key=True, autoincrement=True),
        sa.Column("id", sa.String(36), nullable=False, unique=True),
        sa.Column("pdu", sa.Text, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("problem_id", sa.String(36), sa.ForeignKey("problems.id"), nullable=False),
        sa.Column("job_id", sa.String(36), sa.ForeignKey("jobs.id"), nullable=False, unique=True),
        sa.Column("content_id", COUNT, sa.ForeignKey("contents.id"), nullable=False),
        sa.Column("summary", sa.Text, nullable=False),
        sa.Column("subjects", sa.String(64)),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("decided_by", sa.Text),
        sa.Column("decided_at", TIME),
        sa.Column("decision_id", sa.String(36)),
        sa.Column("published_by", sa.Text),
        sa.Column("published_at", TIME),
        sa.Column("erased_at", TIME),
        sa.CheckConstraint("kind IN ('ALLOCATE', 'REBALANCE', 'ROSTER', 'REPAIR')", name="plan_kind"),
        sa.CheckConstraint("state IN ('PROPOSED', 'ACCEPTED', 'REJECTED')", name="plan_state"),
        sa.CheckConstraint(
            "CASE WHEN state = 'PROPOSED'"
            " THEN decided_by IS NULL AND decided_at IS NULL AND decision_id IS NULL"
            " ELSE decided_by IS NOT NULL AND decided_at IS NOT NULL AND decision_id IS NOT NULL END",
            name="plan_decided_by_a_person_at_a_time",
        ),
        sa.CheckConstraint(
            "CASE WHEN published_at IS NULL THEN published_by IS NULL"
            " ELSE published_by IS NOT NULL AND state = 'ACCEPTED' END",
            name="plan_published_by_a_person_when_accepted",
        ),
        *more,
        sqlite_autoincrement=True,
    )
    op.create_index("plans_by_pdu", "plans", ["pdu", "state", "sequence"])
    op.create_index("plans_by_problem", "plans", ["problem_id"])
    op.create_index("plans_by_content", "plans", ["content_id"])


def _create_decisions() -> None:
    op.create_table(
        "decisions",
        sa.Column("sequence", COUNT, primary_key=True, autoincrement=True),
        sa.Column("id", sa.String(36), nullable=False, unique=True),
        sa.Column("plan_id", sa.String(36), sa.ForeignKey("plans.id"), nullable=False),
        sa.Column("whole", sa.Boolean, nullable=False),
        sa.Column("crn", sa.Text),
        sa.Column("outcome", sa.String(16), nullable=False),
        sa.Column("reason", sa.String(16)),
        sa.Column("text", sa.Text),
        sa.Column("choice", sa.Text),
        sa.Column("opened_at", TIME),
        sa.Column("decided_at", TIME, nullable=False),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("actor_kind", sa.String(8), nullable=False),
        sa.CheckConstraint("actor_kind = 'PERSON'", name="decision_by_a_person"),
        sa.CheckConstraint("actor <> ''", name="decision_by_somebody"),
        sa.CheckConstraint("outcome IN ('ACCEPT', 'OVERRIDE', 'REJECT')", name="decision_outcome"),
        sa.CheckConstraint(
            "reason IN ('suitability', 'no_staff', 'continuity', 'other')", name="decision_reason"
        ),
        sa.CheckConstraint("outcome <> 'OVERRIDE' OR reason IS NOT NULL", name="override_has_a_reason"),
        sa.CheckConstraint(
            "reason IS NULL OR reason <> 'other' OR (text IS NOT NULL AND text <> '')",
            name="other_has_a_text",
        ),
        sa.CheckConstraint("NOT whole OR crn IS NULL", name="whole_names_nobody"),
        sa.UniqueConstraint("id", "plan_id", "actor", "decided_at", name="decision_proof"),
        sqlite_autoincrement=True,
    )
    op.create_index("decisions_by_plan", "decisions", ["plan_id", "sequence"])
    op.create_index("decisions_by_crn", "decisions", ["crn"])
    op.create_index("decisions_by_actor", "decisions", ["actor", "sequence"])


FITS = """
    SELECT 1 FROM decisions
    WHERE id = NEW.decision_id AND plan_id = NEW.id AND whole
      AND NEW.state = CASE outcome WHEN 'ACCEPT' THEN 'ACCEPTED' ELSE 'REJECTED' END
"""

SQLITE_GUARDS = (
    f"""
    CREATE TRIGGER plans_fit_insert BEFORE INSERT ON plans
    WHEN NEW.state <> 'PROPOSED' AND NOT EXISTS ({FITS})
    BEGIN SELECT RAISE(ABORT, 'a decided plan needs a decision about the whole of it'); END
    """,
    f"""
    CREATE TRIGGER plans_fit_update BEFORE UPDATE ON plans
    WHEN NEW.state <> 'PROPOSED' AND NOT EXISTS ({FITS})
    BEGIN SELECT RAISE(ABORT, 'a decided plan needs a decision about the whole of it'); END
    """,
    """
    CREATE TRIGGER plans_closed BEFORE UPDATE ON plans
    WHEN OLD.state <> 'PROPOSED' AND (
        NEW.state <> OLD.state OR NEW.decision_id <> OLD.decision_id OR NEW.decided_by <> OLD.decided_by
        OR NEW.decided_at <> OLD.decided_at OR NEW.version < OLD.version)
    BEGIN SELECT RAISE(ABORT, 'a plan is decided on once'); END
    """,
    """
    CREATE TRIGGER decisions_stay BEFORE UPDATE OF
        sequence, id, plan_id, whole, outcome, reason, opened_at, decided_at, actor, actor_kind ON decisions
    BEGIN SELECT RAISE(ABORT, 'a decision is not changed'); END
    """,
)

POSTGRESQL_GUARDS = (
    f"""
    CREATE FUNCTION plans_fit() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF NEW.state <> 'PROPOSED' AND NOT EXISTS ({FITS}) THEN
            RAISE EXCEPTION 'a decided plan needs a decision about the whole of it' USING ERRCODE = 'check_violation';
        END IF;
        IF TG_OP = 'UPDATE' AND OLD.state <> 'PROPOSED' AND (
            NEW.state <> OLD.state OR NEW.decision_id <> OLD.decision_id OR NEW.decided_by <> OLD.decided_by
            OR NEW.decided_at <> OLD.decided_at OR NEW.version < OLD.version) THEN
            RAISE EXCEPTION 'a plan is decided on once' USING ERRCODE = 'check_violation';
        END IF;
        RETURN NEW;
    END $$
    """,
    "CREATE TRIGGER plans_fit BEFORE INSERT OR UPDATE ON plans FOR EACH ROW EXECUTE FUNCTION plans_fit()",
    """
    CREATE FUNCTION decisions_stay() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION 'a decision is not changed' USING ERRCODE = 'check_violation'; END $$
    """,
    """
    CREATE TRIGGER decisions_stay BEFORE UPDATE OF
        sequence, id, plan_id, whole, outcome, reason, opened_at, decided_at, actor, actor_kind ON decisions
    FOR EACH ROW EXECUTE FUNCTION decisions_stay()
    """,
)


def downgrade() -> None:
    """Drop plans and decisions with what is in them, and the contents of the plans."""
    sqlite = op.get_bind().dialect.name == "sqlite"
    op.execute("CREATE TEMPORARY TABLE gone AS SELECT content_id FROM plans")
    if not sqlite:
        op.drop_constraint("plan_decision", "plans", type_="foreignkey")
    else:
        # Plans and decisions point to each other, and SQLite looks as each table goes.
        op.execute("DROP TRIGGER plans_closed")
        op.execute(
            "UPDATE plans SET state = 'PROPOSED', decided_by = NULL, decided_at = NULL, decision_id = NULL,"
            " published_by = NULL, published_at = NULL"
        )
        op.execute("DELETE FROM decisions")
    op.drop_table("decisions")
    op.drop_table("plans")
    if not sqlite:
        op.execute("DROP FUNCTION plans_fit")
        op.execute("DROP FUNCTION decisions_stay")
    op.execute("DELETE FROM contents WHERE id IN (SELECT content_id FROM gone)")
    op.execute("DROP TABLE gone")
