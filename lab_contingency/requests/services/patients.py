"""Finding and keeping patients: always by exact number and date of birth together."""

from __future__ import annotations

import uuid

from sqlalchemy import select

from lab_contingency.audit.rules import Field
from lab_contingency.foundation import clock, node
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.database import add_rows, locked, session
from lab_contingency.foundation.errors import RuleBroken, RulesBroken
from lab_contingency.foundation.identity import new_id
from lab_contingency.foundation.sealing import seal
from lab_contingency.foundation.wording import date_text
from lab_contingency.places.queries import organisation_name
from lab_contingency.requests.models import Patient, PatientIdentity
from lab_contingency.requests.queries.known import (
    held_by_numbers,
    hospital_index,
    nhs_index,
)
from lab_contingency.requests.queries.patients import read_identity
from lab_contingency.requests.rules.identity import Identity, Sex, born_problem, same_name

__all__ = [
    "correct_patient",
    "find_patient",
    "identity_problems",
    "keep_patient",
    "read_identity",
    "record_of",
]

_TABLE = PatientIdentity.__tablename__


def find_patient(identity: Identity) -> PatientIdentity | None:
    """Whom the numbers belong to, when the date of birth agrees.

    Raises RuleBroken when a number is held with another date of birth, or the two numbers belong to two
    people: nothing of the patient held is shown.
    """
    by_nhs, by_hospital = held_by_numbers(identity)
    if by_nhs and by_hospital and by_nhs.patient_id != by_hospital.patient_id:
        raise RuleBroken(
            "The NHS number and the hospital number belong to two different patients. "
            "Read both again from the wristband.",
            field="hospital_number",
        )
    found = by_nhs or by_hospital
    if found is not None and read_identity(found).born != identity.born:
        raise RuleBroken(
            "This number is held with another date of birth. Read number and date of birth again from the wristband.",
            field="born",
        )
    return found


def identity_problems(identity: Identity) -> dict[str, str]:
    """What no patient can be like, by form field."""
    problems = {}
    if not identity.nhs_number and not identity.hospital_number:
        problems["nhs_number"] = (
            "Type the NHS number or the hospital number. Nobody knows it? Use “Patient not identified”."
        )
    if problem := born_problem(identity.born, clock.london(clock.now()).date()):
        problems["born"] = problem
    return problems


def correct_patient(patient_id: uuid.UUID, identity: Identity, *, actor: Actor) -> PatientIdentity:
    """Who it really is: the next version of this patient, or another one known by these numbers.

    The numbers of this very patient may get another date of birth: it was misread. Those of another
    patient need theirs.
    """
    if problems := identity_problems(identity):
        raise RulesBroken(problems)
    _check_issuer(identity)
    held = held_by_numbers(identity)
    if {row.patient_id for row in held if row} <= {patient_id}:
        return add_identity(patient_id, identity, actor=actor)
    return keep_patient(identity, actor=actor)


def keep_patient(identity: Identity, *, actor: Actor) -> PatientIdentity:
    """The patient's current identity: found, completed with a number not known before, or new."""
    _check_issuer(identity)
    found = find_patient(identity)
    if found is None:
        patient_id = new_id()
        add_rows(Patient, {"id": patient_id, "created_at": clock.now()})
        return _add_version(patient_id, identity, actor=actor)
    held = read_identity(found)
    _refuse_other_name(held, identity, found.patient_id)
    merged = _completed(held, identity)
    if merged == held:
        return found
    return add_identity(found.patient_id, merged, actor=actor)


def _refuse_other_name(held: Identity, typed: Identity, patient_id: uuid.UUID) -> None:
    if same_name(held.surname, typed.surname) and same_name(held.forenames, typed.forenames):
        return
    raise RuleBroken(
        f"This number and date of birth ({date_text(held.born)}) are held for {held.name}. "
        "Check the wristband. If the name has changed, use the name held and put it right on the request.",
        field="surname",
        shows=(patient_id, Field.NAME | Field.BORN),
    )


def _completed(held: Identity, typed: Identity) -> Identity:
    """The held identity with numbers that were not known before; what is held is never replaced here."""
    other_hospital = typed.hospital_number and not held.hospital_number
    return Identity(
        surname=held.surname,
        forenames=held.forenames,
        born=held.born,
        sex=typed.sex if held.sex is Sex.UNKNOWN else held.sex,
        nhs_number=held.nhs_number or typed.nhs_number,
        hospital_number=typed.hospital_number if other_hospital else held.hospital_number,
        issuer=typed.issuer if other_hospital else held.issuer,
        unidentified=held.unidentified,
    )


def add_identity(patient_id: uuid.UUID, identity: Identity, *, actor: Actor) -> PatientIdentity:
    """The next version of who this patient is; the ones before stay."""
    standing = select(PatientIdentity).where(
        PatientIdentity.patient_id == patient_id, PatientIdentity.is_current
    )
    for row in session().scalars(locked(standing)):
        row.is_current = False
    session().flush()  # the old version gives up its numbers before the new one takes them
    return _add_version(patient_id, identity, actor=actor)


def _add_version(patient_id: uuid.UUID, identity: Identity, *, actor: Actor) -> PatientIdentity:
    row_id = new_id()
    row = PatientIdentity(
        id=row_id,
        patient_id=patient_id,
        is_current=True,
        sealed=seal(_TABLE, row_id, record_of(identity)),
        nhs_index=nhs_index(identity.nhs_number),
        hospital_index=hospital_index(identity.hospital_number, identity.issuer),
        recorded_at=clock.now(),
        recorded_by_id=actor.user_id,
    )
    session().add(row)
    session().flush()
    return row


def record_of(identity: Identity) -> dict[str, object]:
    """The identity as it is sealed."""
    return {
        "surname": identity.surname,
        "forenames": identity.forenames,
        "born": identity.born.isoformat(),
        "sex": identity.sex.value,
        "nhs": identity.nhs_number,
        "hospital": identity.hospital_number,
        "issuer": identity.issuer,
        "unidentified": identity.unidentified,
    }


def _check_issuer(identity: Identity) -> None:
    if identity.hospital_number and organisation_name(identity.issuer) is None:
        raise RuleBroken("Choose which hospital issued this number.", field="issuer")
    if (
        identity.nhs_number.startswith("999") is not node.this_node().demonstration
        and identity.nhs_number
    ):
        raise RuleBroken(
            "Numbers from 999 are for demonstrations only, and a demonstration takes no others.",
            field="nhs_number",
        )
