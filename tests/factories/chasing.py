"""Tests that were sent to a partner laboratory."""

from __future__ import annotations

import datetime as dt
import uuid

from sqlalchemy import select

from lab_contingency.foundation import clock
from lab_contingency.foundation.database import session, unit_of_work
from lab_contingency.foundation.identity import new_id
from lab_contingency.network.models import Agreement
from lab_contingency.network.rules import Acceptance
from lab_contingency.routing.commands import AssignTests
from lab_contingency.routing.services import assign_tests
from lab_contingency.triage.commands import AcceptTests
from lab_contingency.triage.services import accept_tests
from tests.factories.world import World, a_request


def referred(world: World, *, to: str = "SWLP-LAB", **card: object) -> uuid.UUID:
    """A request whose tests were all sent to a partner, from blood taken ten minutes ago."""
    held = {"tests": ("CRP",), "collected_at": clock.now() - dt.timedelta(minutes=10), **card}
    request_id = a_request(world, **held).request_id
    codes = held["tests"]
    assert isinstance(codes, tuple)
    refer(world, request_id, *codes, to=to)
    return request_id


def refer(world: World, request_id: uuid.UUID, *codes: str, to: str = "SWLP-LAB") -> None:
    """Accept a request and send these tests to a partner."""
    with unit_of_work():
        accept_tests(AcceptTests(request_id, None), actor=world.senior)
        where = dict.fromkeys(codes, world.laboratories[to])
        assign_tests(AssignTests(request_id, None, where), actor=world.senior)


def agreed(world: World, partner: str = "SWLP-LAB") -> None:
    """An agreement that says whom to ring about results."""
    there = world.laboratories[partner]
    with unit_of_work():
        for row in session().scalars(select(Agreement).where(Agreement.laboratory_id == there)):
            session().delete(row)
        session().flush()
        session().add(
            Agreement(
                id=new_id(),
                laboratory_id=there,
                reference="MA-7",
                accepts=Acceptance.ELECTRONIC,
                hand_off_minutes=0,
                custody_contact="Gate",
                custody_telephone="020 7946 0100",
                results_contact="Priya, results desk",
                results_telephone="020 7946 0101",
                starts_on=dt.date(2026, 1, 1),
            )
        )
