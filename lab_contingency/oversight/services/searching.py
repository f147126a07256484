"""Searching the record: that it was searched is itself recorded, and the page notes whom it shows."""

from __future__ import annotations

from lab_contingency.audit.services import record
from lab_contingency.foundation.actor import Actor
from lab_contingency.oversight.queries.searching import RecordFilter, RecordLine, record_lines


def search_record(wanted: RecordFilter, *, actor: Actor) -> tuple[RecordLine, ...]:
    """The rows that fit, opened (200 at most)."""
    lines = record_lines(wanted)
    record("audit:searched", wanted.user_id, actor=actor, subject=wanted.subject, rows=len(lines))
    return lines
