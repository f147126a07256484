"""The print station of the porters. No identifier stands on these pages: it is on the paper only."""

from __future__ import annotations

import uuid

from flask import flash, render_template, request
from flask.typing import ResponseReturnValue

from lab_contingency.accounts.rules import Permission
from lab_contingency.foundation import clock
from lab_contingency.foundation.database import unit_of_work
from lab_contingency.foundation.web import current_actor, needs, paper
from lab_contingency.foundation.wording import count_text
from lab_contingency.incidents.rules import grouped
from lab_contingency.specimens import services
from lab_contingency.specimens.forms import PrintAgainForm, StationForm
from lab_contingency.specimens.queries import (
    CardToPrint,
    card_to_print,
    find_by_number,
    print_queue,
)
from lab_contingency.specimens.views.blueprint import blueprint


@blueprint.get("/print")
@needs(Permission.PRINT_QUEUE)
def print_station() -> ResponseReturnValue:
    """What waits to be printed, ward by ward."""
    return _station(StationForm(formdata=None))


def _station(
    form: StationForm, card: CardToPrint | None = None, again: PrintAgainForm | None = None
) -> ResponseReturnValue:
    part = "specimens/wards.html" if request.headers.get("HX-Request") else "specimens/station.html"
    page = render_template(
        part,
        form=form,
        wards=print_queue(),
        card=card,
        again=again or PrintAgainForm(formdata=None),
        now=clock.now(),
    )
    return page, again.status if again else form.status


@blueprint.post("/print/<uuid:ward_id>")
@needs(Permission.PRINT_QUEUE)
def print_ward(ward_id: uuid.UUID) -> ResponseReturnValue:
    """Print everything that waits for a ward."""
    with unit_of_work():
        printed = services.print_ward(ward_id, actor=current_actor())
    if printed.skipped:
        numbers = ", ".join(grouped(number) for number in printed.skipped)
        cards = count_text(len(printed.skipped), "card")
        flash(f"{cards} cannot be printed: {numbers}. Ask the ward to write by hand.", "error")
    return paper(printed.pdf, "cards")


@blueprint.post("/print/scan")
@needs(Permission.PRINT_QUEUE)
def print_scanned() -> ResponseReturnValue:
    """Show the card that was scanned, with the button that prints it: a scan presses no button."""
    form = StationForm()
    found = form.attempt_scan(lambda: find_by_number(form.number.data or "", current_actor()))
    return _station(form, card_to_print(found.request_id) if found else None)


@blueprint.post("/print/cards/<uuid:request_id>")
@needs(Permission.PRINT_QUEUE)
def print_card(request_id: uuid.UUID) -> ResponseReturnValue:
    """Print one card; a second print asks why."""
    again = PrintAgainForm()

    def act() -> services.Printed:
        with unit_of_work():
            return services.print_form(request_id, again.reason.data or "", actor=current_actor())

    printed = again.attempt(act)
    if printed:
        return paper(printed.pdf, "card")
    return _station(StationForm(formdata=None), card_to_print(request_id), again)
