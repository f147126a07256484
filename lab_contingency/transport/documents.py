"""The manifest of a box as frozen content: what lies between the inner bag and the outer box."""

from __future__ import annotations

import uuid
from dataclasses import replace

from sqlalchemy import select

from lab_contingency.audit.rules import NO_FIELD, Field
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.database import session
from lab_contingency.foundation.wording import count_text, day_time_text, near_time_text
from lab_contingency.network.models import Agreement
from lab_contingency.places.models import Laboratory, Organisation
from lab_contingency.places.queries import LaboratoryView, laboratory
from lab_contingency.printing.content import PrintedBy
from lab_contingency.printing.content.sheets import HandOver, Manifest, ManifestRow, Party
from lab_contingency.requests.rules.identity import similar_among
from lab_contingency.specimens.documents import identity_fields, made_by, patient
from lab_contingency.transport.queries.boxes import Box, BoxTube
from lab_contingency.transport.rules import ConsignmentState

_CODE = "LAB-CONSIGNMENT/1"
_LINES = 4
"""How many hand-overs have room on paper, the packing counted."""


def manifest(box: Box, made: PrintedBy) -> Manifest:
    """Make the manifest of a sealed box."""
    row = box.row
    alike = similar_among({tube.patient_id: tube.request.patient.identity for tube in box.tubes})
    sender, receiver = laboratory(row.from_id), laboratory(row.to_id)
    return Manifest(
        number=row.number,
        title="Consignment manifest",
        made=made,
        sender=_party(sender, "Responsible"),
        receiver=_party(receiver, "Expecting you"),
        temperature=row.temperature,
        leaves=near_time_text(row.left_at) if row.left_at else "not yet",
        due=near_time_text(row.due_at) if row.due_at else "not yet",
        box=row.box,
        seal=row.seal or "none",
        rows=tuple(_line(tube, similar=tube.patient_id in alike) for tube in box.tubes),
        instructions=_instructions(sender),
        hand_overs=_hands(box),
        scanned=_code(box),
        scanned_says="This code carries the numbers of the box and of each tube in it, in order, without names: "
        "compare it with what you scan where no network is.",
    )


def manifest_fields(paper: Manifest, box: Box) -> dict[uuid.UUID, Field]:
    """Which kinds of whose data stand on the manifest."""
    found: dict[uuid.UUID, Field] = {}
    for tube, line in zip(box.tubes, paper.rows, strict=True):
        one = identity_fields(line.patient) | Field.TESTS
        found[tube.patient_id] = found.get(tube.patient_id, NO_FIELD) | one
    return found


def made(actor: Actor, copy: int, copy_reason: str | None, mark: str) -> PrintedBy:
    """Say who prints which copy, and why if again."""
    return replace(made_by(actor, copy, copy_reason), mark=mark)


def _party(place: LaboratoryView, responsible: str) -> Party:
    """One end: whom to ring is agreed with a partner; an own laboratory has its telephone."""
    statement = (
        select(Organisation.name)
        .join(Laboratory, Laboratory.organisation_id == Organisation.id)
        .where(Laboratory.id == place.id)
    )
    organisation = session().scalars(statement).one()
    agreed = (
        session()
        .scalars(select(Agreement).where(Agreement.laboratory_id == place.id))
        .one_or_none()
    )
    who, telephone = "duty scientist", place.telephone
    if agreed is not None and agreed.custody_contact:
        who, telephone = agreed.custody_contact, agreed.custody_telephone or telephone
    address = f"{organisation} · {place.telephone}" if place.telephone else organisation
    return Party(place.name, address, f"{responsible}: {who}, {telephone}" if telephone else who)


def _line(tube: BoxTube, *, similar: bool) -> ManifestRow:
    view = tube.request.patient
    one = replace(view, hospital_number=None) if view.nhs_number else view
    held = tube.tube
    return ManifestRow(
        number=held.number or tube.request.number,
        patient=patient(one),
        tube=f"{held.container.colour_name} {held.container.additive}".strip(),
        tests=", ".join(test.label for test in held.tests),
        priority=tube.request.band.text,
        taken=day_time_text(held.collected_at) if held.collected_at else "not known",
        use_by=day_time_text(held.unusable_at) if held.unusable_at else "no limit",
        needed_by=near_time_text(tube.request.due_at),
        similar=similar,
    )


def _instructions(sender: LaboratoryView) -> str:
    ring = f"ring {sender.telephone}" if sender.telephone else f"ring {sender.name}"
    return (
        f"If something is missing, broken or warm: write it below and {ring} before you start. Scan this sheet’s number, "
        "then each tube. Send results with your own units and intervals."
    )


def _hands(box: Box) -> tuple[HandOver, ...]:
    """What is known of the chain, and lines to write on for what comes."""
    count = str(len(box.tubes))
    first = box.tubes[0]
    sealed = [move for move in box.moves if move.what == "sealed"]
    packed = sealed[-1] if sealed else None
    known = [
        HandOver(
            "Packed",
            packed.by_name if packed else first.packed_by,
            near_time_text(packed.at if packed else first.packed_at),
            count,
        )
    ]
    last = [hand for hand in box.hands if hand.at_place][-(_LINES - 2) :]
    known += [
        HandOver("Taken", hand.to_name, near_time_text(hand.occurred_at), str(hand.items))
        for hand in last
    ]
    if box.row.state in (ConsignmentState.RECEIVED, ConsignmentState.UNPACKING):
        return tuple(known)
    lines = [HandOver("Courier took"), HandOver("Laboratory got")]
    return tuple(known + lines[-max(1, _LINES - len(known) - 1) :])


def _code(box: Box) -> str:
    """What the square code says; no name, and nothing that could be taken for signed."""
    tubes = " ".join(tube.tube.number or "" for tube in box.tubes)
    seal = box.row.seal or "none"
    return f"{_CODE} {box.row.number} {count_text(len(box.tubes), 'tube')} seal={seal} {tubes}"
