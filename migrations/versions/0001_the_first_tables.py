"""The first tables

Revision: 0001
Before it: an empty database
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "audit_event",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("actor_name", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=True),
        sa.Column("sign_in_id", sa.Uuid(), nullable=True),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=True),
        sa.Column(
            "details", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_event")),
    )
    with op.batch_alter_table("audit_event", schema=None) as batch_op:
        batch_op.create_index("ix_audit_event_recorded_at", ["recorded_at"], unique=False)
        batch_op.create_index("ix_audit_event_subject", ["subject", "subject_id"], unique=False)

    op.create_table(
        "failed_sign_in",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name_index", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_failed_sign_in")),
    )
    with op.batch_alter_table("failed_sign_in", schema=None) as batch_op:
        batch_op.create_index("ix_failed_sign_in_name_at", ["name_index", "at"], unique=False)

    op.create_table(
        "issued_number",
        sa.Column("number", sa.String(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "used",
                "void",
                name="numberstate",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("voided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("void_reason", sa.String(), nullable=True),
        sa.CheckConstraint(
            "(state = 'void') = (void_reason IS NOT NULL)", name=op.f("ck_issued_number_voided_why")
        ),
        sa.CheckConstraint(
            "(state = 'void') = (voided_at IS NOT NULL)", name=op.f("ck_issued_number_voided_when")
        ),
        sa.CheckConstraint("length(number) = 12", name=op.f("ck_issued_number_twelve_digits")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_issued_number")),
    )
    op.create_table(
        "leaving",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("actor_name", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column(
            "patient_ids", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False
        ),
        sa.Column("content_digest", sa.String(), nullable=False),
        sa.Column("copies", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_leaving")),
    )
    op.create_table(
        "node",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("demonstration", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("epoch BETWEEN 0 AND 9", name=op.f("ck_node_epoch_one_digit")),
        sa.CheckConstraint("id = 1", name=op.f("ck_node_one_row")),
        sa.CheckConstraint("number BETWEEN 10 AND 99", name=op.f("ck_node_number_two_digits")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_node")),
    )
    op.create_table(
        "number_series",
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("node", sa.Integer(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("next_sequence", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("kind", name=op.f("pk_number_series")),
    )
    op.create_table(
        "organisation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("ods_code", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisation")),
        sa.UniqueConstraint("ods_code", name=op.f("uq_organisation_ods_code")),
    )
    op.create_table(
        "patient",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_patient")),
    )
    op.create_table(
        "unidentified_name",
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("issuer", sa.String(), nullable=False),
        sa.Column("surname", sa.String(), nullable=False),
        sa.Column("forename", sa.String(), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_unidentified_name")),
    )
    with op.batch_alter_table("unidentified_name", schema=None) as batch_op:
        batch_op.create_index("ix_unidentified_name_free", ["issuer", "used_at"], unique=False)

    op.create_table(
        "user_account",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("username", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("passphrase_hash", sa.String(), nullable=True),
        sa.Column("secret_expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("demonstration", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("disabled_by", sa.String(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(disabled_at IS NULL) = (disabled_by IS NULL)",
            name=op.f("ck_user_account_disabled_by_somebody"),
        ),
        sa.CheckConstraint(
            "demonstration = (passphrase_hash IS NULL)",
            name=op.f("ck_user_account_passphrase_unless_demonstration"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user_account")),
        sa.UniqueConstraint("username", name=op.f("uq_user_account_username")),
    )
    op.create_table(
        "incident",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "open",
                "closed",
                name="incidentstate",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("down_since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("message", sa.String(), nullable=False),
        sa.Column("declared_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("declared_by", sa.String(), nullable=False),
        sa.Column("declared_by_id", sa.Uuid(), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(state = 'closed') = (closed_at IS NOT NULL)", name=op.f("ck_incident_closed_when")
        ),
        sa.ForeignKeyConstraint(
            ["declared_by_id"],
            ["user_account.id"],
            name=op.f("fk_incident_declared_by_id_user_account"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incident")),
        sa.UniqueConstraint("number", name=op.f("uq_incident_number")),
    )
    with op.batch_alter_table("incident", schema=None) as batch_op:
        batch_op.create_index(
            "uq_incident_open",
            ["state"],
            unique=True,
            sqlite_where=sa.text("state = 'open'"),
            postgresql_where=sa.text("state = 'open'"),
        )

    op.create_table(
        "patient_identity",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("is_current", sa.Boolean(), nullable=False),
        sa.Column("sealed", sa.String(), nullable=False),
        sa.Column("nhs_index", sa.String(), nullable=True),
        sa.Column("hospital_index", sa.String(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["patient_id"], ["patient.id"], name=op.f("fk_patient_identity_patient_id_patient")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_patient_identity")),
    )
    with op.batch_alter_table("patient_identity", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_patient_identity_patient_id"), ["patient_id"], unique=False
        )
        batch_op.create_index(
            "uq_patient_identity_hospital",
            ["hospital_index"],
            unique=True,
            sqlite_where=sa.text("is_current AND hospital_index IS NOT NULL"),
            postgresql_where=sa.text("is_current AND hospital_index IS NOT NULL"),
        )
        batch_op.create_index(
            "uq_patient_identity_nhs",
            ["nhs_index"],
            unique=True,
            sqlite_where=sa.text("is_current AND nhs_index IS NOT NULL"),
            postgresql_where=sa.text("is_current AND nhs_index IS NOT NULL"),
        )

    op.create_table(
        "site",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column(
            "tube_system",
            sa.Enum(
                "BD",
                "Sarstedt",
                name="tubesystem",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk_site_organisation_id_organisation"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_site")),
        sa.UniqueConstraint("code", name=op.f("uq_site_code")),
    )
    op.create_table(
        "laboratory",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "own",
                "partner",
                name="laboratorykind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=True),
        sa.Column("telephone", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk_laboratory_organisation_id_organisation"),
        ),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_laboratory_site_id_site")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_laboratory")),
        sa.UniqueConstraint("code", name=op.f("uq_laboratory_code")),
    )
    op.create_table(
        "menu_decision",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("incident_id", sa.Uuid(), nullable=False),
        sa.Column("test_code", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.String(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.String(), nullable=True),
        sa.CheckConstraint(
            "(ended_at IS NULL) = (ended_by IS NULL)",
            name=op.f("ck_menu_decision_ended_by_somebody"),
        ),
        sa.ForeignKeyConstraint(
            ["incident_id"], ["incident.id"], name=op.f("fk_menu_decision_incident_id_incident")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_menu_decision")),
    )
    with op.batch_alter_table("menu_decision", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_menu_decision_incident_id"), ["incident_id"], unique=False
        )
        batch_op.create_index(
            "uq_menu_decision_standing",
            ["test_code"],
            unique=True,
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )

    op.create_table(
        "ward",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("telephone", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_ward_site_id_site")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ward")),
        sa.UniqueConstraint("code", name=op.f("uq_ward_code")),
    )
    with op.batch_alter_table("ward", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_ward_site_id"), ["site_id"], unique=False)

    op.create_table(
        "capacity",
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
        sa.Column("hour", sa.Integer(), nullable=False),
        sa.Column("per_hour", sa.Integer(), nullable=False),
        sa.CheckConstraint("hour BETWEEN 0 AND 23", name=op.f("ck_capacity_hour_of_the_day")),
        sa.CheckConstraint("per_hour >= 0", name=op.f("ck_capacity_per_hour_not_negative")),
        sa.ForeignKeyConstraint(
            ["laboratory_id"], ["laboratory.id"], name=op.f("fk_capacity_laboratory_id_laboratory")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_capacity")),
        sa.UniqueConstraint(
            "laboratory_id",
            "discipline",
            "hour",
            name=op.f("uq_capacity_laboratory_id_discipline_hour"),
        ),
    )
    op.create_table(
        "critical_limit",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("laboratory_id", sa.Uuid(), nullable=False),
        sa.Column("analyte_code", sa.String(), nullable=False),
        sa.Column(
            "low_op",
            sa.Enum("<", "<=", name="low_op", native_enum=False, create_constraint=True, length=32),
            nullable=True,
        ),
        sa.Column("low", sa.String(length=20), nullable=True),
        sa.Column(
            "high_op",
            sa.Enum(
                ">", ">=", name="high_op", native_enum=False, create_constraint=True, length=32
            ),
            nullable=True,
        ),
        sa.Column("high", sa.String(length=20), nullable=True),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "(high IS NULL) = (high_op IS NULL)",
            name=op.f("ck_critical_limit_high_with_its_operator"),
        ),
        sa.CheckConstraint(
            "(low IS NULL) = (low_op IS NULL)", name=op.f("ck_critical_limit_low_with_its_operator")
        ),
        sa.CheckConstraint(
            "valid_to > valid_from", name=op.f("ck_critical_limit_valid_to_after_valid_from")
        ),
        sa.ForeignKeyConstraint(
            ["laboratory_id"],
            ["laboratory.id"],
            name=op.f("fk_critical_limit_laboratory_id_laboratory"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_critical_limit")),
        sa.UniqueConstraint(
            "laboratory_id",
            "analyte_code",
            "valid_from",
            name=op.f("uq_critical_limit_laboratory_id_analyte_code_valid_from"),
        ),
    )
    op.create_table(
        "link",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("from_site_id", sa.Uuid(), nullable=True),
        sa.Column("from_laboratory_id", sa.Uuid(), nullable=True),
        sa.Column("to_laboratory_id", sa.Uuid(), nullable=False),
        sa.Column("travel_minutes", sa.Integer(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.CheckConstraint(
            "(from_site_id IS NULL) <> (from_laboratory_id IS NULL)",
            name=op.f("ck_link_from_one_place"),
        ),
        sa.CheckConstraint(
            "from_laboratory_id <> to_laboratory_id", name=op.f("ck_link_to_another_place")
        ),
        sa.CheckConstraint("travel_minutes >= 0", name=op.f("ck_link_travel_not_negative")),
        sa.ForeignKeyConstraint(
            ["from_laboratory_id"],
            ["laboratory.id"],
            name=op.f("fk_link_from_laboratory_id_laboratory"),
        ),
        sa.ForeignKeyConstraint(
            ["from_site_id"], ["site.id"], name=op.f("fk_link_from_site_id_site")
        ),
        sa.ForeignKeyConstraint(
            ["to_laboratory_id"],
            ["laboratory.id"],
            name=op.f("fk_link_to_laboratory_id_laboratory"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_link")),
        sa.UniqueConstraint(
            "from_laboratory_id",
            "to_laboratory_id",
            name=op.f("uq_link_from_laboratory_id_to_laboratory_id"),
        ),
        sa.UniqueConstraint(
            "from_site_id", "to_laboratory_id", name=op.f("uq_link_from_site_id_to_laboratory_id")
        ),
    )
    op.create_table(
        "menu_entry",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("laboratory_id", sa.Uuid(), nullable=False),
        sa.Column("test_code", sa.String(), nullable=False),
        sa.Column("turnaround_minutes", sa.Integer(), nullable=False),
        sa.Column("method", sa.String(), nullable=False),
        sa.Column(
            "analytes", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False
        ),
        sa.CheckConstraint(
            "turnaround_minutes > 0", name=op.f("ck_menu_entry_turnaround_positive")
        ),
        sa.ForeignKeyConstraint(
            ["laboratory_id"],
            ["laboratory.id"],
            name=op.f("fk_menu_entry_laboratory_id_laboratory"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_menu_entry")),
        sa.UniqueConstraint(
            "laboratory_id", "test_code", name=op.f("uq_menu_entry_laboratory_id_test_code")
        ),
    )
    op.create_table(
        "opening_hours",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("laboratory_id", sa.Uuid(), nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column("opens", sa.Integer(), nullable=False),
        sa.Column("closes", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "opens >= 0 AND opens < closes AND closes <= 1440",
            name=op.f("ck_opening_hours_opens_before_closes"),
        ),
        sa.CheckConstraint(
            "weekday BETWEEN 0 AND 6", name=op.f("ck_opening_hours_weekday_of_seven")
        ),
        sa.ForeignKeyConstraint(
            ["laboratory_id"],
            ["laboratory.id"],
            name=op.f("fk_opening_hours_laboratory_id_laboratory"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_opening_hours")),
        sa.UniqueConstraint(
            "laboratory_id", "weekday", name=op.f("uq_opening_hours_laboratory_id_weekday")
        ),
    )
    op.create_table(
        "reference_interval",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("laboratory_id", sa.Uuid(), nullable=False),
        sa.Column("analyte_code", sa.String(), nullable=False),
        sa.Column(
            "sex",
            sa.Enum("M", "F", name="sex", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("low", sa.String(length=20), nullable=True),
        sa.Column("high", sa.String(length=20), nullable=True),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "valid_to > valid_from", name=op.f("ck_reference_interval_valid_to_after_valid_from")
        ),
        sa.ForeignKeyConstraint(
            ["laboratory_id"],
            ["laboratory.id"],
            name=op.f("fk_reference_interval_laboratory_id_laboratory"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reference_interval")),
        sa.UniqueConstraint(
            "laboratory_id",
            "analyte_code",
            "sex",
            "valid_from",
            name=op.f("uq_reference_interval_laboratory_id_analyte_code_sex_valid_from"),
        ),
    )
    op.create_table(
        "request",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("idempotency_key", sa.String(), nullable=False),
        sa.Column("content_digest", sa.String(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("identity_id", sa.Uuid(), nullable=False),
        sa.Column("incident_id", sa.Uuid(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("ward_id", sa.Uuid(), nullable=False),
        sa.Column("destination_id", sa.Uuid(), nullable=False),
        sa.Column("requester_id", sa.Uuid(), nullable=True),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "band_asked",
            sa.Enum(
                "P1",
                "P2",
                "P3",
                "P4",
                name="band_asked",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "band",
            sa.Enum(
                "P1",
                "P2",
                "P3",
                "P4",
                name="band",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("reason_code", sa.String(), nullable=False),
        sa.Column("needed_by", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("unusable_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("next_tube", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("length(number) = 12", name=op.f("ck_request_number_twelve_digits")),
        sa.ForeignKeyConstraint(
            ["destination_id"], ["ward.id"], name=op.f("fk_request_destination_id_ward")
        ),
        sa.ForeignKeyConstraint(
            ["identity_id"],
            ["patient_identity.id"],
            name=op.f("fk_request_identity_id_patient_identity"),
        ),
        sa.ForeignKeyConstraint(
            ["incident_id"], ["incident.id"], name=op.f("fk_request_incident_id_incident")
        ),
        sa.ForeignKeyConstraint(
            ["patient_id"], ["patient.id"], name=op.f("fk_request_patient_id_patient")
        ),
        sa.ForeignKeyConstraint(
            ["requester_id"], ["user_account.id"], name=op.f("fk_request_requester_id_user_account")
        ),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_request_site_id_site")),
        sa.ForeignKeyConstraint(["ward_id"], ["ward.id"], name=op.f("fk_request_ward_id_ward")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_request")),
        sa.UniqueConstraint("idempotency_key", name=op.f("uq_request_idempotency_key")),
        sa.UniqueConstraint("number", name=op.f("uq_request_number")),
    )
    with op.batch_alter_table("request", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_request_patient_id"), ["patient_id"], unique=False)
        batch_op.create_index(
            "ix_request_queue",
            ["band", "due_at", "unusable_at", "received_at", "id"],
            unique=False,
            sqlite_where=sa.text("closed_at IS NULL"),
            postgresql_where=sa.text("closed_at IS NULL"),
        )
        batch_op.create_index(
            "ix_request_site_requested", ["site_id", "requested_at"], unique=False
        )

    op.create_table(
        "role_grant",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column(
            "role",
            sa.Enum(
                "requester",
                "porter",
                "laboratory",
                "senior",
                "coordinator",
                "partner",
                "governance",
                "administrator",
                name="role",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("site_id", sa.Uuid(), nullable=True),
        sa.Column("laboratory_id", sa.Uuid(), nullable=True),
        sa.Column("granted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("granted_by", sa.String(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.String(), nullable=True),
        sa.CheckConstraint(
            "(ended_at IS NULL) = (ended_by IS NULL)", name=op.f("ck_role_grant_ended_by_somebody")
        ),
        sa.CheckConstraint(
            "NOT (site_id IS NOT NULL AND laboratory_id IS NOT NULL)",
            name=op.f("ck_role_grant_one_place"),
        ),
        sa.ForeignKeyConstraint(
            ["laboratory_id"],
            ["laboratory.id"],
            name=op.f("fk_role_grant_laboratory_id_laboratory"),
        ),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_role_grant_site_id_site")),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_role_grant_user_id_user_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_role_grant")),
    )
    with op.batch_alter_table("role_grant", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_role_grant_user_id"), ["user_id"], unique=False)

    op.create_table(
        "form_print",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("copy", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("printed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.Column("by_name", sa.String(), nullable=False),
        sa.Column("leaving_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["request_id"], ["request.id"], name=op.f("fk_form_print_request_id_request")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_form_print")),
    )
    with op.batch_alter_table("form_print", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_form_print_request_id"), ["request_id"], unique=False)

    op.create_table(
        "planned_tube",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("container", sa.String(), nullable=False),
        sa.Column("tube_group", sa.String(), nullable=False),
        sa.Column("bottle", sa.Integer(), nullable=False),
        sa.Column("bottles", sa.Integer(), nullable=False),
        sa.Column("by_hand", sa.Boolean(), nullable=False),
        sa.Column("replaces_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["replaces_id"],
            ["planned_tube.id"],
            name=op.f("fk_planned_tube_replaces_id_planned_tube"),
        ),
        sa.ForeignKeyConstraint(
            ["request_id"], ["request.id"], name=op.f("fk_planned_tube_request_id_request")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_planned_tube")),
        sa.UniqueConstraint(
            "request_id", "ordinal", name=op.f("uq_planned_tube_request_id_ordinal")
        ),
    )
    with op.batch_alter_table("planned_tube", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_planned_tube_request_id"), ["request_id"], unique=False
        )

    op.create_table(
        "request_change",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.Column("by_name", sa.String(), nullable=False),
        sa.Column("sealed", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["request_id"], ["request.id"], name=op.f("fk_request_change_request_id_request")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_request_change")),
    )
    with op.batch_alter_table("request_change", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_request_change_request_id"), ["request_id"], unique=False
        )

    op.create_table(
        "request_reach",
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("laboratory_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["laboratory_id"],
            ["laboratory.id"],
            name=op.f("fk_request_reach_laboratory_id_laboratory"),
        ),
        sa.ForeignKeyConstraint(
            ["request_id"], ["request.id"], name=op.f("fk_request_reach_request_id_request")
        ),
        sa.PrimaryKeyConstraint("request_id", "laboratory_id", name=op.f("pk_request_reach")),
    )
    op.create_table(
        "sign_in",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("token_digest", sa.String(), nullable=False),
        sa.Column("grant_id", sa.Uuid(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["grant_id"], ["role_grant.id"], name=op.f("fk_sign_in_grant_id_role_grant")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in")),
        sa.UniqueConstraint("token_digest", name=op.f("uq_sign_in_token_digest")),
    )
    with op.batch_alter_table("sign_in", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sign_in_grant_id"), ["grant_id"], unique=False)

    op.create_table(
        "slip",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("copy", sa.Integer(), nullable=False),
        sa.Column("content_digest", sa.String(), nullable=False),
        sa.Column("sealed", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("printed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.Column("by_name", sa.String(), nullable=False),
        sa.Column("leaving_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["number"], ["issued_number.number"], name=op.f("fk_slip_number_issued_number")
        ),
        sa.ForeignKeyConstraint(
            ["request_id"], ["request.id"], name=op.f("fk_slip_request_id_request")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_slip")),
        sa.UniqueConstraint(
            "request_id", "version", "copy", name=op.f("uq_slip_request_id_version_copy")
        ),
    )
    op.create_table(
        "requested_test",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("test_code", sa.String(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "requested",
                "accepted",
                "deferred",
                "declined",
                "assigned",
                "received",
                "rejected",
                "entered",
                "checked",
                "authorised",
                "amended",
                "withdrawn",
                name="teststatus",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("status_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("planned_tube_id", sa.Uuid(), nullable=True),
        sa.Column("laboratory_id", sa.Uuid(), nullable=True),
        sa.Column("sealed", sa.String(), nullable=True),
        sa.CheckConstraint(
            "(status IN ('assigned', 'received', 'entered', 'checked', 'authorised', 'amended')) <= (laboratory_id IS NOT NULL)",
            name=op.f("ck_requested_test_assigned_somewhere"),
        ),
        sa.ForeignKeyConstraint(
            ["laboratory_id"],
            ["laboratory.id"],
            name=op.f("fk_requested_test_laboratory_id_laboratory"),
        ),
        sa.ForeignKeyConstraint(
            ["planned_tube_id"],
            ["planned_tube.id"],
            name=op.f("fk_requested_test_planned_tube_id_planned_tube"),
        ),
        sa.ForeignKeyConstraint(
            ["request_id"], ["request.id"], name=op.f("fk_requested_test_request_id_request")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_requested_test")),
        sa.UniqueConstraint(
            "request_id", "test_code", name=op.f("uq_requested_test_request_id_test_code")
        ),
    )
    with op.batch_alter_table("requested_test", schema=None) as batch_op:
        batch_op.create_index("ix_requested_test_bench", ["laboratory_id", "status"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_requested_test_planned_tube_id"), ["planned_tube_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_requested_test_request_id"), ["request_id"], unique=False
        )

    op.create_table(
        "specimen",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("planned_tube_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(), nullable=True),
        sa.Column(
            "status",
            sa.Enum(
                "unlabelled",
                "labelled",
                "collected",
                "handed over",
                "received",
                "dispatched",
                "rejected",
                "not collected",
                name="specimenstatus",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("collected_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("collected_by", sa.String(), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("laboratory_id", sa.Uuid(), nullable=True),
        sa.Column("bound_for_id", sa.Uuid(), nullable=True),
        sa.Column("holder", sa.String(), nullable=False),
        sa.Column("unusable_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(status = 'collected') <= (collected_at IS NOT NULL)",
            name=op.f("ck_specimen_collected_when"),
        ),
        sa.CheckConstraint(
            "(status = 'dispatched') <= (bound_for_id IS NOT NULL)",
            name=op.f("ck_specimen_dispatched_whither"),
        ),
        sa.CheckConstraint(
            "(status = 'labelled') <= (number IS NOT NULL)",
            name=op.f("ck_specimen_labelled_with_number"),
        ),
        sa.CheckConstraint(
            "(status = 'received') <= (collected_at IS NOT NULL)",
            name=op.f("ck_specimen_received_with_age"),
        ),
        sa.CheckConstraint(
            "(status = 'received') <= (laboratory_id IS NOT NULL)",
            name=op.f("ck_specimen_received_where"),
        ),
        sa.CheckConstraint(
            "(status = 'received') <= (received_at IS NOT NULL)",
            name=op.f("ck_specimen_received_when"),
        ),
        sa.CheckConstraint(
            "(status = 'unlabelled') <= (number IS NULL)",
            name=op.f("ck_specimen_unlabelled_no_number"),
        ),
        sa.CheckConstraint(
            "(collected_at IS NULL) = (collected_by IS NULL)",
            name=op.f("ck_specimen_collected_by_somebody"),
        ),
        sa.ForeignKeyConstraint(
            ["bound_for_id"], ["laboratory.id"], name=op.f("fk_specimen_bound_for_id_laboratory")
        ),
        sa.ForeignKeyConstraint(
            ["laboratory_id"], ["laboratory.id"], name=op.f("fk_specimen_laboratory_id_laboratory")
        ),
        sa.ForeignKeyConstraint(
            ["planned_tube_id"],
            ["planned_tube.id"],
            name=op.f("fk_specimen_planned_tube_id_planned_tube"),
        ),
        sa.ForeignKeyConstraint(
            ["request_id"], ["request.id"], name=op.f("fk_specimen_request_id_request")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_specimen")),
        sa.UniqueConstraint("number", name=op.f("uq_specimen_number")),
        sa.UniqueConstraint("planned_tube_id", name=op.f("uq_specimen_planned_tube_id")),
    )
    with op.batch_alter_table("specimen", schema=None) as batch_op:
        batch_op.create_index("ix_specimen_place", ["laboratory_id", "status"], unique=False)
        batch_op.create_index(batch_op.f("ix_specimen_request_id"), ["request_id"], unique=False)

    op.create_table(
        "assignment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("requested_test_id", sa.Uuid(), nullable=False),
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
        sa.Column("hour", sa.DateTime(timezone=True), nullable=False),
        sa.Column("result_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("suggested", sa.Boolean(), nullable=False),
        sa.Column("explanation", sa.String(), nullable=False),
        sa.Column("sealed", sa.String(), nullable=True),
        sa.Column("assigned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("assigned_by", sa.String(), nullable=False),
        sa.Column("assigned_by_id", sa.Uuid(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.String(), nullable=True),
        sa.CheckConstraint(
            "(ended_at IS NULL) = (ended_by IS NULL)", name=op.f("ck_assignment_ended_by_somebody")
        ),
        sa.ForeignKeyConstraint(
            ["laboratory_id"],
            ["laboratory.id"],
            name=op.f("fk_assignment_laboratory_id_laboratory"),
        ),
        sa.ForeignKeyConstraint(
            ["requested_test_id"],
            ["requested_test.id"],
            name=op.f("fk_assignment_requested_test_id_requested_test"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assignment")),
    )
    with op.batch_alter_table("assignment", schema=None) as batch_op:
        batch_op.create_index(
            "ix_assignment_places",
            ["hour", "laboratory_id", "discipline"],
            unique=False,
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )
        batch_op.create_index(
            batch_op.f("ix_assignment_requested_test_id"), ["requested_test_id"], unique=False
        )
        batch_op.create_index(
            "uq_assignment_live",
            ["requested_test_id"],
            unique=True,
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )

    op.create_table(
        "custody_event",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("specimen_id", sa.Uuid(), nullable=False),
        sa.Column(
            "action",
            sa.Enum(
                "label",
                "void the label of",
                "void the label on",
                "put another label on",
                "collect",
                "correct the time of",
                "hand over",
                "receive",
                "dispatch",
                "reject",
                "give up",
                name="custodyaction",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "status_before",
            sa.Enum(
                "unlabelled",
                "labelled",
                "collected",
                "handed over",
                "received",
                "dispatched",
                "rejected",
                "not collected",
                name="status_before",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column(
            "status_after",
            sa.Enum(
                "unlabelled",
                "labelled",
                "collected",
                "handed over",
                "received",
                "dispatched",
                "rejected",
                "not collected",
                name="status_after",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.Column("by_name", sa.String(), nullable=False),
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("reason_code", sa.String(), nullable=False),
        sa.Column("sealed", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["specimen_id"], ["specimen.id"], name=op.f("fk_custody_event_specimen_id_specimen")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_custody_event")),
    )
    with op.batch_alter_table("custody_event", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_custody_event_specimen_id"), ["specimen_id"], unique=False
        )

    op.create_table(
        "label_print",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("specimen_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("copy", sa.Integer(), nullable=False),
        sa.Column("content_digest", sa.String(), nullable=False),
        sa.Column("sealed", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("printed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.Column("by_name", sa.String(), nullable=False),
        sa.Column("leaving_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["number"], ["issued_number.number"], name=op.f("fk_label_print_number_issued_number")
        ),
        sa.ForeignKeyConstraint(
            ["specimen_id"], ["specimen.id"], name=op.f("fk_label_print_specimen_id_specimen")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_label_print")),
    )
    with op.batch_alter_table("label_print", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_label_print_specimen_id"), ["specimen_id"], unique=False
        )

    op.create_table(
        "rejection",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("specimen_id", sa.Uuid(), nullable=False),
        sa.Column("reason_code", sa.String(), nullable=False),
        sa.Column("sealed", sa.String(), nullable=True),
        sa.Column("rejected_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.Column("by_name", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["specimen_id"], ["specimen.id"], name=op.f("fk_rejection_specimen_id_specimen")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rejection")),
        sa.UniqueConstraint("specimen_id", name=op.f("uq_rejection_specimen_id")),
    )
    op.create_table(
        "release",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("requested_test_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.Column("by_name", sa.String(), nullable=False),
        sa.Column("unread", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["request_id"], ["request.id"], name=op.f("fk_release_request_id_request")
        ),
        sa.ForeignKeyConstraint(
            ["requested_test_id"],
            ["requested_test.id"],
            name=op.f("fk_release_requested_test_id_requested_test"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_release")),
        sa.UniqueConstraint(
            "requested_test_id", "number", name=op.f("uq_release_requested_test_id_number")
        ),
    )
    with op.batch_alter_table("release", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_release_request_id"), ["request_id"], unique=False)
        batch_op.create_index(
            "ix_release_unread",
            ["request_id"],
            unique=False,
            sqlite_where=sa.text("unread"),
            postgresql_where=sa.text("unread"),
        )

    op.create_table(
        "result",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("requested_test_id", sa.Uuid(), nullable=False),
        sa.Column("analyte_code", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.String(), nullable=False),
        sa.Column("laboratory_id", sa.Uuid(), nullable=False),
        sa.Column("planned_tube_id", sa.Uuid(), nullable=True),
        sa.Column("identity_id", sa.Uuid(), nullable=False),
        sa.Column(
            "source",
            sa.Enum(
                "manual",
                "imported",
                name="source",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "status",
            sa.Enum(
                "entered",
                "checked",
                "authorised",
                "superseded",
                name="resultstatus",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("is_critical", sa.Boolean(), nullable=False),
        sa.Column("needs_check", sa.Boolean(), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("entered_by_id", sa.Uuid(), nullable=True),
        sa.Column("entered_by_name", sa.String(), nullable=False),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("checked_by_id", sa.Uuid(), nullable=True),
        sa.Column("checked_by_name", sa.String(), nullable=True),
        sa.Column("authorised_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("authorised_by_id", sa.Uuid(), nullable=True),
        sa.Column("authorised_by_name", sa.String(), nullable=True),
        sa.CheckConstraint(
            "(status = 'authorised') <= (authorised_at IS NOT NULL)",
            name=op.f("ck_result_authorised_with_evidence"),
        ),
        sa.CheckConstraint(
            "(status = 'checked') <= (checked_at IS NOT NULL AND authorised_at IS NULL)",
            name=op.f("ck_result_checked_with_evidence"),
        ),
        sa.CheckConstraint(
            "(status = 'entered') <= (checked_at IS NULL AND authorised_at IS NULL)",
            name=op.f("ck_result_entered_without_evidence"),
        ),
        sa.CheckConstraint(
            "source <> 'manual' OR authorised_by_id IS NULL OR authorised_by_id <> entered_by_id",
            name=op.f("ck_result_authoriser_did_not_type"),
        ),
        sa.CheckConstraint(
            "source <> 'manual' OR entered_by_id IS NOT NULL",
            name=op.f("ck_result_typed_by_somebody"),
        ),
        sa.CheckConstraint(
            "(authorised_at IS NULL) = (authorised_by_id IS NULL)",
            name=op.f("ck_result_authorised_by_somebody"),
        ),
        sa.CheckConstraint(
            "(checked_at IS NULL) = (checked_by_id IS NULL)",
            name=op.f("ck_result_checked_by_somebody"),
        ),
        sa.CheckConstraint(
            "NOT is_critical OR needs_check", name=op.f("ck_result_critical_needs_check")
        ),
        sa.CheckConstraint(
            "NOT needs_check OR authorised_by_id IS NULL OR (checked_by_id IS NOT NULL AND checked_by_id <> authorised_by_id AND (entered_by_id IS NULL OR entered_by_id <> authorised_by_id))",
            name=op.f("ck_result_three_people_where_needed"),
        ),
        sa.CheckConstraint(
            "checked_by_id IS NULL OR entered_by_id IS NULL OR checked_by_id <> entered_by_id",
            name=op.f("ck_result_checker_did_not_type"),
        ),
        sa.CheckConstraint("version >= 1", name=op.f("ck_result_version_from_one")),
        sa.ForeignKeyConstraint(
            ["identity_id"],
            ["patient_identity.id"],
            name=op.f("fk_result_identity_id_patient_identity"),
        ),
        sa.ForeignKeyConstraint(
            ["laboratory_id"], ["laboratory.id"], name=op.f("fk_result_laboratory_id_laboratory")
        ),
        sa.ForeignKeyConstraint(
            ["planned_tube_id"],
            ["planned_tube.id"],
            name=op.f("fk_result_planned_tube_id_planned_tube"),
        ),
        sa.ForeignKeyConstraint(
            ["request_id"], ["request.id"], name=op.f("fk_result_request_id_request")
        ),
        sa.ForeignKeyConstraint(
            ["requested_test_id"],
            ["requested_test.id"],
            name=op.f("fk_result_requested_test_id_requested_test"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_result")),
        sa.UniqueConstraint(
            "requested_test_id",
            "analyte_code",
            "version",
            name=op.f("uq_result_requested_test_id_analyte_code_version"),
        ),
    )
    with op.batch_alter_table("result", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_result_request_id"), ["request_id"], unique=False)
        batch_op.create_index(
            "uq_result_live",
            ["requested_test_id", "analyte_code"],
            unique=True,
            sqlite_where=sa.text("status <> 'superseded'"),
            postgresql_where=sa.text("status <> 'superseded'"),
        )

    op.create_table(
        "test_move",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("requested_test_id", sa.Uuid(), nullable=False),
        sa.Column(
            "action",
            sa.Enum(
                "accept",
                "defer",
                "decline",
                "assign",
                "reassign",
                "receive",
                "reject",
                "recollect",
                "enter",
                "reenter",
                "check",
                "authorise",
                "amend",
                "authorise amendment",
                "withdraw",
                name="testaction",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "status_before",
            sa.Enum(
                "requested",
                "accepted",
                "deferred",
                "declined",
                "assigned",
                "received",
                "rejected",
                "entered",
                "checked",
                "authorised",
                "amended",
                "withdrawn",
                name="status_before",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "status_after",
            sa.Enum(
                "requested",
                "accepted",
                "deferred",
                "declined",
                "assigned",
                "received",
                "rejected",
                "entered",
                "checked",
                "authorised",
                "amended",
                "withdrawn",
                name="status_after",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.Column("by_name", sa.String(), nullable=False),
        sa.Column("reason_code", sa.String(), nullable=False),
        sa.Column("sealed", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["requested_test_id"],
            ["requested_test.id"],
            name=op.f("fk_test_move_requested_test_id_requested_test"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_test_move")),
    )
    with op.batch_alter_table("test_move", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_test_move_requested_test_id"), ["requested_test_id"], unique=False
        )

    op.create_table(
        "triage_decision",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("requested_test_id", sa.Uuid(), nullable=True),
        sa.Column(
            "kind",
            sa.Enum(
                "accept",
                "defer",
                "decline",
                "priority",
                name="decisionkind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "band_before",
            sa.Enum(
                "P1",
                "P2",
                "P3",
                "P4",
                name="band_before",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column(
            "band_after",
            sa.Enum(
                "P1",
                "P2",
                "P3",
                "P4",
                name="band_after",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column("reason_code", sa.String(), nullable=False),
        sa.Column("sealed", sa.String(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.Column("by_name", sa.String(), nullable=False),
        sa.CheckConstraint(
            "(kind = 'priority') = (band_before IS NOT NULL AND band_after IS NOT NULL)",
            name=op.f("ck_triage_decision_priority_has_bands"),
        ),
        sa.CheckConstraint(
            "(kind = 'priority') = (requested_test_id IS NULL)",
            name=op.f("ck_triage_decision_priority_of_request"),
        ),
        sa.CheckConstraint(
            "kind NOT IN ('defer', 'decline') OR length(reason_code) > 0",
            name=op.f("ck_triage_decision_refused_for_a_reason"),
        ),
        sa.CheckConstraint(
            "band_after IS NULL OR band_after < band_before OR (band_after > band_before AND length(reason_code) > 0)",
            name=op.f("ck_triage_decision_lowered_for_a_reason"),
        ),
        sa.ForeignKeyConstraint(
            ["request_id"], ["request.id"], name=op.f("fk_triage_decision_request_id_request")
        ),
        sa.ForeignKeyConstraint(
            ["requested_test_id"],
            ["requested_test.id"],
            name=op.f("fk_triage_decision_requested_test_id_requested_test"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_triage_decision")),
    )
    with op.batch_alter_table("triage_decision", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_triage_decision_request_id"), ["request_id"], unique=False
        )

    op.create_table(
        "acknowledgement",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("release_id", sa.Uuid(), nullable=False),
        sa.Column("acknowledged_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.Column("by_name", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["release_id"], ["release.id"], name=op.f("fk_acknowledgement_release_id_release")
        ),
        sa.ForeignKeyConstraint(
            ["request_id"], ["request.id"], name=op.f("fk_acknowledgement_request_id_request")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_acknowledgement")),
        sa.UniqueConstraint(
            "release_id", "by_id", name=op.f("uq_acknowledgement_release_id_by_id")
        ),
    )
    with op.batch_alter_table("acknowledgement", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_acknowledgement_request_id"), ["request_id"], unique=False
        )

    op.create_table(
        "critical_call",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("requested_test_id", sa.Uuid(), nullable=False),
        sa.Column("result_id", sa.Uuid(), nullable=False),
        sa.Column("analyte_code", sa.String(), nullable=False),
        sa.Column(
            "cause",
            sa.Enum(
                "critical",
                "correction",
                name="callcause",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "open",
                "closed",
                name="callstatus",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "outcome",
            sa.Enum(
                "told",
                "not needed",
                "put right",
                name="calloutcome",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_by_id", sa.Uuid(), nullable=True),
        sa.Column("closed_by_name", sa.String(), nullable=True),
        sa.Column("sealed", sa.String(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(status = 'closed') = (closed_at IS NOT NULL)",
            name=op.f("ck_critical_call_closed_when"),
        ),
        sa.CheckConstraint(
            "(status = 'closed') = (closed_by_name IS NOT NULL)",
            name=op.f("ck_critical_call_closed_by_somebody"),
        ),
        sa.CheckConstraint(
            "(status = 'closed') = (outcome IS NOT NULL)", name=op.f("ck_critical_call_closed_how")
        ),
        sa.CheckConstraint(
            "(status = 'closed') = (sealed IS NOT NULL)",
            name=op.f("ck_critical_call_closed_with_words"),
        ),
        sa.ForeignKeyConstraint(
            ["request_id"], ["request.id"], name=op.f("fk_critical_call_request_id_request")
        ),
        sa.ForeignKeyConstraint(
            ["requested_test_id"],
            ["requested_test.id"],
            name=op.f("fk_critical_call_requested_test_id_requested_test"),
        ),
        sa.ForeignKeyConstraint(
            ["result_id"], ["result.id"], name=op.f("fk_critical_call_result_id_result")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_critical_call")),
        sa.UniqueConstraint("result_id", name=op.f("uq_critical_call_result_id")),
    )
    with op.batch_alter_table("critical_call", schema=None) as batch_op:
        batch_op.create_index(
            "ix_critical_call_open",
            ["due_at"],
            unique=False,
            sqlite_where=sa.text("status = 'open'"),
            postgresql_where=sa.text("status = 'open'"),
        )
        batch_op.create_index(
            batch_op.f("ix_critical_call_request_id"), ["request_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_critical_call_requested_test_id"), ["requested_test_id"], unique=False
        )

    op.create_table(
        "result_return",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("result_id", sa.Uuid(), nullable=False),
        sa.Column("returned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.Column("by_name", sa.String(), nullable=False),
        sa.Column("sealed", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["result_id"], ["result.id"], name=op.f("fk_result_return_result_id_result")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_result_return")),
    )
    with op.batch_alter_table("result_return", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_result_return_result_id"), ["result_id"], unique=False)

    op.create_table(
        "call_attempt",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("call_id", sa.Uuid(), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.Column("by_name", sa.String(), nullable=False),
        sa.Column("reached", sa.Boolean(), nullable=False),
        sa.Column("sealed", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["call_id"], ["critical_call.id"], name=op.f("fk_call_attempt_call_id_critical_call")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_call_attempt")),
    )
    with op.batch_alter_table("call_attempt", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_call_attempt_call_id"), ["call_id"], unique=False)

    op.make_append_only("audit_event")
    op.make_append_only("leaving")
    op.make_append_only("form_print")
    op.make_append_only("request_change")
    op.make_append_only("slip")
    op.make_append_only("custody_event")
    op.make_append_only("label_print")
    op.make_append_only("rejection")
    op.make_append_only(
        "result",
        [
            "sealed",
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
    )
    op.make_append_only("test_move")
    op.make_append_only("triage_decision")
    op.make_append_only("acknowledgement")
    op.make_append_only("result_return")
    op.make_append_only("call_attempt")


def downgrade():
    with op.batch_alter_table("call_attempt", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_call_attempt_call_id"))

    op.drop_table("call_attempt")
    with op.batch_alter_table("result_return", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_result_return_result_id"))

    op.drop_table("result_return")
    with op.batch_alter_table("critical_call", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_critical_call_requested_test_id"))
        batch_op.drop_index(batch_op.f("ix_critical_call_request_id"))
        batch_op.drop_index(
            "ix_critical_call_open",
            sqlite_where=sa.text("status = 'open'"),
            postgresql_where=sa.text("status = 'open'"),
        )

    op.drop_table("critical_call")
    with op.batch_alter_table("acknowledgement", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_acknowledgement_request_id"))

    op.drop_table("acknowledgement")
    with op.batch_alter_table("triage_decision", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_triage_decision_request_id"))

    op.drop_table("triage_decision")
    with op.batch_alter_table("test_move", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_test_move_requested_test_id"))

    op.drop_table("test_move")
    with op.batch_alter_table("result", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_result_live",
            sqlite_where=sa.text("status <> 'superseded'"),
            postgresql_where=sa.text("status <> 'superseded'"),
        )
        batch_op.drop_index(batch_op.f("ix_result_request_id"))

    op.drop_table("result")
    with op.batch_alter_table("release", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_release_unread", sqlite_where=sa.text("unread"), postgresql_where=sa.text("unread")
        )
        batch_op.drop_index(batch_op.f("ix_release_request_id"))

    op.drop_table("release")
    op.drop_table("rejection")
    with op.batch_alter_table("label_print", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_label_print_specimen_id"))

    op.drop_table("label_print")
    with op.batch_alter_table("custody_event", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_custody_event_specimen_id"))

    op.drop_table("custody_event")
    with op.batch_alter_table("assignment", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_assignment_live",
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_assignment_requested_test_id"))
        batch_op.drop_index(
            "ix_assignment_places",
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )

    op.drop_table("assignment")
    with op.batch_alter_table("specimen", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_specimen_request_id"))
        batch_op.drop_index("ix_specimen_place")

    op.drop_table("specimen")
    with op.batch_alter_table("requested_test", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_requested_test_request_id"))
        batch_op.drop_index(batch_op.f("ix_requested_test_planned_tube_id"))
        batch_op.drop_index("ix_requested_test_bench")

    op.drop_table("requested_test")
    op.drop_table("slip")
    with op.batch_alter_table("sign_in", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sign_in_grant_id"))

    op.drop_table("sign_in")
    op.drop_table("request_reach")
    with op.batch_alter_table("request_change", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_request_change_request_id"))

    op.drop_table("request_change")
    with op.batch_alter_table("planned_tube", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_planned_tube_request_id"))

    op.drop_table("planned_tube")
    with op.batch_alter_table("form_print", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_form_print_request_id"))

    op.drop_table("form_print")
    with op.batch_alter_table("role_grant", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_role_grant_user_id"))

    op.drop_table("role_grant")
    with op.batch_alter_table("request", schema=None) as batch_op:
        batch_op.drop_index("ix_request_site_requested")
        batch_op.drop_index(
            "ix_request_queue",
            sqlite_where=sa.text("closed_at IS NULL"),
            postgresql_where=sa.text("closed_at IS NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_request_patient_id"))

    op.drop_table("request")
    op.drop_table("reference_interval")
    op.drop_table("opening_hours")
    op.drop_table("menu_entry")
    op.drop_table("link")
    op.drop_table("critical_limit")
    op.drop_table("capacity")
    with op.batch_alter_table("ward", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_ward_site_id"))

    op.drop_table("ward")
    with op.batch_alter_table("menu_decision", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_menu_decision_standing",
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_menu_decision_incident_id"))

    op.drop_table("menu_decision")
    op.drop_table("laboratory")
    op.drop_table("site")
    with op.batch_alter_table("patient_identity", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_patient_identity_nhs",
            sqlite_where=sa.text("is_current AND nhs_index IS NOT NULL"),
            postgresql_where=sa.text("is_current AND nhs_index IS NOT NULL"),
        )
        batch_op.drop_index(
            "uq_patient_identity_hospital",
            sqlite_where=sa.text("is_current AND hospital_index IS NOT NULL"),
            postgresql_where=sa.text("is_current AND hospital_index IS NOT NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_patient_identity_patient_id"))

    op.drop_table("patient_identity")
    with op.batch_alter_table("incident", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_incident_open",
            sqlite_where=sa.text("state = 'open'"),
            postgresql_where=sa.text("state = 'open'"),
        )

    op.drop_table("incident")
    op.drop_table("user_account")
    with op.batch_alter_table("unidentified_name", schema=None) as batch_op:
        batch_op.drop_index("ix_unidentified_name_free")

    op.drop_table("unidentified_name")
    op.drop_table("patient")
    op.drop_table("organisation")
    op.drop_table("number_series")
    op.drop_table("node")
    op.drop_table("leaving")
    op.drop_table("issued_number")
    with op.batch_alter_table("failed_sign_in", schema=None) as batch_op:
        batch_op.drop_index("ix_failed_sign_in_name_at")

    op.drop_table("failed_sign_in")
    with op.batch_alter_table("audit_event", schema=None) as batch_op:
        batch_op.drop_index("ix_audit_event_subject")
        batch_op.drop_index("ix_audit_event_recorded_at")

    op.drop_table("audit_event")
    op.drop_refusals()
