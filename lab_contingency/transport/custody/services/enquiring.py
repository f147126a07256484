"""Somebody was rung about tubes that did not come."""

from __future__ import annotations

from lab_contingency.audit.services import record
from lab_contingency.foundation import clock
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.database import session
from lab_contingency.foundation.errors import RuleBroken
from lab_contingency.foundation.identity import new_id
from lab_contingency.foundation.sealing import seal
from lab_contingency.specimens.models import Specimen
from lab_contingency.transport.custody.commands import NoteEnquiry
from lab_contingency.transport.custody.models import Enquiry
from lab_contingency.transport.custody.queries.standing import tubes_on
from lab_contingency.transport.custody.rules import TUBE_HOPS


def note_enquiry(command: NoteEnquiry, *, actor: Actor) -> int:
    """Note for each tube who was rung and what came of it; those that came meanwhile need no note.

    Returns for how many it was noted.
    """
    if not command.specimen_ids:
        raise RuleBroken("Tick the tubes you rang about.", field="tubes")
    if not command.whom.strip():
        raise RuleBroken("Type whom you spoke to, or who did not answer.", field="whom")
    standing = tubes_on(TUBE_HOPS, actor, Specimen.id.in_(command.specimen_ids))
    for tube in standing:
        row = Enquiry(
            id=new_id(),
            specimen_id=tube.specimen_id,
            hop=tube.hop,
            answer=command.answer,
            rung_at=clock.now(),
            by_id=actor.user_id,
            by_name=actor.name,
        )
        words = {"whom": command.whom, "said": command.said}
        row.sealed = seal(Enquiry.__tablename__, row.id, words)
        session().add(row)
        session().flush()
        record("enquiry:noted", tube.specimen_id, actor=actor, answer=command.answer.value)
    return len(standing)
