"""What wristbands carry; what was read at a bedside, and how patients were identified

Revision: 0011
Before it: 0010
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)
THINGS = ("form", "wristband", "tube", "end")
CODES = ("NHS number", "hospital number", "GS1 code")
STOPS = (
    "wristband of another patient",
    "form of another patient",
    "label of another patient",
    "label that no longer counts",
    "label on another kind of tube",
)


def _enum(name, *words):
    return sa.Enum(*words, name=name, native_enum=False, create_constraint=True, length=32)


def _references(table, pairs):
    return [
        sa.ForeignKeyConstraint(
            [column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}_{other}")
        )
        for column, other in pairs
    ]


def _band_rule():
    op.create_table(
        "band_rule",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("ward_id", sa.Uuid(), nullable=True),
        sa.Column("required", sa.Boolean(), nullable=False),
        sa.Column("nhs_ai", sa.String(), nullable=False),
        sa.Column("hospital_ai", sa.String(), nullable=False),
        sa.Column("gsrn_prefix", sa.String(), nullable=False),
        sa.Column("hospital_form", sa.String(), nullable=False),
        *_references("band_rule", [("site_id", "site"), ("ward_id", "ward")]),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_band_rule")),
        sa.UniqueConstraint("ward_id", name=op.f("uq_band_rule_ward_id")),
    )
    op.create_index(
        "uq_band_rule_site",
        "band_rule",
        ["site_id"],
        unique=True,
        sqlite_where=sa.text("ward_id IS NULL"),
        postgresql_where=sa.text("ward_id IS NULL"),
    )


def _bedside_reading():
    op.create_table(
        "bedside_reading",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("planned_tube_id", sa.Uuid(), nullable=True),
        sa.Column("thing", _enum("thing", *THINGS), nullable=False),
        sa.Column("code", _enum("codekind", *CODES), nullable=True),
        sa.Column("stop", _enum("stop", *STOPS), nullable=True),
        sa.Column("read_at", TIME, nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.Column("by_name", sa.String(), nullable=False),
        sa.CheckConstraint(
            "(planned_tube_id IS NOT NULL) <= (thing = 'tube')",
            name=op.f("ck_bedside_reading_only_tubes_name_a_tube"),
        ),
        sa.CheckConstraint(
            "(thing = 'tube' AND stop IS NULL) <= (planned_tube_id IS NOT NULL)",
            name=op.f("ck_bedside_reading_an_agreeing_tube_is_named"),
        ),
        sa.CheckConstraint(
            "(thing = 'wristband' AND stop IS NULL) = (code IS NOT NULL)",
            name=op.f("ck_bedside_reading_an_agreeing_wristband_has_its_code"),
        ),
        *_references(
            "bedside_reading", [("request_id", "request"), ("planned_tube_id", "planned_tube")]
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bedside_reading")),
        sa.UniqueConstraint(
            "request_id", "place", name=op.f("uq_bedside_reading_request_id_place")
        ),
    )
    op.create_index("ix_bedside_reading_read_at", "bedside_reading", ["read_at"])
    op.make_append_only("bedside_reading")


def _identification():
    op.create_table(
        "identification",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("specimen_id", sa.Uuid(), nullable=False),
        sa.Column("code", _enum("codekind", *CODES), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("identified_at", TIME, nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.Column("by_name", sa.String(), nullable=False),
        sa.CheckConstraint(
            "(code IS NULL) = (reason <> '')",
            name=op.f("ck_identification_by_wristband_or_with_a_reason"),
        ),
        *_references("identification", [("specimen_id", "specimen")]),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identification")),
        sa.UniqueConstraint("specimen_id", name=op.f("uq_identification_specimen_id")),
    )
    op.create_index("ix_identification_identified_at", "identification", ["identified_at"])
    op.make_append_only("identification")


def upgrade():
    _band_rule()
    _bedside_reading()
    _identification()


def downgrade():
    op.drop_table("identification")
    op.drop_table("bedside_reading")
    op.drop_table("band_rule")
