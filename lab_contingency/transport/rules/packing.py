"""What may go into one box: one temperature, one destination, nothing that is useless when it arrives."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from lab_contingency.catalogue.rules.vocabulary import Test
from lab_contingency.foundation.errors import RuleBroken
from lab_contingency.foundation.wording import near_time_text
from lab_contingency.network.rules import Way
from lab_contingency.transport.rules import Temperature

MOST_IN_BOX = 96
DUE_MARGIN = dt.timedelta(minutes=15)
"""What a box may be late before somebody is told: traffic, a lift, a door that is shut."""
UNKNOWN_WAY = dt.timedelta(hours=2)
"""When a box is due where the network knows no way."""
# How the catalogue begins what it says of transport, to what a box is kept at; all else is room temperature.
_KEPT_AT = (("ice", Temperature.COOLED), ("frozen", Temperature.FROZEN))


def temperature_of(tests: Iterable[Test]) -> Temperature:
    """What a tube must be kept at on the way: the coldest that one of its tests asks for."""
    asked = {_kept_at(test.transport) for test in tests}
    coldest = (Temperature.FROZEN, Temperature.COOLED)
    return next((one for one in coldest if one in asked), Temperature.AMBIENT)


def _kept_at(transport: str) -> Temperature:
    for begins, temperature in _KEPT_AT:
        if transport.startswith(begins):
            return temperature
    return Temperature.AMBIENT


def refuse_mixed(box: Temperature, tube: Temperature) -> None:
    """A box has one temperature."""
    if box is not tube:
        raise RuleBroken(
            f"This box is kept at {box.value}, the tube needs {tube.value}. Put it into a box of its own.",
            field="number",
        )


def due_at(way: Way | None, now: dt.datetime) -> dt.datetime:
    """When a box that leaves now should be there."""
    return (way.arrives_at if way else now + UNKNOWN_WAY) + DUE_MARGIN


def refuse_useless(
    unusable_at: dt.datetime | None, way: Way | None, hand_off: dt.timedelta, why: str
) -> None:
    """A tube that nobody can use any more when it is on the bench there is sent only with a reason."""
    if unusable_at is None or way is None or why.strip():
        return
    there = way.arrives_at + hand_off
    if unusable_at <= there:
        raise RuleBroken(
            f"STOP. This tube cannot be used from {near_time_text(unusable_at)} on, and would be on the "
            f"bench there at {near_time_text(there)}. Keep it here and have it taken again, or say why it goes "
            "all the same.",
            field="anyway",
        )
