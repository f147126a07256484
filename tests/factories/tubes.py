"""Tubes in valid states, made by the real services."""

from __future__ import annotations

import datetime as dt
import uuid

from lab_contingency.foundation import clock
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.database import session, unit_of_work
from lab_contingency.requests.models import PatientIdentity, Request
from lab_contingency.requests.queries.patients import read_identity
from lab_contingency.requests.rules.statuses import TestAction
from lab_contingency.requests.services import Evidence, lock_request, move_test
from lab_contingency.requests.services.summary import tests_of
from lab_contingency.specimens import services
from lab_contingency.specimens.commands import AcceptByHand, CollectTubes, ReadAtBedside
from lab_contingency.specimens.queries import TubeView, tubes_of
from lab_contingency.specimens.rules import HandItem, SpecimenStatus
from tests.factories.world import SYSTEM, World


def assign(world: World, request_id: uuid.UUID, laboratory: str = "KCH-LAB", *codes: str) -> None:
    """Accept tests (all when none is named) and assign them to a laboratory."""
    with unit_of_work():
        request = lock_request(request_id, actor=SYSTEM)
        for test in tests_of(request_id):
            if codes and test.test_code not in codes:
                continue
            move_test(request, test, TestAction.ACCEPT, Evidence(), actor=SYSTEM)
            evidence = Evidence(laboratory_id=world.laboratories[laboratory])
            move_test(request, test, TestAction.ASSIGN, evidence, actor=SYSTEM)


def label(world: World, request_id: uuid.UUID, **changes: object) -> services.Printed:
    """Print every label of a request."""
    held: dict[str, object] = {"actor": world.doctor}
    with unit_of_work():
        return services.labels_for(request_id, **{**held, **changes})  # type: ignore[arg-type]


def read(
    world: World,
    request_id: uuid.UUID,
    scanned: str,
    holding: str = "",
    *,
    actor: Actor | None = None,
) -> services.Read:
    """Scan something beside the patient."""
    with unit_of_work():
        command = ReadAtBedside(request_id, scanned, holding)
        return services.read_at_bedside(command, actor=actor or world.doctor)


def wristband(request_id: uuid.UUID) -> str:
    """What the right wristband carries: the NHS number, or the hospital’s."""
    row = session().get_one(Request, request_id)
    identity = read_identity(session().get_one(PatientIdentity, row.identity_id))
    return identity.nhs_number or identity.hospital_number


def match(world: World, request_id: uuid.UUID, *, actor: Actor | None = None) -> None:
    """Wristband, form and every label that counts are read, and agree."""
    row = session().get_one(Request, request_id)
    read(world, request_id, wristband(request_id), actor=actor)
    read(world, request_id, row.number, actor=actor)
    for tube in tubes_of(request_id):
        if tube.status is SpecimenStatus.LABELLED and tube.wanted and not tube.replaced:
            read(world, request_id, tube.number or "", tube.kind, actor=actor)


def collect(
    world: World,
    request_id: uuid.UUID,
    *,
    ago: dt.timedelta = dt.timedelta(minutes=5),
    by: str = "A. Okafor",
    actor: Actor | None = None,
) -> None:
    """Collect every tube of a request, everything at the bedside read."""
    match(world, request_id, actor=actor)
    planned = tuple(tube.planned_tube_id for tube in tubes_of(request_id) if not tube.replaced)
    with unit_of_work():
        services.collect(
            CollectTubes(request_id, planned, clock.now() - ago, by), actor=actor or world.doctor
        )


def receive(world: World, number: str, **changes: object) -> services.Received:
    """Receive a tube at King's core laboratory."""
    held: dict[str, object] = {"actor": world.scientist}
    with unit_of_work():
        return services.receive(
            number,
            world.laboratories["KCH-LAB"],
            **{**held, **changes},  # type: ignore[arg-type]
        )


def accept_by_hand(
    world: World, request_id: uuid.UUID, planned_tube_id: uuid.UUID, **changes: object
) -> services.Received:
    """Receive a handwritten tube whose every item agrees with its form."""
    held: dict[str, object] = {
        "request_id": request_id,
        "planned_tube_id": planned_tube_id,
        "confirmed": frozenset(HandItem),
        "collected_at": clock.now() - dt.timedelta(minutes=20),
        "collected_by": "A. Okafor",
    }
    command = AcceptByHand(**{**held, **changes})  # type: ignore[arg-type]
    with unit_of_work():
        return services.receive_form(command, world.laboratories["KCH-LAB"], actor=world.scientist)


def a_collected_tube(world: World, request_id: uuid.UUID) -> str:
    """Label and collect a request of one tube; the number of its label."""
    label(world, request_id)
    collect(world, request_id)
    number = tubes_of(request_id)[0].number
    assert number is not None
    return number


def tube(request_id: uuid.UUID, place: int = 0) -> TubeView:
    """One tube of a request, by its place in the order of draw."""
    return tubes_of(request_id)[place]
