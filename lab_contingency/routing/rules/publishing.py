"""What is said before the needle: whether anybody can do a test for blood taken now, and when that is taken back."""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Iterable, Mapping

from lab_contingency.routing.rules.judging import NOT_ON_MENU, Offer, Refusal
from lab_contingency.routing.rules.suggesting import nobody_can

# Nobody can: said at once. Somebody can again: only said when it will last, so that the card does not flicker.
STEADY_FOR = (dt.timedelta(minutes=10), dt.timedelta(minutes=20), dt.timedelta(minutes=30))
"""So long after now blood taken then must find somebody too."""
ROOM_TO_RETURN = 3
"""So many tests must find a place before the test is offered again: one place given back is not enough."""
FORECAST_STEP = dt.timedelta(minutes=15)
FORECAST_STEPS = 96


class Published(enum.StrEnum):
    """What is to be done about what stands published."""

    LEAVE = "leave"
    PUBLISH = "publish"
    WITHDRAW = "withdraw"


# (it stands published, nobody can now, it will last that somebody can): what is done. `None`: whatever it is.
CHANGES: Mapping[tuple[bool, bool, bool | None], Published] = {
    (False, False, None): Published.LEAVE,
    (False, True, None): Published.PUBLISH,
    (True, True, None): Published.LEAVE,
    (True, False, False): Published.LEAVE,
    (True, False, True): Published.WITHDRAW,
}


def change(*, stands: bool, nobody: bool, lasting: bool = False) -> Published:
    """What to do about one test at one site."""
    either = CHANGES.get((stands, nobody, None))
    return either if either is not None else CHANGES[stands, nobody, lasting]


def anybody(answers: Iterable[Offer | Refusal]) -> bool:
    """Whether some laboratory can; stops asking at the first."""
    return any(isinstance(answer, Offer) for answer in answers)


def why_nobody(answers: Iterable[Offer | Refusal], ring: str) -> str:
    """The reason in words, and the way round: whom to ring when it cannot wait."""
    told = nobody_can(answers)
    because = "it is on no laboratory’s menu" if told == NOT_ON_MENU else told
    way_round = f" If it cannot wait, ring {ring}." if ring else ""
    return f"Nobody can do it for blood taken now: {because}.{way_round}"
