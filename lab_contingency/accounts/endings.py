"""Ending sign-ins and shifts: the rows are read with every request, so the next one finds nobody."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import cast

from sqlalchemy import ColumnElement, CursorResult, select, update

from lab_contingency.accounts.models import RoleGrant, Shift, SignIn
from lab_contingency.accounts.rules import Ending
from lab_contingency.foundation import clock
from lab_contingency.foundation.database import session


def end_sign_ins(*where: ColumnElement[bool], how: Ending) -> int:
    """End the open sign-ins that fit; how many there were."""
    ended = session().execute(
        update(SignIn)
        .where(SignIn.ended_at.is_(None), *where)
        .values(ended_at=clock.now(), ended_how=how)
    )
    return cast("CursorResult[object]", ended).rowcount


def end_shifts(*where: ColumnElement[bool]) -> None:
    """End the open shifts that fit: no PIN opens them any more."""
    session().execute(
        update(Shift)
        .where(Shift.ended_at.is_(None), *where)
        .values(ended_at=clock.now(), pin_hash=None)
    )


def end_grant_sign_ins(grant_ids: Iterable[uuid.UUID]) -> None:
    """A role was taken away, or its holder may not sign in any more."""
    ids = list(grant_ids)
    end_sign_ins(SignIn.grant_id.in_(ids), how=Ending.ACCOUNT_CHANGED)
    end_shifts(Shift.grant_id.in_(ids))


def end_person_sign_ins(user_id: uuid.UUID, *, how: Ending, but: uuid.UUID | None = None) -> int:
    """Everything a person has open; `but` is the sign-in that stays, with its shift."""
    own = select(RoleGrant.id).where(RoleGrant.user_id == user_id)
    stays = session().get(SignIn, but) if but else None
    kept = stays.shift_id if stays else None
    end_shifts(Shift.user_id == user_id, *([Shift.id != kept] if kept else []))
    return end_sign_ins(SignIn.grant_id.in_(own), *([SignIn.id != but] if but else []), how=how)


def end_device_sign_ins(device_id: uuid.UUID) -> int:
    """Everything that is open at a device that is known no more."""
    end_shifts(Shift.device_id == device_id)
    return end_sign_ins(SignIn.device_id == device_id, how=Ending.DEVICE_REVOKED)


def end_everything(*, but: uuid.UUID | None) -> int:
    """Every sign-in of everybody but one; how many there were."""
    stays = session().get(SignIn, but) if but else None
    kept = stays.shift_id if stays else None
    end_shifts(*([Shift.id != kept] if kept else []))
    return end_sign_ins(*([SignIn.id != but] if but else []), how=Ending.ENDED_BY_ADMINISTRATOR)
