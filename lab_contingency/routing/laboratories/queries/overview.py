"""Every laboratory in a line, and one laboratory whole."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from lab_contingency.catalogue.rules.vocabulary import Discipline
from lab_contingency.foundation import clock
from lab_contingency.foundation.errors import NotFound
from lab_contingency.foundation.wording import count_text, duration_text, near_time_text
from lab_contingency.network.queries.editing import (
    AgreementView,
    LaboratorySheet,
    LinkRow,
    MenuRow,
    agreement_with,
    agreements,
    capacity_of,
    laboratory_sheet,
    links_to,
    menu_of,
)
from lab_contingency.network.rules import (
    WEEKDAYS,
    OpenSpell,
    closes_next,
    drawn,
    minute_text,
    spans_text,
    spells_words,
)
from lab_contingency.places.queries import LaboratoryView, sites
from lab_contingency.routing.laboratories.queries.rooms import Room, rooms_of
from lab_contingency.routing.laboratories.queries.stuck import Stuck, stuck_tests
from lab_contingency.routing.laboratories.queries.there import There, there
from lab_contingency.routing.queries.facts import Setting, setting_at
from lab_contingency.routing.queries.outages import Outage


@dataclass(frozen=True, slots=True)
class LaboratoryLine:
    """A laboratory as the overview shows it. `lapsed`: why its agreement lets nothing new go there."""

    id: uuid.UUID
    name: str
    own: bool
    retired: bool
    telephone: str
    open_now: bool
    open_text: str
    works: str
    reached: str
    tests: int
    rooms: Mapping[str, Room]
    stuck: int
    outage: Outage | None
    lapsed: str

    @property
    def takes_nothing(self) -> bool:
        """Whether nothing new is sent there, however much room its hours have."""
        return self.retired or self.outage is not None or bool(self.lapsed)


@dataclass(frozen=True, slots=True)
class Overview:
    """Every laboratory, own ones first; the disciplines that any of them does."""

    lines: tuple[LaboratoryLine, ...]
    disciplines: tuple[str, ...]
    now: dt.datetime


@dataclass(frozen=True, slots=True)
class DayStrip:
    """One weekday: its name, when it is open in words, and in minutes of the day for the drawing.

    What began the evening before is drawn; in words it stands with the day on which it began, except where
    nothing else is said of the day.
    """

    name: str
    text: str
    drawn: tuple[tuple[int, int], ...]
    today: bool


@dataclass(frozen=True, slots=True)
class HourBars:
    """One discipline: tests in each of 24 hours, the most in any of them, and the same in words."""

    discipline: str
    hours: tuple[int, ...]
    most: int
    text: str


@dataclass(frozen=True, slots=True)
class Card:
    """One laboratory whole."""

    sheet: LaboratorySheet
    line: LaboratoryLine
    agreement: AgreementView
    days: tuple[DayStrip, ...]
    bars: tuple[HourBars, ...]
    menu: tuple[MenuRow, ...]
    links: tuple[LinkRow, ...]
    unreached: tuple[str, ...]
    stuck: tuple[Stuck, ...]
    there: There
    now: dt.datetime

    @property
    def idle(self) -> tuple[str, ...]:
        """What keeps it from being asked at all, in words."""
        lacks = (
            (not self.menu, "a menu"),
            (not any(day.drawn for day in self.days), "opening hours"),
            (not self.bars, "tests an hour"),
            (self._none_while_open, "tests an hour in the hours in which it is open"),
            (not self.links, "a way to it"),
        )
        return tuple(words for lacking, words in lacks if lacking)

    @property
    def _none_while_open(self) -> bool:
        """Whether all its tests an hour stand in hours in which it is shut, as after a change from day to night."""
        parts = [part for day in self.days for part in day.drawn]
        worked = {hour for bars in self.bars for hour, number in enumerate(bars.hours) if number}
        in_both = any(opens < (hour + 1) * 60 and hour * 60 < closes for opens, closes in parts for hour in worked)  # fmt: skip
        return bool(parts and worked) and not in_both


def overview() -> Overview:
    """Every laboratory as it stands."""
    setting = setting_at(clock.now())
    agreed, stuck = agreements(), stuck_tests(setting)
    lines = tuple(
        _line(place, setting, agreed.get(place.id, AgreementView()), stuck.get(place.id, ()))
        for place in setting.snapshot.laboratories.values()
    )
    done = [one.words for one in Discipline if any(one.words in line.rooms for line in lines)]
    ordered = sorted(lines, key=lambda line: line.retired)
    return Overview(tuple(ordered), tuple(done), setting.now)


def card(laboratory_id: uuid.UUID) -> Card:
    """One laboratory; NotFound."""
    setting = setting_at(clock.now())
    place = setting.snapshot.laboratories.get(laboratory_id)
    if place is None:
        raise NotFound
    stuck, agreement = stuck_tests(setting).get(laboratory_id, ()), agreement_with(laboratory_id)
    links = links_to(laboratory_id)
    starts = {link.start for link in links}
    return Card(
        sheet=laboratory_sheet(laboratory_id),
        line=_line(place, setting, agreement, stuck),
        agreement=agreement,
        days=_days(setting.snapshot.network.hours(laboratory_id), setting.now),
        bars=_bars(laboratory_id),
        menu=menu_of(laboratory_id),
        links=links,
        unreached=tuple(site.name for site in sites() if site.name not in starts),
        stuck=stuck,
        there=there(laboratory_id),
        now=setting.now,
    )


def _line(
    place: LaboratoryView, setting: Setting, agreement: AgreementView, stuck: tuple[Stuck, ...]
) -> LaboratoryLine:
    net = setting.snapshot.network
    return LaboratoryLine(
        id=place.id,
        name=place.name,
        own=place.own,
        retired=place.retired,
        telephone=place.telephone,
        open_now=net.is_open(place.id, setting.now),
        open_text=_open_text(place.id, setting),
        works="ours" if place.own else (agreement.accepts.value if agreement.written else ""),
        reached=_reached(place.id, setting),
        tests=len(net.menu(place.id)),
        rooms={room.discipline: room for room in rooms_of(place.id, setting)},
        stuck=sum(one.count for one in stuck),
        outage=setting.outages.get(place.id),
        lapsed=net.lapsed(place.id, setting.now),
    )


def _open_text(laboratory_id: uuid.UUID, setting: Setting) -> str:
    hours, now = setting.snapshot.network.hours(laboratory_id), setting.now
    opens = setting.snapshot.network.opens_next(laboratory_id, now)
    if opens is None:
        return "shut: no hours are said"
    if opens > now:
        return f"shut, opens {near_time_text(opens)}"
    closes = closes_next(hours, now)
    return f"open until {near_time_text(closes)}" if closes else "open round the clock"


def _reached(laboratory_id: uuid.UUID, setting: Setting) -> str:
    """From how many of our sites, and how long it takes from the nearest and the furthest."""
    net, known = setting.snapshot.network, sites()
    ways = [net.way(site.id, laboratory_id, setting.now) for site in known]
    spans = sorted(way.arrives_at - setting.now for way in ways if way is not None)
    if not spans:
        return "no way from any site"
    shortest, longest = duration_text(spans[0]), duration_text(spans[-1])
    minutes = shortest if shortest == longest else f"{shortest} to {longest}"
    whole = len(spans) == len(known)
    return f"{minutes} from now" + ("" if whole else f", from {count_text(len(spans), 'site')} of {len(known)}")  # fmt: skip


def _days(hours: tuple[OpenSpell, ...], now: dt.datetime) -> tuple[DayStrip, ...]:
    today = clock.london(now).weekday()
    return tuple(
        DayStrip(name, _day_text(hours, weekday), drawn(hours, weekday), weekday == today)
        for weekday, name in enumerate(WEEKDAYS)
    )


def _day_text(hours: tuple[OpenSpell, ...], weekday: int) -> str:
    begun = spells_words(spell for spell in hours if spell.weekday == weekday)
    night = drawn(hours, weekday)
    return begun or (f"shut from {minute_text(night[-1][1])}" if night else "shut")


def _bars(laboratory_id: uuid.UUID) -> tuple[HourBars, ...]:
    return tuple(
        HourBars(discipline.words, hours, max(hours), spans_text(hours))
        for discipline, hours in capacity_of(laboratory_id).items()
        if any(hours)
    )
