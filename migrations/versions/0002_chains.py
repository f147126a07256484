"""The record in chains: audit events with place, device and fields; checkpoints; what leaves by field

Revision: 0002
Before it: 0001
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
STREAMS = 16
BEGINNING = "0" * 64
TIME = sa.DateTime(timezone=True)
EVENT_KEPT = [
    "id", "stream", "seq", "key_version", "mac", "recorded_at", "occurred_at", "user_id", "actor_name",
    "role", "site_id", "sign_in_id", "device_id", "address", "answer_id", "action", "subject",
    "subject_id", "fields", "list_key", "details", "sealed_digest",
]  # fmt: skip
OLD_EVENT = "id, recorded_at, occurred_at, user_id, actor_name, role, site_id, sign_in_id, action, subject, subject_id, details"
OLD_LEAVING = "id, recorded_at, user_id, actor_name, kind, content_digest, copies"
# A patient of the old list left with everything the paper may hold: nothing finer was kept.
EVERY_FIELD = 2047


def upgrade():
    _set_aside("audit_event")
    _set_aside("leaving")
    _make_event()
    op.execute(
        f"INSERT INTO audit_event ({OLD_EVENT}, stream, seq, key_version, mac, address) "
        f"SELECT {OLD_EVENT}, 0, row_number() OVER (ORDER BY recorded_at, id), 0, '', '' FROM audit_event_before"
    )
    op.drop_table("audit_event_before")
    _make_leaving()
    _keep_leavings()
    op.drop_table("leaving_before")
    op.create_table(
        "audit_stream",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("head", sa.String(), nullable=False),
        sa.CheckConstraint("seq >= 0", name=op.f("ck_audit_stream_seq_not_negative")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_audit_stream")),
    )
    for number in range(1, STREAMS + 1):
        op.execute(
            f"INSERT INTO audit_stream (number, seq, head) VALUES ({number}, 0, '{BEGINNING}')"
        )
    op.create_table(
        "checkpoint",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("recorded_at", TIME, nullable=False),
        sa.Column("heads", JSON, nullable=False),
        sa.Column("before", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("key_version", sa.Integer(), nullable=False),
        sa.Column("signature", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_checkpoint")),
        sa.UniqueConstraint("digest", name=op.f("uq_checkpoint_digest")),
    )
    op.create_table(
        "showing",
        sa.Column("sign_in_id", sa.Uuid(), nullable=False),
        sa.Column("list_key", sa.String(), nullable=False),
        sa.Column("patients", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("sign_in_id", "list_key", name=op.f("pk_showing")),
    )
    op.make_append_only("audit_event", EVENT_KEPT)
    op.make_append_only("leaving")
    op.make_append_only("checkpoint")


def downgrade():
    op.drop_table("showing")
    op.drop_table("checkpoint")
    op.drop_table("audit_stream")
    _set_aside("audit_event")
    _set_aside("leaving")
    op.create_table(
        "audit_event",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", TIME, nullable=False),
        sa.Column("occurred_at", TIME, nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("actor_name", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=True),
        sa.Column("sign_in_id", sa.Uuid(), nullable=True),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=True),
        sa.Column("details", JSON, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_event")),
    )
    op.create_index("ix_audit_event_recorded_at", "audit_event", ["recorded_at"])
    op.create_index("ix_audit_event_subject", "audit_event", ["subject", "subject_id"])
    op.execute(f"INSERT INTO audit_event ({OLD_EVENT}) SELECT {OLD_EVENT} FROM audit_event_before")
    op.drop_table("audit_event_before")
    op.create_table(
        "leaving",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", TIME, nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("actor_name", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("patient_ids", JSON, nullable=False),
        sa.Column("content_digest", sa.String(), nullable=False),
        sa.Column("copies", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_leaving")),
    )
    _name_leavings()
    op.drop_table("leaving_before")
    op.make_append_only("audit_event")
    op.make_append_only("leaving")


def _set_aside(table):
    """Keep the rows while the table is made anew: altering it in place would drop its triggers."""
    op.execute(f"CREATE TABLE {table}_before AS SELECT * FROM {table}")
    op.drop_table(table)


def _make_event():
    op.create_table(
        "audit_event",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("stream", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("key_version", sa.Integer(), nullable=False),
        sa.Column("mac", sa.String(), nullable=False),
        sa.Column("recorded_at", TIME, nullable=False),
        sa.Column("occurred_at", TIME, nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("actor_name", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=True),
        sa.Column("sign_in_id", sa.Uuid(), nullable=True),
        sa.Column("device_id", sa.Uuid(), nullable=True),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("answer_id", sa.Uuid(), nullable=True),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=True),
        sa.Column("fields", sa.Integer(), nullable=True),
        sa.Column("list_key", sa.String(), nullable=True),
        sa.Column("details", JSON, nullable=False),
        sa.Column("sealed", sa.String(), nullable=True),
        sa.Column("sealed_digest", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_event")),
        sa.UniqueConstraint("stream", "seq", name=op.f("uq_audit_event_stream_seq")),
    )
    op.create_index("ix_audit_event_recorded_at", "audit_event", ["recorded_at"])
    op.create_index("ix_audit_event_subject", "audit_event", ["subject", "subject_id"])
    op.create_index("ix_audit_event_user_at", "audit_event", ["user_id", "recorded_at"])
    op.create_index("ix_audit_event_sign_in_at", "audit_event", ["sign_in_id", "recorded_at"])


def _make_leaving():
    op.create_table(
        "leaving",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("watermark", sa.String(), nullable=False),
        sa.Column("recorded_at", TIME, nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("actor_name", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=True),
        sa.Column("sign_in_id", sa.Uuid(), nullable=True),
        sa.Column("device_id", sa.Uuid(), nullable=True),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("contains", JSON, nullable=False),
        sa.Column("content_digest", sa.String(), nullable=False),
        sa.Column("copies", sa.Integer(), nullable=False),
        sa.CheckConstraint("copies >= 1", name=op.f("ck_leaving_copies_one_or_more")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_leaving")),
        sa.UniqueConstraint("watermark", name=op.f("uq_leaving_watermark")),
    )
    op.create_index("ix_leaving_recorded_at", "leaving", ["recorded_at"])


_BEFORE = sa.table(
    "leaving_before",
    *(sa.column(name) for name in OLD_LEAVING.split(", ")),
    sa.column("patient_ids", JSON),
    sa.column("contains", JSON),
)


def _keep_leavings():
    """Patients become patients with fields; the id serves as the watermark that was not printed."""
    connection = op.get_bind()
    after = sa.table(
        "leaving",
        *(sa.column(name) for name in OLD_LEAVING.split(", ")),
        *(sa.column(name) for name in ("watermark", "role", "address")),
        sa.column("contains", JSON),
    )
    names = OLD_LEAVING.split(", ")
    for row in connection.execute(
        sa.select(*(_BEFORE.c[n] for n in (*names, "patient_ids")))
    ).mappings():
        contains = {patient.replace("-", ""): EVERY_FIELD for patient in row["patient_ids"]}
        kept = {name: row[name] for name in names}
        watermark = str(row["id"]).replace("-", "")
        connection.execute(
            after.insert().values(
                **kept, watermark=watermark, role="", address="", contains=contains
            )
        )


def _name_leavings():
    connection = op.get_bind()
    names = OLD_LEAVING.split(", ")
    after = sa.table(
        "leaving", *(sa.column(name) for name in names), sa.column("patient_ids", JSON)
    )
    for row in connection.execute(
        sa.select(*(_BEFORE.c[n] for n in (*names, "contains")))
    ).mappings():
        patients = [f"{p[:8]}-{p[8:12]}-{p[12:16]}-{p[16:20]}-{p[20:]}" for p in row["contains"]]
        kept = {name: row[name] for name in names}
        connection.execute(after.insert().values(**kept, patient_ids=patients))
