"""Where a request's tubes are, for people who never see an identifier."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from sqlalchemy import select

from lab_contingency.audit.rules import Field
from lab_contingency.catalogue.queries import catalogue
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.database import session
from lab_contingency.foundation.errors import NotFound
from lab_contingency.foundation.web.disclosure import NOTHING, discloses
from lab_contingency.incidents.rules import grouped
from lab_contingency.places.queries import WardView, laboratories, ward
from lab_contingency.requests.models import PlannedTube, Request
from lab_contingency.requests.queries.card import TubeChip, chip_of
from lab_contingency.requests.rules.bands import Band
from lab_contingency.requests.scope import tubes_within, within
from lab_contingency.specimens.models import Specimen
from lab_contingency.specimens.rules import WORDS, SpecimenStatus
from lab_contingency.tracking.queries.missing import MissingTube, missing_tubes


@dataclass(frozen=True, slots=True)
class TubePlace:
    """One tube and where it is."""

    ordinal: int
    chip: TubeChip
    number: str
    words: str
    place: str


@discloses(number=NOTHING, ward=Field.PLACE)
@dataclass(frozen=True, slots=True)
class TubePlaces:
    """A request's tubes; no name, no number of a patient."""

    patient_id: uuid.UUID
    number: str
    ward: str
    band: Band
    tubes: tuple[TubePlace, ...]


def tube_places(request_id: uuid.UUID, actor: Actor) -> TubePlaces:
    """Where each tube is; NotFound outside the scope."""
    row = (
        session()
        .scalars(select(Request).where(Request.id == request_id, within(actor)))
        .one_or_none()
    )
    if row is None:
        raise NotFound
    home = ward(row.ward_id)
    names = {laboratory.id: laboratory.name for laboratory in laboratories()}
    missing = missing_tubes(request_id)
    statement = (
        select(PlannedTube, Specimen)
        .outerjoin(Specimen, Specimen.planned_tube_id == PlannedTube.id)
        .where(PlannedTube.request_id == request_id, tubes_within(actor))
        .order_by(PlannedTube.ordinal)
    )
    tubes = tuple(
        _tube_place(planned, specimen, home, names, missing.get(planned.id))
        for planned, specimen in session().execute(statement)
    )
    return TubePlaces(row.patient_id, grouped(row.number), home.name, row.band, tubes)


def _tube_place(
    planned: PlannedTube,
    specimen: Specimen | None,
    home: WardView,
    names: dict[uuid.UUID, str],
    missing: MissingTube | None,
) -> TubePlace:
    number = specimen.number if specimen is not None else None
    return TubePlace(
        planned.ordinal,
        chip_of(catalogue().container(planned.container), home.site.tube_system),
        grouped(number) if number else "",
        missing.words if missing else _words(planned, specimen),
        _place(specimen, names) or home.name,
    )


def _words(planned: PlannedTube, specimen: Specimen | None) -> str:
    """What it is now; tubes of the transfusion laboratory are never given a printed label."""
    if specimen is not None and _at_a_door(specimen):
        return "left at the door, not scanned in"
    if specimen is not None:
        return WORDS[specimen.status]
    return "written by hand" if planned.by_hand else "no label yet"


def _at_a_door(specimen: Specimen) -> bool:
    return specimen.status is SpecimenStatus.HANDED_OVER and specimen.laboratory_id is not None


def _place(specimen: Specimen | None, names: dict[uuid.UUID, str]) -> str:
    if specimen is None:
        return ""
    known = names.get(specimen.laboratory_id) if specimen.laboratory_id else None
    return known or specimen.holder
