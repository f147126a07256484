"""Looking a patient up while the card is filled: number and date of birth together, or nothing."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field

from lab_contingency.audit.rules import Field
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.web.disclosure import NOTHING, discloses
from lab_contingency.foundation.wording import read_date
from lab_contingency.requests.models import PatientIdentity
from lab_contingency.requests.queries.known import (
    SimilarName,
    held_by_hospital,
    held_by_nhs,
    similar_names,
)
from lab_contingency.requests.queries.patients import PatientView, patient_view, read_identity
from lab_contingency.requests.queries.repeats import Repeat, repeats_for
from lab_contingency.requests.rules.identity import (
    Identity,
    Sex,
    read_hospital_number,
    read_nhs_number,
)


@discloses(sentence=lambda found: Field.NAME if found.agrees else Field(0), repeats=NOTHING)
@dataclass(frozen=True, slots=True)
class LookUp:
    """What the typed boxes lead to. `sentence` is for the card; `repeats` by test code."""

    patient: PatientView | None = None
    patient_id: uuid.UUID | None = None
    sentence: str = ""
    agrees: bool = False
    repeats: Mapping[str, Repeat] = field(default_factory=dict)
    similar: tuple[SimilarName, ...] = ()


@dataclass(frozen=True, slots=True)
class TypedPatient:
    """Box 1 of the card as typed so far."""

    nhs_number: str
    hospital_number: str
    issuer: str
    born: str
    surname: str
    forenames: str


def look_up(
    typed: TypedPatient, tests: tuple[str, ...], *, demonstration: bool, actor: Actor
) -> LookUp:
    """Who that is, if number and date of birth agree; with repeats of these tests and similar names waiting."""
    identity = _read(typed, demonstration=demonstration)
    if identity is None:
        return LookUp()
    row = held_by_nhs(identity.nhs_number) or held_by_hospital(
        identity.hospital_number, identity.issuer
    )
    if row is None:
        return LookUp(
            sentence="Not known here yet. Type the name from the wristband.",
            similar=_similar(identity, actor),
        )
    return _found(row, identity, tests, actor)


def _read(typed: TypedPatient, *, demonstration: bool) -> Identity | None:
    """The boxes read; None until there are a date of birth and a number that can be right."""
    try:
        day = read_date(typed.born)
        nhs = (
            read_nhs_number(typed.nhs_number, demonstration=demonstration)
            if typed.nhs_number
            else ""
        )
        hospital = read_hospital_number(typed.hospital_number) if typed.hospital_number else ""
    except ValueError:
        return None
    if not nhs and not hospital:
        return None
    return Identity(typed.surname, typed.forenames, day, Sex.UNKNOWN, nhs, hospital, typed.issuer)


def _found(row: PatientIdentity, typed: Identity, tests: tuple[str, ...], actor: Actor) -> LookUp:
    held = read_identity(row)
    if held.born != typed.born:
        return LookUp(
            sentence="This number is held with another date of birth. Read both again from the wristband."
        )
    repeats = (
        {repeat.test_code: repeat for repeat in repeats_for(row.patient_id, tests)} if tests else {}
    )
    return LookUp(
        patient=patient_view(held, row.patient_id),
        patient_id=row.patient_id,
        sentence=f"Known here as {held.name}: number and date of birth agree.",
        agrees=True,
        repeats=repeats,
        similar=similar_names(held, actor),
    )


def _similar(typed: Identity, actor: Actor) -> tuple[SimilarName, ...]:
    return similar_names(typed, actor) if typed.surname else ()


def repeats_of(identity: Identity, tests: tuple[str, ...]) -> tuple[Repeat, ...]:
    """The repeats for a patient known by these numbers and this date of birth; none for a new one."""
    row = held_by_nhs(identity.nhs_number) or held_by_hospital(
        identity.hospital_number, identity.issuer
    )
    if row is None or read_identity(row).born != identity.born:
        return ()
    return repeats_for(row.patient_id, tests)
