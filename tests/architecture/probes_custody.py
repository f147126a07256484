"""The same for tubes on their way: who had one, what is overdue. Ours is King’s; St Thomas’ laboratory asks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping

from lab_contingency.foundation import clock
from lab_contingency.foundation.database import session
from lab_contingency.specimens.queries import tubes_of
from lab_contingency.tracking.queries.missing import missing_within
from lab_contingency.transport.custody.queries.hands import hands_of
from lab_contingency.transport.custody.queries.standing import late_count, tubes_on
from lab_contingency.transport.custody.rules import Hop
from tests.factories.boxes import a_tube_for, finish, opened
from tests.factories.tubes import label
from tests.factories.world import World, a_request, an_identity

_LATER = dt.timedelta(hours=2)


def custody_probes(world: World) -> Mapping[str, Callable[[], object]]:
    """By name."""
    request_id = a_request(world, identity=an_identity(61)).request_id
    label(world, request_id)
    specimen_id = tubes_of(request_id)[0].specimen_id
    assert specimen_id is not None
    bench = world.other_scientist
    finish(world, opened(world, [a_tube_for(world, seed=671)]))  # it was not in its box

    def late() -> object:
        with clock.at(clock.now() + _LATER):
            return session().scalars(late_count(bench)).one()

    return {
        "hands of a tube": lambda: hands_of(specimen_id, bench).specimen_id,
        "tubes on a hop": lambda: len(tubes_on((Hop.PRINTED,), bench)),
        "tubes overdue": late,
        "tubes missing": lambda: missing_within(world.other_doctor),
    }
