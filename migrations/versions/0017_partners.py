"""Partners: which tubes a laboratory sees, intervals by age and by who stated them, questions and answers

Revision: 0017
Before it: 0016
"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)
OLD_UNIQUE = "uq_reference_interval_laboratory_id_analyte_code_sex_valid_from"
COLUMNS = "id, laboratory_id, analyte_code, sex, low, high, text, note, valid_from, valid_to"
STATED = ["laboratory_id", "analyte_code", "sex", "age_from", "valid_from", "stated_at"]
KINDS = ("time", "volume", "patient", "test", "missing", "other")
QUESTION_KEPT = [
    "id", "request_id", "planned_tube_id", "laboratory_id", "to_laboratory_id", "kind", "asked_at",
    "asked_by", "asked_by_id",
]  # fmt: skip
ANSWER_KEPT = ["id", "question_id", "how", "recorded_at", "by_id", "by_name", "laboratory_id"]


def upgrade():
    _tube_reach()
    _intervals()
    _question()
    _answer()


def downgrade():
    op.drop_table("answer")
    op.drop_table("question")
    _intervals_as_before()
    op.drop_table("tube_reach")


def _enum(name, *values):
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=32)


def _references(table, pairs):
    return [
        sa.ForeignKeyConstraint(
            [column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}_{other}")
        )
        for column, other in pairs
    ]


def _tube_reach():
    op.create_table(
        "tube_reach",
        sa.Column("planned_tube_id", sa.Uuid(), nullable=False),
        sa.Column("laboratory_id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("received_at", TIME, nullable=True),
        *_references(
            "tube_reach",
            [
                ("planned_tube_id", "planned_tube"),
                ("laboratory_id", "laboratory"),
                ("request_id", "request"),
            ],
        ),
        sa.PrimaryKeyConstraint("planned_tube_id", "laboratory_id", name=op.f("pk_tube_reach")),
    )
    op.create_index("ix_tube_reach_laboratory", "tube_reach", ["laboratory_id", "request_id"])
    op.execute(
        "INSERT INTO tube_reach (planned_tube_id, laboratory_id, request_id, received_at) "
        "SELECT planned_tube_id, laboratory_id, request_id, received_at FROM specimen "
        "WHERE laboratory_id IS NOT NULL AND received_at IS NOT NULL"
    )
    op.execute(
        "INSERT INTO tube_reach (planned_tube_id, laboratory_id, request_id, received_at) "
        "SELECT planned_tube_id, bound_for_id, request_id, NULL FROM specimen "
        "WHERE bound_for_id IS NOT NULL AND (laboratory_id IS NULL OR laboratory_id <> bound_for_id)"
    )


def _interval_table(name, *more):
    op.create_table(
        name,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("laboratory_id", sa.Uuid(), nullable=False),
        sa.Column("analyte_code", sa.String(), nullable=False),
        sa.Column("sex", _enum("sex", "M", "F"), nullable=False),
        sa.Column("low", sa.String(length=20), nullable=True),
        sa.Column("high", sa.String(length=20), nullable=True),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "valid_to > valid_from", name=op.f(f"ck_{name}_valid_to_after_valid_from")
        ),
        *_references(name, [("laboratory_id", "laboratory")]),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{name}")),
        *more,
    )


def _intervals():
    """Starter intervals are of adults, and nobody has stated them."""
    _interval_table(
        "stated_interval",
        sa.Column("age_from", sa.Integer(), nullable=False),
        sa.Column("age_to", sa.Integer(), nullable=True),
        sa.Column("stated_at", TIME, nullable=False),
        sa.Column("stated_by", sa.String(), nullable=False),
        sa.Column("stated_by_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint("age_from >= 0", name=op.f("ck_stated_interval_age_from_nought")),
        sa.CheckConstraint(
            "age_to > age_from", name=op.f("ck_stated_interval_age_to_after_age_from")
        ),
        sa.UniqueConstraint(*STATED, name=op.f("uq_stated_interval_once")),
    )
    op.execute(
        f"INSERT INTO stated_interval ({COLUMNS}, age_from, stated_at, stated_by) "
        f"SELECT {COLUMNS}, 16, CURRENT_TIMESTAMP, '' FROM reference_interval"
    )
    op.drop_table("reference_interval")
    op.make_append_only("stated_interval")


def _intervals_as_before():
    """The older program knows one interval of adults a day: the one stated last."""
    _interval_table(
        "reference_interval",
        sa.UniqueConstraint(
            "laboratory_id", "analyte_code", "sex", "valid_from", name=op.f(OLD_UNIQUE)
        ),
    )
    op.execute(
        f"INSERT INTO reference_interval ({COLUMNS}) SELECT {COLUMNS} FROM ("
        f"SELECT {COLUMNS}, row_number() OVER (PARTITION BY laboratory_id, analyte_code, sex, valid_from "
        "ORDER BY stated_at DESC, id) AS place FROM stated_interval "
        "WHERE age_from <= 16 AND age_to IS NULL) AS held WHERE place = 1"
    )
    op.drop_table("stated_interval")


def _question():
    op.create_table(
        "question",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("planned_tube_id", sa.Uuid(), nullable=True),
        sa.Column("laboratory_id", sa.Uuid(), nullable=False),
        sa.Column("to_laboratory_id", sa.Uuid(), nullable=True),
        sa.Column("kind", _enum("questionkind", *KINDS), nullable=False),
        sa.Column("asked_at", TIME, nullable=False),
        sa.Column("asked_by", sa.String(), nullable=False),
        sa.Column("asked_by_id", sa.Uuid(), nullable=True),
        sa.Column("state", _enum("questionstate", "open", "answered"), nullable=False),
        sa.Column("due_at", TIME, nullable=False),
        sa.Column("answered_at", TIME, nullable=True),
        sa.Column("sealed", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(state = 'answered') = (answered_at IS NOT NULL)",
            name=op.f("ck_question_answered_when"),
        ),
        sa.CheckConstraint(
            "to_laboratory_id <> laboratory_id", name=op.f("ck_question_to_another_laboratory")
        ),
        *_references(
            "question",
            [
                ("request_id", "request"),
                ("planned_tube_id", "planned_tube"),
                ("laboratory_id", "laboratory"),
                ("to_laboratory_id", "laboratory"),
            ],
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_question")),
    )
    op.create_index("ix_question_request_id", "question", ["request_id"])
    op.create_index("ix_question_asked_at", "question", ["asked_at"])
    op.create_index(
        "ix_question_open",
        "question",
        ["due_at"],
        sqlite_where=sa.text("answered_at IS NULL"),
        postgresql_where=sa.text("answered_at IS NULL"),
    )
    op.make_append_only("question", QUESTION_KEPT)
    op.make_sealed_append_only("question")


def _answer():
    op.create_table(
        "answer",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("question_id", sa.Uuid(), nullable=False),
        sa.Column("how", _enum("answerhow", "written", "telephone", "asked again"), nullable=False),
        sa.Column("recorded_at", TIME, nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.Column("by_name", sa.String(), nullable=False),
        sa.Column("laboratory_id", sa.Uuid(), nullable=False),
        sa.Column("sealed", sa.String(), nullable=False),
        *_references("answer", [("question_id", "question"), ("laboratory_id", "laboratory")]),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_answer")),
    )
    op.create_index("ix_answer_question_id", "answer", ["question_id"])
    op.make_append_only("answer", ANSWER_KEPT)
    op.make_sealed_append_only("answer")
