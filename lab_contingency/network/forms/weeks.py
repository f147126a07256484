"""What is typed day by day: when a laboratory is open, when somebody goes there."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable, Iterable
from typing import Any, ClassVar

from wtforms import Field, RadioField, SelectField
from wtforms.validators import InputRequired

from lab_contingency.foundation import clock
from lab_contingency.foundation.web.forms import VersionedForm, line
from lab_contingency.foundation.wording import read_moment
from lab_contingency.network.commands import AddLink, SetHours, SetWay
from lab_contingency.network.forms.fields import CHOOSE, Reads, whole
from lab_contingency.network.rules import WEEKDAY_NAMES, Departure, read_spells, read_times

WEEK = tuple(name.casefold() for name in WEEKDAY_NAMES)
_SITE, _LABORATORY = "site", "laboratory"
_DAYS = {
    "week": ("every day", range(7)),
    "work": ("Monday to Friday", range(5)),
    "end": ("Saturday and Sunday", range(5, 7)),
}

_NOTHING_TO_FILL = (
    "Type here what stands on all these days. A single day is emptied in its own box."
)


class WeekForm(VersionedForm):
    """Seven boxes, and a line that fills several of them at once."""

    reads: ClassVar[Callable[[str], object]]

    monday = line("Monday", most=120)
    tuesday = line("Tuesday", most=120)
    wednesday = line("Wednesday", most=120)
    thursday = line("Thursday", most=120)
    friday = line("Friday", most=120)
    saturday = line("Saturday", most=120)
    sunday = line("Sunday", most=120)
    fill_days = SelectField(
        "Same", choices={key: words for key, (words, _) in _DAYS.items()}, validate_choice=False
    )
    fill_with = line("On all these days", most=120)

    def validate(self, extra_validators: Any = None) -> bool:
        """Each box must be readable; the line that fills is not looked at when the week is saved."""
        self.fill_with.data = ""
        more = {day: [Reads(type(self).reads)] for day in WEEK}
        return super().validate(extra_validators={**more, **(extra_validators or {})})

    def fill(self) -> None:
        """Write what stands in the line into its days' boxes; an empty line would only take away what was typed."""
        if not (self.fill_with.data or "").strip():
            self.fill_with.errors = [_NOTHING_TO_FILL]
            return
        _, days = _DAYS.get(self.fill_days.data or "", _DAYS["week"])
        for weekday in days:
            self[WEEK[weekday]].data = self.fill_with.data or ""
        self.fill_with.data = ""

    def boxes(self) -> list[Field]:
        """The seven boxes."""
        return [self[day] for day in WEEK]


class HoursForm(WeekForm):
    """When a laboratory is open."""

    reads: ClassVar[Callable[[str], object]] = staticmethod(read_spells)

    def to_command(self, laboratory_id: uuid.UUID) -> SetHours:
        """The intention."""
        spells = tuple(
            spell
            for day, box in enumerate(self.boxes())
            for spell in read_spells(box.data or "", day)
        )
        return SetHours(laboratory_id, self.version_shown(), spells)


class LinkForm(WeekForm):
    """A way to a laboratory."""

    reads: ClassVar[Callable[[str], object]] = staticmethod(read_times)

    start = SelectField("From", validators=[InputRequired("Choose where it starts.")])
    travel = whole("Minutes on the way", 2880, required="Type the minutes.")
    note = line("Who goes", most=60, hint="Such as hospital van, courier, porter")
    goes = RadioField(
        "When",
        choices={"any": "at any time, when called", "runs": "only at the times below"},
        validators=[InputRequired("Choose when it goes.")],
    )
    closed_until = line("Closed until", most=24, hint="24-hour clock, with its day if not within 24 hours; empty while it is open")  # fmt: skip
    closed_reason = line("Why it is closed", most=120)

    def offer(self, sites: Iterable[tuple[uuid.UUID, str]], laboratories: Iterable[tuple[uuid.UUID, str]]) -> None:  # fmt: skip
        """Hand in where it can start."""
        self.start.choices = {
            "": [CHOOSE],
            "Sites": [(f"{_SITE}:{key}", name) for key, name in sites],
            "Laboratories": [(f"{_LABORATORY}:{key}", name) for key, name in laboratories],
        }

    def validate_closed_until(self, field: Field) -> None:
        """A moment to come."""
        if field.data:
            Reads(lambda typed: read_moment(typed, near=clock.now(), future=True))(self, field)

    def to_way(self) -> SetWay:
        """How and when it goes."""
        runs = tuple(
            Departure(day, minute)
            for day, box in enumerate(self.boxes())
            for minute in read_times(box.data or "")
        )
        typed = self.closed_until.data
        closed: dt.datetime | None = (
            read_moment(typed, near=clock.now(), future=True) if typed else None
        )
        on_demand = self.goes.data == "any"
        return SetWay(
            travel_minutes=int(self.travel.data or 0),
            note=self.note.data or "",
            on_demand=on_demand,
            runs=() if on_demand else runs,
            closed_until=closed,
            closed_reason=self.closed_reason.data or "",
        )

    def to_add(self, laboratory_id: uuid.UUID) -> AddLink:
        """The intention to add it."""
        kind, _, key = (self.start.data or "").partition(":")
        start = uuid.UUID(key)
        return AddLink(
            start if kind == _SITE else None,
            start if kind == _LABORATORY else None,
            laboratory_id,
            self.to_way(),
        )
