"""How many tests a laboratory can still take today, by discipline."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass

from lab_contingency.catalogue.rules.vocabulary import Discipline
from lab_contingency.foundation import clock
from lab_contingency.routing.queries.facts import Setting
from lab_contingency.routing.rules import hour_of
from lab_contingency.routing.rules.judging import HOUR

_HOURS_OF_A_DAY = 25  # the day on which the clocks go back


@dataclass(frozen=True, slots=True)
class Room:
    """One discipline of one laboratory today. `slots` None: no number was agreed.

    `left`: tests that the hours left today can still take; `given`: those that were given to today's hours.
    """

    discipline: str
    given: int
    left: int
    slots: int | None

    @property
    def slots_left(self) -> int | None:
        """Agreed tests left today, never below none."""
        return None if self.slots is None else max(self.slots - self.given, 0)

    @property
    def takes(self) -> int:
        """What it can still be sent today."""
        return self.left if self.slots_left is None else min(self.left, self.slots_left)

    @property
    def slots_text(self) -> str:
        """`7 of 10 left`, or that nothing more goes today."""
        if self.slots is None:
            return ""
        if self.given > self.slots:
            return f"{self.given} given, {self.slots} agreed: no more today"
        return f"{self.slots_left} of {self.slots} left"


def rooms_of(laboratory_id: uuid.UUID, setting: Setting) -> tuple[Room, ...]:
    """Each discipline for which the laboratory has hours, an agreed number, or tests given today."""
    found = (_room(laboratory_id, discipline, setting) for discipline in Discipline)
    return tuple(room for room in found if room is not None)


def _room(laboratory_id: uuid.UUID, discipline: Discipline, setting: Setting) -> Room | None:
    key, today = (laboratory_id, discipline), clock.london(setting.now).date()
    given = setting.slots_used.get(key, {}).get(today, 0)
    slots = setting.snapshot.network.slots_a_day(laboratory_id, discipline)
    if not any(setting.snapshot.per_hour[key]) and not given and slots is None:
        return None
    return Room(discipline.words, given, _left(laboratory_id, discipline, setting, today), slots)


def _left(
    laboratory_id: uuid.UUID, discipline: Discipline, setting: Setting, today: dt.date
) -> int:
    net, used = setting.snapshot.network, setting.used.get((laboratory_id, discipline), {})
    total, start = 0, hour_of(setting.now)
    for _ in range(_HOURS_OF_A_DAY):
        if clock.london(start).date() != today:
            break
        opens = net.opens_next(laboratory_id, max(start, setting.now))
        if opens is not None and opens < start + HOUR:
            hour = clock.london(start).hour
            total += max(net.capacity(laboratory_id, discipline, hour) - used.get(start, 0), 0)
        start += HOUR
    return total
