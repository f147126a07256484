"""The papers of a rejected tube: the slip that says why, and the form that goes with the new one."""

from __future__ import annotations

import dataclasses
import uuid

from lab_contingency.audit.services import record, register_leaving
from lab_contingency.foundation import clock
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.database import session
from lab_contingency.foundation.errors import RuleBroken
from lab_contingency.foundation.identity import new_id
from lab_contingency.printing.content import NumberOnlyLabel, PrintedBy
from lab_contingency.printing.content.sheets import RejectionSlip
from lab_contingency.printing.rejection_slip import rejection_slip_pdf
from lab_contingency.printing.request_form import request_forms_pdf
from lab_contingency.requests.models import Request
from lab_contingency.requests.queries import request_view
from lab_contingency.requests.services import lock_request
from lab_contingency.specimens import documents
from lab_contingency.specimens.models import RejectionPrint
from lab_contingency.specimens.queries.rejected import RejectedTube, papers_printed, rejected_tube
from lab_contingency.specimens.queries.tubes import tube_view
from lab_contingency.specimens.rules import RejectionPaper, copy_reason
from lab_contingency.specimens.services.labels import add_label
from lab_contingency.specimens.services.paper import Batch, Printed, record_label
from lab_contingency.specimens.services.tubes import tube_of


@dataclasses.dataclass(frozen=True, slots=True)
class PrintedRejection:
    """What came out."""

    pdf: bytes
    slip: RejectionSlip


def print_rejection_slip(
    request_id: uuid.UUID, planned_tube_id: uuid.UUID, reason: str = "", *, actor: Actor
) -> PrintedRejection:
    """Print why a tube could not be used. A second time needs a `reason` and says COPY."""
    request = lock_request(request_id, actor=actor)
    view, tube = request_view(request_id, actor), tube_view(request_id, planned_tube_id, actor)
    rejected = rejected_tube(planned_tube_id)
    batch = Batch()
    made, copy = _made(rejected, RejectionPaper.SLIP, reason, batch, actor)
    slip = documents.rejection_slip(view, tube, rejected, made)
    pdf = rejection_slip_pdf(slip)
    leaving_id = register_leaving(
        RejectionPaper.SLIP.value,
        {request.patient_id: documents.fields_on(slip)},
        pdf,
        actor=actor,
        watermark=batch.mark,
    )
    _record(request, rejected, RejectionPaper.SLIP, copy, reason, leaving_id, actor)
    return PrintedRejection(pdf, slip)


def print_recollection_form(
    request_id: uuid.UUID, planned_tube_id: uuid.UUID, reason: str = "", *, actor: Actor
) -> Printed:
    """Print the form of a tube that is taken again, with its new label; `planned_tube_id` is the new one."""
    request = lock_request(request_id, actor=actor)
    tube = tube_of(request, planned_tube_id, actor=actor)
    if tube.planned.replaces_id is None:
        raise RuleBroken("This tube replaces none. Print the ordinary form.")
    rejected = rejected_tube(tube.planned.replaces_id)
    view, shown = request_view(request_id, actor), tube_view(request_id, planned_tube_id, actor)
    batch, system = Batch(), view.ward.site.tube_system
    made, copy = _made(rejected, RejectionPaper.FORM, reason, batch, actor)
    if tube.by_hand:
        foot = [documents.handwritten(tube.planned, tube.wanted_tests, system)]
        form = documents.request_form(view, foot, actor=actor)
    else:
        add_label(batch, tube, view, reason, actor=actor)
        labels = [label for _, label, _ in batch.labels if not isinstance(label, NumberOnlyLabel)]
        form = documents.request_form(view, labels, actor=actor)
    form = dataclasses.replace(
        documents.recollection_form(form, shown, rejected, system), made=made
    )
    batch.papers.append((request, form))
    pdf = request_forms_pdf((form,))
    leaving_id = register_leaving(
        RejectionPaper.FORM.value, batch.contains(), pdf, actor=actor, watermark=batch.mark
    )
    for specimen, label, why in batch.labels:
        record_label(specimen, label, why, leaving_id, actor)
    _record(request, rejected, RejectionPaper.FORM, copy, reason, leaving_id, actor)
    return Printed(pdf, tuple(label for _, label, _ in batch.labels), (form,))


def _made(
    rejected: RejectedTube, paper: RejectionPaper, reason: str, batch: Batch, actor: Actor
) -> tuple[PrintedBy, int]:
    copy = papers_printed(rejected.rejection_id, paper) + 1
    words = copy_reason(reason) if copy > 1 else None
    made = documents.made_by(actor, copy, words)
    return dataclasses.replace(made, mark=batch.mark), copy


def _record(
    request: Request,
    rejected: RejectedTube,
    paper: RejectionPaper,
    copy: int,
    reason: str,
    leaving_id: uuid.UUID,
    actor: Actor,
) -> None:
    row = RejectionPrint(
        id=new_id(),
        rejection_id=rejected.rejection_id,
        paper=paper,
        copy=copy,
        reason=reason if copy > 1 else "",
        printed_at=clock.now(),
        by_id=actor.user_id,
        by_name=actor.name,
        leaving_id=leaving_id,
    )
    session().add(row)
    session().flush()
    record(
        "rejection:printed",
        request.id,
        actor=actor,
        paper=paper.value,
        copy=copy,
        reason=row.reason,
        leaving=leaving_id,
    )
