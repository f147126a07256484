"""Printers: set up, changed, switched off; which one a device prints at; a new roll."""

from __future__ import annotations

import dataclasses
import uuid

from sqlalchemy import delete, select

from lab_contingency.audit.rules import changed
from lab_contingency.audit.services import new_watermark, record, register_leaving
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.database import locked, session
from lab_contingency.foundation.errors import ChangedByAnother, NotFound, RuleBroken
from lab_contingency.foundation.identity import new_id
from lab_contingency.places.queries import site, ward, working_laboratories, working_wards
from lab_contingency.printing.labels import labels_pdf
from lab_contingency.printing.stock import LabelStock
from lab_contingency.specimens.station.commands import SetUpPrinter
from lab_contingency.specimens.station.documents import board_label, door_label
from lab_contingency.specimens.station.models import (
    DevicePrinter,
    JobLabel,
    Printer,
    PrinterWatch,
    PrintJob,
)
from lab_contingency.specimens.station.queries.printers import reachable
from lab_contingency.specimens.station.queries.stocks import known_stocks
from lab_contingency.specimens.station.rules.jobs import JOB_ENDED
from lab_contingency.specimens.station.rules.printers import (
    LABELS_ON_A_ROLL_MOST,
    HeldLetters,
    PrinterState,
    PrinterWay,
    refuse_host,
    refuse_queue,
)

_KEPT = ("name", "site_id", "ward_id", "room", "way", "host", "port", "queue", "stock", "dpi", "most_prints", "words")  # fmt: skip


def set_up_printer(command: SetUpPrinter, *, actor: Actor) -> uuid.UUID:
    """A new printer, switched on."""
    _refuse(command)
    row = Printer(id=new_id(), active=True, **_columns(command))
    session().add(row)
    session().flush()
    session().add(
        PrinterWatch(
            printer_id=row.id,
            state=PrinterState.NOT_ASKED,
            asked_at=None,
            labels_left=None,
            start=1,
            claim=None,
            claimed_until=None,
            letters=HeldLetters.NOT_SENT,
        )
    )
    session().flush()
    record("printer:set_up", row.id, actor=actor, changes=changed({}, _columns(command)))
    return row.id


def change_printer(
    printer_id: uuid.UUID, command: SetUpPrinter, version: int, *, actor: Actor
) -> None:
    """Other settings. Not while labels of it wait: they were drawn for what is in it now."""
    _refuse(command)
    row = _locked(printer_id)
    if row.version != version:
        raise ChangedByAnother
    before = {name: getattr(row, name) for name in _KEPT}
    changes = changed(before, _columns(command))
    if {"stock", "dpi", "way"} & changes.keys() and _has_open_jobs(printer_id):
        raise RuleBroken(
            "Labels wait at this printer. Finish them or give them up first; "
            "they were drawn for the labels that are in it now."
        )
    for name, value in _columns(command).items():
        setattr(row, name, value)
    session().flush()
    record("printer:changed", row.id, actor=actor, changes=changes)


def switch_printer(printer_id: uuid.UUID, *, on: bool, actor: Actor) -> None:
    """Off: nothing is sent to it any more, and nobody is offered it. Its labels can go elsewhere."""
    row = _locked(printer_id)
    row.active = on
    if not on:
        session().execute(delete(DevicePrinter).where(DevicePrinter.printer_id == printer_id))
    record("printer:switched_on" if on else "printer:switched_off", row.id, actor=actor)


def choose_printer(printer_id: uuid.UUID, *, actor: Actor) -> None:
    """Print here from now on; an enrolled device remembers it."""
    printer_in_reach(printer_id, actor)
    if actor.device_id is None:
        return
    row = session().get(DevicePrinter, actor.device_id)
    if row is None:
        session().add(DevicePrinter(device_id=actor.device_id, printer_id=printer_id))
    else:
        row.printer_id = printer_id
    session().flush()
    record("printer:chosen", printer_id, actor=actor)


def forget_printer(*, actor: Actor) -> None:
    """No label printer here any more: labels come out as PDF."""
    gone = delete(DevicePrinter).where(DevicePrinter.device_id == actor.device_id)
    session().execute(gone)
    record("printer:forgotten", None, actor=actor)


