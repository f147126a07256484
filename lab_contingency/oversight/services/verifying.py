"""Whether the record holds, looked up for one report: what is not verified for it is never called exact."""

from __future__ import annotations

from sqlalchemy import func, select

from lab_contingency.audit.anchors import Anchor
from lab_contingency.audit.models import AuditStream
from lab_contingency.audit.queries import Report, verify
from lab_contingency.audit.services import record
from lab_contingency.audit.services.journalling import journal
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.database import session, unit_of_work
from lab_contingency.foundation.wording import count_text, full_time_text
from lab_contingency.oversight.rules.exposure import Verification

LONG = 50_000  # rows: about a second of reading
_LATER = Verification(
    None, "The record is long: it is verified when a file is made, and with “Verify now”."
)
_WAITING = Verification(
    None, "Something that was shown waits to be taken into the record. Verify again in a minute."
)
_UNSIGNED = Verification(
    None,
    "The record holds, but no checkpoint stands in it: rows cut off at its end would not show. "
    "Print an anchor sheet, then verify again.",
)


def verify_record(anchor: Anchor | None = None, *, actor: Actor) -> Report:
    """Verify everything now; that somebody did is recorded. About 20 µs a row: call it in no unit of work."""
    found = verify(anchor)
    with unit_of_work():
        record("audit:verified", None, actor=actor, holds=found.ok, rows=found.rows)
    return found


def verify_if_short() -> Verification:
    """For a page: verified at once up to 50,000 rows, and of a longer record said that it was not."""
    rows = session().scalar(select(func.coalesce(func.sum(AuditStream.seq), 0))) or 0
    return _LATER if rows > LONG else verification_of(verify())


def verification_of(found: Report) -> Verification:
    """What a report may say after this was found: it holds only under a checkpoint and with nothing waiting."""
    if found.first_bad is not None:
        return Verification(
            holds=False, sentence=f"The record does not hold. {found.first_bad.sentence}"
        )
    if journal().holds_anything():
        return _WAITING
    if found.last_checkpoint_at is None:
        return _UNSIGNED
    said = (
        f"Verified {full_time_text(found.verified_at)}: {count_text(found.rows, 'row')}, the last "
        f"checkpoint of {full_time_text(found.last_checkpoint_at)}, "
        f"{count_text(found.since_checkpoint, 'row')} since."
    )
    if found.unprovable:
        said += (
            f" {count_text(found.unprovable, 'row')} from before there were chains prove nothing."
        )
    return Verification(holds=True, sentence=said)
