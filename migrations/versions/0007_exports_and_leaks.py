"""Exports that need a second person; what was found in fragments from outside

Revision: 0007
Before it: 0006
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
TIME = sa.DateTime(timezone=True)


def upgrade():
    op.create_table(
        "export_request",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("asked_at", TIME, nullable=False),
        sa.Column("asked_by_id", sa.Uuid(), nullable=False),
        sa.Column("asked_by_name", sa.String(), nullable=False),
        sa.Column("asked_role", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("criteria", JSON, nullable=False),
        sa.Column("sealed", sa.String(), nullable=False),
        sa.Column("decided_at", TIME, nullable=True),
        sa.Column("decided_by_id", sa.Uuid(), nullable=True),
        sa.Column("decided_by_name", sa.String(), nullable=True),
        sa.Column("approved", sa.Boolean(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "decided_by_id != asked_by_id", name=op.f("ck_export_request_two_people")
        ),
        sa.CheckConstraint(
            "(decided_at IS NULL) = (decided_by_id IS NULL)",
            name=op.f("ck_export_request_decided_by_somebody"),
        ),
        sa.CheckConstraint(
            "(decided_at IS NULL) = (approved IS NULL)",
            name=op.f("ck_export_request_decided_which_way"),
        ),
        sa.CheckConstraint("people >= 0", name=op.f("ck_export_request_people_not_negative")),
        sa.ForeignKeyConstraint(
            ["asked_by_id"],
            ["user_account.id"],
            name=op.f("fk_export_request_asked_by_id_user_account"),
        ),
        sa.ForeignKeyConstraint(
            ["decided_by_id"],
            ["user_account.id"],
            name=op.f("fk_export_request_decided_by_id_user_account"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_export_request")),
    )
    op.create_index("ix_export_request_asked_at", "export_request", ["asked_at"])
    op.create_table(
        "leak_match",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", TIME, nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.Column("by_name", sa.String(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("certain", sa.Integer(), nullable=False),
        sa.Column("likely", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.String(), nullable=False),
        sa.CheckConstraint("size >= 0", name=op.f("ck_leak_match_size_not_negative")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_leak_match")),
    )
    op.create_index("ix_leak_match_recorded_at", "leak_match", ["recorded_at"])
    op.make_append_only(
        "leak_match", ["id", "recorded_at", "by_id", "by_name", "size", "certain", "likely"]
    )
    op.make_sealed_append_only("leak_match")


def downgrade():
    op.drop_table("leak_match")
    op.drop_table("export_request")
