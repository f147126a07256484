"""Looks beyond one's place: for one sign-in, at one patient, with a reason, until a time

Revision: 0005
Before it: 0004
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)
KEPT = [
    "id", "user_id", "sign_in_id", "patient_id", "by_name", "role", "site_id", "laboratory_id",
    "reason_code", "asked_at", "ends_at",
]  # fmt: skip


def upgrade():
    op.create_table(
        "look_grant",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("sign_in_id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("by_name", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=True),
        sa.Column("laboratory_id", sa.Uuid(), nullable=True),
        sa.Column("reason_code", sa.String(), nullable=False),
        sa.Column("sealed", sa.String(), nullable=False),
        sa.Column("asked_at", TIME, nullable=False),
        sa.Column("ends_at", TIME, nullable=False),
        sa.Column("ended_at", TIME, nullable=True),
        sa.CheckConstraint("ends_at > asked_at", name=op.f("ck_look_grant_ends_after_asked")),
        *(
            sa.ForeignKeyConstraint(
                [column], [f"{table}.id"], name=op.f(f"fk_look_grant_{column}_{table}")
            )
            for column, table in (
                ("user_id", "user_account"),
                ("sign_in_id", "sign_in"),
                ("patient_id", "patient"),
                ("site_id", "site"),
                ("laboratory_id", "laboratory"),
            )
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_look_grant")),
    )
    op.create_index("ix_look_grant_asked_at", "look_grant", ["asked_at"])
    op.create_index("ix_look_grant_patient_id", "look_grant", ["patient_id"])
    op.create_index("ix_look_grant_sign_in_ends", "look_grant", ["sign_in_id", "ends_at"])
    op.make_append_only("look_grant", KEPT)
    op.make_sealed_append_only("look_grant")


def downgrade():
    op.drop_table("look_grant")
