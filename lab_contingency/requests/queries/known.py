"""Is this patient known? Only number and date of birth together ever answer with a name."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, or_, select

from lab_contingency.audit.rules import Field
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.database import session
from lab_contingency.foundation.sealing import blind_index, blind_indexes
from lab_contingency.foundation.web.disclosure import discloses
from lab_contingency.places.queries import wards
from lab_contingency.requests.models import CURRENT, HOSPITAL, NHS, PatientIdentity, Request, issued
from lab_contingency.requests.queries.patients import patients_of
from lab_contingency.requests.rules.identity import Identity, similar_name
from lab_contingency.requests.scope import within

_OPEN_LOOKED_AT = 2000
_SHOWN = 3


@discloses(name=Field.NAME, born=Field.BORN, ward=Field.PLACE)
@dataclass(frozen=True, slots=True)
class SimilarName:
    """An open request of somebody whose name is nearly the same."""

    patient_id: uuid.UUID | None
    name: str
    born: str
    ward: str


def nhs_index(number: str) -> str | None:
    """Blind index of an NHS number, as it is stored now; None for none."""
    return blind_index(NHS, number) if number else None


def hospital_index(number: str, issuer: str) -> str | None:
    """Blind index of a hospital number with its issuer, as it is stored now; None for none."""
    return blind_index(HOSPITAL, issued(number, issuer)) if number else None


def held_by_nhs(number: str) -> PatientIdentity | None:
    """Whose NHS number it is."""
    if not number:
        return None
    return _held(PatientIdentity.nhs_index.in_(blind_indexes(NHS, number)))


def held_by_hospital(number: str, issuer: str) -> PatientIdentity | None:
    """Whose hospital number it is."""
    if not number:
        return None
    standing = blind_indexes(HOSPITAL, issued(number, issuer))
    return _held(PatientIdentity.hospital_index.in_(standing))


def held_by_numbers(identity: Identity) -> tuple[PatientIdentity | None, PatientIdentity | None]:
    """Whose NHS number, and whose hospital number it is: `held_by_nhs` and `held_by_hospital` in one statement."""
    nhs, hospital = identity.nhs_number, identity.hospital_number
    by_nhs = blind_indexes(NHS, nhs) if nhs else ()
    by_hospital = blind_indexes(HOSPITAL, issued(hospital, identity.issuer)) if hospital else ()
    if not by_nhs and not by_hospital:
        return None, None
    # "Current" is said of each: SQLite looks for the index of each side of an OR by itself.
    either = or_(
        and_(PatientIdentity.nhs_index.in_(by_nhs), CURRENT),
        and_(PatientIdentity.hospital_index.in_(by_hospital), CURRENT),
    )
    found = session().scalars(select(PatientIdentity).where(either)).all()
    return (
        next((row for row in found if row.nhs_index in by_nhs), None),
        next((row for row in found if row.hospital_index in by_hospital), None),
    )


def _held(condition: ColumnElement[bool]) -> PatientIdentity | None:
    statement = select(PatientIdentity).where(condition, CURRENT)
    return session().scalars(statement).one_or_none()


def similar_names(identity: Identity, actor: Actor) -> tuple[SimilarName, ...]:
    """Others with open requests in the actor’s scope whose names could be mixed up (three at most)."""
    statement = (
        select(Request.identity_id, Request.ward_id)
        .where(Request.closed_at.is_(None), within(actor))
        .limit(_OPEN_LOOKED_AT)
    )
    open_requests = {row.identity_id: row.ward_id for row in session().execute(statement)}
    names = {place.id: place.name for place in wards()}
    found = [
        SimilarName(
            view.patient_id, view.identity.name, view.born, names.get(open_requests[key], "")
        )
        for key, view in patients_of(open_requests).items()
        if similar_name(identity, view.identity) and not _same_person(identity, view.identity)
    ]
    return tuple(found[:_SHOWN])


def _same_person(one: Identity, other: Identity) -> bool:
    if one.nhs_number and other.nhs_number:
        return one.nhs_number == other.nhs_number
    return bool(one.hospital_number) and (one.hospital_number, one.issuer) == (
        other.hospital_number,
        other.issuer,
    )
