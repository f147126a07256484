"""Printing labels and forms: content, bytes and record in one transaction.

Nothing leaves unrecorded, and nothing is recorded that could not be drawn.
"""

from __future__ import annotations

import dataclasses
import json
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from sqlalchemy import func, select

from lab_contingency.audit.rules import Field
from lab_contingency.audit.services import new_watermark, record, register_leaving
from lab_contingency.foundation import clock
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.database import session
from lab_contingency.foundation.identity import new_id
from lab_contingency.foundation.sealing import content_digest, seal, unseal
from lab_contingency.printing.content import (
    NumberOnlyLabel,
    PatientIdentity,
    RequestForm,
    TubeLabel,
)
from lab_contingency.printing.labels import labels_pdf
from lab_contingency.printing.request_form import request_forms_pdf
from lab_contingency.requests.models import Request
from lab_contingency.specimens.documents import fields_on
from lab_contingency.specimens.models import CopyAllowance, FormPrint, LabelPrint, Specimen
from lab_contingency.specimens.rules import MOST_PRINTS

PrintedLabel = TubeLabel | NumberOnlyLabel


@dataclass(frozen=True, slots=True)
class LabelPrinter:
    """Where labels come out: how they are drawn (labels and watermark to bytes), how often one may."""

    draw: Callable[[Sequence[PrintedLabel], str], bytes] = labels_pdf
    most: int = MOST_PRINTS


PDF = LabelPrinter()


@dataclass(frozen=True, slots=True)
class Printed:
    """What came out. `skipped` are numbers of forms that could not be drawn, to be written by hand.

    `pdf` is what the printer was drawn for: ZPL where that is one. `prints` are the rows of the labels.
    """

    pdf: bytes
    labels: tuple[PrintedLabel, ...]
    forms: tuple[RequestForm, ...] = ()
    skipped: tuple[str, ...] = ()
    prints: tuple[uuid.UUID, ...] = ()


@dataclass(slots=True)
class Batch:
    """What is to come out together, with what is to be written down about it."""

    papers: list[tuple[Request, PrintedLabel | RequestForm]] = field(default_factory=list)
    labels: list[tuple[Specimen, PrintedLabel, str]] = field(default_factory=list)
    forms: list[tuple[Request, RequestForm, str]] = field(default_factory=list)
    mark: str = field(default_factory=new_watermark)
    printer: LabelPrinter = PDF

    def add_label(
        self, request: Request, specimen: Specimen, label: PrintedLabel, why: str
    ) -> None:
        """Take a label in; `why` is the code of the reason for a copy."""
        self.papers.append((request, label))
        self.labels.append((specimen, label, why))

    def add_form(self, request: Request, form: RequestForm, why: str) -> None:
        """Take a form in."""
        self.papers.append((request, form))
        self.forms.append((request, form, why))

    def contains(self) -> dict[uuid.UUID, Field]:
        """Which fields of which patients stand on it."""
        found: dict[uuid.UUID, Field] = {}
        for request, paper in self.papers:
            found[request.patient_id] = found.get(request.patient_id, Field(0)) | fields_on(paper)
        return found


def print_out(batch: Batch, *, actor: Actor) -> Printed:
    """Draw the batch and record it; CannotPrint leaves no trace of it."""
    labels = tuple(label for _, label, _ in batch.labels)
    forms = tuple(form for _, form, _ in batch.forms)
    drawn = request_forms_pdf(forms) if forms else batch.printer.draw(labels, batch.mark)
    kind = "request form" if forms else "tube label"
    leaving_id = register_leaving(kind, batch.contains(), drawn, actor=actor, watermark=batch.mark)
    prints = tuple(
        record_label(specimen, label, why, leaving_id, actor)
        for specimen, label, why in batch.labels
    )
    for request, _, why in batch.forms:
        _record_form(request, why, leaving_id, actor)
    session().flush()
    return Printed(drawn, labels, forms, prints=prints)


