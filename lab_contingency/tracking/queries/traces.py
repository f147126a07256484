"""What was put right, printed, decided and read about a request: the rest of its story."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import select

from lab_contingency.audit.rules import Field
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.database import session
from lab_contingency.requests.queries import RequestView, changes_of
from lab_contingency.requests.scope import is_partner
from lab_contingency.results.models import Acknowledgement, Slip
from lab_contingency.specimens.models import FormPrint
from lab_contingency.tracking.queries.happenings import Happening
from lab_contingency.transport.chasing.queries import calls_about
from lab_contingency.triage.queries import decisions_of

_CHANGES = {"identity": "patient put right", "details": "details put right"}


def traces(request: RequestView, actor: Actor) -> tuple[Happening, ...]:
    """Corrections, priorities, papers and acknowledgements, in no order.

    A partner reads of the papers and readings of its own tests alone, which its results page lists.
    """
    if is_partner(actor):
        return ()
    return (
        *_changes(request),
        *_priorities(request),
        *_forms(request),
        *_slips(request),
        *_read(request),
        *_chased(request),
    )


def _changes(request: RequestView) -> Iterator[Happening]:
    for change in changes_of(request.id):
        what = f"{_CHANGES.get(change.kind, change.kind)} ({change.reason})"
        yield Happening(
            change.recorded_at,
            change.recorded_at,
            what,
            change.by_name,
            "",
            (),
            patient_id=request.patient_id,
            tells=Field.REMARKS,
        )


def _priorities(request: RequestView) -> Iterator[Happening]:
    for decision in decisions_of(request.id):
        if decision.band_before is not None:
            what = f"{decision.what} ({decision.reason})" if decision.reason else decision.what
            yield Happening(
                decision.decided_at,
                decision.decided_at,
                what,
                decision.by_name,
                "",
                (),
                patient_id=request.patient_id,
                tells=Field.REMARKS if decision.reason else Field(0),
            )


def _forms(request: RequestView) -> Iterator[Happening]:
    statement = select(FormPrint).where(FormPrint.request_id == request.id)
    for row in session().scalars(statement):
        yield Happening(
            row.printed_at, row.printed_at, _printed("form", row.copy), row.by_name, "", ()
        )


def _slips(request: RequestView) -> Iterator[Happening]:
    statement = select(Slip).where(Slip.request_id == request.id)
    for row in session().scalars(statement):
        what = _printed("slip", row.copy)
        yield Happening(row.printed_at, row.printed_at, what, row.by_name, "", ())


def _printed(paper: str, copy: int) -> str:
    return f"{paper} printed" if copy == 1 else f"{paper} printed again, copy {copy}"


def _read(request: RequestView) -> Iterator[Happening]:
    """Once for each reading, also where several tests were acknowledged together."""
    statement = select(Acknowledgement).where(Acknowledgement.request_id == request.id)
    seen = {(row.acknowledged_at, row.by_name) for row in session().scalars(statement)}
    for at, who in sorted(seen):
        yield Happening(at, at, "results read", who, "", ())


def _chased(request: RequestView) -> Iterator[Happening]:
    """What a ward may know: when the partner was rung and what was promised, not the words."""
    for rung in calls_about(request.id):
        what = f"{rung.laboratory} {rung.known}"
        yield Happening(rung.rung_at, rung.rung_at, what, rung.by_name, "", ())
