"""Printers with what they said of themselves last."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass

from sqlalchemy import ColumnElement, select, true

from lab_contingency.foundation import clock
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.database import session
from lab_contingency.foundation.errors import NotFound
from lab_contingency.foundation.wording import duration_text
from lab_contingency.places.models import Site, Ward
from lab_contingency.specimens.station.models import DevicePrinter, Printer, PrinterWatch
from lab_contingency.specimens.station.queries.stocks import known_stocks
from lab_contingency.specimens.station.rules.jobs import place_number
from lab_contingency.specimens.station.rules.printers import (
    FEW_LABELS,
    LETTERS,
    STATES,
    WAYS,
    HeldLetters,
    PrinterState,
    PrinterWay,
    PrinterWords,
)

MOST_PRINTERS = 300
_MINUTE = 60


@dataclass(frozen=True, slots=True)
class PrinterView:
    """One printer: where it stands, what it said when, how many labels are left (None: not counted)."""

    id: uuid.UUID
    name: str
    site_id: uuid.UUID
    site: str
    ward_id: uuid.UUID | None
    ward: str
    room: str
    way: PrinterWay
    host: str
    port: int | None
    queue: str
    stock: str
    dpi: int
    most_prints: int
    active: bool
    version: int
    state: PrinterState
    asked_at: dt.datetime | None
    labels_left: int | None
    start: int
    words: PrinterWords
    letters: HeldLetters

    @property
    def place(self) -> str:
        """Where somebody finds it."""
        return ", ".join(part for part in (self.ward, self.room, self.site) if part)

    @property
    def state_words(self) -> str:
        """What it said last."""
        return "opens as a PDF" if self.by_hand else STATES[self.state].words

    @property
    def age_words(self) -> str:
        """How long ago it said so, or ''."""
        if self.by_hand or self.asked_at is None:
            return ""
        seconds = int((clock.now() - self.asked_at).total_seconds())
        return (
            f"{seconds} s ago"
            if seconds < _MINUTE
            else f"{duration_text(clock.now() - self.asked_at)} ago"
        )

    @property
    def advice(self) -> str:
        """What to do about it, or ''."""
        return "" if self.by_hand else STATES[self.state].advice

    @property
    def can_take(self) -> bool:
        """Whether labels may be sent to it."""
        return self.by_hand or STATES[self.state].can_take

    @property
    def by_hand(self) -> bool:
        """Whether a person prints it out of the browser."""
        return self.way is PrinterWay.BROWSER

    @property
    def is_low(self) -> bool:
        """Whether somebody should fetch a roll."""
        return self.labels_left is not None and self.labels_left < FEW_LABELS

    @property
    def way_words(self) -> str:
        """How it is reached."""
        return WAYS[self.way]

    @property
    def takes_letters(self) -> bool:
        """Whether our letters can be sent to it."""
        return self.way is PrinterWay.NETWORK

    @property
    def letters_words(self) -> str:
        """Whether it holds our letters, in words."""
        return LETTERS[self.letters]

    @property
    def address(self) -> str:
        """Where on the network or on the server, or ''."""
        return f"{self.host}:{self.port}" if self.way is PrinterWay.NETWORK else self.queue

    @property
    def stock_name(self) -> str:
        """What is in it."""
        stock = known_stocks().get(self.stock)
        return stock.name if stock else self.stock

    @property
    def on_sheets(self) -> bool:
        """Whether it takes sheets, which begin at a place."""
        stock = known_stocks().get(self.stock)
        return stock is not None and stock.sheet is not None


def reachable(actor: Actor) -> ColumnElement[bool]:
    """The printers an actor may print at: those of their site, or all where they work everywhere."""
    return true() if actor.site_id is None else Printer.site_id == actor.site_id


def printers(actor: Actor, *, all_of_them: bool = False) -> tuple[PrinterView, ...]:
    """Printers in reach by site and name; `all_of_them` with those that were switched off."""
    wanted = true() if all_of_them else Printer.active.is_(True)
    return _views(reachable(actor) & wanted)


def printer(printer_id: uuid.UUID, actor: Actor) -> PrinterView:
    """One printer in reach; NotFound."""
    found = _views(reachable(actor) & (Printer.id == printer_id))
    if not found:
        raise NotFound
    return found[0]


def _views(condition: ColumnElement[bool]) -> tuple[PrinterView, ...]:
    statement = (
        select(Printer, PrinterWatch, Site.name, Ward.name)
        .join(PrinterWatch, PrinterWatch.printer_id == Printer.id)
        .join(Site, Site.id == Printer.site_id)
        .outerjoin(Ward, Ward.id == Printer.ward_id)
        .where(condition)
        .order_by(Site.name, Printer.name, Printer.id)
        .limit(MOST_PRINTERS)
    )
    return tuple(
        PrinterView(
            row.id,
            row.name,
            row.site_id,
            site,
            row.ward_id,
            ward or "",
            row.room,
            row.way,
            row.host,
            row.port,
            row.queue,
            row.stock,
            row.dpi,
            row.most_prints,
            row.active,
            row.version,
            watch.state,
            watch.asked_at,
            watch.labels_left,
            watch.start,
            row.words,
            watch.letters,
        )
        for row, watch, site, ward in session().execute(statement)
    )


def remembered(device_id: uuid.UUID | None) -> uuid.UUID | None:
    """The printer an enrolled device prints at, or None."""
    if device_id is None:
        return None
    statement = select(DevicePrinter.printer_id).where(DevicePrinter.device_id == device_id)
    return session().scalars(statement).one_or_none()


def place_of_number(number: str) -> tuple[uuid.UUID | None, uuid.UUID | None]:
    """(ward, printer) whose barcode it is; at most one of them. NotFound."""
    wards = [each for each in session().scalars(select(Ward.id)) if place_number(each) == number]
    found = [each for each in session().scalars(select(Printer.id)) if place_number(each) == number]
    if len(wards) + len(found) != 1:
        raise NotFound("No ward and no printer here has this number. Press its button instead.")
    return (wards[0], None) if wards else (None, found[0])
