"""A sealed record of an append-only table may be sealed anew with another key, and in no other way."""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

# Each table with what its rows never change: everything but the sealed record, or the columns named.
KEPT = {
    "audit_event": [
        "id",
        "stream",
        "seq",
        "key_version",
        "mac",
        "recorded_at",
        "occurred_at",
        "user_id",
        "actor_name",
        "role",
        "site_id",
        "sign_in_id",
        "device_id",
        "address",
        "answer_id",
        "action",
        "subject",
        "subject_id",
        "fields",
        "list_key",
        "details",
        "sealed_digest",
    ],
    "call_attempt": ["id", "call_id", "occurred_at", "recorded_at", "by_id", "by_name", "reached"],
    "custody_event": [
        "id",
        "specimen_id",
        "action",
        "status_before",
        "status_after",
        "occurred_at",
        "recorded_at",
        "by_id",
        "by_name",
        "place",
        "reason_code",
    ],
    "label_print": [
        "id",
        "specimen_id",
        "number",
        "copy",
        "content_digest",
        "reason",
        "printed_at",
        "by_id",
        "by_name",
        "leaving_id",
    ],
    "rejection": ["id", "specimen_id", "reason_code", "rejected_at", "by_id", "by_name"],
    "request_change": ["id", "request_id", "kind", "recorded_at", "by_id", "by_name"],
    "result": [
        "analyte_code",
        "version",
        "requested_test_id",
        "laboratory_id",
        "planned_tube_id",
        "identity_id",
        "occurred_at",
        "entered_at",
        "entered_by_id",
        "entered_by_name",
        "is_critical",
    ],
    "result_return": ["id", "result_id", "returned_at", "by_id", "by_name"],
    "slip": [
        "id",
        "request_id",
        "number",
        "version",
        "copy",
        "content_digest",
        "reason",
        "printed_at",
        "by_id",
        "by_name",
        "leaving_id",
    ],
    "test_move": [
        "id",
        "requested_test_id",
        "action",
        "status_before",
        "status_after",
        "occurred_at",
        "recorded_at",
        "by_id",
        "by_name",
        "reason_code",
    ],
    "triage_decision": [
        "id",
        "request_id",
        "requested_test_id",
        "kind",
        "band_before",
        "band_after",
        "reason_code",
        "decided_at",
        "by_id",
        "by_name",
    ],
}
# Before: nothing at all was changed, but of results and of audit events.
SOME_KEPT_BEFORE = {
    "result": ["sealed", *KEPT["result"]],
    "audit_event": KEPT["audit_event"],
}


def upgrade():
    for table, columns in KEPT.items():
        op.drop_append_only(table)
        op.make_append_only(table, columns)
        op.make_sealed_append_only(table)


def downgrade():
    for table in KEPT:
        op.drop_append_only(table)
        op.make_append_only(table, SOME_KEPT_BEFORE.get(table, ()))
