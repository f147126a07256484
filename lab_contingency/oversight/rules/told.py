"""What a row of the record tells of a patient, by the name of what was changed."""

from __future__ import annotations

from collections.abc import Mapping

from lab_contingency.audit.rules import NO_FIELD, Field

IDENTIFIERS = Field.NAME | Field.BORN | Field.SEX | Field.NHS_NUMBER | Field.HOSPITAL_NUMBER
_BY_NAME: Mapping[str, Field] = {
    "surname": Field.NAME,
    "forenames": Field.NAME,
    "unidentified": Field.NAME,
    "born": Field.BORN,
    "sex": Field.SEX,
    "nhs": Field.NHS_NUMBER,
    "hospital": Field.HOSPITAL_NUMBER,
    "issuer": Field.HOSPITAL_NUMBER,
    "ward": Field.PLACE,
    "destination": Field.PLACE,
    "bed": Field.PLACE,
    "callback": Field.CONTACT,
    "consultant": Field.CONTACT,
    "clinical_details": Field.CLINICAL,
    "reason": Field.REMARKS,
    "band": NO_FIELD,
    "needed_by": NO_FIELD,
    "status": NO_FIELD,
    "collected_at": NO_FIELD,
    "collected_by": NO_FIELD,
    "unusable_at": NO_FIELD,
}


def told_by(name: str) -> Field:
    """The kinds of data in a field of that name; of one nobody knows all that could identify, and remarks."""
    return _BY_NAME.get(name, IDENTIFIERS | Field.REMARKS)
