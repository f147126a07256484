"""Prepared names for patients nobody can identify."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from sqlalchemy import select

from lab_contingency.foundation.database import session
from lab_contingency.requests.models import UnidentifiedName

_LOOKED_AT = 40


@dataclass(frozen=True, slots=True)
class PreparedName:
    """A name nobody has yet."""

    number: str
    surname: str
    forename: str


def free_name(issuer: str) -> PreparedName | None:
    """An unused name of the organisation's list, chosen at random; None when the list is used up."""
    statement = select(UnidentifiedName).where(
        UnidentifiedName.issuer == issuer,
        UnidentifiedName.used_at.is_(None),
        UnidentifiedName.ward_id.is_(None),
    )
    free = session().scalars(statement.limit(_LOOKED_AT)).all()
    if not free:
        return None
    row = secrets.choice(free)
    return PreparedName(row.number, row.surname, row.forename)
