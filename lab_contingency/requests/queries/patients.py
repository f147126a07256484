"""Patients as pages show them: text ready, three identifiers always."""

from __future__ import annotations

import datetime as dt
import logging
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

from sqlalchemy import select

from lab_contingency.audit.rules import Field
from lab_contingency.foundation import clock
from lab_contingency.foundation.database import session
from lab_contingency.foundation.keys import Unreadable
from lab_contingency.foundation.sealing import forgotten_when_sealed, unseal
from lab_contingency.foundation.web.disclosure import NOTHING, discloses
from lab_contingency.foundation.wording import date_text
from lab_contingency.requests.models import PatientIdentity
from lab_contingency.requests.queries.links import current_identities
from lab_contingency.requests.rules.identity import ADULT_YEARS, Identity, Sex

log = logging.getLogger("lab_contingency")
_TABLE = PatientIdentity.__tablename__
_CACHED = 4096


_IDENTIFIERS = Field.NAME | Field.BORN | Field.SEX | Field.NHS_NUMBER | Field.HOSPITAL_NUMBER


@discloses(
    surname=Field.NAME,
    forenames=Field.NAME,
    born=Field.BORN,
    sex=Field.SEX,
    nhs_number=Field.NHS_NUMBER,
    hospital_number=Field.HOSPITAL_NUMBER,
    identity=_IDENTIFIERS,
    age_years=Field.BORN,
    is_child=Field.BORN,
    sex_letter=Field.SEX,
    identified=NOTHING,
)
@dataclass(frozen=True, slots=True)
class PatientView:
    """A patient's identifiers as text; `identity` for rules, never for pages.

    `identified`: who somebody unidentified turned out to be, another record of the same person.
    """

    patient_id: uuid.UUID | None
    surname: str
    forenames: str
    born: str
    sex: str
    nhs_number: str | None
    hospital_number: str | None
    unidentified: bool
    identity: Identity
    identified: PatientView | None = None

    @property
    def age_years(self) -> int:
        """Whole years today."""
        return self.identity.age(clock.london(clock.now()).date())

    @property
    def is_child(self) -> bool:
        """Whether no interval for adults holds."""
        return self.age_years < ADULT_YEARS

    @property
    def sex_letter(self) -> str:
        """F or M, or nothing where it is not known."""
        return "" if self.identity.sex is Sex.UNKNOWN else self.identity.sex.value


ALTERED = PatientView(
    patient_id=None,
    surname="RECORD ALTERED",
    forenames="tell the administrator",
    born="–",
    sex="–",
    nhs_number=None,
    hospital_number=None,
    unidentified=False,
    identity=Identity("RECORD ALTERED", "", dt.date.min, Sex.UNKNOWN),
)
"""Stands in lists where a sealed identity no longer opens. It has no number, so nothing can be printed for it."""


def read_identity(row: PatientIdentity) -> Identity:
    """Unseal one version of an identity; `keys.Unreadable` when it was altered or moved."""
    return _kept(row.id, row.sealed)


def opened(row_id: uuid.UUID, sealed: str) -> Identity:
    """The same, not kept: lists of thousands would fill the memory that pages use."""
    held = unseal(_TABLE, row_id, sealed)
    return Identity(
        surname=held["surname"],
        forenames=held["forenames"],
        born=dt.date.fromisoformat(held["born"]),
        sex=Sex(held["sex"]),
        nhs_number=held["nhs"],
        hospital_number=held["hospital"],
        issuer=held["issuer"],
        unidentified=held["unidentified"],
    )


@forgotten_when_sealed
@lru_cache(maxsize=_CACHED)
def _kept(row_id: uuid.UUID, sealed: str) -> Identity:
    """By row and ciphertext: an altered row is never answered from memory."""
    return opened(row_id, sealed)


def patient_view(identity: Identity, patient_id: uuid.UUID) -> PatientView:
    """The identity as text."""
    return PatientView(
        patient_id=patient_id,
        surname=identity.surname.upper(),
        forenames=identity.forenames,
        born=date_text(identity.born),
        sex=identity.sex.text,
        nhs_number=identity.nhs_grouped or None,
        hospital_number=identity.hospital_text or None,
        unidentified=identity.unidentified,
        identity=identity,
    )


def patient_of(identity_id: uuid.UUID) -> PatientView:
    """The patient as a request knows them; `Unreadable` when the record was altered."""
    row = session().get_one(PatientIdentity, identity_id)
    view = patient_view(read_identity(row), row.patient_id)
    return _with_names({row.id: (row.patient_id, view)})[row.id]


def patients_of(identity_ids: Iterable[uuid.UUID]) -> Mapping[uuid.UUID, PatientView]:
    """Many at once, by identity id. One altered record says so in its row and holds up no other."""
    held = PatientIdentity
    statement = select(held.id, held.patient_id, held.sealed).where(held.id.in_(set(identity_ids)))
    return _with_names(
        {row[0]: (row[1], _view_or_altered(*row)) for row in session().execute(statement)}
    )


_Held = Mapping[uuid.UUID, tuple[uuid.UUID, PatientView]]


def _with_names(held: _Held) -> dict[uuid.UUID, PatientView]:
    """By identity; beside somebody unidentified stands who they turned out to be."""
    unknown = {patient_id for patient_id, view in held.values() if view.unidentified}
    names = current_identities(unknown) if unknown else {}
    return {
        row_id: replace(view, identified=_name_of(names[patient_id]))
        if patient_id in names
        else view
        for row_id, (patient_id, view) in held.items()
    }


def _name_of(row: PatientIdentity) -> PatientView:
    return _view_or_altered(row.id, row.patient_id, row.sealed)


def _view_or_altered(row_id: uuid.UUID, patient_id: uuid.UUID, sealed: str) -> PatientView:
    try:
        return _kept_view(row_id, patient_id, sealed)
    except Unreadable:
        log.exception("record.altered", extra={"table": _TABLE, "row": str(row_id)})
        return ALTERED


@forgotten_when_sealed
@lru_cache(maxsize=_CACHED)
def _kept_view(row_id: uuid.UUID, patient_id: uuid.UUID, sealed: str) -> PatientView:
    """As `_kept`, with the texts made."""
    return patient_view(_kept(row_id, sealed), patient_id)
