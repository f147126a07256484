"""Placing a request: one transaction from the card to its number."""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
import json
import uuid
from typing import Any

from sqlalchemy import select

from lab_contingency.audit.rules import Field
from lab_contingency.audit.services import record
from lab_contingency.catalogue.queries import catalogue
from lab_contingency.catalogue.rules.tubes import PlannedTube as PlanLine
from lab_contingency.catalogue.rules.tubes import (
    tube_plan,
    unusable_at,
)
from lab_contingency.catalogue.rules.vocabulary import Test
from lab_contingency.foundation import clock
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.database import add_rows, session
from lab_contingency.foundation.errors import RuleBroken, RulesBroken
from lab_contingency.foundation.identity import new_id
from lab_contingency.foundation.sealing import content_digest, seal
from lab_contingency.incidents.queries import IncidentView, open_incident
from lab_contingency.incidents.rules import grouped
from lab_contingency.incidents.services import issue_form_number, lock_form_numbers
from lab_contingency.places.queries import WardView, ward
from lab_contingency.requests.commands import PlacedRequest, PlaceRequest
from lab_contingency.requests.models import PatientIdentity, PlannedTube, Request, RequestedTest
from lab_contingency.requests.queries.repeats import repeats_for
from lab_contingency.requests.rules.bands import (
    LATEST_NEEDED_BY,
    default_needed_by,
)
from lab_contingency.requests.rules.statuses import TestStatus
from lab_contingency.requests.services.choices import Choices, choice_problems
from lab_contingency.requests.services.patients import identity_problems, keep_patient
from lab_contingency.requests.services.printable import paper_problems
from lab_contingency.requests.services.unidentified import take_prepared

NO_INCIDENT = (
    "No incident is open, so this card cannot be sent. Use the main system, "
    "or ask the coordinator to declare an incident."
)


@dataclasses.dataclass(frozen=True, slots=True)
class OnPaper:
    """A card that was written before it was keyed: the number that stands on it, and when it was written.

    `next_tube` is the first tube number that no label of the paper bears.
    """

    number: str
    written_at: dt.datetime
    next_tube: int


def place_request(
    command: PlaceRequest, *, actor: Actor, paper: OnPaper | None = None
) -> PlacedRequest:
    """Turn a filled card into a request; a card sent twice gives the first one again.

    One from paper keeps the number and the time that stand on it. Raises RulesBroken with every sentence at
    once, by form field.
    """
    lock_form_numbers()  # first, so that a second copy of the same card waits and then finds the first
    if already := _sent_before(command):
        return already
    incident, place = _open_incident(), _ward_in_scope(command, actor)
    if command.unidentified:
        take_prepared(command.identity)
    tests = [catalogue().test(code) for code in dict.fromkeys(command.tests)]
    _refuse(_problems(command, paper, place))
    identity = keep_patient(command.identity, actor=actor)
    _refuse_repeats(command, identity.patient_id)
    request = _add_request(command, identity, incident, place, actor, paper)
    _add_tests(command, request, tests)
    record(
        "request:placed",
        request.id,
        actor=actor,
        occurred_at=request.requested_at,
        number=request.number,
        band=request.band.value,
        tests=[test.code for test in tests],
    )
    return PlacedRequest(request.id, request.number, repeated=False)


def _digest(command: PlaceRequest, like: str = "") -> str:
    """A keyed digest of the card: tells a retry from another card, and nothing else.

    Reasons for asking again are left out: on a retry the first copy itself is what was asked before.
    """
    content = json.dumps(
        dataclasses.asdict(dataclasses.replace(command, overrides={})), default=str, sort_keys=True
    )
    return content_digest("card", hashlib.sha256(content.encode()).hexdigest(), like)


def _sent_before(command: PlaceRequest) -> PlacedRequest | None:
    statement = select(Request).where(Request.idempotency_key == command.idempotency_key)
    row = session().scalars(statement).one_or_none()
    if row is None:
        return None
    if row.content_digest != _digest(command, like=row.content_digest):
        raise RuleBroken(
            f"This card was sent already, as {grouped(row.number)}. Open a new card for another request, "
            "or correct that one from its page."
        )
    return PlacedRequest(row.id, row.number, repeated=True)


def _open_incident() -> IncidentView:
    incident = open_incident()
    if incident is None:
        raise RuleBroken(NO_INCIDENT)
    return incident


def _ward_in_scope(command: PlaceRequest, actor: Actor) -> WardView:
    place = ward(command.ward_id)
    if actor.site_id is not None and place.site.id != actor.site_id:
        raise RuleBroken("Choose a ward of your own site.", field="ward")
    elsewhere = command.destination_id != place.id
    if elsewhere and ward(command.destination_id).site.id != place.site.id:
        raise RuleBroken("Choose a ward of the same site for the slip.", field="destination")
    return place


def _refuse(problems: dict[str, str], shows: tuple[uuid.UUID, Field] | None = None) -> None:
    if problems:
        raise RulesBroken(problems, shows=shows)


def _problems(command: PlaceRequest, paper: OnPaper | None, place: WardView) -> dict[str, str]:
    return {
        **paper_problems(command),
        **identity_problems(command.identity),
        **choice_problems(_choices(command, None if paper else place.site.id)),
        **_time_problems(command, paper),
    }


