"""Shared computers: devices, shifts with a PIN, codes, emergency sign-ins, stopped exports, drafts

Revision: 0006
Before it: 0005
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "emergency_code",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("sheet", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("code_digest", sa.String(), nullable=False),
        sa.Column("printed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("printed_by", sa.String(), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_emergency_code")),
        sa.UniqueConstraint("code_digest", name=op.f("uq_emergency_code_code_digest")),
    )
    op.create_table(
        "export_stop",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("stopped_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("stopped_by", sa.String(), nullable=False),
        sa.Column("lifted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lifted_by", sa.String(), nullable=True),
        sa.CheckConstraint(
            "(lifted_at IS NULL) = (lifted_by IS NULL)",
            name=op.f("ck_export_stop_lifted_by_somebody"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_export_stop")),
    )
    op.create_table(
        "draft",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("form", sa.String(), nullable=False),
        sa.Column("sealed", sa.String(), nullable=False),
        sa.Column("kept_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_draft_user_id_user_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_draft")),
        sa.UniqueConstraint("user_id", "form", name=op.f("uq_draft_user_id_form")),
    )
    op.create_table(
        "second_factor",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("sealed", sa.String(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_step", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_second_factor_user_id_user_account")
        ),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_second_factor")),
    )
    op.create_table(
        "device",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "ward",
                "bench",
                "triage wall",
                "print station",
                "phone",
                name="screenkind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("site_id", sa.Uuid(), nullable=True),
        sa.Column("ward_id", sa.Uuid(), nullable=True),
        sa.Column("laboratory_id", sa.Uuid(), nullable=True),
        sa.Column("key_digest", sa.String(), nullable=True),
        sa.Column("enrolled_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("enrolled_by", sa.String(), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_by", sa.String(), nullable=True),
        sa.CheckConstraint(
            "(CASE WHEN site_id IS NULL THEN 0 ELSE 1 END) + (CASE WHEN ward_id IS NULL THEN 0 ELSE 1 END) + (CASE WHEN laboratory_id IS NULL THEN 0 ELSE 1 END) <= 1",
            name=op.f("ck_device_one_place"),
        ),
        sa.CheckConstraint(
            "(revoked_at IS NULL) = (revoked_by IS NULL)",
            name=op.f("ck_device_revoked_by_somebody"),
        ),
        sa.ForeignKeyConstraint(
            ["laboratory_id"], ["laboratory.id"], name=op.f("fk_device_laboratory_id_laboratory")
        ),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_device_site_id_site")),
        sa.ForeignKeyConstraint(["ward_id"], ["ward.id"], name=op.f("fk_device_ward_id_ward")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_device")),
        sa.UniqueConstraint("key_digest", name=op.f("uq_device_key_digest")),
    )
    op.create_table(
        "device_enrolment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code_digest", sa.String(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("device_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["device_id"], ["device.id"], name=op.f("fk_device_enrolment_device_id_device")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_device_enrolment")),
        sa.UniqueConstraint("code_digest", name=op.f("uq_device_enrolment_code_digest")),
    )
    op.create_table(
        "emergency_entry",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code_id", sa.Uuid(), nullable=False),
        sa.Column("grant_id", sa.Uuid(), nullable=False),
        sa.Column("device_id", sa.Uuid(), nullable=True),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("sealed", sa.String(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("acknowledged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("acknowledged_by", sa.String(), nullable=True),
        sa.CheckConstraint(
            "(acknowledged_at IS NULL) = (acknowledged_by IS NULL)",
            name=op.f("ck_emergency_entry_acknowledged_by_somebody"),
        ),
        sa.ForeignKeyConstraint(
            ["code_id"],
            ["emergency_code.id"],
            name=op.f("fk_emergency_entry_code_id_emergency_code"),
        ),
        sa.ForeignKeyConstraint(
            ["grant_id"], ["role_grant.id"], name=op.f("fk_emergency_entry_grant_id_role_grant")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_emergency_entry")),
        sa.UniqueConstraint("code_id", name=op.f("uq_emergency_entry_code_id")),
    )
    op.create_table(
        "shift",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("grant_id", sa.Uuid(), nullable=False),
        sa.Column("device_id", sa.Uuid(), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("pin_hash", sa.String(), nullable=True),
        sa.Column("pin_wrong", sa.Integer(), nullable=False),
        sa.Column("locked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("resume", sa.String(), nullable=True),
        sa.Column("by_code", sa.Boolean(), nullable=False),
        sa.Column("emergency", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "pin_hash IS NULL OR device_id IS NOT NULL", name=op.f("ck_shift_pin_at_a_device")
        ),
        sa.CheckConstraint("pin_wrong BETWEEN 0 AND 5", name=op.f("ck_shift_pin_tries")),
        sa.ForeignKeyConstraint(
            ["device_id"], ["device.id"], name=op.f("fk_shift_device_id_device")
        ),
        sa.ForeignKeyConstraint(
            ["grant_id"], ["role_grant.id"], name=op.f("fk_shift_grant_id_role_grant")
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_shift_user_id_user_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shift")),
    )
    with op.batch_alter_table("shift", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_shift_device_id"), ["device_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_shift_user_id"), ["user_id"], unique=False)

    with op.batch_alter_table("sign_in", schema=None) as batch_op:
        batch_op.add_column(sa.Column("shift_id", sa.Uuid(), nullable=True))
        batch_op.add_column(sa.Column("device_id", sa.Uuid(), nullable=True))
        batch_op.add_column(sa.Column("address", sa.String(), nullable=True))
        batch_op.add_column(sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(
            sa.Column(
                "ended_how",
                sa.Enum(
                    "signed out",
                    "locked",
                    "replaced",
                    "secret changed",
                    "account changed",
                    "device revoked",
                    "ended by an administrator",
                    name="ending",
                    native_enum=False,
                    create_constraint=True,
                    length=32,
                ),
                nullable=True,
            )
        )
        batch_op.add_column(sa.Column("elsewhere_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.create_index("ix_sign_in_shift_id", ["shift_id"], unique=False)
        batch_op.create_foreign_key(
            batch_op.f("fk_sign_in_shift_id_shift"), "shift", ["shift_id"], ["id"]
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_sign_in_device_id_device"), "device", ["device_id"], ["id"]
        )


def downgrade():
    with op.batch_alter_table("sign_in", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_sign_in_ending"), type_="check")
        batch_op.drop_constraint(batch_op.f("fk_sign_in_device_id_device"), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f("fk_sign_in_shift_id_shift"), type_="foreignkey")
        batch_op.drop_index("ix_sign_in_shift_id")
        batch_op.drop_column("elsewhere_at")
        batch_op.drop_column("ended_how")
        batch_op.drop_column("seen_at")
        batch_op.drop_column("address")
        batch_op.drop_column("device_id")
        batch_op.drop_column("shift_id")

    with op.batch_alter_table("shift", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_shift_user_id"))
        batch_op.drop_index(batch_op.f("ix_shift_device_id"))

    op.drop_table("shift")
    op.drop_table("emergency_entry")
    op.drop_table("device_enrolment")
    op.drop_table("device")
    op.drop_table("second_factor")
    op.drop_table("draft")
    op.drop_table("export_stop")
    op.drop_table("emergency_code")
