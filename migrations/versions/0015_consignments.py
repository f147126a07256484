"""Consignments: boxes of tubes between laboratories, who had them, what did not agree

Revision: 0015
Before it: 0014
"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)
STATES = (
    "being packed",
    "sealed",
    "on the way",
    "being unpacked",
    "received",
    "recalled",
    "brought back",
    "lost",
    "taken apart",
)
ACTIONS = (
    "seal",
    "open again",
    "take apart",
    "send",
    "re-route",
    "recall",
    "send after all",
    "unpack",
    "receive",
    "bring back",
    "declare lost",
)
TEMPERATURES = ("room temperature", "2–8 °C", "frozen")
OUTCOMES = (
    "arrived",
    "missing",
    "broken",
    "arrived warm",
    "taken out",
    "brought back",
    "lost",
)
KINDS = ("missing", "not on the manifest", "broken", "wrong temperature")
SETTLEMENTS = (
    "came later",
    "found where it was packed",
    "lost",
    "used as it is",
    "rejected",
    "goes back",
    "explained",
)
HAS_LEFT = "'on the way', 'being unpacked', 'received', 'recalled', 'brought back', 'lost'"
HAS_ENDED = "'received', 'brought back', 'lost', 'taken apart'"


def _enum(name, *words):
    return sa.Enum(*words, name=name, native_enum=False, create_constraint=True, length=32)


def _references(table, *pairs):
    return [
        sa.ForeignKeyConstraint(
            [column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}_{other}")
        )
        for column, other in pairs
    ]


def _checks(table, **checks):
    return [
        sa.CheckConstraint(condition, name=op.f(f"ck_{table}_{name}"))
        for name, condition in checks.items()
    ]


def upgrade():
    _make_consignments()
    _make_items()
    _make_moves()
    _make_hand_overs()
    _make_discrepancies()
    _make_manifest_prints()


def _make_consignments():
    op.create_table(
        "consignment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("from_laboratory_id", sa.Uuid(), nullable=False),
        sa.Column("to_laboratory_id", sa.Uuid(), nullable=False),
        sa.Column("state", _enum("consignmentstate", *STATES), nullable=False),
        sa.Column("box", sa.String(), nullable=False),
        sa.Column("seal", sa.String(), nullable=True),
        sa.Column("temperature", _enum("temperature", *TEMPERATURES), nullable=False),
        sa.Column("made_at", TIME, nullable=False),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.Column("made_by_id", sa.Uuid(), nullable=True),
        sa.Column("sealed_at", TIME, nullable=True),
        sa.Column("left_at", TIME, nullable=True),
        sa.Column("due_at", TIME, nullable=True),
        sa.Column("arrived_at", TIME, nullable=True),
        sa.Column("ended_at", TIME, nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        *_checks(
            "consignment",
            to_another_place="from_laboratory_id <> to_laboratory_id",
            packed_in_something="(state <> 'being packed') <= (box <> '')",
            sealed_when="(state = 'sealed') <= (sealed_at IS NOT NULL)",
            left_when=f"(state IN ({HAS_LEFT})) <= (left_at IS NOT NULL AND due_at IS NOT NULL)",
            arrived_when="(state IN ('being unpacked', 'received')) <= (arrived_at IS NOT NULL)",
            ended_when=f"(state IN ({HAS_ENDED})) = (ended_at IS NOT NULL)",
        ),
        *_references(
            "consignment",
            ("from_laboratory_id", "laboratory"),
            ("to_laboratory_id", "laboratory"),
        ),
        sa.ForeignKeyConstraint(
            ["number"], ["issued_number.number"], name=op.f("fk_consignment_number_issued_number")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consignment")),
        sa.UniqueConstraint("number", name=op.f("uq_consignment_number")),
    )
    op.create_index("ix_consignment_from", "consignment", ["from_laboratory_id", "ended_at"])
    op.create_index("ix_consignment_to", "consignment", ["to_laboratory_id", "ended_at"])
    op.make_append_only(
        "consignment", ["number", "from_laboratory_id", "made_at", "made_by", "made_by_id"]
    )


def _make_items():
    op.create_table(
        "consignment_item",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("consignment_id", sa.Uuid(), nullable=False),
        sa.Column("specimen_id", sa.Uuid(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("packed_at", TIME, nullable=False),
        sa.Column("packed_by", sa.String(), nullable=False),
        sa.Column("packed_by_id", sa.Uuid(), nullable=True),
        sa.Column("ended_at", TIME, nullable=True),
        sa.Column("outcome", _enum("itemoutcome", *OUTCOMES), nullable=True),
        *_checks(
            "consignment_item",
            counted_from_one="place >= 1",
            ended_how="(ended_at IS NULL) = (outcome IS NULL)",
        ),
        *_references(
            "consignment_item", ("consignment_id", "consignment"), ("specimen_id", "specimen")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consignment_item")),
        sa.UniqueConstraint(
            "consignment_id", "place", name=op.f("uq_consignment_item_consignment_id_place")
        ),
    )
    op.create_index("ix_consignment_item_specimen_id", "consignment_item", ["specimen_id"])
    op.create_index(
        "uq_consignment_item_open",
        "consignment_item",
        ["specimen_id"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.make_append_only(
        "consignment_item",
        ["consignment_id", "specimen_id", "place", "packed_at", "packed_by", "packed_by_id"],
    )


def _make_moves():
    op.create_table(
        "consignment_move",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("consignment_id", sa.Uuid(), nullable=False),
        sa.Column("action", _enum("consignmentaction", *ACTIONS), nullable=False),
        sa.Column("state_before", _enum("state_before", *STATES), nullable=False),
        sa.Column("state_after", _enum("state_after", *STATES), nullable=False),
        sa.Column("to_laboratory_id", sa.Uuid(), nullable=False),
        sa.Column("moved_at", TIME, nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.Column("by_name", sa.String(), nullable=False),
        sa.Column("sealed", sa.String(), nullable=True),
        *_references(
            "consignment_move",
            ("consignment_id", "consignment"),
            ("to_laboratory_id", "laboratory"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consignment_move")),
    )
    op.create_index("ix_consignment_move_consignment_id", "consignment_move", ["consignment_id"])
    op.make_append_only(
        "consignment_move",
        [
            "id",
            "consignment_id",
            "action",
            "state_before",
            "state_after",
            "to_laboratory_id",
            "moved_at",
            "by_id",
            "by_name",
        ],
    )
    op.make_sealed_append_only("consignment_move")


def _make_hand_overs():
    op.create_table(
        "hand_over",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("consignment_id", sa.Uuid(), nullable=False),
        sa.Column("from_name", sa.String(), nullable=False),
        sa.Column("to_name", sa.String(), nullable=False),
        sa.Column("at_place", sa.String(), nullable=False),
        sa.Column("items", sa.Integer(), nullable=False),
        sa.Column("occurred_at", TIME, nullable=False),
        sa.Column("recorded_at", TIME, nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.Column("by_name", sa.String(), nullable=False),
        *_checks(
            "hand_over",
            something="items >= 1",
            between_two="from_name <> '' AND to_name <> ''",
        ),
        *_references("hand_over", ("consignment_id", "consignment")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hand_over")),
    )
    op.create_index("ix_hand_over_consignment_id", "hand_over", ["consignment_id"])
    op.make_append_only("hand_over")


def _make_discrepancies():
    op.create_table(
        "discrepancy",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("consignment_id", sa.Uuid(), nullable=False),
        sa.Column("specimen_id", sa.Uuid(), nullable=True),
        sa.Column("kind", _enum("discrepancykind", *KINDS), nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("owner_laboratory_id", sa.Uuid(), nullable=False),
        sa.Column("opened_at", TIME, nullable=False),
        sa.Column("opened_by", sa.String(), nullable=False),
        sa.Column("opened_by_id", sa.Uuid(), nullable=True),
        sa.Column("settled_at", TIME, nullable=True),
        sa.Column("settled_by", sa.String(), nullable=True),
        sa.Column("settlement", _enum("settlement", *SETTLEMENTS), nullable=True),
        sa.Column("sealed", sa.String(), nullable=True),
        *_checks(
            "discrepancy",
            settled_by_somebody="(settled_at IS NULL) = (settled_by IS NULL)",
            settled_how="(settled_at IS NULL) = (settlement IS NULL)",
            of_a_tube="(specimen_id IS NULL) <= (kind = 'not on the manifest')",
        ),
        *_references(
            "discrepancy",
            ("consignment_id", "consignment"),
            ("specimen_id", "specimen"),
            ("owner_laboratory_id", "laboratory"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_discrepancy")),
    )
    op.create_index("ix_discrepancy_consignment_id", "discrepancy", ["consignment_id"])
    op.create_index("ix_discrepancy_specimen_id", "discrepancy", ["specimen_id"])
    op.create_index(
        "ix_discrepancy_open",
        "discrepancy",
        ["owner_laboratory_id"],
        sqlite_where=sa.text("settled_at IS NULL"),
        postgresql_where=sa.text("settled_at IS NULL"),
    )


def _make_manifest_prints():
    op.create_table(
        "manifest_print",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("consignment_id", sa.Uuid(), nullable=False),
        sa.Column("copy", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("printed_at", TIME, nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.Column("by_name", sa.String(), nullable=False),
        sa.Column("leaving_id", sa.Uuid(), nullable=False),
        *_references("manifest_print", ("consignment_id", "consignment")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_manifest_print")),
        sa.UniqueConstraint(
            "consignment_id", "copy", name=op.f("uq_manifest_print_consignment_id_copy")
        ),
    )
    op.make_append_only("manifest_print")


def downgrade():
    for table in (
        "manifest_print",
        "discrepancy",
        "hand_over",
        "consignment_move",
        "consignment_item",
        "consignment",
    ):
        op.drop_table(table)