def _choices(command: PlaceRequest, site_id: uuid.UUID | None) -> Choices:
    return Choices(
        command.tests,
        command.answers,
        command.anticoagulant,
        command.band,
        command.reason_code,
        command.reason_text,
        site_id,
    )


def _time_problems(command: PlaceRequest, paper: OnPaper | None) -> dict[str, str]:
    now = clock.now()
    oldest = (paper.written_at if paper else now) - dt.timedelta(days=7)
    asked = paper.written_at if paper else now
    problems = {}
    if command.collected_at is not None and command.collected_at > now + dt.timedelta(minutes=10):
        problems["collected_at"] = "The blood cannot have been taken in the future. Check the time."
    if command.collected_at is not None and command.collected_at < oldest:
        problems["collected_at"] = "That is more than a week ago. Check the day."
    if command.needed_by is not None and command.needed_by > now + LATEST_NEEDED_BY:
        problems["needed_by"] = "Choose a time within the next 30 days."
    if command.needed_by is not None and command.needed_by < asked - dt.timedelta(minutes=1):
        problems["needed_by"] = "That time has passed. Say by when the result is still needed."
    return problems


def _refuse_repeats(command: PlaceRequest, patient_id: uuid.UUID) -> None:
    problems = {
        f"repeat-{repeat.test_code}": f"{repeat.sentence} Leave it out, or say why it is needed again."
        for repeat in repeats_for(patient_id, command.tests)
        if not command.overrides.get(repeat.test_code)
    }
    _refuse(problems, shows=(patient_id, Field.TESTS))


def _add_request(
    command: PlaceRequest,
    identity: PatientIdentity,
    incident: IncidentView,
    place: WardView,
    actor: Actor,
    paper: OnPaper | None,
) -> Request:
    now = clock.now()
    asked_at = paper.written_at if paper else now
    needed_by = command.needed_by or default_needed_by(command.band, asked_at)
    request_id = new_id()
    request = Request(
        id=request_id,
        number=paper.number if paper else issue_form_number(),
        idempotency_key=command.idempotency_key,
        content_digest=_digest(command),
        patient_id=identity.patient_id,
        identity_id=identity.id,
        incident_id=incident.id,
        site_id=place.site.id,
        ward_id=place.id,
        destination_id=command.destination_id,
        requester_id=actor.user_id,
        requested_at=asked_at,
        recorded_at=now,
        band_asked=command.band,
        band=command.band,
        reason_code=command.reason_code,
        needed_by=needed_by,
        due_at=needed_by,
        unusable_at=_unusable_at(command),
        next_tube=paper.next_tube if paper else 1,
        sealed=seal(Request.__tablename__, request_id, clinical_record(command)),
    )
    session().add(request)
    session().flush()
    return request


def _unusable_at(command: PlaceRequest) -> dt.datetime | None:
    """When the first tube is too old, if the card says when the blood was taken."""
    tests = [test for test in catalogue().tests_of(command.tests) if not test.bedside]
    return unusable_at(tests, command.collected_at) if command.collected_at else None


def clinical_record(command: PlaceRequest) -> dict[str, object]:
    """What is sealed in the request's row."""
    return {
        "requested_by": command.requested_by,
        "consultant": command.consultant,
        "bed": command.bed,
        "callback": command.callback,
        "reason_text": command.reason_text,
        "clinical_details": command.clinical_details,
        "anticoagulant": command.anticoagulant,
        "infection_risk": command.infection_risk,
        "answers": dict(command.answers),
        "collected_at": command.collected_at.isoformat() if command.collected_at else "",
        "collected_by": command.collected_by,
        "collection_method": command.collection_method,
    }


def _add_tests(command: PlaceRequest, request: Request, tests: list[Test]) -> None:
    tubes: dict[str, uuid.UUID] = {}
    planned = []
    for line in tube_plan(tests, catalogue().containers):
        row = _planned(request, line)
        planned.append(row)
        for code in line.tests:
            tubes.setdefault(code, row["id"])
    add_rows(PlannedTube, *planned)
    add_rows(
        RequestedTest,
        *(_requested(command, request, test, tubes.get(test.code)) for test in tests),
    )


def _planned(request: Request, line: PlanLine) -> dict[str, Any]:
    return {
        "id": new_id(),
        "request_id": request.id,
        "ordinal": line.ordinal,
        "container": line.container.code,
        "tube_group": line.tube_group,
        "bottle": line.bottle,
        "bottles": line.bottles,
        "by_hand": line.by_hand,
    }


def _requested(
    command: PlaceRequest, request: Request, test: Test, planned_tube_id: uuid.UUID | None
) -> dict[str, Any]:
    row_id = new_id()
    again = command.overrides.get(test.code, "")
    return {
        "id": row_id,
        "request_id": request.id,
        "test_code": test.code,
        "status": TestStatus.REQUESTED,
        "status_at": clock.now(),
        "planned_tube_id": planned_tube_id,
        "sealed": seal(RequestedTest.__tablename__, row_id, {"asked_again": again})
        if again
        else None,
    }
