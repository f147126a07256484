"""More prints of one label than is usual: allowed by somebody senior, with a reason, a few at a time."""

from __future__ import annotations

from lab_contingency.audit.services import record
from lab_contingency.foundation import clock
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.database import session
from lab_contingency.foundation.errors import RuleBroken
from lab_contingency.foundation.identity import new_id
from lab_contingency.specimens.models import CopyAllowance
from lab_contingency.specimens.services.scanning import open_scan
from lab_contingency.specimens.station.rules.copies import more_reason


def allow_prints(scanned: str, more: int, reason: str, *, actor: Actor) -> str:
    """Let a label come out `more` times beyond the most; returns its number. RuleBroken for a void one."""
    more_reason(reason, more)
    scan = open_scan(scanned, actor=actor)
    if scan.tube is None:
        raise RuleBroken("That is a form. Scan the label, or type its number.", field="number")
    row = CopyAllowance(
        id=new_id(),
        number=scan.number.text,
        more=more,
        reason_code=reason,
        allowed_at=clock.now(),
        by_id=actor.user_id,
        by_name=actor.name,
    )
    session().add(row)
    session().flush()
    record("label:prints_allowed", row.id, actor=actor, number=row.number, more=more, reason=reason)
    return row.number
