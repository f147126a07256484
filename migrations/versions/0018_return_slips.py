"""Return slips of laboratories that work on paper, what came back on them, and the pages

Revision: 0018
Before it: 0017
"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)
SIGNED = "ck_result_authorised_by_somebody"
SOURCE = "ck_result_source"
BY_TWO = "ck_result_typed_back_by_two"
SLIP_KEPT = [
    "number", "request_id", "consignment_id", "laboratory_id", "from_laboratory_id", "made_at",
]  # fmt: skip
RESULT_KEPT = [
    "analyte_code", "version", "requested_test_id", "laboratory_id", "planned_tube_id", "identity_id",
    "occurred_at", "entered_at", "entered_by_id", "entered_by_name", "is_critical",
]  # fmt: skip


def upgrade():
    _let_results_be_typed_back()
    _make_return_slips()
    _make_return_lines()
    _make_return_slip_prints()
    _make_slip_returns()
    _make_return_pages()
    op.make_append_only("return_slip", SLIP_KEPT)
    op.make_append_only("return_line")
    op.make_append_only("return_slip_print")
    op.make_append_only("return_page")
    op.make_append_only("return_page_part", ["id", "page_id", "ordinal"])
    op.make_sealed_append_only("return_slip")
    op.make_sealed_append_only("return_page_part")


def _let_results_be_typed_back():
    """Who authorised such a result signed a page elsewhere, and has a name here but no id."""
    op.drop_append_only("result")
    with op.batch_alter_table("result", schema=None) as batch_op:
        batch_op.drop_constraint(op.f(SOURCE), type_="check")
        batch_op.create_check_constraint(
            op.f(SOURCE), "source IN ('manual', 'imported', 'typed back')"
        )
        batch_op.drop_constraint(op.f(SIGNED), type_="check")
        batch_op.create_check_constraint(
            op.f(SIGNED),
            "(authorised_at IS NULL) = (authorised_by_name IS NULL) AND (source = 'typed back'"
            " OR (authorised_at IS NULL) = (authorised_by_id IS NULL))",
        )
        batch_op.create_check_constraint(
            op.f(BY_TWO),
            "source <> 'typed back' OR (entered_by_id IS NOT NULL AND authorised_by_id IS NULL"
            " AND (authorised_at IS NULL OR checked_by_id IS NOT NULL))",
        )
    _protect_results()


def _protect_results():
    op.make_append_only("result", RESULT_KEPT)
    op.make_sealed_append_only("result")


def _reference(table, column, other):
    return sa.ForeignKeyConstraint(
        [column], [f"{other[0]}.{other[1]}"], name=op.f(f"fk_{table}_{column}_{other[0]}")
    )


def _make_return_slips():
    op.create_table(
        "return_slip",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("consignment_id", sa.Uuid(), nullable=False),
        sa.Column("laboratory_id", sa.Uuid(), nullable=False),
        sa.Column("from_laboratory_id", sa.Uuid(), nullable=False),
        sa.Column("made_at", TIME, nullable=False),
        sa.Column("replaced_at", TIME, nullable=True),
        sa.Column("sealed", sa.String(), nullable=False),
        sa.CheckConstraint(
            "from_laboratory_id <> laboratory_id",
            name=op.f("ck_return_slip_of_another_laboratory"),
        ),
        _reference("return_slip", "number", ("issued_number", "number")),
        _reference("return_slip", "request_id", ("request", "id")),
        _reference("return_slip", "consignment_id", ("consignment", "id")),
        _reference("return_slip", "laboratory_id", ("laboratory", "id")),
        _reference("return_slip", "from_laboratory_id", ("laboratory", "id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_return_slip")),
        sa.UniqueConstraint("number", name=op.f("uq_return_slip_number")),
    )
    op.create_index("ix_return_slip_request_id", "return_slip", ["request_id"])
    op.create_index(
        "uq_return_slip_standing",
        "return_slip",
        ["consignment_id", "request_id"],
        unique=True,
        sqlite_where=sa.text("replaced_at IS NULL"),
        postgresql_where=sa.text("replaced_at IS NULL"),
    )


def _make_return_lines():
    op.create_table(
        "return_line",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("slip_id", sa.Uuid(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("requested_test_id", sa.Uuid(), nullable=False),
        sa.Column("planned_tube_id", sa.Uuid(), nullable=False),
        sa.Column("analyte_code", sa.String(), nullable=False),
        sa.CheckConstraint("ordinal >= 1", name=op.f("ck_return_line_counted_from_one")),
        _reference("return_line", "slip_id", ("return_slip", "id")),
        _reference("return_line", "requested_test_id", ("requested_test", "id")),
        _reference("return_line", "planned_tube_id", ("planned_tube", "id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_return_line")),
        sa.UniqueConstraint("slip_id", "ordinal", name=op.f("uq_return_line_slip_id_ordinal")),
        sa.UniqueConstraint(
            "slip_id",
            "requested_test_id",
            "analyte_code",
            name=op.f("uq_return_line_slip_id_requested_test_id_analyte_code"),
        ),
    )
    op.create_index("ix_return_line_requested_test_id", "return_line", ["requested_test_id"])


def _make_return_slip_prints():
    op.create_table(
        "return_slip_print",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("slip_id", sa.Uuid(), nullable=False),
        sa.Column("copy", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("printed_at", TIME, nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.Column("by_name", sa.String(), nullable=False),
        sa.Column("leaving_id", sa.Uuid(), nullable=False),
        _reference("return_slip_print", "slip_id", ("return_slip", "id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_return_slip_print")),
        sa.UniqueConstraint("slip_id", "copy", name=op.f("uq_return_slip_print_slip_id_copy")),
    )


def _make_slip_returns():
    op.create_table(
        "slip_return",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("slip_id", sa.Uuid(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.String(), nullable=False),
        sa.Column("done_at", TIME, nullable=False),
        sa.Column("typed_at", TIME, nullable=False),
        sa.Column("typed_by", sa.String(), nullable=False),
        sa.Column("typed_by_id", sa.Uuid(), nullable=False),
        sa.Column("sent_back_at", TIME, nullable=True),
        sa.Column("checked_at", TIME, nullable=True),
        sa.Column("checked_by", sa.String(), nullable=True),
        sa.Column("checked_by_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "(checked_at IS NULL) = (checked_by IS NULL)",
            name=op.f("ck_slip_return_checked_by_somebody"),
        ),
        sa.CheckConstraint(
            "(checked_at IS NULL) = (checked_by_id IS NULL)",
            name=op.f("ck_slip_return_checked_by_person"),
        ),
        sa.CheckConstraint("checked_by_id <> typed_by_id", name=op.f("ck_slip_return_two_people")),
        sa.CheckConstraint(
            "checked_at IS NULL OR sent_back_at IS NULL", name=op.f("ck_slip_return_settled")
        ),
        _reference("slip_return", "slip_id", ("return_slip", "id")),
        _reference("slip_return", "typed_by_id", ("user_account", "id")),
        _reference("slip_return", "checked_by_id", ("user_account", "id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_slip_return")),
        sa.UniqueConstraint("slip_id", "ordinal", name=op.f("uq_slip_return_slip_id_ordinal")),
    )
    op.create_index(
        "uq_slip_return_open",
        "slip_return",
        ["slip_id"],
        unique=True,
        sqlite_where=sa.text("checked_at IS NULL"),
        postgresql_where=sa.text("checked_at IS NULL"),
    )


def _make_return_pages():
    op.create_table(
        "return_page",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("slip_id", sa.Uuid(), nullable=False),
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
        sa.Column("added_at", TIME, nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.Column("by_name", sa.String(), nullable=False),
        sa.CheckConstraint("size > 0 AND parts > 0", name=op.f("ck_return_page_something")),
        _reference("return_page", "slip_id", ("return_slip", "id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_return_page")),
    )
    op.create_index("ix_return_page_slip_id", "return_page", ["slip_id"])
    op.create_table(
        "return_page_part",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("page_id", sa.Uuid(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.String(), nullable=False),
        _reference("return_page_part", "page_id", ("return_page", "id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_return_page_part")),
        sa.UniqueConstraint("page_id", "ordinal", name=op.f("uq_return_page_part_page_id_ordinal")),
    )


def downgrade():
    """What was typed back stays, as taken over: who signed the page has no id, so the row's own stands for it."""
    for table in (
        "return_page_part",
        "return_page",
        "slip_return",
        "return_slip_print",
        "return_line",
        "return_slip",
    ):
        op.drop_table(table)
    op.drop_append_only("result")
    with op.batch_alter_table("result", schema=None) as batch_op:
        batch_op.drop_constraint(op.f(BY_TWO), type_="check")
        batch_op.drop_constraint(op.f(SIGNED), type_="check")
    op.execute(
        "UPDATE result SET source = 'imported',"
        " authorised_by_id = CASE WHEN authorised_at IS NULL THEN NULL ELSE id END"
        " WHERE source = 'typed back'"
    )
    with op.batch_alter_table("result", schema=None) as batch_op:
        batch_op.drop_constraint(op.f(SOURCE), type_="check")
        batch_op.create_check_constraint(op.f(SOURCE), "source IN ('manual', 'imported')")
        batch_op.create_check_constraint(
            op.f(SIGNED), "(authorised_at IS NULL) = (authorised_by_id IS NULL)"
        )
    _protect_results()
