"""A night of a thousand tubes with a moved clock: what was dropped comes to the board by itself, and nothing else."""

import pytest

from lab_contingency.foundation import clock
from lab_contingency.foundation.database import session
from lab_contingency.transport.custody.queries.board import Filter, board
from lab_contingency.transport.custody.queries.standing import late_count
from tests.factories.night import a_night

TUBES, DROPPED = 1000, 0.05


def on_the_board(actor):
    """The tubes that stand there as overdue."""
    held = board(actor, Filter())
    assert not held.cut
    return {tube.specimen_id for group in held.late for tube in group.tubes}


@pytest.mark.hazard("H05")
@pytest.mark.feature(48)
def test_every_dropped_tube_is_on_the_board_within_a_minute_and_no_other_ever(world):
    night = a_night(world, TUBES, DROPPED, seed=5)
    lost = sum(len(one.dropped) for one in night.patients)
    wrong, seen = [], set()

    for minute in night.play():
        due = [pair for one in night.patients if one.specimens for pair in one.overdue_from()]
        should = {specimen for specimen, when in due if when < minute}
        stands = on_the_board(world.coordinator)
        if stands != should:
            wrong.append((minute, len(stands - should), len(should - stands)))
        seen |= stands
    with clock.at(night.at(night.lasts)):
        counted = session().scalars(late_count(world.coordinator)).one()

    assert wrong == []
    assert len(seen) == lost == counted
    assert 100 < lost < 200
