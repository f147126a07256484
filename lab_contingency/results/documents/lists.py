"""Lists of slips, of work at the bench and of calls to make, as frozen content."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from lab_contingency.foundation import clock, node
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.wording import full_time_text, near_time_text
from lab_contingency.incidents.queries import open_incident
from lab_contingency.places.queries import laboratory, ward
from lab_contingency.printing import content
from lab_contingency.printing.content.lists import DeliveryList, DeliveryRow
from lab_contingency.requests.models import Request
from lab_contingency.requests.queries import patients_of
from lab_contingency.requests.rules.identity import similar_among
from lab_contingency.results.rules.slips import DELIVER_WITHIN


def made(actor: Actor, mark: str = "") -> content.PrintedBy:
    """Say who prints it now."""
    return content.PrintedBy(
        printed=f"Printed {full_time_text(clock.now())} by {actor.name}",
        copy_number="copy 1",
        test_mark=node.this_node().demonstration,
        mark=mark,
    )


def origin(actor: Actor) -> str:
    """Say where it comes from: the laboratory of whoever prints it, and the incident."""
    incident = open_incident()
    place = laboratory(actor.laboratory_id).name if actor.laboratory_id else "All laboratories"
    return f"{place} · incident {incident.number}" if incident else place


def delivery_list(
    number: str,
    ward_id: uuid.UUID,
    slips: Sequence[tuple[Request, content.ResultSlip]],
    mark: str,
    *,
    actor: Actor,
) -> DeliveryList:
    """Make the list in front of a batch of slips for one destination."""
    place, now = ward(ward_id), clock.now()
    known = patients_of(request.identity_id for request, _ in slips)
    people = {request.patient_id: known[request.identity_id].identity for request, _ in slips}
    alike = similar_among(people)
    telephone = f" · telephone {place.telephone}" if place.telephone else ""
    return DeliveryList(
        number=number,
        title="Slips to deliver",
        place=origin(actor),
        destination=place.name,
        destination_detail=f"{place.site.name}{telephone}",
        due=near_time_text(min(now + DELIVER_WITHIN[request.band] for request, _ in slips)),
        made=made(actor, mark),
        rows=tuple(
            delivery_row(slip, similar=request.patient_id in alike) for request, slip in slips
        ),
    )


def delivery_row(slip: content.ResultSlip, *, similar: bool = False) -> DeliveryRow:
    """Make the line of one slip."""
    copied = f", {slip.made.copy_number}" if slip.made.copy_reason else ""
    return DeliveryRow(
        slip.number, slip.patient, slip.priority, f"{slip.version}{copied}", similar=similar
    )
