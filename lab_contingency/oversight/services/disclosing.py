"""Recording that patients were shown: the one place where this storey does so."""

from __future__ import annotations

import uuid
from collections.abc import Mapping

from lab_contingency.audit.chains import append
from lab_contingency.audit.rules import Field
from lab_contingency.audit.services import event_of
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.identity import new_id


def record_disclosures(shown: Mapping[uuid.UUID, Field], *, actor: Actor) -> None:
    """Note that these kinds of data of these patients are shown in one answer, before it leaves."""
    answer = new_id()
    for patient, fields in sorted(shown.items()):
        event = event_of("disclosure:shown", patient, actor=actor)
        event.fields, event.answer_id = int(fields), answer
        append(event)
