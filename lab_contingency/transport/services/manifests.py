"""The manifest comes out: who is on it is recorded with the bytes; a second one says COPY and why."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from sqlalchemy import select

from lab_contingency.audit.services import new_watermark, record, register_leaving
from lab_contingency.foundation import clock
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.database import session
from lab_contingency.foundation.errors import RuleBroken
from lab_contingency.foundation.identity import new_id
from lab_contingency.printing.manifest import manifest_pdf
from lab_contingency.specimens.rules import REPLACES, copy_reason
from lab_contingency.transport.documents import made, manifest, manifest_fields
from lab_contingency.transport.models import Consignment, ManifestPrint
from lab_contingency.transport.queries.boxes import box, manifests_printed
from lab_contingency.transport.rules import ConsignmentState
from lab_contingency.transport.services.boxes import lock_box

UNSENT = frozenset({ConsignmentState.PACKING, ConsignmentState.TAKEN_APART})


@dataclass(frozen=True, slots=True)
class PrintedManifest:
    """What came out, and the number on it."""

    pdf: bytes
    number: str


def print_manifest(consignment_id: uuid.UUID, reason: str = "", *, actor: Actor) -> PrintedManifest:
    """Print what is in a sealed box. A second time needs a `reason` and says COPY."""
    row = lock_box(consignment_id, actor=actor)
    if row.state in UNSENT:
        raise RuleBroken("Seal the box first: the manifest says what is in it when it is closed.")
    if row.state is ConsignmentState.RECALLED:
        raise RuleBroken(
            "This box was called back: it is brought back, and a manifest would send it on. Let it go on after all, "
            "or re-route it, and print then."
        )
    copy = manifests_printed(consignment_id) + 1
    reason = _reason(row, reason) if copy > 1 else ""
    words = copy_reason(reason) if copy > 1 else None
    mark, held = new_watermark(), box(consignment_id, actor)
    paper = manifest(held, made(actor, copy, words, mark))
    pdf = manifest_pdf(paper)
    leaving_id = register_leaving(
        "consignment manifest",
        manifest_fields(paper, held),
        pdf,
        actor=actor,
        watermark=mark,
    )
    session().add(
        ManifestPrint(
            id=new_id(),
            consignment_id=row.id,
            copy=copy,
            reason=reason,
            printed_at=clock.now(),
            by_id=actor.user_id,
            by_name=actor.name,
            leaving_id=leaving_id,
        )
    )
    session().flush()
    record(
        "consignment:manifest_printed",
        row.id,
        actor=actor,
        copy=copy,
        reason=reason,
        leaving=leaving_id,
    )
    return PrintedManifest(pdf, row.number)


def _reason(row: Consignment, reason: str) -> str:
    """What was printed before the box was opened and sealed again is replaced, not copied."""
    statement = select(ManifestPrint.id).where(
        ManifestPrint.consignment_id == row.id, ManifestPrint.printed_at >= row.sealed_at
    )
    changed = session().scalars(statement).first() is None
    return REPLACES if changed else reason
