"""Labels of a paper pack: written by hand at the bedside, tied to their tubes when they are first scanned."""

from __future__ import annotations

import uuid
from collections.abc import Iterable

from lab_contingency.catalogue.queries import catalogue
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.errors import RuleBroken
from lab_contingency.incidents.queries import void_reason
from lab_contingency.incidents.rules import ScannedNumber, grouped
from lab_contingency.incidents.services import issue_tube_number
from lab_contingency.places.queries import ward
from lab_contingency.requests.models import Request
from lab_contingency.requests.packs.queries import is_from_pack
from lab_contingency.requests.packs.rules import SPARES, USE_OF_LABEL, LabelUse
from lab_contingency.requests.services import lock_request
from lab_contingency.specimens.rules import CustodyAction, SpecimenStatus
from lab_contingency.specimens.services.tubes import Happening, Tube, move, tube_of, tubes_for

_UNLABELLED = (None, SpecimenStatus.UNLABELLED)
SPARE = (
    "That is a spare label of the pack: nobody said yet which tube it is on. "
    "Open the request, choose “Tie a spare label”, and scan the tube again."
)


def tie_label(
    number: ScannedNumber, request: Request, tubes: Iterable[Tube], *, actor: Actor
) -> Tube | None:
    """Tie a scanned label of a pack to the one tube that it names; None when it is no label of a pack.

    RuleBroken for a spare label, and for a label whose tube the form does not ask for (hazard 02).
    """
    if void_reason(number.text) is not None or not is_from_pack(request.id):
        return None
    if number.tube in SPARES:
        raise RuleBroken(SPARE, field="number")
    use = USE_OF_LABEL.get(number.tube)
    if use is None:
        return None
    fits = [tube for tube in tubes if _is_for(use, tube)]
    if not fits:
        raise RuleBroken(_not_asked(use, request), field="number")
    return _tie(fits[0], number, actor)


def _is_for(use: LabelUse, tube: Tube) -> bool:
    planned = tube.planned
    same = (planned.container, planned.tube_group) == (use.container, use.tube_group)
    return same and planned.replaces_id is None and _can_be_tied(tube)


def _can_be_tied(tube: Tube) -> bool:
    return tube.status in _UNLABELLED and not tube.by_hand and not tube.replaced


def _not_asked(use: LabelUse, request: Request) -> str:
    colour = catalogue().container(use.container).colour(ward(request.ward_id).site.tube_system)
    return (
        f"That label is for the {colour} tube, {use.purpose}, and no test on this form needs that tube. "
        "Compare the tube with the form before anything else."
    )


def _tie(tube: Tube, number: ScannedNumber, actor: Actor) -> Tube:
    issue_tube_number(number.form, number.tube)
    place = Happening(place=ward(tube.request.ward_id).name, reason_code="PACK_LABEL")
    move(tube, CustodyAction.LABEL, place, actor=actor, number=number.text)
    return tube


def tie_spare(
    request_id: uuid.UUID, planned_tube_id: uuid.UUID, number: ScannedNumber, *, actor: Actor
) -> None:
    """Say which tube a spare label of the pack is on: as the ward wrote on it."""
    request = lock_request(request_id, actor=actor)
    if number.form != request.number:
        raise RuleBroken(
            "STOP. That label belongs to another form. Keep tube and form together and ring the ward.",
            field="number",
        )
    if number.tube not in SPARES or not is_from_pack(request.id):
        raise RuleBroken(
            "That is no spare label of a pack. Scan it where tubes are received.", field="number"
        )
    if void_reason(number.text) is not None:
        raise RuleBroken(f"The label {grouped(number.text)} no longer counts.", field="number")
    held = tubes_for(request)
    if any(tube.specimen and tube.specimen.number == number.text for tube in held):
        raise RuleBroken("This label is tied to a tube already.", field="number")
    tube = tube_of(request, planned_tube_id, actor=actor)
    if not _can_be_tied(tube):
        raise RuleBroken("This tube has a label already, or never gets one.", field="tube")
    _tie(tube, number, actor)
