"""The print station of the porters. No identifier stands on these pages: it is on the paper only."""

from __future__ import annotations

import uuid

from flask import flash, render_template, request
from flask.typing import ResponseReturnValue

from lab_contingency.accounts.rules import Permission
from lab_contingency.foundation import clock
from lab_contingency.foundation.database import unit_of_work
from lab_contingency.foundation.errors import RuleBroken
from lab_contingency.foundation.web import current_actor, needs, paper, see_other
from lab_contingency.foundation.wording import count_text
from lab_contingency.incidents.rules import grouped
from lab_contingency.specimens import services as tubes
from lab_contingency.specimens.forms import PrintAgainForm
from lab_contingency.specimens.queries import (
    CardToPrint,
    LabelToPrint,
    card_to_print,
    find_by_number,
    label_to_print,
    print_queue,
)
from lab_contingency.specimens.station import services
from lab_contingency.specimens.station.commands import CarryOn
from lab_contingency.specimens.station.forms import LabelsForm, StationForm
from lab_contingency.specimens.station.queries.jobs import job_of_label, open_jobs
from lab_contingency.specimens.station.queries.printers import place_of_number
from lab_contingency.specimens.station.rules.jobs import read_place_number
from lab_contingency.specimens.station.sender import wake
from lab_contingency.specimens.station.views.blueprint import blueprint
from lab_contingency.specimens.station.views.here import choose_in_browser, printer_here


@blueprint.get("/print")
@needs(Permission.PRINT_QUEUE)
def print_station() -> ResponseReturnValue:
    """What waits to be printed, ward by ward, and what is at the printers."""
    return _station(StationForm(formdata=None), ward_id=request.args.get("ward", type=uuid.UUID))


def _station(
    form: StationForm,
    found: CardToPrint | LabelToPrint | None = None,
    again: LabelsForm | None = None,
    ward_id: uuid.UUID | None = None,
) -> ResponseReturnValue:
    live = bool(request.headers.get("HX-Request"))
    here, wards = printer_here(), print_queue()
    own = [ward for ward in wards if here is None or ward.site_id == here.site_id]
    page = render_template(
        "station/live.html" if live else "station/station.html",
        form=form,
        here=here,
        jobs=open_jobs(current_actor()),
        asked_for=next((ward for ward in wards if ward.ward_id == ward_id), None),
        ward_asked=ward_id,
        wards=own,
        elsewhere=[ward for ward in wards if ward not in own],
        card=found if isinstance(found, CardToPrint) else None,
        label=found if isinstance(found, LabelToPrint) else None,
        again=again or LabelsForm(formdata=None),
        live=live,
        now=clock.now(),
    )
    return page, again.status if again else form.status


@blueprint.post("/print/<uuid:ward_id>")
@needs(Permission.PRINT_QUEUE)
def print_ward(ward_id: uuid.UUID) -> ResponseReturnValue:
    """Print everything that waits for a ward: its cards as a PDF, its labels at the printer here."""
    here, actor = printer_here(), current_actor()
    with unit_of_work():
        if here is None:
            printed = tubes.print_ward(ward_id, actor=actor)
        else:
            printed = services.print_ward_at(here.id, ward_id, actor=actor)
    if here is not None:
        wake([here.id])
    if printed.skipped:
        flash(skipped_words(printed.skipped), "error")
    return paper(printed.pdf, "cards")


def skipped_words(numbers: tuple[str, ...]) -> str:
    """What could not be drawn, by number."""
    cards = count_text(len(numbers), "card")
    said = ", ".join(grouped(number) for number in numbers)
    return f"{cards} cannot be printed: {said}. Ask the ward to write by hand."


@blueprint.post("/print/scan")
@needs(Permission.PRINT_QUEUE)
def print_scanned() -> ResponseReturnValue:
    """Go to what was scanned. A label of a stopped job says by that that it is good: the rest comes out."""
    form = StationForm()
    found = form.attempt_scan(lambda: _scanned(form.number.data or ""))
    if found is None or isinstance(found, CardToPrint | LabelToPrint):
        return _station(form, found)
    return found


def _scanned(number: str) -> CardToPrint | LabelToPrint | ResponseReturnValue:
    if place := read_place_number(number):
        return _scanned_place(place)
    actor = current_actor()
    found = find_by_number(number, actor)
    if found.void is not None:
        raise RuleBroken(
            f"This label no longer counts: {found.void} Put it in the red bin.", field="number"
        )
    if found.planned_tube_id is None:
        return card_to_print(found.request_id)
    held = job_of_label(found.number, actor)
    if held is None:
        return label_to_print(found.request_id, found.planned_tube_id)
    carry_on(CarryOn(*held))
    return see_other("station.print_station")


def _scanned_place(number: str) -> ResponseReturnValue:
    ward_id, printer_id = place_of_number(number)
    if printer_id is None:
        return see_other("station.print_station", ward=ward_id)
    choose(printer_id)
    return see_other("station.print_station")


def choose(printer_id: uuid.UUID) -> None:
    """Print here from now on, and ask the printer how it is."""
    with unit_of_work():
        services.choose_printer(printer_id, actor=current_actor())
    choose_in_browser(printer_id)
    wake([printer_id])


def carry_on(command: CarryOn) -> None:
    """Go on with a job; what it makes possible is sent at once."""
    with unit_of_work():
        printers = services.carry_on(command, actor=current_actor())
    wake(printers)


@blueprint.post("/print/cards/<uuid:request_id>")
@needs(Permission.PRINT_QUEUE)
def print_card(request_id: uuid.UUID) -> ResponseReturnValue:
    """Print one card with its labels as a PDF; a second print asks why."""
    again = LabelsForm()

    def act() -> tubes.Printed:
        with unit_of_work():
            return tubes.print_form(request_id, again.reason.data or "", actor=current_actor())

    printed = again.attempt(act)
    if printed:
        return paper(printed.pdf, "card")
    return _station(StationForm(formdata=None), card_to_print(request_id), again)


@blueprint.post("/print/cards/<uuid:request_id>/labels")
@needs(Permission.PRINT_QUEUE)
def print_labels(request_id: uuid.UUID) -> ResponseReturnValue:
    """Print the labels of one card, or one of them, at the printer here."""
    again = LabelsForm()
    answer = labels_at_the_printer(request_id, again)
    if answer is not None:
        return answer
    chosen = again.chosen()
    found = (
        label_to_print(request_id, chosen[0])
        if chosen and len(chosen) == 1
        else card_to_print(request_id)
    )
    return _station(StationForm(formdata=None), found, again)


def labels_at_the_printer(
    request_id: uuid.UUID, form: PrintAgainForm
) -> ResponseReturnValue | None:
    """Labels as a job where a printer was chosen here, else as a PDF; None when the form was refused."""
    here, actor = printer_here(), current_actor()
    copies = form.each() if isinstance(form, LabelsForm) else 1

    def act() -> tubes.Printed | uuid.UUID:
        with unit_of_work():
            reason = form.reason.data or ""
            if here is None:
                return tubes.labels_for(
                    request_id, form.chosen(), reason, actor=actor, copies=copies
                )
            return services.print_labels_at(
                here.id, request_id, form.chosen(), reason, copies=copies, actor=actor
            )

    made = form.attempt(act)
    if isinstance(made, tubes.Printed):
        return paper(made.pdf, "labels")
    if made is None or here is None:
        return None
    wake([here.id])
    return see_other("station.job", job_id=made)
