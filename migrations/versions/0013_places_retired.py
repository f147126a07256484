"""Wards and laboratories that are retired rather than deleted; why a way is closed

Revision: 0013
Before it: 0012
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

RETIRING = ("ward", "laboratory")


def upgrade():
    for table in RETIRING:
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.add_column(sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True))
    with op.batch_alter_table("link", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("closed_reason", sa.String(), nullable=False, server_default="")
        )
    with op.batch_alter_table("link", schema=None) as batch_op:
        batch_op.alter_column("closed_reason", server_default=None)


def downgrade():
    with op.batch_alter_table("link", schema=None) as batch_op:
        batch_op.drop_column("closed_reason")
    for table in reversed(RETIRING):
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.drop_column("retired_at")
