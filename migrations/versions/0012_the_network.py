"""Partners as they are: agreements, slots a day, prices, timetables; places with versions, to be edited

Revision: 0012
Before it: 0011
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

VERSIONED = ("organisation", "site", "ward", "laboratory", "link")


def upgrade():
    for table in VERSIONED:
        _add_version(table)
    _add_to_links()
    _add_price()
    _make_link_runs()
    _make_agreements()
    _make_slot_agreements()


def _add_version(table):
    with op.batch_alter_table(table, schema=None) as batch_op:
        batch_op.add_column(sa.Column("version", sa.Integer(), nullable=False, server_default="1"))
    with op.batch_alter_table(table, schema=None) as batch_op:
        batch_op.alter_column("version", server_default=None)


def _add_to_links():
    with op.batch_alter_table("link", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("on_demand", sa.Boolean(), nullable=False, server_default=sa.true())
        )
        batch_op.add_column(sa.Column("closed_until", sa.DateTime(timezone=True), nullable=True))
    with op.batch_alter_table("link", schema=None) as batch_op:
        batch_op.alter_column("on_demand", server_default=None)


def _add_price():
    with op.batch_alter_table("menu_entry", schema=None) as batch_op:
        batch_op.add_column(sa.Column("price_pence", sa.Integer(), nullable=True))
        batch_op.create_check_constraint(
            op.f("ck_menu_entry_price_not_negative"), "price_pence >= 0"
        )


def _make_link_runs():
    op.create_table(
        "link_run",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("link_id", sa.Uuid(), nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column("leaves", sa.Integer(), nullable=False),
        sa.CheckConstraint("weekday BETWEEN 0 AND 6", name=op.f("ck_link_run_weekday_of_seven")),
        sa.CheckConstraint("leaves BETWEEN 0 AND 1439", name=op.f("ck_link_run_minute_of_the_day")),
        sa.ForeignKeyConstraint(
            ["link_id"], ["link.id"], name=op.f("fk_link_run_link_id_link"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_link_run")),
        sa.UniqueConstraint(
            "link_id", "weekday", "leaves", name=op.f("uq_link_run_link_id_weekday_leaves")
        ),
    )


def _make_agreements():
    op.create_table(
        "agreement",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("laboratory_id", sa.Uuid(), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column(
            "accepts",
            sa.Enum(
                "signs in here",
                "takes a file",
                "paper only",
                name="acceptance",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("hand_off_minutes", sa.Integer(), nullable=False),
        sa.Column("custody_contact", sa.String(), nullable=False),
        sa.Column("custody_telephone", sa.String(), nullable=False),
        sa.Column("results_contact", sa.String(), nullable=False),
        sa.Column("results_telephone", sa.String(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "hand_off_minutes >= 0", name=op.f("ck_agreement_hand_off_not_negative")
        ),
        sa.CheckConstraint("starts_on <= ends_on", name=op.f("ck_agreement_starts_before_it_ends")),
        sa.ForeignKeyConstraint(
            ["laboratory_id"], ["laboratory.id"], name=op.f("fk_agreement_laboratory_id_laboratory")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agreement")),
        sa.UniqueConstraint("laboratory_id", name=op.f("uq_agreement_laboratory_id")),
    )


def _make_slot_agreements():
    op.create_table(
        "slot_agreement",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("laboratory_id", sa.Uuid(), nullable=False),
        sa.Column(
            "discipline",
            sa.Enum(
                "HAEM",
                "COAG",
                "CHEM",
                "TOX",
                "TDM",
                "TRANSF",
                "MICRO",
                "VIRO",
                "POCT",
                name="discipline",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("per_day", sa.Integer(), nullable=False),
        sa.CheckConstraint("per_day >= 0", name=op.f("ck_slot_agreement_per_day_not_negative")),
        sa.ForeignKeyConstraint(
            ["laboratory_id"],
            ["laboratory.id"],
            name=op.f("fk_slot_agreement_laboratory_id_laboratory"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_slot_agreement")),
        sa.UniqueConstraint(
            "laboratory_id",
            "discipline",
            name=op.f("uq_slot_agreement_laboratory_id_discipline"),
        ),
    )


def downgrade():
    op.drop_table("slot_agreement")
    op.drop_table("agreement")
    op.drop_table("link_run")
    with op.batch_alter_table("menu_entry", schema=None) as batch_op:
        batch_op.drop_constraint(op.f("ck_menu_entry_price_not_negative"), type_="check")
        batch_op.drop_column("price_pence")
    with op.batch_alter_table("link", schema=None) as batch_op:
        batch_op.drop_column("closed_until")
        batch_op.drop_column("on_demand")
    for table in reversed(VERSIONED):
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.drop_column("version")
