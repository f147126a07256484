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
FORECAST_STEP = dt.timedelta(minutes=5)


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


def why_nobody(answers: Iterable[Offer | Refusal]) -> str:
    """The reason in words."""
    told = nobody_can(answers)
    because = "it is on no laboratory’s menu" if told == NOT_ON_MENU else told
    return f"Nobody can do it for blood taken now: {because}."


def moments_to_try(
    answers: Iterable[Offer | Refusal], keeps: dt.timedelta, now: dt.datetime
) -> tuple[dt.datetime, ...]:
    """When blood taken then may be in time: so long before a laboratory could begin as the sample keeps."""
    refusals = (each for each in answers if isinstance(each, Refusal))
    found = {each.too_late_at - keeps for each in refusals if each.too_late_at is not None}
    return tuple(sorted(_step_after(max(moment, now)) for moment in found))


def _step_after(moment: dt.datetime) -> dt.datetime:
    """The next whole step: nobody looks at a clock more exactly."""
    start = moment.replace(minute=0, second=0, microsecond=0)
    return start + ((moment - start) // FORECAST_STEP + 1) * FORECAST_STEP
