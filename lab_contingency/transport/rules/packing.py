"""What may go into one box: one temperature, one destination, nothing that is useless when it arrives."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable

from lab_contingency.catalogue.rules.vocabulary import Test
from lab_contingency.foundation.errors import RuleBroken
from lab_contingency.foundation.wording import and_text, near_time_text
from lab_contingency.network.rules import Way
from lab_contingency.requests.rules.statuses import TestStatus
from lab_contingency.specimens.rules import WORDS, SpecimenStatus
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


def bound_elsewhere(
    tests: Iterable[tuple[TestStatus, uuid.UUID | None]], destination: uuid.UUID
) -> frozenset[uuid.UUID] | None:
    """Where the tests of a tube in a box are done now; None while one of them is for where the box goes.

    Empty: nothing on it waits for a laboratory any more.
    """
    held = tuple(tests)
    waiting = {place for status, place in held if status is TestStatus.ASSIGNED and place}
    if destination in waiting:
        return None
    on_a_bench = {place for status, place in held if status is TestStatus.RECEIVED and place}
    return frozenset(waiting or on_a_bench)


def elsewhere_words(names: Iterable[str]) -> str:
    """Why a tube must come out of its box: `its tests are for King’s now`."""
    places = and_text(sorted(names))
    return (
        f"its tests are for {places} now" if places else "no test on it waits for a laboratory now"
    )


def came_out_words(status: SpecimenStatus | None, place: str) -> str:
    """Where a tube is that left its box without being scanned out of it."""
    if status is SpecimenStatus.RECEIVED:
        return f"received, {place}"
    if status is SpecimenStatus.DISPATCHED:
        return f"sent on, {place}"
    return WORDS[status] if status else "not in the box"
