"""From the number on a slip to its request."""

from __future__ import annotations

import uuid

from sqlalchemy import select

from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.database import session
from lab_contingency.requests.models import Request
from lab_contingency.requests.scope import within_reading
from lab_contingency.results.models import Slip


def request_of_slip(number: str, actor: Actor) -> uuid.UUID | None:
    """The request whose slip bears this number, in the actor's scope, or None."""
    statement = (
        select(Request.id)
        .join(Slip, Slip.request_id == Request.id)
        .where(Slip.number == number, within_reading(actor))
    )
    return session().scalars(statement).first()
