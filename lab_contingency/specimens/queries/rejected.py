"""A rejected tube: why, by whom, where; and how often its papers came out."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass

from sqlalchemy import func, select

from lab_contingency.foundation.database import session
from lab_contingency.foundation.errors import RuleBroken
from lab_contingency.foundation.sealing import unseal
from lab_contingency.foundation.web.disclosure import not_for_pages
from lab_contingency.requests.models import PlannedTube
from lab_contingency.specimens.models import Rejection, RejectionPrint, Specimen
from lab_contingency.specimens.rules import REJECTION_REASONS, RejectionPaper, RejectionReason

_NOT_REJECTED = "This tube was not rejected, so there is nothing to print about it."


@not_for_pages
@dataclass(frozen=True, slots=True)
class RejectedTube:
    """Why a tube could not be used; `ordinal` is its place on the form."""

    rejection_id: uuid.UUID
    ordinal: int
    reason: RejectionReason
    note: str
    at: dt.datetime
    by_name: str
    place: str


def rejected_tube(planned_tube_id: uuid.UUID) -> RejectedTube:
    """The rejection of a planned tube; RuleBroken when there is none. The caller checked the scope."""
    statement = (
        select(Rejection, Specimen.holder, PlannedTube.ordinal)
        .join(Specimen, Specimen.id == Rejection.specimen_id)
        .join(PlannedTube, PlannedTube.id == Specimen.planned_tube_id)
        .where(PlannedTube.id == planned_tube_id)
    )
    found = session().execute(statement).one_or_none()
    if found is None:
        raise RuleBroken(_NOT_REJECTED)
    row, holder, ordinal = found
    note = unseal(Rejection.__tablename__, row.id, row.sealed)["note"] if row.sealed else ""
    reason = REJECTION_REASONS[row.reason_code]
    return RejectedTube(row.id, ordinal, reason, note, row.rejected_at, row.by_name, holder)


def papers_printed(rejection_id: uuid.UUID, paper: RejectionPaper) -> int:
    """How often one of its papers came out."""
    statement = select(func.count(RejectionPrint.id)).where(
        RejectionPrint.rejection_id == rejection_id, RejectionPrint.paper == paper
    )
    return session().scalars(statement).one()