def record_label(
    specimen: Specimen, label: PrintedLabel, why: str, leaving_id: uuid.UUID, actor: Actor
) -> uuid.UUID:
    """Keep what a label said and that it came out; the id of that row."""
    row = LabelPrint(
        id=new_id(),
        specimen_id=specimen.id,
        number=label.number,
        copy=label_copies(specimen, label.number) + 1,
        content_digest=label_digest(label),
        reason=why,
        printed_at=clock.now(),
        by_id=actor.user_id,
        by_name=actor.name,
        leaving_id=leaving_id,
    )
    row.sealed = seal(LabelPrint.__tablename__, row.id, dataclasses.asdict(label))
    session().add(row)
    record("label:printed", specimen.id, actor=actor, copy=row.copy, reason=why, leaving=leaving_id)
    return row.id


def _record_form(request: Request, why: str, leaving_id: uuid.UUID, actor: Actor) -> None:
    row = FormPrint(
        id=new_id(),
        request_id=request.id,
        copy=form_copies(request.id) + 1,
        reason=why,
        printed_at=clock.now(),
        by_id=actor.user_id,
        by_name=actor.name,
        leaving_id=leaving_id,
    )
    session().add(row)
    record("form:printed", request.id, actor=actor, copy=row.copy, reason=why, leaving=leaving_id)


def label_copies(specimen: Specimen, number: str) -> int:
    """Count how often the label with that number came out."""
    statement = select(func.count(LabelPrint.id)).where(
        LabelPrint.specimen_id == specimen.id, LabelPrint.number == number
    )
    return session().scalars(statement).one()


def allowed_prints(number: str) -> int:
    """Count how often somebody senior allowed the label to come out beyond the usual."""
    statement = select(func.coalesce(func.sum(CopyAllowance.more), 0)).where(
        CopyAllowance.number == number
    )
    return session().scalars(statement).one()


def was_labelled(specimen: Specimen) -> bool:
    """Tell whether any label came out for the tube, void by now or not."""
    statement = select(LabelPrint.id).where(LabelPrint.specimen_id == specimen.id).limit(1)
    return session().scalars(statement).first() is not None


def form_copies(request_id: uuid.UUID) -> int:
    """Count how often the form came out."""
    statement = select(func.count(FormPrint.id)).where(FormPrint.request_id == request_id)
    return session().scalars(statement).one()


def label_digest(label: PrintedLabel, like: str = "") -> str:
    """Fingerprint who, where, which tube and what for: a change of these needs another number.

    The number, the copy mark and the priority are no part of it: triage may raise a priority while the
    tube is on its way, and its label must not become void for that. Keyed: a plain digest of a name and
    a date of birth could be guessed. `like` is the digest it is compared with.
    """
    said = dataclasses.asdict(label)
    for name in ("number", "copy_reason", "priority", "priority_word"):
        said.pop(name, None)
    return content_digest("label", json.dumps(said, sort_keys=True), like)


def last_print(specimen: Specimen) -> LabelPrint | None:
    """Find the last print of a tube's active label."""
    statement = (
        select(LabelPrint)
        .where(LabelPrint.specimen_id == specimen.id, LabelPrint.number == specimen.number)
        .order_by(LabelPrint.printed_at.desc(), LabelPrint.id.desc())
        .limit(1)
    )
    return session().scalars(statement).first()


def as_printed(row: LabelPrint, copy_reason: str) -> PrintedLabel:
    """Say again exactly what a printed label said, as a copy."""
    return dataclasses.replace(frozen(row), copy_reason=copy_reason)


def frozen(row: LabelPrint) -> PrintedLabel:
    """What a label said when it was printed, mark of a copy and all."""
    held = unseal(LabelPrint.__tablename__, row.id, row.sealed)
    if "patient" not in held:
        return NumberOnlyLabel(**{**held, "lines": tuple(held["lines"])})
    return TubeLabel(**{**held, "patient": PatientIdentity(**held["patient"])})
