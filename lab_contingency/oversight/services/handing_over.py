"""The hand-over of a shift on paper, with the anchor of a checkpoint made in the same moment."""

from __future__ import annotations

import uuid

from lab_contingency.audit.rules import NO_FIELD, Field
from lab_contingency.audit.services import (
    make_checkpoint,
    new_watermark,
    record,
    register_leaving,
)
from lab_contingency.foundation.actor import Actor
from lab_contingency.oversight.commands import HandOverShift
from lab_contingency.oversight.documents import handover_sheet
from lab_contingency.oversight.queries.handing_over import (
    MOST_LINES,
    open_criticals,
    overdue_requests,
    stages,
)
from lab_contingency.printing.handover_sheet import handover_sheet_pdf


def hand_over_shift(command: HandOverShift, *, actor: Actor) -> bytes:
    """Print what is open, a PDF; nothing may have been recorded before in the transaction."""
    checkpoint = make_checkpoint(actor=actor)
    calls = open_criticals(actor, MOST_LINES + 1)
    late = overdue_requests(actor, MOST_LINES + 1)
    shown = (*calls[:MOST_LINES], *late[:MOST_LINES])
    mark = new_watermark()
    sheet = handover_sheet(command, checkpoint, stages(actor), calls, late, mark, actor=actor)
    pdf = handover_sheet_pdf(sheet)
    contains: dict[uuid.UUID, Field] = {}
    for item in shown:
        contains[item.patient_id] = contains.get(item.patient_id, NO_FIELD) | item.fields
    leaving_id = register_leaving("hand-over sheet", contains, pdf, actor=actor, watermark=mark)
    record("shift:handed_over", None, actor=actor, checkpoint=checkpoint.number, leaving=leaving_id)
    return pdf
