"""Half-filled cards of people whose screen locked: sealed, for their author only, a day at most."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import delete, select

from lab_contingency.accounts.models import Draft
from lab_contingency.accounts.rules import DRAFT_LIFE
from lab_contingency.audit.services import record
from lab_contingency.foundation import clock
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.database import session
from lab_contingency.foundation.identity import new_id
from lab_contingency.foundation.sealing import seal, unseal

FORMS = frozenset({"request", "written form"})
_MOST = 64 * 1024


def keep_draft(form: str, text: str, *, actor: Actor) -> None:
    """Keep what stands in the form, in place of an older one; `text` is the form as it would be sent."""
    now = clock.now()
    session().execute(delete(Draft).where(Draft.kept_at < now - DRAFT_LIFE))
    if form not in FORMS or len(text) > _MOST or actor.user_id is None:
        return
    drop_draft(form, actor=actor)
    row_id = new_id()
    session().add(
        Draft(
            id=row_id,
            user_id=actor.user_id,
            form=form,
            sealed=seal(Draft.__tablename__, row_id, {"text": text}),
            kept_at=now,
        )
    )
    record("draft:kept", row_id, actor=actor, form=form)


def kept_since(form: str, *, actor: Actor) -> dt.datetime | None:
    """When this person left something in the form, or None."""
    row = _held(form, actor)
    return row.kept_at if row else None


def draft_of(form: str, *, actor: Actor) -> str:
    """What this person left in the form, or ''."""
    row = _held(form, actor)
    text: str = unseal(Draft.__tablename__, row.id, row.sealed)["text"] if row else ""
    return text


def drop_draft(form: str, *, actor: Actor) -> None:
    """It was taken up again, sent, or thrown away."""
    session().execute(delete(Draft).where(Draft.user_id == actor.user_id, Draft.form == form))


def _held(form: str, actor: Actor) -> Draft | None:
    statement = select(Draft).where(
        Draft.user_id == actor.user_id,
        Draft.form == form,
        Draft.kept_at >= clock.now() - DRAFT_LIFE,
    )
    return session().scalars(statement).one_or_none()
