"""Looking through fragments from outside: who is known is opened once, used, and forgotten."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import select

from lab_contingency.audit.models import Leaving
from lab_contingency.audit.rules import Field
from lab_contingency.audit.services import record
from lab_contingency.foundation import clock
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.database import session
from lab_contingency.foundation.errors import RuleBroken
from lab_contingency.foundation.identity import new_id
from lab_contingency.foundation.keys import Unreadable
from lab_contingency.foundation.sealing import seal
from lab_contingency.incidents.models import IssuedNumber
from lab_contingency.oversight.matching import Caps, Finding, Known, Sure, match_streams
from lab_contingency.oversight.matching.reading import Progress
from lab_contingency.oversight.models import LeakMatch
from lab_contingency.requests.models import PatientIdentity, Request
from lab_contingency.requests.queries.patients import opened
from lab_contingency.results.models import Slip

MOST_PATIENTS = 2_000_000
_AT_ONCE = 2000
_FIELDS = {
    "NHS number": Field.NHS_NUMBER,
    "hospital number": Field.HOSPITAL_NUMBER,
    "name": Field.NAME,
    "surname and date of birth": Field.NAME | Field.BORN,
}


@dataclass(frozen=True, slots=True)
class Matched:
    """What one search found; `id` is None when it was not kept."""

    finding: Finding
    id: uuid.UUID


@contextmanager
def everybody_known() -> Iterator[Known]:
    """Everything that identifies anybody, opened in memory for the block and forgotten after it."""
    known = Known()
    try:
        _add_patients(known)
        _add_numbers(known)
        for row in session().execute(select(Leaving.watermark, Leaving.id)):
            known.add_watermark(row.watermark, row.id)
        yield known.ready()
    finally:
        known.clear()


def _add_patients(known: Known) -> None:
    statement = (
        select(PatientIdentity.id, PatientIdentity.patient_id, PatientIdentity.sealed)
        .order_by(PatientIdentity.id)
        .limit(MOST_PATIENTS + 1)
    )
    for count, row in enumerate(session().execute(statement).yield_per(_AT_ONCE)):
        if count == MOST_PATIENTS:
            raise RuleBroken(
                f"More than {MOST_PATIENTS:,} identities are held: they do not fit into memory at once."
            )
        try:
            held = opened(row.id, row.sealed)
        except Unreadable:  # an altered record identifies nobody
            continue
        who = row.patient_id
        known.add_patient(who, held.surname, held.forenames, held.born, nhs_number=held.nhs_number)
        if held.hospital_number:
            known.add_hospital_number(held.hospital_number, who)


def _add_numbers(known: Known) -> None:
    """Every number issued leads to the patient of its card, and every slip's to that of its request."""
    cards = {
        row.number[:9]: row.patient_id
        for row in session().execute(select(Request.number, Request.patient_id))
    }
    for number in session().scalars(select(IssuedNumber.number)).yield_per(_AT_ONCE):
        if number[:9] in cards:
            known.add_number(number, cards[number[:9]])
    slips = select(Slip.number, Request.patient_id).join(Request, Request.id == Slip.request_id)
    for row in session().execute(slips):
        known.add_number(row.number, row.patient_id)


def match_leak(
    streams: Iterable[Iterable[bytes]],
    *,
    actor: Actor,
    caps: Caps | None = None,
    progress: Progress | None = None,
) -> Matched:
    """Look through streams of bytes; what was found is kept sealed, the fragments are not kept."""
    with everybody_known() as known:
        finding = match_streams(known, streams, caps or Caps(), progress)
    return Matched(finding, _keep(finding, actor))


def _keep(finding: Finding, actor: Actor) -> uuid.UUID:
    row = LeakMatch(
        id=new_id(),
        recorded_at=clock.now(),
        by_id=actor.user_id,
        by_name=actor.name,
        size=finding.size,
        certain=len(finding.of(Sure.CERTAIN)),
        likely=len(finding.of(Sure.LIKELY)),
    )
    held = {
        "patients": {
            patient.hex: [_fields(ways), words_of(ways)]
            for patient, ways in sorted(finding.patients.items())
        },
        "leavings": [leaving.hex for leaving in sorted(finding.leavings)],
    }
    row.sealed = seal(LeakMatch.__tablename__, row.id, held)
    session().add(row)
    session().flush()
    record("leak:matched", row.id, actor=actor, certain=row.certain, likely=row.likely)
    return row.id


def _fields(ways: Iterable[str]) -> int:
    fields = Field(0)
    for way in ways:
        fields |= _FIELDS.get(way, Field(0))
    return int(fields)


def words_of(ways: dict[str, Sure]) -> str:
    """`certain: NHS number` or `likely: name`."""
    best = max(ways.values())
    named = sorted(way for way, sure in ways.items() if sure is best)
    return f"{best.name.lower()}: {', '.join(named)}"
