"""Printing result slips, one or a batch: content, bytes and record in one transaction."""

from __future__ import annotations

import dataclasses
import json
import uuid
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import func, select

from lab_contingency.audit.rules import Field
from lab_contingency.audit.services import new_watermark, record, register_leaving
from lab_contingency.foundation import clock
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.database import session
from lab_contingency.foundation.identity import new_id
from lab_contingency.foundation.sealing import content_digest, seal, unseal
from lab_contingency.incidents.services import issue_slip_number
from lab_contingency.printing.content import ResultSlip
from lab_contingency.printing.result_slip import result_slip_pdf, try_slip
from lab_contingency.requests.models import Request
from lab_contingency.requests.queries.links import current_identities
from lab_contingency.requests.services import lock_request
from lab_contingency.results.documents import SlipIssue, result_slip, slip_again, slip_fields
from lab_contingency.results.models import Slip
from lab_contingency.results.queries.released import SlipView, audience, slips_of
from lab_contingency.results.rules.slips import copy_reason
from lab_contingency.results.services.delivering import begin_way
from lab_contingency.specimens.documents import identity_fields

_TRIAL = "020000000009"


@dataclass(frozen=True, slots=True)
class PrintedSlip:
    """What came out."""

    pdf: bytes
    slip: ResultSlip


@dataclass(frozen=True, slots=True)
class ReadySlip:
    """A slip that can be drawn, with what is to be written down about it."""

    request: Request
    slip: ResultSlip
    issue: SlipIssue
    running: int
    digest: str
    reason: str

    def contains(self) -> dict[uuid.UUID, Field]:
        """Which fields of whom stand on it: also of the record of who somebody turned out to be."""
        found = {self.request.patient_id: slip_fields(self.slip)}
        if self.slip.identified is not None:
            for real in current_identities([self.request.patient_id]).values():
                found[real.patient_id] = identity_fields(self.slip.identified)
        return found


def print_slip(request_id: uuid.UUID, reason: str = "", *, actor: Actor) -> PrintedSlip:
    """Print what is authorised now. The same content again is a copy and needs a reason.

    Other content is the next version, which replaces the ones before. A partner's slips are a series
    of their own: they never replace the ward's.
    """
    ready = make_slip(request_id, reason, new_watermark(), actor=actor)
    pdf = result_slip_pdf([ready.slip])
    mark = ready.issue.mark
    leaving_id = register_leaving("result slip", ready.contains(), pdf, actor=actor, watermark=mark)
    record_slip(ready, leaving_id, None, actor=actor)
    return PrintedSlip(pdf, ready.slip)


def make_slip(
    request_id: uuid.UUID,
    reason: str,
    mark: str,
    *,
    actor: Actor,
    trying: Callable[[ResultSlip], None] = try_slip,
) -> ReadySlip:
    """Lock the request and make its slip; `trying` raises CannotPrint before a number is taken.

    A copy says again, word for word, what the print before it said.
    """
    request = lock_request(request_id, actor=actor)
    trial = result_slip(request_id, SlipIssue(_TRIAL, 1), actor=actor)
    trying(trial)
    last = next(iter(slips_of(request_id, actor)), None)
    if last is not None and last.digest == slip_digest(trial, like=last.digest):
        words = copy_reason(reason)
        issue = SlipIssue(last.number, last.version, last.copy + 1, words, mark)
        slip, running = _as_printed(last, issue, actor), last.running
        return ReadySlip(request, slip, issue, running, last.digest, reason)
    issue = SlipIssue(issue_slip_number(), last.version + 1 if last else 1, mark=mark)
    slip = result_slip(request_id, issue, actor=actor)
    return ReadySlip(request, slip, issue, _next(request_id), slip_digest(trial), "")


def _as_printed(last: SlipView, issue: SlipIssue, actor: Actor) -> ResultSlip:
    statement = select(Slip).where(Slip.number == last.number, Slip.copy == last.copy)
    row = session().scalars(statement).one()
    return slip_again(unseal(Slip.__tablename__, row.id, row.sealed), issue, actor=actor)


def slip_digest(slip: ResultSlip, like: str = "") -> str:
    """Fingerprint what a slip says, leaving out its number, version, and who printed it when.

    `like` is the digest it is compared with.
    """
    said = dataclasses.asdict(slip)
    for name in ("number", "version", "made"):
        said.pop(name)
    if slip.identified is None:
        said.pop("identified")
    return content_digest("slip", json.dumps(said, sort_keys=True), like)


def _next(request_id: uuid.UUID) -> int:
    """The next running number over all series of the request."""
    statement = select(func.max(Slip.version)).where(Slip.request_id == request_id)
    return (session().scalars(statement).one() or 0) + 1


def record_slip(
    ready: ReadySlip, leaving_id: uuid.UUID, list_id: uuid.UUID | None, *, actor: Actor
) -> Slip:
    """Keep what came out, and begin its way to whoever reads it; a partner's slip goes with its courier."""
    issue = ready.issue
    row = Slip(
        id=new_id(),
        request_id=ready.request.id,
        number=issue.number,
        version=ready.running,
        copy=issue.copy,
        content_digest=ready.digest,
        reason=ready.reason,
        printed_at=clock.now(),
        by_id=actor.user_id,
        by_name=actor.name,
        leaving_id=leaving_id,
    )
    said = {
        **dataclasses.asdict(ready.slip),
        "audience": audience(actor),
        "of_series": issue.version,
    }
    row.sealed = seal(Slip.__tablename__, row.id, said)
    session().add(row)
    session().flush()
    if not audience(actor):
        begin_way(ready.request, row, list_id, actor=actor)
    record(
        "slip:printed",
        ready.request.id,
        actor=actor,
        version=issue.version,
        copy=issue.copy,
        reason=row.reason,
    )
    return row
