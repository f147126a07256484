"""Who somebody unidentified turned out to be. Both records stand; the link says that they are one person."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import or_, select

from lab_contingency.audit.rules import Field
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.database import session
from lab_contingency.foundation.sealing import unseal
from lab_contingency.foundation.web.disclosure import NOTHING, discloses
from lab_contingency.incidents.rules import grouped
from lab_contingency.requests.models import PatientIdentity, PatientLink, Request
from lab_contingency.requests.scope import within_reading

_SHOWN = 40


@discloses(reason=Field.REMARKS, linked_by=NOTHING, ended_by=NOTHING)
@dataclass(frozen=True, slots=True)
class LinkView:
    """One link, standing or ended."""

    patient_id: uuid.UUID
    id: uuid.UUID
    real_id: uuid.UUID
    linked_at: dt.datetime
    linked_by: str
    reason: str
    ended_at: dt.datetime | None
    ended_by: str | None


@discloses(number_text=NOTHING)
@dataclass(frozen=True, slots=True)
class SameRequest:
    """Another request of the same person, under the other record."""

    patient_id: uuid.UUID
    request_id: uuid.UUID
    number_text: str
    requested_at: dt.datetime


def current_identities(patient_ids: Iterable[uuid.UUID]) -> Mapping[uuid.UUID, PatientIdentity]:
    """For unidentified patients with a standing link: the row of who they are, by the unidentified's id."""
    statement = (
        select(PatientLink.unidentified_id, PatientIdentity)
        .join(PatientIdentity, PatientIdentity.patient_id == PatientLink.patient_id)
        .where(
            PatientLink.unidentified_id.in_(set(patient_ids)),
            PatientLink.ended_at.is_(None),
            PatientIdentity.is_current,
        )
    )
    return dict(session().execute(statement).all())


def links_of(patient_id: uuid.UUID) -> tuple[LinkView, ...]:
    """Every link of an unidentified patient, the last one first."""
    statement = (
        select(PatientLink)
        .where(PatientLink.unidentified_id == patient_id)
        .order_by(PatientLink.linked_at.desc())
    )
    return tuple(_link(row) for row in session().scalars(statement))


def _link(row: PatientLink) -> LinkView:
    held = unseal(PatientLink.__tablename__, row.id, row.sealed)
    return LinkView(
        row.unidentified_id,
        row.id,
        row.patient_id,
        row.linked_at,
        row.linked_by,
        held["reason"],
        row.ended_at,
        row.ended_by,
    )


def same_person(patient_id: uuid.UUID) -> frozenset[uuid.UUID]:
    """The patient's record and those that stand linked with it: the unidentified ones, and who they are."""
    statement = select(PatientLink.unidentified_id, PatientLink.patient_id).where(
        PatientLink.ended_at.is_(None)
    )
    here = or_(PatientLink.unidentified_id == patient_id, PatientLink.patient_id == patient_id)
    found = {patient_id}
    for unidentified, real in session().execute(statement.where(here)):
        found |= {unidentified, real}
    if len(found) > 1:  # a sibling: somebody else who turned out to be the same person
        real_ids = PatientLink.patient_id.in_(found)
        found |= {row[0] for row in session().execute(statement.where(real_ids))}
    return frozenset(found)


def requests_of_same_person(patient_id: uuid.UUID, actor: Actor) -> tuple[SameRequest, ...]:
    """Requests under the other records of the same person, in the reader's scope, newest first."""
    others = same_person(patient_id) - {patient_id}
    if not others:
        return ()
    statement = (
        select(Request)
        .where(Request.patient_id.in_(others), within_reading(actor))
        .order_by(Request.requested_at.desc())
        .limit(_SHOWN)
    )
    return tuple(
        SameRequest(row.patient_id, row.id, grouped(row.number), row.requested_at)
        for row in session().scalars(statement)
    )
