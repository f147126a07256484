"""Printers, print jobs label by label; more prints of a label than is usual

Revision: 0008
Before it: 0007
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)


def upgrade():
    op.create_table(
        "copy_allowance",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("more", sa.Integer(), nullable=False),
        sa.Column("reason_code", sa.String(), nullable=False),
        sa.Column("allowed_at", TIME, nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.Column("by_name", sa.String(), nullable=False),
        sa.CheckConstraint("more BETWEEN 1 AND 5", name=op.f("ck_copy_allowance_a_few_more")),
        sa.ForeignKeyConstraint(
            ["number"],
            ["issued_number.number"],
            name=op.f("fk_copy_allowance_number_issued_number"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_copy_allowance")),
    )
    op.create_index("ix_copy_allowance_number", "copy_allowance", ["number"])
    op.create_table(
        "printer",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("ward_id", sa.Uuid(), nullable=True),
        sa.Column("room", sa.String(), nullable=False),
        sa.Column(
            "way",
            sa.Enum(
                "browser",
                "network",
                "command",
                name="printerway",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("host", sa.String(), nullable=False),
        sa.Column("port", sa.Integer(), nullable=True),
        sa.Column("queue", sa.String(), nullable=False),
        sa.Column("stock", sa.String(), nullable=False),
        sa.Column("dpi", sa.Integer(), nullable=False),
        sa.Column("most_prints", sa.Integer(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(way = 'command') = (queue <> '')", name=op.f("ck_printer_queue_of_the_command")
        ),
        sa.CheckConstraint(
            "(way = 'network') = (host <> '')", name=op.f("ck_printer_host_of_the_network")
        ),
        sa.CheckConstraint(
            "(way = 'network') = (port IS NOT NULL)", name=op.f("ck_printer_port_of_the_network")
        ),
        sa.CheckConstraint("most_prints BETWEEN 1 AND 20", name=op.f("ck_printer_most_prints")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_printer_site_id_site")),
        sa.ForeignKeyConstraint(["ward_id"], ["ward.id"], name=op.f("fk_printer_ward_id_ward")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_printer")),
        sa.UniqueConstraint("site_id", "name", name=op.f("uq_printer_site_id_name")),
    )
    op.create_table(
        "device_printer",
        sa.Column("device_id", sa.Uuid(), nullable=False),
        sa.Column("printer_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["device_id"], ["device.id"], name=op.f("fk_device_printer_device_id_device")
        ),
        sa.ForeignKeyConstraint(
            ["printer_id"], ["printer.id"], name=op.f("fk_device_printer_printer_id_printer")
        ),
        sa.PrimaryKeyConstraint("device_id", name=op.f("pk_device_printer")),
    )
    op.create_table(
        "print_job",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("printer_id", sa.Uuid(), nullable=False),
        sa.Column("ward_id", sa.Uuid(), nullable=True),
        sa.Column(
            "status",
            sa.Enum(
                "queued",
                "sending",
                "stopped",
                "sent",
                "done",
                "given up",
                name="jobstatus",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("resumed", sa.Integer(), nullable=False),
        sa.Column("made_at", TIME, nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.Column("by_name", sa.String(), nullable=False),
        sa.Column("device_id", sa.Uuid(), nullable=True),
        sa.Column("closed_at", TIME, nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(status IN ('done', 'given up')) = (closed_at IS NOT NULL)",
            name=op.f("ck_print_job_closed_when"),
        ),
        sa.ForeignKeyConstraint(
            ["printer_id"], ["printer.id"], name=op.f("fk_print_job_printer_id_printer")
        ),
        sa.ForeignKeyConstraint(["ward_id"], ["ward.id"], name=op.f("fk_print_job_ward_id_ward")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_print_job")),
    )
    op.create_index("ix_print_job_printer", "print_job", ["printer_id", "status"])
    op.create_table(
        "printer_watch",
        sa.Column("printer_id", sa.Uuid(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "not asked",
                "ready",
                "silent",
                "paper out",
                "ribbon out",
                "head open",
                "paused",
                "too hot",
                "not moving",
                "switched off",
                "not reachable",
                "not permitted",
                name="printerstate",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("asked_at", TIME, nullable=True),
        sa.Column("labels_left", sa.Integer(), nullable=True),
        sa.Column("start", sa.Integer(), nullable=False),
        sa.Column("claim", sa.Uuid(), nullable=True),
        sa.Column("claimed_until", TIME, nullable=True),
        sa.CheckConstraint(
            "(claim IS NULL) = (claimed_until IS NULL)",
            name=op.f("ck_printer_watch_claimed_until_some_time"),
        ),
        sa.CheckConstraint(
            "labels_left >= 0", name=op.f("ck_printer_watch_labels_left_not_negative")
        ),
        sa.CheckConstraint("start >= 1", name=op.f("ck_printer_watch_start_on_the_sheet")),
        sa.ForeignKeyConstraint(
            ["printer_id"], ["printer.id"], name=op.f("fk_printer_watch_printer_id_printer")
        ),
        sa.PrimaryKeyConstraint("printer_id", name=op.f("pk_printer_watch")),
    )
    op.create_table(
        "job_label",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("job_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("label_print_id", sa.Uuid(), nullable=True),
        sa.Column(
            "status",
            sa.Enum(
                "waiting",
                "sent",
                "printed",
                "doubtful",
                "given up",
                name="labelstatus",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("sent_at", TIME, nullable=True),
        sa.Column("settled_at", TIME, nullable=True),
        sa.Column("settled_by", sa.String(), nullable=False),
        sa.CheckConstraint(
            "(status = 'sent') <= (sent_at IS NOT NULL)", name=op.f("ck_job_label_sent_when")
        ),
        sa.CheckConstraint("position >= 1", name=op.f("ck_job_label_position_from_one")),
        sa.ForeignKeyConstraint(
            ["job_id"], ["print_job.id"], name=op.f("fk_job_label_job_id_print_job")
        ),
        sa.ForeignKeyConstraint(
            ["label_print_id"],
            ["label_print.id"],
            name=op.f("fk_job_label_label_print_id_label_print"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job_label")),
        sa.UniqueConstraint("job_id", "position", name=op.f("uq_job_label_job_id_position")),
    )
    op.create_index("ix_job_label_label_print_id", "job_label", ["label_print_id"])
    op.make_append_only("copy_allowance")


def downgrade():
    for table in (
        "job_label",
        "printer_watch",
        "print_job",
        "device_printer",
        "printer",
        "copy_allowance",
    ):
        op.drop_table(table)
