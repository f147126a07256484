"""Patients as pages show them: text ready, three identifiers always."""

from __future__ import annotations

import datetime as dt
import logging
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from sqlalchemy import select

from lab_contingency.foundation import clock
from lab_contingency.foundation.database import session
from lab_contingency.foundation.keys import Unreadable
from lab_contingency.foundation.sealing import forgotten_when_sealed, unseal
from lab_contingency.foundation.wording import date_text
from lab_contingency.requests.models import PatientIdentity
from lab_contingency.requests.rules.identity import Identity, Sex

log = logging.getLogger("lab_contingency")
_TABLE = PatientIdentity.__tablename__
_CACHED = 4096


@dataclass(frozen=True, slots=True)
class PatientView:
    """A patient's identifiers as text; `identity` for rules."""

    surname: str
    forenames: str
    born: str
    sex: str
    nhs_number: str | None
    hospital_number: str | None
    unidentified: bool
    identity: Identity

    @property
    def age_years(self) -> int:
        """Whole years today."""
        return self.identity.age(clock.london(clock.now()).date())


ALTERED = PatientView(
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
    return _opened(row.id, row.sealed)


@forgotten_when_sealed
@lru_cache(maxsize=_CACHED)
def _opened(row_id: uuid.UUID, sealed: str) -> Identity:
    """By row and ciphertext: an altered row is never answered from memory."""
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


def patient_view(identity: Identity) -> PatientView:
    """The identity as text."""
    return PatientView(
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
    return patient_view(read_identity(session().get_one(PatientIdentity, identity_id)))


def patients_of(identity_ids: Iterable[uuid.UUID]) -> Mapping[uuid.UUID, PatientView]:
    """Many at once, by identity id. One altered record says so in its row and holds up no other."""
    statement = select(PatientIdentity).where(PatientIdentity.id.in_(set(identity_ids)))
    return {row.id: _view_or_altered(row) for row in session().scalars(statement)}


def _view_or_altered(row: PatientIdentity) -> PatientView:
    try:
        return patient_view(read_identity(row))
    except Unreadable:
        log.exception("record.altered", extra={"table": _TABLE, "row": str(row.id)})
        return ALTERED
