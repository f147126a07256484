"""Slips on their way and papers of a rejected tube

Revision: 0010
Before it: 0009
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)


def upgrade():
    op.create_table(
        "delivery_list",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("destination_id", sa.Uuid(), nullable=False),
        sa.Column("slips", sa.Integer(), nullable=False),
        sa.Column("printed_at", TIME, nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.Column("by_name", sa.String(), nullable=False),
        sa.Column("leaving_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["destination_id"], ["ward.id"], name=op.f("fk_delivery_list_destination_id_ward")
        ),
        sa.ForeignKeyConstraint(
            ["number"],
            ["issued_number.number"],
            name=op.f("fk_delivery_list_number_issued_number"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery_list")),
        sa.UniqueConstraint("number", name=op.f("uq_delivery_list_number")),
    )
    op.create_table(
        "slip_delivery",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("slip_id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("destination_id", sa.Uuid(), nullable=False),
        sa.Column("list_id", sa.Uuid(), nullable=True),
        sa.Column("releases", sa.Integer(), nullable=False),
        sa.Column("printed_at", TIME, nullable=False),
        sa.Column("due_at", TIME, nullable=False),
        sa.Column(
            "arrival",
            sa.Enum(
                "its list was scanned",
                "it was scanned",
                "printed where it goes",
                "printed again",
                name="arrival",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column("ended_at", TIME, nullable=True),
        sa.Column("ended_by_id", sa.Uuid(), nullable=True),
        sa.Column("ended_by_name", sa.String(), nullable=True),
        sa.CheckConstraint(
            "(arrival IS NULL) = (ended_at IS NULL)", name=op.f("ck_slip_delivery_ended_when")
        ),
        sa.CheckConstraint(
            "(arrival IS NULL) = (ended_by_name IS NULL)",
            name=op.f("ck_slip_delivery_ended_by_somebody"),
        ),
        sa.CheckConstraint("releases >= 1", name=op.f("ck_slip_delivery_says_something")),
        sa.ForeignKeyConstraint(
            ["destination_id"], ["ward.id"], name=op.f("fk_slip_delivery_destination_id_ward")
        ),
        sa.ForeignKeyConstraint(
            ["list_id"],
            ["delivery_list.id"],
            name=op.f("fk_slip_delivery_list_id_delivery_list"),
        ),
        sa.ForeignKeyConstraint(
            ["request_id"], ["request.id"], name=op.f("fk_slip_delivery_request_id_request")
        ),
        sa.ForeignKeyConstraint(
            ["slip_id"], ["slip.id"], name=op.f("fk_slip_delivery_slip_id_slip")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_slip_delivery")),
        sa.UniqueConstraint("slip_id", name=op.f("uq_slip_delivery_slip_id")),
    )
    op.create_index("ix_slip_delivery_list_id", "slip_delivery", ["list_id"])
    op.create_index("ix_slip_delivery_request_id", "slip_delivery", ["request_id"])
    op.create_index(
        "uq_slip_delivery_open",
        "slip_delivery",
        ["request_id"],
        unique=True,
        sqlite_where=sa.text("arrival IS NULL"),
        postgresql_where=sa.text("arrival IS NULL"),
    )
    op.create_table(
        "rejection_print",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("rejection_id", sa.Uuid(), nullable=False),
        sa.Column(
            "paper",
            sa.Enum(
                "rejection slip",
                "recollection form",
                name="rejectionpaper",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("copy", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("printed_at", TIME, nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.Column("by_name", sa.String(), nullable=False),
        sa.Column("leaving_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["rejection_id"],
            ["rejection.id"],
            name=op.f("fk_rejection_print_rejection_id_rejection"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rejection_print")),
        sa.UniqueConstraint(
            "rejection_id",
            "paper",
            "copy",
            name=op.f("uq_rejection_print_rejection_id_paper_copy"),
        ),
    )
    op.make_append_only("rejection_print")
    op.make_append_only("delivery_list")
    op.make_append_only(
        "slip_delivery",
        [
            "slip_id",
            "request_id",
            "destination_id",
            "list_id",
            "releases",
            "printed_at",
            "due_at",
        ],
    )


def downgrade():
    op.drop_table("rejection_print")
    op.drop_table("slip_delivery")
    op.drop_table("delivery_list")
