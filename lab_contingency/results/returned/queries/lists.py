"""What was typed back and waits: for a second person, or for the first one again. No patient stands in it."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, and_, func, or_, select

from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.database import session
from lab_contingency.incidents.rules import grouped
from lab_contingency.places.queries import laboratories
from lab_contingency.requests.models import Request
from lab_contingency.requests.rules.bands import Band
from lab_contingency.requests.scope import within
from lab_contingency.results.returned.models import ReturnPage, ReturnSlip, SlipReturn

MOST = 200


@dataclass(frozen=True, slots=True)
class ReturnRow:
    """One slip that was typed back and is not released. `mine`: typed by who reads the list."""

    slip_id: uuid.UUID
    number: str
    laboratory: str
    band: Band
    typed_by: str
    typed_at: dt.datetime
    mine: bool
    sent_back: bool
    pages: int


def open_returns(actor: Actor) -> tuple[ReturnRow, ...]:
    """Within the actor's scope, the most pressing first."""
    names = {each.id: each.name for each in laboratories()}
    pages = (
        select(func.count(ReturnPage.id))
        .where(ReturnPage.slip_id == ReturnSlip.id)
        .scalar_subquery()
    )
    statement = (
        select(SlipReturn, ReturnSlip.number, ReturnSlip.laboratory_id, Request.band, pages)
        .join(ReturnSlip, ReturnSlip.id == SlipReturn.slip_id)
        .join(Request, Request.id == ReturnSlip.request_id)
        .where(SlipReturn.checked_at.is_(None), within(actor))
        .order_by(Request.band, SlipReturn.typed_at, SlipReturn.id)
        .limit(MOST)
    )
    return tuple(
        ReturnRow(
            slip_id=row.slip_id,
            number=grouped(number),
            laboratory=names.get(laboratory_id, ""),
            band=band,
            typed_by=row.typed_by,
            typed_at=row.typed_at,
            mine=row.typed_by_id == actor.user_id,
            sent_back=row.sent_back_at is not None,
            pages=count,
        )
        for row, number, laboratory_id, band, count in session().execute(statement)
    )


def returns_to_do(actor: Actor, person: ColumnElement[uuid.UUID]) -> Select[int]:
    """A statement that counts what waits for that person: another's to check, their own sent back."""
    return (
        select(func.count(SlipReturn.id))
        .join(ReturnSlip, ReturnSlip.id == SlipReturn.slip_id)
        .join(Request, Request.id == ReturnSlip.request_id)
        .where(
            SlipReturn.checked_at.is_(None),
            or_(
                and_(SlipReturn.sent_back_at.is_(None), SlipReturn.typed_by_id != person),
                and_(SlipReturn.sent_back_at.is_not(None), SlipReturn.typed_by_id == person),
            ),
            within(actor),
        )
    )
