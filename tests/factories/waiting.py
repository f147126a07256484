"""Requests that wait for a laboratory, and where their tests stand."""

from __future__ import annotations

import datetime as dt
import uuid

from sqlalchemy import select, update

from lab_contingency.audit.services import record
from lab_contingency.foundation import clock
from lab_contingency.foundation.database import session, unit_of_work
from lab_contingency.network.models import Capacity
from lab_contingency.requests.models import RequestedTest
from lab_contingency.routing.commands import AssignTests
from lab_contingency.routing.services import assign_tests
from lab_contingency.triage.commands import AcceptTests
from lab_contingency.triage.services import accept_tests
from tests.factories.world import World, a_request, an_identity

TAKEN = dt.timedelta(minutes=20)


def waits(world: World, seed: int = 1, *, accept: bool = True, **card: object) -> uuid.UUID:
    """A request whose tubes were taken a while ago; accepted, unless it is to wait for triage."""
    held = {"identity": an_identity(seed), "collected_at": clock.now() - TAKEN, **card}
    placed = a_request(world, **held)
    if accept:
        with unit_of_work():
            accept_tests(AcceptTests(placed.request_id, None), actor=world.senior)
    return placed.request_id


def sent(world: World, request_id: uuid.UUID, laboratory: str = "KCH-LAB") -> None:
    """A person chose that laboratory for all its tests."""
    where = dict.fromkeys(held_tests(request_id), world.laboratories[laboratory])
    with unit_of_work():
        assign_tests(AssignTests(request_id, None, where), actor=world.senior)


def held_tests(request_id: uuid.UUID) -> dict[str, RequestedTest]:
    """The tests of a request as they stand now, by code."""
    statement = select(RequestedTest).where(RequestedTest.request_id == request_id)
    rows = session().scalars(statement.execution_options(populate_existing=True))
    return {row.test_code: row for row in rows}


def places_of(world: World, discipline: str, per_hour: int, laboratory: str | None = None) -> None:
    """So many places an hour in that discipline, everywhere or at one laboratory."""
    statement = update(Capacity).where(Capacity.discipline == discipline)
    if laboratory is not None:
        statement = statement.where(Capacity.laboratory_id == world.laboratories[laboratory])
    with unit_of_work():
        session().execute(statement.values(per_hour=per_hour))
        record("network:changed", None, actor=world.coordinator)
