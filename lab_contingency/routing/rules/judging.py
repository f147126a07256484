"""Whether a laboratory can do a test: on its menu, open, with room, before the sample expires."""

from __future__ import annotations

import datetime as dt
import sys
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NoReturn

from lab_contingency.catalogue.rules.vocabulary import Test
from lab_contingency.foundation import clock
from lab_contingency.foundation.wording import near_time_text
from lab_contingency.network.rules import OpenSpell, opens_next

HOUR = dt.timedelta(hours=1)
# Beyond a day nobody can say what room there will be.
LOOK_AHEAD = 24
NOT_ON_MENU = "not on its menu"
NOT_COUNTED = "no time taken: the sample is counted from now"


@dataclass(frozen=True, slots=True)
class Asked:
    """A test to be routed and what is known of its sample. `tube` None for a bedside test.

    `accepted_old`: reception took the sample in although it was too old, and said why.
    """

    test: Test
    needed_by: dt.datetime
    tube: uuid.UUID | None = None
    collected_at: dt.datetime | None = None
    stop: str = ""
    accepted_old: bool = False

    def expires_at(self, now: dt.datetime) -> dt.datetime:
        """From when on the test can no longer be done; counted from now when nobody knows."""
        return (self.collected_at or now) + self.test.reject_after


@dataclass(frozen=True, slots=True)
class Candidate:
    """A laboratory as it stands for one test.

    `turnaround` None: not on its menu. `travel` None: no way there from where the tube is; else
    from now until it is on the bench, all waiting included. `leaves_at`: when a timetabled run
    takes it, None when somebody goes at once. `slots`: agreed tests of the discipline on one London
    day, None where no number was agreed; `slots_used`: those given, by that day.
    `per_hour`: places of the test's discipline by London hour. `used`: places given, by the start
    of the hour. `out`: why it takes no work at all now.
    `lapsed`: why the agreement with it lets nothing new go there. `not_before`: a plan gave it a place from then on.
    """

    laboratory_id: uuid.UUID
    name: str
    own: bool
    turnaround: dt.timedelta | None
    travel: dt.timedelta | None
    hours: tuple[OpenSpell, ...]
    per_hour: tuple[int, ...]
    used: Mapping[dt.datetime, int] = field(default_factory=dict)
    holds_tube: bool = False
    leaves_at: dt.datetime | None = None
    slots: int | None = None
    slots_used: Mapping[dt.date, int] = field(default_factory=dict)
    out: str = ""
    lapsed: str = ""
    not_before: dt.datetime | None = None

    @property
    def takes_nothing(self) -> str:
        """Why it takes no new work, whatever the test; nothing where it does."""
        return self.out or self.lapsed


@dataclass(frozen=True, slots=True)
class Offer:
    """It can: when the tube is there, when work begins, when the result is about ready."""

    laboratory_id: uuid.UUID
    name: str
    own: bool
    arrives_at: dt.datetime
    begins_at: dt.datetime
    result_at: dt.datetime
    expires_at: dt.datetime
    late: bool
    note: str = ""
    leaves_at: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class Refusal:
    """It cannot, and why. `too_late_at`: when it could begin, which is after the sample expires."""

    laboratory_id: uuid.UUID
    name: str
    own: bool
    sentence: str
    too_late_at: dt.datetime | None = None


def hour_of(moment: dt.datetime) -> dt.datetime:
    """The start of the hour, as which places are counted."""
    return moment.astimezone(dt.UTC).replace(minute=0, second=0, microsecond=0)


class _CannotError(Exception):
    """Carries the sentence of a refusal, and the moment that comes too late."""

    def __init__(self, sentence: str, too_late_at: dt.datetime | None = None) -> None:
        super().__init__(sentence)
        self.too_late_at = too_late_at


def judge(
    asked: Asked, candidate: Candidate, now: dt.datetime, *, before: int = 0
) -> Offer | Refusal:
    """What this laboratory can say to this test.

    `before`: tests of the same card and discipline that take their places first.
    """
    try:
        turnaround = _turnaround(asked, candidate)
        if asked.test.bedside:
            return _at_bedside(asked, candidate, turnaround, now)
        expires_at = usable_until(asked, candidate, now)
        if expires_at <= now:
            _refuse(f"the sample expired {near_time_text(expires_at)}: take it again")
        arrives_at = _arrival(candidate, now, expires_at)
        opens_at = _opening(candidate, arrives_at, expires_at)
        begins_at = _beginning(candidate, opens_at, expires_at, before)
    except _CannotError as why:
        return Refusal(
            candidate.laboratory_id, candidate.name, candidate.own, str(why), why.too_late_at
        )
    moments = (arrives_at, begins_at, begins_at + turnaround, expires_at)
    return _offer(asked, candidate, moments, _note(asked, candidate, moments[:2], opens_at))


def _turnaround(asked: Asked, candidate: Candidate) -> dt.timedelta:
    if candidate.takes_nothing:
        _refuse(candidate.takes_nothing)
    if asked.stop:
        _refuse(f"not offered today: {asked.stop}")
    if candidate.turnaround is None:
        _refuse(NOT_ON_MENU)
    return candidate.turnaround


