"""How a laboratory at the other end works with us."""

from __future__ import annotations

import uuid

from sqlalchemy import or_, select

from lab_contingency.foundation import clock
from lab_contingency.foundation.database import session
from lab_contingency.network.models import Agreement
from lab_contingency.network.rules import Acceptance


def agreement_with(laboratory_id: uuid.UUID) -> Agreement | None:
    """What holds today with a partner; None where nothing was agreed, or not for today."""
    today = clock.london(clock.now()).date()
    statement = select(Agreement).where(
        Agreement.laboratory_id == laboratory_id,
        Agreement.starts_on <= today,
        or_(Agreement.ends_on.is_(None), Agreement.ends_on >= today),
    )
    return session().scalars(statement).one_or_none()


def works_on_paper(laboratory_id: uuid.UUID) -> bool:
    """Whether its results come back on slips: it was agreed that it does not sign in here."""
    agreed = agreement_with(laboratory_id)
    return agreed is not None and agreed.accepts is not Acceptance.ELECTRONIC
