"""The second person: keys the form again without seeing the first keying; only agreement lets blood be touched."""

from __future__ import annotations

import uuid
from dataclasses import replace

from sqlalchemy import select

from lab_contingency.audit.services import record
from lab_contingency.foundation import clock
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.database import locked, session
from lab_contingency.foundation.errors import NotFound, RuleBroken
from lab_contingency.foundation.identity import new_id
from lab_contingency.foundation.wording import near_time_text
from lab_contingency.requests.models import PatientIdentity, Request
from lab_contingency.requests.packs.commands import KeyAgain
from lab_contingency.requests.packs.models import SecondKeying, Transcription
from lab_contingency.requests.packs.rules import Keyed, differences
from lab_contingency.requests.queries import read_identity
from lab_contingency.requests.rules.statuses import TestStatus
from lab_contingency.requests.services import lock_request
from lab_contingency.requests.services.summary import tests_of

OWN = "You keyed this form yourself, so somebody else reads it again."


def key_again(command: KeyAgain, *, actor: Actor) -> tuple[str, ...]:
    """Compare a second keying with what stands; () when all agrees and the form is checked.

    Otherwise the names of the fields that differ, for the caller to show: what the first person keyed is
    never told. The attempt is kept either way.
    """
    row = _locked(command.transcription_id, actor)
    if actor.user_id is None or row.keyed_by_id == actor.user_id:
        raise RuleBroken(OWN)
    if row.checked_at is not None:
        raise RuleBroken(
            f"This form was checked at {near_time_text(row.checked_at)} by {row.checked_by}."
        )
    if not row.check_needed:
        raise RuleBroken("Nothing on this form needs a second person.")
    standing, keyed = _standing(row.request_id), command.keyed
    if standing.identity.unidentified:  # nobody knows the day: an age was guessed
        keyed = replace(keyed, identity=replace(keyed.identity, born=standing.identity.born))
    found = differences(standing, keyed)
    _keep(row, found, actor)
    if not found:
        row.checked_at, row.checked_by = clock.now(), actor.name
        row.checked_by_id = actor.user_id
        session().flush()
    action = "request:keyed_again" if not found else "request:keyed_differently"
    record(action, row.request_id, actor=actor, fields=list(found))
    return found


def _locked(transcription_id: uuid.UUID, actor: Actor) -> Transcription:
    statement = locked(select(Transcription).where(Transcription.id == transcription_id))
    row = session().scalars(statement.execution_options(populate_existing=True)).one_or_none()
    if row is None:
        raise NotFound
    lock_request(row.request_id, actor=actor)
    return row


def _standing(request_id: uuid.UUID) -> Keyed:
    """What stands now: the first keying, with what was put right since."""
    request = session().get_one(Request, request_id)
    identity = read_identity(session().get_one(PatientIdentity, request.identity_id))
    asked = (test for test in tests_of(request_id) if test.status is not TestStatus.WITHDRAWN)
    return Keyed(identity, frozenset(test.test_code for test in asked))


def _keep(row: Transcription, found: tuple[str, ...], actor: Actor) -> None:
    session().add(
        SecondKeying(
            id=new_id(),
            transcription_id=row.id,
            keyed_at=clock.now(),
            by_id=actor.user_id,
            by_name=actor.name,
            differing=list(found),
        )
    )
    session().flush()
