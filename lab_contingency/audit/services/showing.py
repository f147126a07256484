"""Recording what answers show: a row for each patient of an answer, and for lists only what is new on them."""

from __future__ import annotations

import datetime as dt
import json
import logging
import uuid
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Table, bindparam, select, update
from sqlalchemy.dialects import postgresql, sqlite

from lab_contingency.audit.chains import append_rows, hold_stream
from lab_contingency.audit.commands import ToRecord
from lab_contingency.audit.models import Showing
from lab_contingency.audit.rules import GONE, REFRESHED, SHOWN
from lab_contingency.audit.services.journalling import (
    CANNOT,
    FAULTS,
    into_journal,
    journal,
    take_in_journal,
)
from lab_contingency.audit.services.recording import prepared
from lab_contingency.foundation import clock
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.database import db, session, unit_of_work
from lab_contingency.foundation.errors import CannotRecord
from lab_contingency.foundation.identity import new_id
from lab_contingency.foundation.web.disclosure import Shown

log = logging.getLogger("lab_contingency")
_TICK = dt.timedelta(microseconds=1)
_NOBODY = "{}"
_Row = dict[str, Any]
# Made once: they are part of every answer that shows somebody.
_LISTS: Table = Showing.__table__  # type: ignore[assignment]
_THIS = (_LISTS.c.sign_in_id == bindparam("whose"), _LISTS.c.list_key == bindparam("list"))
_SHOWN = select(_LISTS.c.patients, _LISTS.c.refreshed_at).where(*_THIS)
_TAKEN = _SHOWN.with_for_update()
_SHOWS_NOW = update(_LISTS).where(*_THIS)


def record_or_withhold(shown: Shown, *, actor: Actor) -> None:
    """Write down what an answer shows, in the journal when the database cannot, or raise CannotRecord: it does not leave.

    The journal holds a list's answer as a plain one: everybody on it was shown then.
    """
    try:
        record_disclosures(shown, actor=actor)
    except FAULTS as failed:
        log.error("disclosure.failed %s", type(failed).__name__)  # noqa: TRY400 - a message may name a patient
        raise CannotRecord from failed
    except CANNOT as failed:
        log.warning("disclosure.journal %s", type(failed).__name__)
        into_journal(_plain_events(shown, actor))
        return
    if journal().holds_anything():
        take_in_journal()


def _plain_events(shown: Shown, actor: Actor) -> list[ToRecord]:
    answer_id = new_id()
    return [
        prepared(
            SHOWN,
            patient_id,
            actor=actor,
            answer_id=answer_id,
            fields=fields,
            details={"page": shown.page},
        )
        for patient_id, fields in shown.patients.items()
    ]


def record_disclosures(shown: Shown, *, actor: Actor) -> None:
    """Write down what one answer shows, in a unit of work of its own."""
    if not shown.patients and not _shows_somebody(shown.list_key, actor):
        return
    with unit_of_work():
        hold_stream()  # first, so that times run forwards in a stream however long the wait for it was
        base = _base(actor)
        if shown.list_key is not None and actor.sign_in_id is not None:
            append_rows(_of_list(shown, shown.list_key, actor.sign_in_id, base))
        else:
            append_rows([_shown(base, *each, shown.page) for each in shown.patients.items()])


def _shows_somebody(list_key: str | None, actor: Actor) -> bool:
    """Whether a list that is empty now was not before; asked without a lock, for most never are."""
    row = session().execute(_SHOWN, {"whose": actor.sign_in_id, "list": list_key}).one_or_none()
    return row is not None and row.patients != _NOBODY


def _base(actor: Actor) -> _Row:
    now = clock.now()
    return {
        "recorded_at": now,
        "occurred_at": now,
        "user_id": actor.user_id,
        "actor_name": actor.name,
        "role": actor.role,
        "site_id": actor.site_id,
        "sign_in_id": actor.sign_in_id,
        "device_id": actor.device_id,
        "address": actor.address,
        "answer_id": new_id(),
        "list_key": None,
        "sealed": None,
        "sealed_digest": None,
    }


def _event(base: _Row, action: str, patient_id: uuid.UUID | None, fields: int | None) -> _Row:
    subject, _, _ = action.partition(":")
    return {
        **base,
        "id": new_id(),
        "action": action,
        "subject": subject,
        "subject_id": patient_id,
        "fields": fields,
        "details": {},
    }


def _shown(base: _Row, patient_id: uuid.UUID, fields: int, page: str) -> _Row:
    return _event(base, SHOWN, patient_id, int(fields)) | {"details": {"page": page}}


def _of_list(shown: Shown, list_key: str, sign_in_id: uuid.UUID, base: _Row) -> list[_Row]:
    """What is new on the list, what is gone from it, and that it was fetched; nothing for an empty one."""
    held, last = _take(sign_in_id, list_key)
    now = {patient.hex: int(fields) for patient, fields in shown.patients.items()}
    said = json.dumps(now, sort_keys=True)
    before = now if said == held else json.loads(held)
    if not now and not before:
        return []
    at = max(base["recorded_at"], last + _TICK) if last is not None else base["recorded_at"]
    base |= {"recorded_at": at, "occurred_at": at, "list_key": list_key}
    values = {"whose": sign_in_id, "list": list_key, "patients": said, "refreshed_at": at}
    session().execute(_SHOWS_NOW, values)
    gone = [_event(base, GONE, uuid.UUID(each), before[each]) for each in _fewer(before, now)]
    new = [_shown(base, uuid.UUID(each), now[each], shown.page) for each in _changed(before, now)]
    counts = {"page": shown.page, "shown": len(now), "new": len(new), "gone": len(gone)}
    return [
        *gone,
        *new,
        *([_event(base, REFRESHED, None, None) | {"details": counts}] if now else []),
    ]


def _fewer(before: Mapping[str, int], now: Mapping[str, int]) -> list[str]:
    """Who is no longer on the list, or with less."""
    return [each for each, fields in before.items() if fields & ~now.get(each, 0)]


def _changed(before: Mapping[str, int], now: Mapping[str, int]) -> list[str]:
    """Who is new on the list, or with other fields."""
    return [each for each, fields in now.items() if before.get(each) != fields]


def _take(sign_in_id: uuid.UUID, list_key: str) -> tuple[str, dt.datetime | None]:
    """What the list shows this sign-in now, locked: two windows of one person take turns."""
    whose = {"whose": sign_in_id, "list": list_key}
    row = session().execute(_TAKEN, whose).one_or_none()
    if row is None:
        kind = sqlite if db.engine.dialect.name == "sqlite" else postgresql
        first = {"sign_in_id": sign_in_id, "list_key": list_key, "patients": _NOBODY}
        session().execute(kind.insert(Showing).values(first).on_conflict_do_nothing())
        row = session().execute(_TAKEN, whose).one()
    return row[0], row[1]