def new_roll(printer_id: uuid.UUID, labels: int | None, start: int, *, actor: Actor) -> None:
    """A roll or sheet was put in: how many labels it has (None: not counted), the first free place."""
    printer = printer_in_reach(printer_id, actor)
    if labels is not None and labels not in range(1, LABELS_ON_A_ROLL_MOST + 1):
        raise RuleBroken("Type how many labels are on the roll, up to 10,000.", field="labels")
    places = _places(stock_of(printer))
    if start not in range(1, places + 1):
        raise RuleBroken(f"The sheet has {places} places. Type one of them.", field="start")
    watch = locked_watch(printer_id)
    watch.labels_left, watch.start = labels, start
    record("printer:new_roll", printer_id, actor=actor, labels=labels, start=start)


def send_letters(printer_id: uuid.UUID, *, actor: Actor) -> None:
    """Have our letters sent to a printer on the network; its next sender does so and looks whether they stayed."""
    if printer_in_reach(printer_id, actor).way is not PrinterWay.NETWORK:
        raise RuleBroken("Letters are sent to label printers on the network. This one needs none.")
    locked_watch(printer_id).letters = HeldLetters.TO_BE_SENT
    record("printer:letters_asked_for", printer_id, actor=actor)


def print_boards(site_id: uuid.UUID, *, actor: Actor) -> bytes:
    """Draw a label for the board of every ward and the door of every laboratory of a site: nobody is on them."""
    place = site(site_id)
    doors = [each for each in working_laboratories() if each.site_id == site_id]
    labels = [board_label(each.id, each.name, place.name) for each in working_wards(site_id)]
    labels += [door_label(each.id, each.name, place.name) for each in doors]
    mark = new_watermark()
    pdf = labels_pdf(labels, mark)
    register_leaving("ward boards", {}, pdf, actor=actor, watermark=mark)
    return pdf


def printer_in_reach(printer_id: uuid.UUID, actor: Actor) -> Printer:
    """A printer that is on and in the actor's reach; NotFound."""
    statement = select(Printer).where(
        Printer.id == printer_id, Printer.active.is_(True), reachable(actor)
    )
    row = session().scalars(statement).one_or_none()
    if row is None:
        raise NotFound
    return row


def locked_watch(printer_id: uuid.UUID) -> PrinterWatch:
    """What changes with every label, locked: senders of one printer take turns by it."""
    statement = locked(select(PrinterWatch).where(PrinterWatch.printer_id == printer_id))
    return session().scalars(statement.execution_options(populate_existing=True)).one()


def stock_of(printer: Printer) -> LabelStock:
    """What is in it; RuleBroken when the program knows no such labels any more."""
    stock = known_stocks().get(printer.stock)
    if stock is None:
        raise RuleBroken("Choose which labels are in the printer.", field="stock")
    return stock


def advance_start(printer: Printer, watch: PrinterWatch, labels: int) -> None:
    """Where the next labels begin on the sheet; a roll always begins at 1."""
    places = _places(stock_of(printer))
    watch.start = (watch.start - 1 + labels) % places + 1


def _places(stock: LabelStock) -> int:
    return stock.sheet.across * stock.sheet.down if stock.sheet else 1


def _locked(printer_id: uuid.UUID) -> Printer:
    statement = locked(select(Printer).where(Printer.id == printer_id))
    row = session().scalars(statement.execution_options(populate_existing=True)).one_or_none()
    if row is None:
        raise NotFound
    return row


def _columns(command: SetUpPrinter) -> dict[str, object]:
    return {name: value for name, value in dataclasses.asdict(command).items() if name in _KEPT}


def _refuse(command: SetUpPrinter) -> None:
    if command.ward_id is not None and ward(command.ward_id).site.id != command.site_id:
        raise RuleBroken("This ward is at another site.", field="place")
    stock = known_stocks().get(command.stock)
    if stock is None:
        raise RuleBroken("Choose which labels are in the printer.", field="stock")
    if command.way is PrinterWay.NETWORK:
        refuse_host(command.host)
        if stock.sheet is not None:
            raise RuleBroken("A label printer takes a roll, no sheets.", field="stock")
    if command.way is PrinterWay.COMMAND:
        refuse_queue(command.queue)


def _has_open_jobs(printer_id: uuid.UUID) -> bool:
    statement = (
        select(JobLabel.id)
        .join(PrintJob, PrintJob.id == JobLabel.job_id)
        .where(PrintJob.printer_id == printer_id, PrintJob.status.not_in(JOB_ENDED))
        .limit(1)
    )
    return session().scalars(statement).first() is not None
