"""Saying that results were read."""

from __future__ import annotations

import uuid

from sqlalchemy import select

from lab_contingency.audit.services import record
from lab_contingency.foundation import clock
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.database import session
from lab_contingency.foundation.errors import NotFound, RuleBroken
from lab_contingency.foundation.identity import new_id
from lab_contingency.requests.services import lock_request
from lab_contingency.results.commands import Acknowledge
from lab_contingency.results.models import Acknowledgement, Release


def acknowledge(command: Acknowledge, *, actor: Actor) -> int:
    """Note that these releases were read and acted on; how many were new to this person.

    Only the releases that were shown: a newer one of the same test stays unread.
    """
    request = lock_request(command.request_id, actor=actor)
    if not command.releases:
        raise RuleBroken("There is nothing new to acknowledge.")
    statement = select(Release).where(
        Release.request_id == request.id, Release.id.in_(command.releases)
    )
    rows = session().scalars(statement).all()
    if len(rows) != len(set(command.releases)):
        raise NotFound
    done = _acknowledged_by(actor, command.releases)
    fresh = [row for row in rows if row.id not in done]
    for row in fresh:
        row.unread = False
        session().add(
            Acknowledgement(
                id=new_id(),
                request_id=request.id,
                release_id=row.id,
                acknowledged_at=clock.now(),
                by_id=actor.user_id,
                by_name=actor.name,
            )
        )
    session().flush()
    releases = [row.id for row in fresh]
    record("result:acknowledged", request.id, actor=actor, releases=releases)
    return len(fresh)


def _acknowledged_by(actor: Actor, release_ids: tuple[uuid.UUID, ...]) -> set[uuid.UUID]:
    statement = select(Acknowledgement.release_id).where(
        Acknowledgement.release_id.in_(release_ids), Acknowledgement.by_id == actor.user_id
    )
    return set(session().scalars(statement))
