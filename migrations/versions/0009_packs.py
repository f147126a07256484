"""Blocks of numbers, paper packs, forms keyed from them, and patients identified later

Revision: 0009
Before it: 0008
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from lab_contingency.foundation.database.blocks import overlap_statements

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

STATE_CHECK = "ck_issued_number_numberstate"


def upgrade():
    _make_number_blocks()
    _make_paper_packs()
    _make_form_keyings()
    _make_form_pictures()
    _make_form_picture_parts()
    _make_transcriptions()
    _make_second_keyings()
    _make_patient_links()
    _let_numbers_wait_on_paper()
    _let_names_be_printed()
    op.make_append_only(
        "patient_link",
        ["id", "unidentified_id", "patient_id", "linked_at", "linked_by", "linked_by_id"],
    )
    op.make_append_only(
        "number_block",
        [
            "id",
            "node",
            "epoch",
            "first_sequence",
            "last_sequence",
            "purpose",
            "site_id",
            "ward_id",
            "issued_at",
            "issued_by",
            "issued_by_id",
        ],
    )
    op.make_append_only("form_picture")
    op.make_append_only(
        "transcription",
        ["id", "request_id", "pack_id", "written_at", "keyed_at", "keyed_by", "keyed_by_id"],
    )
    op.make_append_only("form_picture_part", ["id", "picture_id", "ordinal"])
    op.make_append_only("second_keying")
    op.make_sealed_append_only("patient_link")
    op.make_sealed_append_only("transcription")
    op.make_sealed_append_only("form_picture_part")
    for statement in overlap_statements("number_block", op.get_bind().dialect.name):
        op.execute(statement)


def _make_number_blocks():
    op.create_table(
        "number_block",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("node", sa.Integer(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("first_sequence", sa.Integer(), nullable=False),
        sa.Column("last_sequence", sa.Integer(), nullable=False),
        sa.Column(
            "purpose",
            sa.Enum(
                "pack",
                "server",
                name="blockpurpose",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("site_id", sa.Uuid(), nullable=True),
        sa.Column("ward_id", sa.Uuid(), nullable=True),
        sa.Column(
            "state",
            sa.Enum(
                "issued",
                "used up",
                "void",
                name="blockstate",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("issued_by", sa.String(), nullable=False),
        sa.Column("issued_by_id", sa.Uuid(), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(purpose = 'pack') <= (ward_id IS NOT NULL)",
            name=op.f("ck_number_block_packs_for_a_ward"),
        ),
        sa.CheckConstraint(
            "(state = 'issued') = (closed_at IS NULL)", name=op.f("ck_number_block_closed_when")
        ),
        sa.CheckConstraint(
            "first_sequence <= last_sequence", name=op.f("ck_number_block_first_before_last")
        ),
        sa.ForeignKeyConstraint(
            ["issued_by_id"],
            ["user_account.id"],
            name=op.f("fk_number_block_issued_by_id_user_account"),
        ),
        sa.ForeignKeyConstraint(
            ["site_id"], ["site.id"], name=op.f("fk_number_block_site_id_site")
        ),
        sa.ForeignKeyConstraint(
            ["ward_id"], ["ward.id"], name=op.f("fk_number_block_ward_id_ward")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_number_block")),
        sa.UniqueConstraint("node", "epoch", "first_sequence", name="uq_number_block_first"),
    )
    with op.batch_alter_table("number_block", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_number_block_ward_id"), ["ward_id"], unique=False)


def _make_paper_packs():
    op.create_table(
        "paper_pack",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("block_id", sa.Uuid(), nullable=False),
        sa.Column("ward_id", sa.Uuid(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "issued",
                "used",
                "void",
                name="packstate",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("printed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=True),
        sa.Column("voided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "void_reason",
            sa.Enum(
                "lost",
                "spoilt",
                "misprinted",
                "not needed",
                name="voidreason",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column("voided_by", sa.String(), nullable=True),
        sa.CheckConstraint(
            "(state = 'used') = (request_id IS NOT NULL)", name=op.f("ck_paper_pack_used_as")
        ),
        sa.CheckConstraint(
            "(state = 'void') = (void_reason IS NOT NULL)", name=op.f("ck_paper_pack_voided_why")
        ),
        sa.CheckConstraint(
            "(state = 'void') = (voided_at IS NOT NULL)", name=op.f("ck_paper_pack_voided_when")
        ),
        sa.CheckConstraint(
            "(state = 'void') = (voided_by IS NOT NULL)",
            name=op.f("ck_paper_pack_voided_by_somebody"),
        ),
        sa.ForeignKeyConstraint(
            ["block_id"], ["number_block.id"], name=op.f("fk_paper_pack_block_id_number_block")
        ),
        sa.ForeignKeyConstraint(
            ["number"], ["issued_number.number"], name=op.f("fk_paper_pack_number_issued_number")
        ),
        sa.ForeignKeyConstraint(
            ["request_id"], ["request.id"], name=op.f("fk_paper_pack_request_id_request")
        ),
        sa.ForeignKeyConstraint(["ward_id"], ["ward.id"], name=op.f("fk_paper_pack_ward_id_ward")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paper_pack")),
        sa.UniqueConstraint("number", name=op.f("uq_paper_pack_number")),
        sa.UniqueConstraint("request_id", name=op.f("uq_paper_pack_request_id")),
    )
    with op.batch_alter_table("paper_pack", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_paper_pack_block_id"), ["block_id"], unique=False)
        batch_op.create_index("ix_paper_pack_ward_state", ["ward_id", "state"], unique=False)


def _make_form_keyings():
    op.create_table(
        "form_keying",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("pack_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("by_name", sa.String(), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["pack_id"], ["paper_pack.id"], name=op.f("fk_form_keying_pack_id_paper_pack")
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_form_keying_user_id_user_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_form_keying")),
        sa.UniqueConstraint("pack_id", "user_id", name=op.f("uq_form_keying_pack_id_user_id")),
    )


def _make_form_pictures():
    op.create_table(
        "form_picture",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("pack_id", sa.Uuid(), nullable=False),
        sa.Column(
            "media_type",
            sa.Enum(
                "image/jpeg",
                "image/png",
                "application/pdf",
                name="mediatype",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("parts", sa.Integer(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.Column("by_name", sa.String(), nullable=False),
        sa.CheckConstraint("size > 0 AND parts > 0", name=op.f("ck_form_picture_something")),
        sa.ForeignKeyConstraint(
            ["pack_id"], ["paper_pack.id"], name=op.f("fk_form_picture_pack_id_paper_pack")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_form_picture")),
    )
    with op.batch_alter_table("form_picture", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_form_picture_pack_id"), ["pack_id"], unique=False)


def _make_form_picture_parts():
    op.create_table(
        "form_picture_part",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("picture_id", sa.Uuid(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["picture_id"],
            ["form_picture.id"],
            name=op.f("fk_form_picture_part_picture_id_form_picture"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_form_picture_part")),
        sa.UniqueConstraint(
            "picture_id", "ordinal", name=op.f("uq_form_picture_part_picture_id_ordinal")
        ),
    )


def _make_transcriptions():
    op.create_table(
        "transcription",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("pack_id", sa.Uuid(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("keyed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("keyed_by", sa.String(), nullable=False),
        sa.Column("keyed_by_id", sa.Uuid(), nullable=True),
        sa.Column("check_needed", sa.Boolean(), nullable=False),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("checked_by", sa.String(), nullable=True),
        sa.Column("checked_by_id", sa.Uuid(), nullable=True),
        sa.Column("sealed", sa.String(), nullable=False),
        sa.CheckConstraint(
            "(checked_at IS NOT NULL) <= check_needed",
            name=op.f("ck_transcription_checked_where_needed"),
        ),
        sa.CheckConstraint(
            "(checked_at IS NULL) = (checked_by IS NULL)",
            name=op.f("ck_transcription_checked_by_somebody"),
        ),
        sa.CheckConstraint(
            "(checked_at IS NULL) = (checked_by_id IS NULL)",
            name=op.f("ck_transcription_checked_by_person"),
        ),
        sa.CheckConstraint(
            "checked_by_id != keyed_by_id", name=op.f("ck_transcription_two_people")
        ),
        sa.ForeignKeyConstraint(
            ["checked_by_id"],
            ["user_account.id"],
            name=op.f("fk_transcription_checked_by_id_user_account"),
        ),
        sa.ForeignKeyConstraint(
            ["keyed_by_id"],
            ["user_account.id"],
            name=op.f("fk_transcription_keyed_by_id_user_account"),
        ),
        sa.ForeignKeyConstraint(
            ["pack_id"], ["paper_pack.id"], name=op.f("fk_transcription_pack_id_paper_pack")
        ),
        sa.ForeignKeyConstraint(
            ["request_id"], ["request.id"], name=op.f("fk_transcription_request_id_request")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transcription")),
        sa.UniqueConstraint("pack_id", name=op.f("uq_transcription_pack_id")),
        sa.UniqueConstraint("request_id", name=op.f("uq_transcription_request_id")),
    )
    with op.batch_alter_table("transcription", schema=None) as batch_op:
        batch_op.create_index(
            "ix_transcription_check_needed", ["check_needed", "checked_at"], unique=False
        )


def _make_second_keyings():
    op.create_table(
        "second_keying",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("transcription_id", sa.Uuid(), nullable=False),
        sa.Column("keyed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.Column("by_name", sa.String(), nullable=False),
        sa.Column(
            "differing", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False
        ),
        sa.ForeignKeyConstraint(
            ["transcription_id"],
            ["transcription.id"],
            name=op.f("fk_second_keying_transcription_id_transcription"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_second_keying")),
    )
    with op.batch_alter_table("second_keying", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_second_keying_transcription_id"), ["transcription_id"], unique=False
        )


def _make_patient_links():
    op.create_table(
        "patient_link",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("unidentified_id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("linked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("linked_by", sa.String(), nullable=False),
        sa.Column("linked_by_id", sa.Uuid(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.String(), nullable=True),
        sa.Column("ended_by_id", sa.Uuid(), nullable=True),
        sa.Column("sealed", sa.String(), nullable=False),
        sa.CheckConstraint(
            "(ended_at IS NULL) = (ended_by IS NULL)",
            name=op.f("ck_patient_link_ended_by_somebody"),
        ),
        sa.CheckConstraint(
            "unidentified_id != patient_id", name=op.f("ck_patient_link_two_records")
        ),
        sa.ForeignKeyConstraint(
            ["ended_by_id"],
            ["user_account.id"],
            name=op.f("fk_patient_link_ended_by_id_user_account"),
        ),
        sa.ForeignKeyConstraint(
            ["linked_by_id"],
            ["user_account.id"],
            name=op.f("fk_patient_link_linked_by_id_user_account"),
        ),
        sa.ForeignKeyConstraint(
            ["patient_id"], ["patient.id"], name=op.f("fk_patient_link_patient_id_patient")
        ),
        sa.ForeignKeyConstraint(
            ["unidentified_id"],
            ["patient.id"],
            name=op.f("fk_patient_link_unidentified_id_patient"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_patient_link")),
    )
    with op.batch_alter_table("patient_link", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_patient_link_patient_id"), ["patient_id"], unique=False
        )
        batch_op.create_index(
            "uq_patient_link_standing",
            ["unidentified_id"],
            unique=True,
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )


def _let_numbers_wait_on_paper():
    """A number may stand on paper unused: the list of states is made anew."""
    with op.batch_alter_table("issued_number", schema=None) as batch_op:
        batch_op.drop_constraint(op.f(STATE_CHECK), type_="check")
        batch_op.create_check_constraint(op.f(STATE_CHECK), "state IN ('issued', 'used', 'void')")
        batch_op.add_column(sa.Column("block_id", sa.Uuid(), nullable=True))
        batch_op.create_index(batch_op.f("ix_issued_number_block_id"), ["block_id"], unique=False)
        batch_op.create_foreign_key(
            batch_op.f("fk_issued_number_block_id_number_block"),
            "number_block",
            ["block_id"],
            ["id"],
        )


def _let_names_be_printed():
    with op.batch_alter_table("unidentified_name", schema=None) as batch_op:
        batch_op.add_column(sa.Column("ward_id", sa.Uuid(), nullable=True))
        batch_op.create_foreign_key(
            batch_op.f("fk_unidentified_name_ward_id_ward"), "ward", ["ward_id"], ["id"]
        )


def downgrade():
    with op.batch_alter_table("unidentified_name", schema=None) as batch_op:
        batch_op.drop_constraint(
            batch_op.f("fk_unidentified_name_ward_id_ward"), type_="foreignkey"
        )
        batch_op.drop_column("ward_id")
    # What lies on the wards counts no longer: the program before this one could not take it.
    op.execute(
        "UPDATE issued_number SET state = 'void', voided_at = issued_at, "
        "void_reason = 'printed on a paper pack' WHERE state = 'issued'"
    )
    with op.batch_alter_table("issued_number", schema=None) as batch_op:
        batch_op.drop_constraint(
            batch_op.f("fk_issued_number_block_id_number_block"), type_="foreignkey"
        )
        batch_op.drop_index(batch_op.f("ix_issued_number_block_id"))
        batch_op.drop_column("block_id")
        batch_op.drop_constraint(op.f(STATE_CHECK), type_="check")
        batch_op.create_check_constraint(op.f(STATE_CHECK), "state IN ('used', 'void')")
    for table in reversed(
        (
            "number_block",
            "paper_pack",
            "form_keying",
            "form_picture",
            "form_picture_part",
            "transcription",
            "second_keying",
            "patient_link",
        )
    ):
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION number_block_no_overlap()")
