"""From a scanned number to the tube it stands on: refused by name where it is something else."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from sqlalchemy import select

from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.database import session
from lab_contingency.foundation.errors import NotFound, NotPermitted, RuleBroken
from lab_contingency.incidents.queries import void_reason
from lab_contingency.incidents.rules import ScannedNumber, grouped, read_number
from lab_contingency.places.queries import laboratory
from lab_contingency.requests.models import Request
from lab_contingency.requests.scope import is_partner
from lab_contingency.requests.services import reach, request_of_number
from lab_contingency.specimens.models import LabelPrint, Specimen
from lab_contingency.specimens.services.pack_labels import tie_label
from lab_contingency.specimens.services.tubes import Tube, tubes_in_sight


@dataclass(frozen=True, slots=True)
class Scan:
    """What was scanned: a tube, or (without one) the form itself."""

    number: ScannedNumber
    request: Request
    tubes: tuple[Tube, ...]
    tube: Tube | None


def scanned_number(scanned: str) -> ScannedNumber:
    """Read a number of ours; RuleBroken says what it is instead."""
    try:
        return read_number(scanned)
    except ValueError as refused:
        raise RuleBroken(str(refused), field="number") from refused


def open_scan(scanned: str, *, actor: Actor) -> Scan:
    """Find and lock what was scanned, within the actor's scope."""
    number = scanned_number(scanned)
    request = request_of_number(number.form, actor=actor)
    return _scan(number, request, actor)


def tie_scanned(scanned: str, *, actor: Actor) -> None:
    """Tie a label of a pack that was just scanned to its tube; any other label is left as it is."""
    open_scan(scanned, actor=actor)


def claim_scan(scanned: str, laboratory_id: uuid.UUID, *, actor: Actor) -> Scan:
    """Find and lock what a laboratory holds in its hands, routed to it or not.

    An own laboratory may take in whatever reaches it: from then on the request is within its scope. A
    partner sees only what was sent to it.
    """
    number = scanned_number(scanned)
    return _scan(number, _claim(number, laboratory_id, actor), actor)


def _claim(number: ScannedNumber, laboratory_id: uuid.UUID, actor: Actor) -> Request:
    if actor.laboratory_id is not None and actor.laboratory_id != laboratory_id:
        raise NotPermitted
    held = select(Request.id).where(Request.number == number.form)
    request_id = session().scalars(held).one_or_none()
    if request_id is not None and laboratory(laboratory_id).own:
        reach(request_id, laboratory_id, actor=actor)
    return request_of_number(number.form, actor=actor)


def find_to_reject(
    scanned: str, laboratory_id: uuid.UUID, *, actor: Actor
) -> tuple[uuid.UUID, uuid.UUID]:
    """Find the tube in the laboratory’s hands, also by a label that no longer counts.

    Returns request and planned tube.
    """
    number = scanned_number(scanned)
    request = _claim(number, laboratory_id, actor)
    tubes = tuple(tubes_in_sight(request, actor))
    active = (tube for tube in tubes if tube.specimen and tube.specimen.number == number.text)
    tube = next(active, None) or _once_labelled(number.text, tubes)
    if tube is None:
        raise RuleBroken(
            "No tube bears this number. Scan its form, and reject it from there.", field="number"
        )
    return request.id, tube.planned.id


def _scan(number: ScannedNumber, request: Request, actor: Actor) -> Scan:
    tubes = tuple(tubes_in_sight(request, actor))
    if number.is_form:
        return Scan(number, request, tubes, None)
    for tube in tubes:
        if tube.specimen is not None and tube.specimen.number == number.text:
            return Scan(number, request, tubes, tube)
    if tied := tie_label(number, request, tubes, actor=actor):
        return Scan(number, request, tubes, tied)
    raise _no_tube(number, tubes, actor)


def _no_tube(number: ScannedNumber, tubes: tuple[Tube, ...], actor: Actor) -> Exception:
    """Why no tube bears this number, and what to scan instead."""
    reason, tube = void_reason(number.text), _once_labelled(number.text, tubes)
    if reason is None or (tube is None and is_partner(actor)):
        return NotFound(
            "This number was never printed for a tube. Keep the tube and ring the ward on the form."
        )
    return RuleBroken(
        f"The label {grouped(number.text)} no longer counts: {reason} {_instead(tube)}",
        field="number",
    )


def _once_labelled(number: str, tubes: tuple[Tube, ...]) -> Tube | None:
    statement = (
        select(Specimen.planned_tube_id)
        .join(LabelPrint, LabelPrint.specimen_id == Specimen.id)
        .where(LabelPrint.number == number)
    )
    planned = session().scalars(statement).first()
    return next((tube for tube in tubes if tube.planned.id == planned), None)


def _instead(tube: Tube | None) -> str:
    if tube is not None and tube.specimen is not None and tube.specimen.number is not None:
        return (
            f"Scan {grouped(tube.specimen.number)}, the label that replaced it; "
            "if the tube has no other label, reject it."
        )
    return "If the tube has no other label, reject it; its form’s number still counts."