def usable_until(asked: Asked, candidate: Candidate, now: dt.datetime) -> dt.datetime:
    """By when work must begin; a sample taken in though too old is only used where it was."""
    if asked.accepted_old and candidate.holds_tube:
        return now + dt.timedelta(hours=LOOK_AHEAD)
    return asked.expires_at(now)


def _arrival(candidate: Candidate, now: dt.datetime, expires_at: dt.datetime) -> dt.datetime:
    if candidate.travel is None:
        _refuse("no way there is known")
    arrives_at = now + candidate.travel
    if arrives_at >= expires_at:
        _refuse(f"arrives {_both(arrives_at, expires_at)}", arrives_at)
    return arrives_at


def _opening(candidate: Candidate, arrives_at: dt.datetime, expires_at: dt.datetime) -> dt.datetime:
    opens_at = opens_next(candidate.hours, max(arrives_at, candidate.not_before or arrives_at))
    if opens_at is None:
        _refuse("shut")
    if opens_at >= expires_at:
        _refuse(f"opens {_both(opens_at, expires_at)}", opens_at)
    return opens_at


def _beginning(
    candidate: Candidate, opens_at: dt.datetime, expires_at: dt.datetime, before: int
) -> dt.datetime:
    begins_at = _first_room(candidate, opens_at, before)
    if begins_at is None:
        _refuse(_no_room(candidate))
    if begins_at >= expires_at:
        _refuse(f"no capacity until {_both(begins_at, expires_at)}", begins_at)
    return begins_at


def _at_bedside(
    asked: Asked, candidate: Candidate, turnaround: dt.timedelta, now: dt.datetime
) -> Offer:
    """Done where the patient is; the nearest laboratory of ours only keeps the result."""
    if not candidate.own or candidate.travel is None:
        _refuse("done at the bedside; a laboratory of ours records it")
    moments = (now, now, now + turnaround, now + asked.test.reject_after)
    return _offer(asked, candidate, moments, "at the bedside")


def _offer(
    asked: Asked,
    candidate: Candidate,
    moments: tuple[dt.datetime, dt.datetime, dt.datetime, dt.datetime],
    note: str,
) -> Offer:
    arrives_at, begins_at, result_at, expires_at = moments
    return Offer(
        laboratory_id=candidate.laboratory_id,
        name=candidate.name,
        own=candidate.own,
        arrives_at=arrives_at,
        begins_at=begins_at,
        result_at=result_at,
        expires_at=expires_at,
        late=result_at > asked.needed_by,
        note=note,
        leaves_at=candidate.leaves_at,
    )


def _refuse(sentence: str, too_late_at: dt.datetime | None = None) -> NoReturn:
    raise _CannotError(sentence, too_late_at)


def _both(moment: dt.datetime, expires_at: dt.datetime) -> str:
    return f"{near_time_text(moment)}; the sample expires {near_time_text(expires_at)}"


def _first_room(candidate: Candidate, opens_at: dt.datetime, before: int) -> dt.datetime | None:
    """The first open moment in an hour with a place left; None when there is none within a day."""
    moment = opens_at
    given: dict[dt.date, int] = {}
    for _ in range(LOOK_AHEAD):
        start, day = hour_of(moment), clock.london(moment).date()
        room = max(min(places_left(candidate, start), slots_left(candidate, day, given)), 0)
        if room > before:
            return moment
        before -= room
        given[day] = given.get(day, 0) + room
        opens = opens_next(candidate.hours, start + HOUR)
        if opens is None or opens > opens_at + LOOK_AHEAD * HOUR:
            return None
        moment = opens
    return None


def places_left(candidate: Candidate, start: dt.datetime) -> int:
    """Places of the hour that begins then; none while nobody is there."""
    return candidate.per_hour[clock.london(start).hour] - candidate.used.get(start, 0)


def slots_left(
    candidate: Candidate, day: dt.date, given: Mapping[dt.date, int] | None = None
) -> int:
    """Agreed tests left on a London day; as many as one likes where no number was agreed."""
    if candidate.slots is None:
        return sys.maxsize
    return candidate.slots - candidate.slots_used.get(day, 0) - (given or {}).get(day, 0)


def _no_room(candidate: Candidate) -> str:
    if candidate.slots is None:
        return "no capacity within a day"
    return f"no capacity within a day; {candidate.slots} a day were agreed"


def _note(
    asked: Asked,
    candidate: Candidate,
    there: tuple[dt.datetime, dt.datetime],
    opens_at: dt.datetime,
) -> str:
    arrives_at, begins_at = there
    notes = []
    if candidate.leaves_at is not None:
        notes.append(f"leaves {near_time_text(candidate.leaves_at)}")
    if candidate.not_before is None and opens_at > arrives_at:
        notes.append(f"opens {near_time_text(opens_at)}")
    if begins_at > opens_at:
        notes.append(f"no capacity until {near_time_text(begins_at)}")
    if asked.accepted_old:
        notes.append("too old when it came, used all the same")
    if asked.collected_at is None:
        notes.append(NOT_COUNTED)
    return "; ".join(notes)
