"""What changed since a plan was made, from what is recorded anyway: tests that came, outages, changes of the network."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Mapping

from sqlalchemy import select

from lab_contingency.audit.models import AuditEvent
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.database import session
from lab_contingency.foundation.wording import and_text, count_text
from lab_contingency.network.models import Link, MenuEntry
from lab_contingency.routing.models import LaboratoryOutage
from lab_contingency.routing.planning.models import RoutePlan
from lab_contingency.routing.planning.queries.standing import waiting_beside
from lab_contingency.routing.queries.snapshot import snapshot

MOST_CHANGES = 200
_NAMED = 3  # changes that the sentence names; of more it gives the number
# What a plan reckons with, by what the record calls it: of a laboratory that is known, and of one that is not.
_CHANGED: Mapping[str, tuple[str, str]] = {
    "menu_entry": ("the menu of {} changed", "a menu changed"),
    "opening_hours": ("the hours of {} changed", "hours changed"),
    "capacity": ("the tests an hour of {} changed", "tests an hour changed"),
    "agreement": ("the agreement with {} changed", "an agreement changed"),
    "link": ("a way to {} changed", "a way changed"),
}
# An outage is recorded of a laboratory too, and told as such.
_LABORATORIES: Mapping[str, str] = {
    "laboratory:added": "{} was added",
    "laboratory:retired": "{} was retired",
    "laboratory:brought_back": "{} is asked again",
}


def since_text(plan: RoutePlan, actor: Actor) -> str:
    """`Since this plan 3 tests came in and Guy's laboratory went out of action.`; "" when nothing did.

    A plan for a laboratory that dropped out never held the rest of the queue: what waits beside it is told apart.
    """
    came = 0 if plan.outage_id else waiting_beside(plan.id, actor, since=plan.made_at)
    parts = [
        *([f"{count_text(came, 'test')} came in"] if came else ()),
        *_outages(plan.made_at),
        *_network(plan.made_at),
    ]
    return f"Since this plan {and_text(parts)}." if parts else ""


def _outages(made_at: dt.datetime) -> Iterable[str]:
    statement = (
        select(LaboratoryOutage.laboratory_id, LaboratoryOutage.since, LaboratoryOutage.ended_at)
        .where((LaboratoryOutage.since > made_at) | (LaboratoryOutage.ended_at > made_at))
        .order_by(LaboratoryOutage.since)
        .limit(MOST_CHANGES)
    )
    held = snapshot().laboratories
    for laboratory_id, since, ended_at in session().execute(statement):
        if ended_at is None:
            yield f"{held[laboratory_id].name} went out of action"
        elif since <= made_at:  # what began and ended since is as it was
            yield f"{held[laboratory_id].name} came back in work"


def _network(made_at: dt.datetime) -> list[str]:
    """Each thing that changed, once; beyond a few their number alone."""
    changes = list(dict.fromkeys(_changes(made_at)))
    if len(changes) > _NAMED:
        return [f"{count_text(len(changes), 'thing')} changed in the network"]
    return changes


def _changes(made_at: dt.datetime) -> Iterable[str]:
    statement = (
        select(AuditEvent.action, AuditEvent.subject, AuditEvent.subject_id)
        .where(
            AuditEvent.recorded_at > made_at,
            AuditEvent.answer_id.is_(None),
            AuditEvent.subject.in_(_CHANGED) | AuditEvent.action.in_(_LABORATORIES),
        )
        .order_by(AuditEvent.recorded_at, AuditEvent.id)
        .limit(MOST_CHANGES)
    )
    rows = session().execute(statement).all()
    names = _names([row.subject_id for row in rows if row.subject_id])
    for action, subject, subject_id in rows:
        name = names.get(subject_id) if subject_id else None
        if action in _LABORATORIES:
            yield _LABORATORIES[action].format(name or "a laboratory")
        else:
            known, unknown = _CHANGED[subject]
            yield known.format(name) if name else unknown


def _names(ids: list[uuid.UUID]) -> Mapping[uuid.UUID, str]:
    """The laboratory of each changed row by name; what was taken off since is of none that is known."""
    if not ids:
        return {}
    held = snapshot().laboratories
    found = {each: each for each in ids if each in held}
    menus = select(MenuEntry.id, MenuEntry.laboratory_id).where(MenuEntry.id.in_(ids))
    ways = select(Link.id, Link.to_laboratory_id).where(Link.id.in_(ids))
    for statement in (menus, ways):
        found.update(row.tuple() for row in session().execute(statement))
    return {row_id: held[laboratory_id].name for row_id, laboratory_id in found.items()}
