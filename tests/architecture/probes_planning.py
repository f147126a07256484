"""The same for plans of the queue: what waits, the lines of a plan, what is bound for a laboratory."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping

from lab_contingency.foundation.database import session, unit_of_work
from lab_contingency.routing.planning.queries.gathering import _requests
from lab_contingency.routing.planning.queries.plans import _lines
from lab_contingency.routing.planning.queries.standing import bound_for, to_accept, waiting_beside
from lab_contingency.routing.planning.services import plan_again
from tests.clients import stranger_id
from tests.factories.waiting import sent, waits
from tests.factories.world import World

LONG_AGO = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)


def planning_probes(world: World) -> Mapping[str, Callable[[], object]]:
    """By name. What waits is King's; who asks is St Thomas' doctor."""
    doctor, laboratory_id = world.other_doctor, world.laboratories["KCH-LAB"]
    waits(world, 661, tests=("FBC",))
    sent(world, waits(world, 662, tests=("COAG",)))
    with unit_of_work():
        plan_id = plan_again(actor=world.coordinator)
    return {
        "waiting to be planned": lambda: len(_requests(doctor)),
        "lines of a plan": lambda: len(session().execute(_lines(plan_id, doctor)).all()),
        "lines to accept": lambda: len(to_accept(plan_id, None, doctor)),
        "waiting beside a plan": lambda: waiting_beside(stranger_id(), doctor),
        "come in since a plan": lambda: waiting_beside(stranger_id(), doctor, since=LONG_AGO),
        "bound for a laboratory": lambda: dict(bound_for(laboratory_id, doctor)),
    }
