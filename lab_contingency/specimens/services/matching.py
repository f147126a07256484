"""At the bedside: form, wristband and tube are read one after the other, and must agree.

What was read stands in `BedsideReading`, not on the page: a page can be made up, a row cannot.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import func, select

from lab_contingency.audit.services import record
from lab_contingency.foundation import clock
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.database import session
from lab_contingency.foundation.errors import NotFound, RuleBroken
from lab_contingency.foundation.identity import new_id
from lab_contingency.incidents.rules import foreign_barcode, is_number_of_ours, read_number
from lab_contingency.places.queries import band_settings
from lab_contingency.requests.models import PatientIdentity, Request
from lab_contingency.requests.queries.patients import read_identity
from lab_contingency.requests.rules.gs1 import is_gs1
from lab_contingency.requests.rules.wristbands import (
    Agreement,
    CodeKind,
    cannot_tell,
    compare,
    read_wristband,
)
from lab_contingency.requests.services import lock_request
from lab_contingency.specimens.commands import CollectTubes, ReadAtBedside
from lab_contingency.specimens.models import BedsideReading, Identification, Specimen
from lab_contingency.specimens.queries.finding import find_by_number
from lab_contingency.specimens.queries.matching import standing_readings
from lab_contingency.specimens.rules import CustodyAction, SpecimenStatus, next_custody
from lab_contingency.specimens.rules.matching import (
    ON_PAPER,
    Stop,
    Thing,
    kind_of,
    refuse_turned_away,
    refuse_unmatched,
    refuse_unsaid,
)
from lab_contingency.specimens.services.tubes import Tube, tube_of


@dataclass(frozen=True, slots=True)
class Read:
    """What a scan was, and the stop if it was one. `tube`: the planned tube whose label agreed."""

    thing: Thing
    stop: Stop | None = None
    tube: uuid.UUID | None = None
    code: CodeKind | None = None


def read_at_bedside(command: ReadAtBedside, *, actor: Actor) -> Read:
    """Compare what was scanned with the card, and keep that it agreed or that it stopped the round.

    A stop is returned, not raised: it is kept. RuleBroken for what is neither form, wristband nor tube, or
    was not read whole; such a scan changes nothing.
    """
    request = lock_request(command.request_id, actor=actor)
    text = command.scanned.strip()
    if is_number_of_ours(text):
        read = _number(request, text, command.holding, actor)
    else:
        read = _wristband(request, text)
    _keep(request, read, actor)
    return read


def _wristband(request: Request, text: str) -> Read:
    foreign = None if is_gs1(text) else foreign_barcode(text, besides=("NHS", "GS1"))
    if foreign is not None:
        raise RuleBroken(foreign, field="number")
    identity = read_identity(session().get_one(PatientIdentity, request.identity_id))
    try:
        band = read_wristband(text, band_settings(request.ward_id), identity.hospital_number)
    except ValueError as refused:
        raise RuleBroken(str(refused), field="number") from refused
    agreement = compare(band, identity)
    if agreement is Agreement.CANNOT_TELL:
        raise RuleBroken(cannot_tell(band), field="number")
    if agreement is Agreement.DIFFERS:
        return Read(Thing.WRISTBAND, Stop.OTHER_WRISTBAND)
    return Read(Thing.WRISTBAND, code=band.kind)


def _number(request: Request, text: str, holding: str, actor: Actor) -> Read:
    try:
        form = read_number(text).is_form
    except ValueError as refused:
        raise RuleBroken(str(refused), field="number") from refused
    thing, stop = (Thing.FORM, Stop.OTHER_FORM) if form else (Thing.TUBE, Stop.OTHER_LABEL)
    try:
        found = find_by_number(text, actor)
    except NotFound:  # of another place, or never printed: not this patient’s, whatever it is
        return Read(thing, stop)
    if found.request_id != request.id:
        return _of_another_card(request, found.request_id, Read(thing, stop))
    if found.planned_tube_id is None:
        return Read(thing)
    if found.void is not None:
        return Read(thing, Stop.OLD_LABEL)
    return _label(tube_of(request, found.planned_tube_id, actor=actor), holding)


def _of_another_card(request: Request, other_id: uuid.UUID, stopped: Read) -> Read:
    """Another card of the same patient is no danger, but has its own page."""
    other = session().get_one(Request, other_id)
    if other.patient_id != request.patient_id:
        return stopped
    raise RuleBroken(
        "That belongs to another card of the same patient. Finish this one, then scan it again on “Collect”.",
        field="number",
    )


def _label(tube: Tube, holding: str) -> Read:
    refuse_uncollectable(tube)
    next_custody(tube.status, CustodyAction.COLLECT)
    if not holding:
        raise RuleBroken("Choose which tube is in your hand, then scan its label.", field="holding")
    if holding != kind_of(tube.planned.container, tube.planned.bottle):
        return Read(Thing.TUBE, Stop.OTHER_TUBE)
    return Read(Thing.TUBE, tube=tube.planned.id)


def _keep(request: Request, read: Read, actor: Actor) -> None:
    before = select(func.count()).where(BedsideReading.request_id == request.id)
    row = BedsideReading(
        id=new_id(),
        request_id=request.id,
        place=(session().execute(before).scalar() or 0) + 1,  # the card is locked
        planned_tube_id=read.tube,
        thing=read.thing,
        code=read.code,
        stop=read.stop,
        read_at=clock.now(),
        by_id=actor.user_id,
        by_name=actor.name,
    )
    session().add(row)
    session().flush()
    if read.stop is not None:
        record("bedside:stopped", request.id, actor=actor, why=read.stop.value)


def refuse_uncollectable(tube: Tube) -> None:
    """RuleBroken for a tube that nothing needs, or whose label was never printed."""
    if tube.replaced or not tube.wanted:
        raise RuleBroken("No test needs this tube any more. Leave it out.", field="tubes")
    if not tube.by_hand and tube.status in (None, SpecimenStatus.UNLABELLED):
        raise RuleBroken(
            "This tube has no label yet. Print the label and stick it on at the bedside first.",
            field="tubes",
        )


def refuse_unidentified(
    request: Request, tubes: Iterable[Tube], command: CollectTubes, *, actor: Actor
) -> tuple[CodeKind | None, str] | None:
    """Ask whose blood it is before it counts as taken: by what kind of code it is known, or why by none.

    RuleBroken says what is still to be read. None where no wristbands are worn and none was read.
    """
    without = command.without
    if without is not None:
        refuse_unsaid(without)
        if without.reason == ON_PAPER:
            return None, ON_PAPER
    held = standing_readings(request.id, actor)
    required = band_settings(request.ward_id).required or held.stopped is not None
    if not required and held.wristband is None and without is None:
        return None
    if without is not None and held.wristband is None:
        refuse_turned_away(held)
    chosen = list(tubes)
    refuse_unmatched(
        held,
        [tube.planned.id for tube in chosen if not tube.by_hand],
        by_hand=any(tube.by_hand for tube in chosen),
        wristband=without is None,
    )
    if held.wristband is not None:
        return CodeKind(held.wristband.code), ""
    return None, without.reason if without else ""


def keep_identification(
    request: Request,
    specimens: Iterable[Specimen],
    known_by: tuple[CodeKind | None, str],
    *,
    actor: Actor,
) -> None:
    """Note with the collection of these tubes how the patient was known; the next round begins anew."""
    code, reason = known_by
    if reason != ON_PAPER:
        _keep(request, Read(Thing.END), actor)
    way = code.value if code else "said aloud"
    for specimen in specimens:
        row = Identification(
            id=new_id(),
            specimen_id=specimen.id,
            code=code,
            reason=reason,
            identified_at=clock.now(),
            by_id=actor.user_id,
            by_name=actor.name,
        )
        session().add(row)
        record("specimen:identified", specimen.id, actor=actor, by=way, reason=reason)
