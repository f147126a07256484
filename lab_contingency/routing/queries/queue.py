"""The live queue: built once for every change and minute, then answered from memory.

Whether anything changed is one indexed read: the last entries of the audit record, in which every
change leaves a row in its own transaction. Several are taken together because writers
on a region's database may finish in another order than they began.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import threading
import uuid
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import String, select, type_coerce

from lab_contingency.audit.models import AuditEvent
from lab_contingency.foundation import clock
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.database import session
from lab_contingency.foundation.sealing import forgotten_when_sealed
from lab_contingency.requests.queries.patients import PatientView, patients_of
from lab_contingency.requests.rules.bands import Band
from lab_contingency.routing.queries.facts import facts_of, setting_at
from lab_contingency.routing.queries.rows import QueueRow, RowFacts, queue_row
from lab_contingency.routing.queries.waiting import Counts, Filter, Waiting, counts, waiting
from lab_contingency.triage.rules import mixed_up

_LAST = 64
# The newest changes (an answer tells what was shown, no change), their ids as they come from the driver.
_CHANGES = (
    select(type_coerce(AuditEvent.id, String))
    .where(AuditEvent.answer_id.is_(None))
    .order_by(AuditEvent.recorded_at.desc())
    .limit(_LAST)
)
_KEPT = 8
_CHUNK = 1000


@dataclass(frozen=True, slots=True, eq=False)
class QueueView:
    """The queue at one moment for one filter. `token` names its state; `sites` are their names.

    Kept and compared as one object: what is made of it may be kept with it.
    """

    token: str
    at: dt.datetime
    sites: Mapping[uuid.UUID, str]
    rows: tuple[QueueRow, ...]
    counts: Counts
    below: dict[Band, int]


def change_token(actor: Actor, chosen: Filter) -> str:
    """The same for a person as long as nothing changed and no minute passed."""
    minute = clock.now().replace(second=0, microsecond=0)
    parts = (
        *sorted(str(row[0]) for row in session().execute(_CHANGES)),
        minute,
        actor.role,
        actor.site_id,
        actor.laboratory_id,
        chosen,
    )
    return hashlib.sha256("|".join(map(str, parts)).encode()).hexdigest()[:24]


_guard = threading.Lock()


class _Memory(OrderedDict[str, QueueView]):
    """The last few views, by token; they speak of patients."""

    def cache_clear(self) -> None:
        """Forget them."""
        with _guard:
            self.clear()


_memory = forgotten_when_sealed(_Memory())


def queue(actor: Actor, chosen: Filter) -> QueueView:
    """The queue as it stands."""
    token = change_token(actor, chosen)
    with _guard:
        held = _memory.get(token)
    if held is not None:
        return held
    made = _made(actor, chosen, token)
    with _guard:
        _memory[token] = made
        while len(_memory) > _KEPT:
            _memory.popitem(last=False)
    return made


def _made(actor: Actor, chosen: Filter, token: str) -> QueueView:
    now = clock.now()
    counted = counts(actor, now)
    rows = waiting(actor, chosen, counted)
    setting = setting_at(now)
    patients = _patients(rows)
    similar = mixed_up({row.patient_id: patients[row.identity_id].identity for row in rows})
    tests = facts_of(row.id for row in rows)
    lines = tuple(
        queue_row(
            RowFacts(
                waiting=row,
                patient=patients[row.identity_id],
                similar=row.patient_id in similar,
                ward=setting.snapshot.wards[row.ward_id],
                tests=tests.get(row.id, ()),
                setting=setting,
                here=actor.laboratory_id,
            )
        )
        for row in rows
    )
    sites = {ward.site.id: ward.site.name for ward in setting.snapshot.wards.values()}
    return QueueView(token, now, sites, lines, counted, _below(rows, counted))


def _patients(rows: tuple[Waiting, ...]) -> dict[uuid.UUID, PatientView]:
    ids = list({row.identity_id for row in rows})
    found: dict[uuid.UUID, PatientView] = {}
    for start in range(0, len(ids), _CHUNK):
        found.update(patients_of(ids[start : start + _CHUNK]))
    return found


def _below(rows: tuple[Waiting, ...], counted: Counts) -> dict[Band, int]:
    """How many of each band are not among the rows."""
    shown = {band: sum(row.band is band for row in rows) for band in Band}
    missing = {band: counted.bands.get(band, 0) - shown[band] for band in Band}
    return {band: number for band, number in missing.items() if number > 0}
