"""How a printer writes its words, and whether it holds our letters

Revision: 0020
Before it: 0019
"""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def _enum(name, *words):
    return sa.Enum(*words, name=name, native_enum=False, create_constraint=True, length=32)


ADDED = (
    ("printer", "words", _enum("printerwords", "picture", "held letters"), "picture"),
    (
        "printer_watch",
        "letters",
        _enum("heldletters", "not sent", "to be sent", "held", "not there"),
        "not sent",
    ),
)
RULE = "ck_printer_held_letters_on_the_network"


def upgrade():
    for table, name, kind, first in ADDED:
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.add_column(sa.Column(name, kind, nullable=False, server_default=first))
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.alter_column(name, server_default=None)
    with op.batch_alter_table("printer", schema=None) as batch_op:
        batch_op.create_check_constraint(
            op.f(RULE), "(words = 'held letters') <= (way = 'network')"
        )


def downgrade():
    with op.batch_alter_table("printer", schema=None) as batch_op:
        batch_op.drop_constraint(op.f(RULE), type_="check")
    for table, name, kind, _ in ADDED:
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.drop_constraint(op.f(f"ck_{table}_{kind.name}"), type_="check")
            batch_op.drop_column(name)
