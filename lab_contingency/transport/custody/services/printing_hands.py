"""The sheet of one tube’s hands: recorded as it is made."""

from __future__ import annotations

import uuid

from lab_contingency.audit.rules import Field
from lab_contingency.audit.services import new_watermark, register_leaving
from lab_contingency.foundation.actor import Actor
from lab_contingency.printing.hands_sheet import hands_sheet_pdf
from lab_contingency.transport.custody.documents import hands_sheet
from lab_contingency.transport.custody.queries.hands import hands_of


def print_hands(specimen_id: uuid.UUID, *, actor: Actor) -> bytes:
    """Draw the sheet: of the patient it tells the ward alone."""
    tube, mark = hands_of(specimen_id, actor), new_watermark()
    pdf = hands_sheet_pdf(hands_sheet(tube, mark, actor=actor))
    register_leaving(
        "tube’s hands", {tube.patient_id: Field.PLACE}, pdf, actor=actor, watermark=mark
    )
    return pdf
