"""Today's menu: what people stop and offer, and what routing publishes. Neither overwrites the other's."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence

from sqlalchemy import ColumnElement, select, tuple_

from lab_contingency.audit.rules import changed
from lab_contingency.audit.services import record
from lab_contingency.catalogue.queries import catalogue
from lab_contingency.foundation import clock
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.database import explain_constraint, locked, session
from lab_contingency.foundation.errors import NotFound, RuleBroken
from lab_contingency.foundation.identity import new_id
from lab_contingency.incidents.commands import NobodyCan, OfferAllTheSame, StopTest
from lab_contingency.incidents.models import MenuDecision
from lab_contingency.incidents.queries import open_incident
from lab_contingency.incidents.rules import DecidedBy

_OFFERED = {"offered": True, "reason": None, "until": None}
_NO_INCIDENT = "Declare an incident first: today’s menu belongs to it."

explain_constraint(
    "uq_menu_decision_standing",
    "Somebody else decided about this test at the same moment. Look at the menu.",
    field="test",
)


def stop_test(command: StopTest, *, actor: Actor) -> uuid.UUID:
    """Take a test off today's menu. What a person decided about it before is ended."""
    if command.until is not None and command.until <= clock.now():
        raise RuleBroken("That time has passed. Leave it empty when nobody knows.", field="until")
    row, before = _decide(command.test_code, command.reason, actor)
    row.until = command.until
    session().flush()
    record(
        "menu:test_stopped",
        row.id,
        actor=actor,
        test=command.test_code,
        until=command.until,
        changes=changed(before or _OFFERED, _decision(row)),
    )
    return row.id


def offer_all_the_same(command: OfferAllTheSame, *, actor: Actor) -> uuid.UUID:
    """Offer a test although routing finds nobody; what routing found stays to be seen."""
    if not command.reason.strip():
        raise RuleBroken("Say what was arranged, for example who does it.", field="arranged")
    row, before = _decide(command.test_code, command.reason.strip(), actor)
    row.offered = True
    session().flush()
    changes = changed(before or _OFFERED, _decision(row))
    record(
        "menu:test_offered", row.id, actor=actor, test=command.test_code, changes=changes or None
    )
    return row.id


def offer_test(test_code: str, *, actor: Actor) -> None:
    """End what a person decided about a test. What routing found about it stands."""
    before = _end_standing(test_code, actor)
    if before is None:
        raise NotFound
    changes = changed(before, _OFFERED)
    record("menu:test_offered", None, actor=actor, test=test_code, changes=changes)


def publish_nobody_can(findings: Sequence[NobodyCan], *, actor: Actor) -> None:
    """What routing found, in place of what it found about the same tests and sites before."""
    incident = open_incident()
    if incident is None or not findings:
        return
    _end_published(_these((one.site_id, one.test_code) for one in findings), actor)
    for one in findings:
        session().add(
            MenuDecision(
                id=new_id(),
                incident_id=incident.id,
                source=DecidedBy.ROUTING,
                site_id=one.site_id,
                test_code=one.test_code,
                reason=one.reason,
                instead=one.instead,
                until=one.until,
                decided_at=clock.now(),
                decided_by=actor.name,
            )
        )
    session().flush()
    _record_published("menu:nobody_can", [(one.site_id, one.test_code) for one in findings], actor)


def withdraw_nobody_can(pairs: Sequence[tuple[uuid.UUID, str]], *, actor: Actor) -> None:
    """Somebody can do these tests for these sites again. What people decided stands."""
    if pairs:
        _end_published(_these(pairs), actor)
        _record_published("menu:somebody_can", pairs, actor)


def _decide(
    test_code: str, reason: str, actor: Actor
) -> tuple[MenuDecision, dict[str, object] | None]:
    """A new decision of a person, and what stood before."""
    incident = open_incident()
    if incident is None:
        raise RuleBroken(_NO_INCIDENT)
    catalogue().test(test_code)
    before = _end_standing(test_code, actor)
    row = MenuDecision(
        id=new_id(),
        incident_id=incident.id,
        source=DecidedBy.PERSON,
        offered=False,
        test_code=test_code,
        reason=reason,
        decided_at=clock.now(),
        decided_by=actor.name,
    )
    session().add(row)
    return row, before


def _decision(row: MenuDecision) -> dict[str, object]:
    return {"offered": row.offered, "reason": row.reason, "until": row.until}


def _end_standing(test_code: str, actor: Actor) -> dict[str, object] | None:
    """What a person decided about the test, which ends now; None when nobody did."""
    standing = select(MenuDecision).where(
        MenuDecision.test_code == test_code,
        MenuDecision.ended_at.is_(None),
        MenuDecision.source == DecidedBy.PERSON,
    )
    row = session().scalars(locked(standing)).one_or_none()
    if row is None:
        return None
    row.ended_at, row.ended_by = clock.now(), actor.name
    session().flush()
    return _decision(row)


def _these(pairs: Iterable[tuple[uuid.UUID, str]]) -> ColumnElement[bool]:
    return tuple_(MenuDecision.site_id, MenuDecision.test_code).in_(list(pairs))


def _end_published(which: ColumnElement[bool], actor: Actor) -> None:
    standing = select(MenuDecision).where(
        MenuDecision.ended_at.is_(None), MenuDecision.source == DecidedBy.ROUTING, which
    )
    for row in session().scalars(locked(standing)):
        row.ended_at, row.ended_by = clock.now(), actor.name
    session().flush()


def _record_published(action: str, pairs: Iterable[tuple[uuid.UUID, str]], actor: Actor) -> None:
    """One line of the record for everything found at one look, by site."""
    found: dict[str, list[str]] = {}
    for site_id, test_code in pairs:
        found.setdefault(str(site_id), []).append(test_code)
    record(action, None, actor=actor, tests=found)
