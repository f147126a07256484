"""Plans of the whole queue with their lines, and laboratories out of action

Revision: 0014
Before it: 0013
"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

PLAN_KEPT = [
    "id", "made_at", "made_by", "made_by_id", "solver", "gap", "moved", "replaces_id", "outage_id",
]  # fmt: skip
LINE_KEPT = [
    "id", "plan_id", "requested_test_id", "laboratory_id", "from_laboratory_id", "begins_at",
    "result_at", "arrives_at", "late", "aliquot", "why", "helps",
]  # fmt: skip


def upgrade():
    _make_outages()
    _make_plans()
    _make_lines()
    op.make_append_only("route_plan", PLAN_KEPT)
    op.make_append_only("plan_line", LINE_KEPT)


def _make_outages():
    op.create_table(
        "laboratory_outage",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("laboratory_id", sa.Uuid(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("declared_by", sa.String(), nullable=False),
        sa.Column("declared_by_id", sa.Uuid(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.String(), nullable=True),
        sa.Column("ended_by_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "(ended_at IS NULL) = (ended_by IS NULL)",
            name=op.f("ck_laboratory_outage_ended_by_somebody"),
        ),
        sa.ForeignKeyConstraint(
            ["laboratory_id"],
            ["laboratory.id"],
            name=op.f("fk_laboratory_outage_laboratory_id_laboratory"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_laboratory_outage")),
    )
    with op.batch_alter_table("laboratory_outage", schema=None) as batch_op:
        batch_op.create_index(
            "uq_laboratory_outage_standing",
            ["laboratory_id"],
            unique=True,
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )


def _make_plans():
    op.create_table(
        "route_plan",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.Column("made_by_id", sa.Uuid(), nullable=True),
        sa.Column(
            "solver",
            sa.Enum(
                "most pressing first",
                "whole queue at once",
                name="solver",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("gap", sa.Double(), nullable=True),
        sa.Column("moved", sa.Integer(), nullable=False),
        sa.Column("replaces_id", sa.Uuid(), nullable=True),
        sa.Column("outage_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["outage_id"],
            ["laboratory_outage.id"],
            name=op.f("fk_route_plan_outage_id_laboratory_outage"),
        ),
        sa.ForeignKeyConstraint(
            ["replaces_id"], ["route_plan.id"], name=op.f("fk_route_plan_replaces_id_route_plan")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_route_plan")),
        sa.UniqueConstraint("replaces_id", name=op.f("uq_route_plan_replaces_id")),
    )


def _make_lines():
    op.create_table(
        "plan_line",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column(
            "requested_test_id",
            sa.Uuid(),
            nullable=False,
        ),
        sa.Column("laboratory_id", sa.Uuid(), nullable=True),
        sa.Column(
            "from_laboratory_id",
            sa.Uuid(),
            nullable=True,
        ),
        sa.Column("begins_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("result_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("arrives_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("late", sa.Boolean(), nullable=False),
        sa.Column("aliquot", sa.Boolean(), nullable=False),
        sa.Column("locked", sa.Boolean(), nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("helps", sa.String(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "proposed",
                "accepted",
                "refused",
                name="linestate",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("refused", sa.String(), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_by", sa.String(), nullable=True),
        sa.Column("settled_by_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "(state = 'proposed') = (settled_at IS NULL)",
            name=op.f("ck_plan_line_settled_at_a_time"),
        ),
        sa.CheckConstraint(
            "(laboratory_id IS NULL) = (begins_at IS NULL)",
            name=op.f("ck_plan_line_somewhere_at_a_time"),
        ),
        sa.ForeignKeyConstraint(
            ["from_laboratory_id"],
            ["laboratory.id"],
            name=op.f("fk_plan_line_from_laboratory_id_laboratory"),
        ),
        sa.ForeignKeyConstraint(
            ["laboratory_id"], ["laboratory.id"], name=op.f("fk_plan_line_laboratory_id_laboratory")
        ),
        sa.ForeignKeyConstraint(
            ["plan_id"], ["route_plan.id"], name=op.f("fk_plan_line_plan_id_route_plan")
        ),
        sa.ForeignKeyConstraint(
            ["requested_test_id"],
            ["requested_test.id"],
            name=op.f("fk_plan_line_requested_test_id_requested_test"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_line")),
        sa.UniqueConstraint(
            "plan_id", "requested_test_id", name=op.f("uq_plan_line_plan_id_requested_test_id")
        ),
    )
    with op.batch_alter_table("plan_line", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_plan_line_requested_test_id"), ["requested_test_id"], unique=False
        )


def downgrade():
    op.drop_table("plan_line")
    op.drop_table("route_plan")
    op.drop_table("laboratory_outage")
