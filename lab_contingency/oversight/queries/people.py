"""Who the patients of a list are: opened only for a list, which is itself a disclosure."""

from __future__ import annotations

import logging
import uuid
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select

from lab_contingency.foundation.database import session
from lab_contingency.foundation.keys import Unreadable
from lab_contingency.places.models import Organisation, Site
from lab_contingency.requests.models import PatientIdentity, Request
from lab_contingency.requests.queries.patients import ALTERED, PatientView, opened, patient_view

log = logging.getLogger("lab_contingency")
_AT_ONCE = 500
NO_ORGANISATION = ("", "No request on record")


@dataclass(frozen=True, slots=True)
class Person:
    """A patient and the organisations that asked for them: (ODS code, name)."""

    patient: PatientView
    organisations: tuple[tuple[str, str], ...]


def people(patient_ids: Sequence[uuid.UUID]) -> Mapping[uuid.UUID, Person]:
    """The current identity of each, and who asked. One altered record says so and holds up no other."""
    asked = organisations_of(patient_ids)
    found = {}
    for part in _parts(patient_ids):
        statement = select(PatientIdentity).where(
            PatientIdentity.patient_id.in_(part), PatientIdentity.is_current
        )
        for row in session().scalars(statement):
            found[row.patient_id] = Person(
                _view(row), asked.get(row.patient_id, (NO_ORGANISATION,))
            )
    return found


def _view(row: PatientIdentity) -> PatientView:
    try:
        return patient_view(opened(row.id, row.sealed), row.patient_id)
    except Unreadable:
        log.exception("record.altered", extra={"table": row.__tablename__, "row": str(row.id)})
        return ALTERED


def organisations_of(
    patient_ids: Sequence[uuid.UUID],
) -> Mapping[uuid.UUID, tuple[tuple[str, str], ...]]:
    """(ODS code, name) of the organisations at whose sites each was asked for, by code."""
    found: dict[uuid.UUID, set[tuple[str, str]]] = defaultdict(set)
    for part in _parts(patient_ids):
        statement = (
            select(Request.patient_id, Organisation.ods_code, Organisation.name)
            .join(Site, Site.id == Request.site_id)
            .join(Organisation, Organisation.id == Site.organisation_id)
            .where(Request.patient_id.in_(part))
            .distinct()
        )
        for row in session().execute(statement):
            found[row.patient_id].add((row.ods_code, row.name))
    return {patient: tuple(sorted(codes)) for patient, codes in found.items()}


def _parts(ids: Iterable[uuid.UUID]) -> Iterator[list[uuid.UUID]]:
    known = list(ids)
    for start in range(0, len(known), _AT_ONCE):
        yield known[start : start + _AT_ONCE]
