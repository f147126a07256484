"""From the number on a slip, or on a return slip, to what it belongs to."""

from __future__ import annotations

import uuid

from sqlalchemy import exists, select

from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.database import session
from lab_contingency.requests.models import Request
from lab_contingency.requests.scope import within, within_reading
from lab_contingency.results.models import Slip
from lab_contingency.results.returned.models import ReturnSlip, SlipReturn


def request_of_slip(number: str, actor: Actor) -> uuid.UUID | None:
    """The request whose slip bears this number, in the actor's scope, or None."""
    statement = (
        select(Request.id)
        .join(Slip, Slip.request_id == Request.id)
        .where(Slip.number == number, within_reading(actor))
    )
    return session().scalars(statement).first()


def request_of_return(number: str, actor: Actor) -> uuid.UUID | None:
    """The request that a return slip asks for, also one printed anew since, in the actor's scope, or None."""
    statement = (
        select(Request.id)
        .join(ReturnSlip, ReturnSlip.request_id == Request.id)
        .where(ReturnSlip.number == number, within_reading(actor))
    )
    return session().scalars(statement).first()


def typed_return(number: str, actor: Actor) -> uuid.UUID | None:
    """The return slip with this number once it was typed back, in the actor's scope, or None.

    Before that only number and date of birth from one page open it: nothing is typed for somebody else.
    """
    statement = (
        select(ReturnSlip.id)
        .join(Request, Request.id == ReturnSlip.request_id)
        .where(
            ReturnSlip.number == number,
            ReturnSlip.replaced_at.is_(None),
            exists().where(SlipReturn.slip_id == ReturnSlip.id),
            within(actor),
        )
    )
    return session().scalars(statement).first()
