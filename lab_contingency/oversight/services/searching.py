"""Searching the record: opening what it says before and after is itself recorded."""

from __future__ import annotations

from lab_contingency.audit.rules import Field
from lab_contingency.audit.services import record
from lab_contingency.foundation.actor import Actor
from lab_contingency.oversight.queries.seams import audit_verifies
from lab_contingency.oversight.queries.watching import (
    RecordFilter,
    RecordLine,
    patients_among,
    record_lines,
)
from lab_contingency.oversight.rules.exposure import Verification
from lab_contingency.oversight.services.disclosing import record_disclosures

_SHOWN = Field.NAME | Field.BORN | Field.SEX | Field.NHS_NUMBER | Field.HOSPITAL_NUMBER


def search_record(wanted: RecordFilter, *, actor: Actor) -> tuple[RecordLine, ...]:
    """The rows that fit, opened (200 at most)."""
    lines = record_lines(wanted)
    record("audit:searched", wanted.user_id, actor=actor, subject=wanted.subject, rows=len(lines))
    opened = {line.subject_id for line in lines if line.changes and line.subject_id}
    record_disclosures(dict.fromkeys(patients_among(opened), _SHOWN), actor=actor)
    return lines


def verify_record(*, actor: Actor) -> Verification:
    """Verify now; that somebody did is recorded."""
    found = audit_verifies()
    record("audit:verified", None, actor=actor, holds=found.holds)
    return found
