"""What is shown: when a list was last fetched, and the newest change found without what was only looked at

Revision: 0004
Before it: 0003
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

CHANGES = sa.text("answer_id IS NULL")


def upgrade():
    op.add_column("showing", sa.Column("refreshed_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index(
        "ix_audit_event_change_at",
        "audit_event",
        ["recorded_at"],
        sqlite_where=CHANGES,
        postgresql_where=CHANGES,
    )


def downgrade():
    op.drop_index("ix_audit_event_change_at", "audit_event")
    op.drop_column("showing", "refreshed_at")
