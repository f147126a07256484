"""Since when whoever has a tube has it; who was rung about one that did not come

Revision: 0016
Before it: 0015
"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)
UNDER_WAY = "'labelled', 'collected', 'handed over', 'dispatched'"
HOPS = (
    "printed, not taken",
    "taken, not picked up",
    "with the porter",
    "left at the door, not scanned in",
    "to be packed",
    "on the way, in no box",
    "in a box, not sealed",
    "sealed, not collected",
    "box on the way",
    "box arrived, not scanned in",
    "box called back",
)
ANSWERS = (
    "found, it is on its way",
    "not taken yet",
    "they are looking for it",
    "not there",
    "nobody answered",
)
# The move that brought a tube where it is: one that changed its status, or another pair of hands.
SINCE = f"""
UPDATE specimen SET under_way_since = (
    SELECT max(custody_event.occurred_at) FROM custody_event
    WHERE custody_event.specimen_id = specimen.id
      AND custody_event.status_after = specimen.status
      AND (custody_event.status_before IS NULL
           OR custody_event.status_before <> custody_event.status_after
           OR custody_event.action = 'hand over')
) WHERE status IN ({UNDER_WAY})
"""


def _enum(name, *words):
    return sa.Enum(*words, name=name, native_enum=False, create_constraint=True, length=32)


def upgrade():
    with op.batch_alter_table("specimen", schema=None) as batch_op:
        batch_op.add_column(sa.Column("under_way_since", TIME, nullable=True))
    op.execute(SINCE)
    with op.batch_alter_table("specimen", schema=None) as batch_op:
        batch_op.create_check_constraint(
            op.f("ck_specimen_under_way_since_when"),
            f"(status IN ({UNDER_WAY})) = (under_way_since IS NOT NULL)",
        )
    op.create_index(
        "ix_specimen_under_way",
        "specimen",
        ["status", "under_way_since"],
        sqlite_where=sa.text("under_way_since IS NOT NULL"),
        postgresql_where=sa.text("under_way_since IS NOT NULL"),
    )
    op.create_table(
        "enquiry",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("specimen_id", sa.Uuid(), nullable=False),
        sa.Column("hop", _enum("hop", *HOPS), nullable=False),
        sa.Column("answer", _enum("answer", *ANSWERS), nullable=False),
        sa.Column("rung_at", TIME, nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.Column("by_name", sa.String(), nullable=False),
        sa.Column("sealed", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["specimen_id"], ["specimen.id"], name=op.f("fk_enquiry_specimen_id_specimen")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_enquiry")),
    )
    op.create_index("ix_enquiry_specimen", "enquiry", ["specimen_id", "rung_at"])
    op.make_append_only(
        "enquiry", ["id", "specimen_id", "hop", "answer", "rung_at", "by_id", "by_name"]
    )
    op.make_sealed_append_only("enquiry")


def downgrade():
    op.drop_table("enquiry")
    op.drop_index("ix_specimen_under_way", table_name="specimen")
    with op.batch_alter_table("specimen", schema=None) as batch_op:
        batch_op.drop_constraint(op.f("ck_specimen_under_way_since_when"), type_="check")
        batch_op.drop_column("under_way_since")
