"""Printing result slips: content, bytes and record in one transaction."""

from __future__ import annotations

import dataclasses
import json
import uuid
from dataclasses import dataclass

from sqlalchemy import func, select

from lab_contingency.audit.services import new_watermark, record, register_leaving
from lab_contingency.foundation import clock
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.database import session
from lab_contingency.foundation.identity import new_id
from lab_contingency.foundation.sealing import content_digest, seal
from lab_contingency.incidents.services import issue_slip_number
from lab_contingency.printing.content import ResultSlip
from lab_contingency.printing.result_slip import result_slip_pdf
from lab_contingency.requests.models import Request
from lab_contingency.requests.services import lock_request
from lab_contingency.results.documents import SlipIssue, result_slip, slip_fields
from lab_contingency.results.models import Slip
from lab_contingency.results.queries.released import SlipView, audience, slips_of
from lab_contingency.results.rules.slips import copy_reason

_TRIAL = "020000000009"


@dataclass(frozen=True, slots=True)
class PrintedSlip:
    """What came out."""

    pdf: bytes
    slip: ResultSlip


@dataclass(frozen=True, slots=True)
class _Out:
    issue: SlipIssue
    running: int
    digest: str
    reason: str


def print_slip(request_id: uuid.UUID, reason: str = "", *, actor: Actor) -> PrintedSlip:
    """Print what is authorised now. The same content again is a copy and needs a reason.

    Other content is the next version, which replaces the ones before. A partner's slips are a series
    of their own: they never replace the ward's.
    """
    request = lock_request(request_id, actor=actor)
    trial = result_slip(request_id, SlipIssue(_TRIAL, 1), actor=actor)
    last = next(iter(slips_of(request_id, actor)), None)
    issue = dataclasses.replace(
        _issue(last, slip_digest(trial, like=last.digest if last else ""), reason),
        mark=new_watermark(),
    )
    slip = result_slip(request_id, issue, actor=actor)
    pdf = result_slip_pdf([slip])
    running = last.running if last is not None and issue.copy_reason else _next(request_id)
    _record(
        request,
        _Out(issue, running, slip_digest(trial), reason if issue.copy_reason else ""),
        slip,
        pdf,
        actor,
    )
    return PrintedSlip(pdf, slip)


def slip_digest(slip: ResultSlip, like: str = "") -> str:
    """Fingerprint what a slip says, leaving out its number, version, and who printed it when.

    `like` is the digest it is compared with.
    """
    said = dataclasses.asdict(slip)
    for name in ("number", "version", "made"):
        said.pop(name)
    return content_digest("slip", json.dumps(said, sort_keys=True), like)


def _next(request_id: uuid.UUID) -> int:
    """The next running number over all series of the request."""
    statement = select(func.max(Slip.version)).where(Slip.request_id == request_id)
    return (session().scalars(statement).one() or 0) + 1


def _issue(last: SlipView | None, digest: str, reason: str) -> SlipIssue:
    if last is not None and last.digest == digest:
        return SlipIssue(last.number, last.version, last.copy + 1, copy_reason(reason))
    return SlipIssue(issue_slip_number(), last.version + 1 if last else 1)


def _record(
    request: Request,
    out: _Out,
    slip: ResultSlip,
    pdf: bytes,
    actor: Actor,
) -> None:
    issue = out.issue
    row = Slip(
        id=new_id(),
        request_id=request.id,
        number=issue.number,
        version=out.running,
        copy=issue.copy,
        content_digest=out.digest,
        reason=out.reason,
        printed_at=clock.now(),
        by_id=actor.user_id,
        by_name=actor.name,
        leaving_id=register_leaving(
            "result slip",
            {request.patient_id: slip_fields(slip)},
            pdf,
            actor=actor,
            watermark=issue.mark,
        ),
    )
    said = {**dataclasses.asdict(slip), "audience": audience(actor), "of_series": issue.version}
    row.sealed = seal(Slip.__tablename__, row.id, said)
    session().add(row)
    session().flush()
    record(
        "slip:printed",
        request.id,
        actor=actor,
        version=issue.version,
        copy=issue.copy,
        reason=row.reason,
    )
