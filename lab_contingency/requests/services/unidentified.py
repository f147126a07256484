"""Names prepared for patients whom nobody can identify (NHS Improvement alert, December 2018)."""

from __future__ import annotations

import itertools
import secrets
import uuid

from sqlalchemy import func, select

from lab_contingency.audit.services import record
from lab_contingency.foundation import clock
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.database import locked, session
from lab_contingency.foundation.errors import RuleBroken
from lab_contingency.requests.models import UnidentifiedName
from lab_contingency.requests.queries.unidentified import PreparedName
from lab_contingency.requests.rules.identity import PHONETIC_WORDS, UNIDENTIFIED_DIGITS, Identity


def prepare_names(issuer: str, count: int, *, actor: Actor) -> int:
    """Fill the list of an organisation up to `count` unused names; returns how many were made."""
    free = select(func.count()).where(
        UnidentifiedName.issuer == issuer,
        UnidentifiedName.used_at.is_(None),
        UnidentifiedName.ward_id.is_(None),
    )
    missing = count - (session().execute(free).scalar() or 0)
    taken = _taken(issuer)
    pairs = [(one.upper(), other) for one, other in itertools.permutations(PHONETIC_WORDS, 2)]
    pairs = [pair for pair in pairs if pair not in taken]
    made = 0
    for surname, forename in _shuffled(pairs)[: max(0, missing)]:
        session().add(
            UnidentifiedName(
                number=_new_number(issuer), issuer=issuer, surname=surname, forename=forename
            )
        )
        made += 1
    session().flush()
    if made:
        record("unidentified_name:prepared", None, actor=actor, issuer=issuer, count=made)
    return made


def put_on_paper(issuer: str, ward_id: uuid.UUID, count: int) -> tuple[PreparedName, ...]:
    """Prepared names to be printed for a ward, at most `count`; no page hands them out any more."""
    free = (
        select(UnidentifiedName)
        .where(
            UnidentifiedName.issuer == issuer,
            UnidentifiedName.used_at.is_(None),
            UnidentifiedName.ward_id.is_(None),
        )
        .order_by(UnidentifiedName.number)  # numbers are made at random, so this follows no order
        .limit(count)
    )
    rows = session().scalars(locked(free)).all()
    for row in rows:
        row.ward_id = ward_id
    session().flush()
    return tuple(PreparedName(row.number, row.surname, row.forename) for row in rows)


def take_prepared(identity: Identity) -> None:
    """Mark a prepared name as used; RuleBroken when somebody else took it first or it was never prepared."""
    statement = locked(
        select(UnidentifiedName).where(UnidentifiedName.number == identity.hospital_number)
    )
    row = session().scalars(statement).one_or_none()
    prepared = row is not None and (row.surname, row.forename) == (
        identity.surname,
        identity.forenames,
    )
    if row is None or not prepared or row.used_at is not None:
        raise RuleBroken(
            "This prepared name was just taken for somebody else, or was never prepared. Read it again from the "
            "paper; where the card shows another one now, write that on the wristband.",
            field="surname",
        )
    row.used_at = clock.now()


def _taken(issuer: str) -> set[tuple[str, str]]:
    statement = select(UnidentifiedName.surname, UnidentifiedName.forename).where(
        UnidentifiedName.issuer == issuer
    )
    return set(session().execute(statement))


def _shuffled(pairs: list[tuple[str, str]]) -> list[tuple[str, str]]:
    return secrets.SystemRandom().sample(pairs, len(pairs))


def _new_number(issuer: str) -> str:
    while True:
        number = issuer + "".join(secrets.choice("0123456789") for _ in range(UNIDENTIFIED_DIGITS))
        if session().get(UnidentifiedName, number) is None:
            return number
