"""What nobody can do, said before the needle; calls about referred tests; what a release costs

Revision: 0019
Before it: 0018
"""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)
BY_PERSON = "ended_at IS NULL AND source = 'person'"
BY_ROUTING = "ended_at IS NULL AND source = 'routing'"
NOT_BACK = "status IN ('assigned', 'received', 'entered', 'checked')"
ANYBODY = "ended_at IS NULL"


def upgrade():
    _tell_decisions_apart()
    _make_calls()
    _price_releases()
    op.create_index(
        "ix_requested_test_not_back",
        "requested_test",
        ["laboratory_id"],
        sqlite_where=sa.text(NOT_BACK),
        postgresql_where=sa.text(NOT_BACK),
    )


def _tell_decisions_apart():
    source = sa.Enum(
        "person",
        "routing",
        name="decidedby",
        native_enum=False,
        create_constraint=True,
        length=32,
    )
    op.drop_index("uq_menu_decision_standing", "menu_decision")
    with op.batch_alter_table("menu_decision", schema=None) as batch_op:
        batch_op.add_column(sa.Column("source", source, nullable=False, server_default="person"))
        batch_op.add_column(sa.Column("site_id", sa.Uuid(), nullable=True))
        batch_op.add_column(
            sa.Column("offered", sa.Boolean(), nullable=False, server_default=sa.false())
        )
        batch_op.add_column(sa.Column("instead", sa.String(), nullable=True))
        batch_op.create_foreign_key(
            op.f("fk_menu_decision_site_id_site"), "site", ["site_id"], ["id"]
        )
        batch_op.create_check_constraint(
            op.f("ck_menu_decision_routing_for_a_site"),
            "(source = 'routing') = (site_id IS NOT NULL)",
        )
        batch_op.create_check_constraint(
            op.f("ck_menu_decision_offered_by_a_person"), "NOT offered OR source = 'person'"
        )
    with op.batch_alter_table("menu_decision", schema=None) as batch_op:
        batch_op.alter_column("source", server_default=None)
        batch_op.alter_column("offered", server_default=None)
    _standing("uq_menu_decision_standing", ["test_code"], BY_PERSON)
    _standing("uq_menu_decision_published", ["site_id", "test_code"], BY_ROUTING)


def _standing(name, columns, condition):
    op.create_index(
        name,
        "menu_decision",
        columns,
        unique=True,
        sqlite_where=sa.text(condition),
        postgresql_where=sa.text(condition),
    )


def _make_calls():
    op.create_table(
        "referral_call",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("laboratory_id", sa.Uuid(), nullable=False),
        sa.Column("rung_at", TIME, nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.Column("by_name", sa.String(), nullable=False),
        sa.Column("answered", sa.Boolean(), nullable=False),
        sa.Column("sealed", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["laboratory_id"],
            ["laboratory.id"],
            name=op.f("fk_referral_call_laboratory_id_laboratory"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_referral_call")),
    )
    op.create_table(
        "referral_call_test",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("call_id", sa.Uuid(), nullable=False),
        sa.Column("assignment_id", sa.Uuid(), nullable=False),
        sa.Column("rung_at", TIME, nullable=False),
        sa.Column("expected_at", TIME, nullable=True),
        sa.Column("ring_at", TIME, nullable=False),
        sa.CheckConstraint("ring_at > rung_at", name=op.f("ck_referral_call_test_rings_later")),
        sa.ForeignKeyConstraint(
            ["assignment_id"],
            ["assignment.id"],
            name=op.f("fk_referral_call_test_assignment_id_assignment"),
        ),
        sa.ForeignKeyConstraint(
            ["call_id"],
            ["referral_call.id"],
            name=op.f("fk_referral_call_test_call_id_referral_call"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_referral_call_test")),
    )
    op.create_index("ix_referral_call_test_call_id", "referral_call_test", ["call_id"])
    op.create_index(
        "ix_referral_call_test_assignment", "referral_call_test", ["assignment_id", "rung_at"]
    )
    op.make_append_only(
        "referral_call", ["id", "laboratory_id", "rung_at", "by_id", "by_name", "answered"]
    )
    op.make_sealed_append_only("referral_call")
    op.make_append_only("referral_call_test")


def _price_releases():
    with op.batch_alter_table("release", schema=None) as batch_op:
        batch_op.add_column(sa.Column("laboratory_id", sa.Uuid(), nullable=True))
        batch_op.add_column(sa.Column("price_pence", sa.Integer(), nullable=True))
    op.execute(
        "UPDATE release SET laboratory_id = (SELECT requested_test.laboratory_id FROM requested_test"
        " WHERE requested_test.id = release.requested_test_id)"
    )
    with op.batch_alter_table("release", schema=None) as batch_op:
        batch_op.alter_column("laboratory_id", existing_type=sa.Uuid(), nullable=False)
        batch_op.create_foreign_key(
            op.f("fk_release_laboratory_id_laboratory"), "laboratory", ["laboratory_id"], ["id"]
        )
        batch_op.create_check_constraint(op.f("ck_release_price_not_negative"), "price_pence >= 0")
    op.create_index("ix_release_laboratory_released", "release", ["laboratory_id", "released_at"])


def downgrade():
    op.drop_index("ix_requested_test_not_back", "requested_test")
    op.drop_index("ix_release_laboratory_released", "release")
    with op.batch_alter_table("release", schema=None) as batch_op:
        batch_op.drop_constraint(op.f("ck_release_price_not_negative"), type_="check")
        batch_op.drop_constraint(op.f("fk_release_laboratory_id_laboratory"), type_="foreignkey")
        batch_op.drop_column("price_pence")
        batch_op.drop_column("laboratory_id")
    op.drop_table("referral_call_test")
    op.drop_table("referral_call")
    op.drop_index("uq_menu_decision_published", "menu_decision")
    op.drop_index("uq_menu_decision_standing", "menu_decision")
    op.execute("DELETE FROM menu_decision WHERE source = 'routing' OR offered")
    with op.batch_alter_table("menu_decision", schema=None) as batch_op:
        batch_op.drop_constraint(op.f("ck_menu_decision_offered_by_a_person"), type_="check")
        batch_op.drop_constraint(op.f("ck_menu_decision_routing_for_a_site"), type_="check")
        batch_op.drop_constraint(op.f("fk_menu_decision_site_id_site"), type_="foreignkey")
        batch_op.drop_constraint(op.f("ck_menu_decision_decidedby"), type_="check")
        batch_op.drop_column("instead")
        batch_op.drop_column("offered")
        batch_op.drop_column("site_id")
        batch_op.drop_column("source")
    _standing("uq_menu_decision_standing", ["test_code"], ANYBODY)
