"""The same for what partner laboratories have not sent back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping

from lab_contingency.foundation import clock
from lab_contingency.foundation.database import session
from lab_contingency.transport.chasing.queries import chasing, open_assignments, referrals_to_ring
from tests.factories.chasing import referred
from tests.factories.world import World, an_identity


def chasing_probes(world: World) -> Mapping[str, Callable[[], object]]:
    """By name. Ours is King's; who asks is St Thomas' doctor."""
    doctor, partner = world.other_doctor, world.laboratories["SWLP-LAB"]
    ours = referred(world, identity=an_identity(55))
    late = clock.now() + dt.timedelta(days=4)

    def later() -> object:
        with clock.at(late):
            return session().scalars(referrals_to_ring(doctor)).one()

    return {
        "not back": lambda: sum(len(each.rows) for each in chasing(doctor)),
        "not back in a call": lambda: len(open_assignments(partner, [ours], doctor)),
        "to ring": later,
    }
