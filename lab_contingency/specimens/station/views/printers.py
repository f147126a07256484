"""Printers: choosing one here, asking it, a new roll; setting one up, testing it, switching it off."""

from __future__ import annotations

import uuid

from flask import flash, render_template, request
from flask.typing import ResponseReturnValue

from lab_contingency.accounts.rules import Permission
from lab_contingency.foundation.database import unit_of_work
from lab_contingency.foundation.web import current_actor, may, needs, paper, see_other
from lab_contingency.places.queries import sites, wards
from lab_contingency.specimens.station import services
from lab_contingency.specimens.station.forms import MoreForm, PrinterForm, RollForm
from lab_contingency.specimens.station.queries.printers import printer as printer_view
from lab_contingency.specimens.station.queries.printers import printers as printer_views
from lab_contingency.specimens.station.queries.stocks import known_stocks, stocks_problem
from lab_contingency.specimens.station.sender import wake
from lab_contingency.specimens.station.views.blueprint import blueprint
from lab_contingency.specimens.station.views.here import forget_in_browser, printer_here
from lab_contingency.specimens.station.views.queue import choose as choose_printer

_MAY_PRINT = (Permission.PRINT_QUEUE, Permission.PRINT_LABELS)
_MAY_ASK = (*_MAY_PRINT, Permission.MANAGE_PRINTERS)


@blueprint.get("/print/printers")
@needs(*_MAY_PRINT)
def choose() -> ResponseReturnValue:
    """The printers in reach, with what they said last: print here, ask, a new roll."""
    return _choose(RollForm(formdata=None))


def _choose(form: RollForm, at: uuid.UUID | None = None) -> ResponseReturnValue:
    live = request.headers.get("HX-Request")
    page = render_template(
        "station/choose_live.html" if live else "station/choose.html",
        printers=printer_views(current_actor()),
        here=printer_here(),
        form=form,
        at=at,
        may_queue=may(Permission.PRINT_QUEUE),
    )
    return page, form.status


@blueprint.post("/print/printers/<uuid:printer_id>/here")
@needs(*_MAY_PRINT)
def print_here(printer_id: uuid.UUID) -> ResponseReturnValue:
    """Print at this one from now on."""
    choose_printer(printer_id)
    if may(Permission.PRINT_QUEUE):
        return see_other("station.print_station")
    flash("Labels of this computer come out there from now on.", "done")
    return see_other("station.choose")


@blueprint.post("/print/printers/none")
@needs(*_MAY_PRINT)
def print_nowhere() -> ResponseReturnValue:
    """No label printer here: labels come out as PDF, on the cards."""
    with unit_of_work():
        services.forget_printer(actor=current_actor())
    forget_in_browser()
    return see_other("station.choose")


@blueprint.post("/print/printers/<uuid:printer_id>/ask")
@needs(*_MAY_ASK)
def ask(printer_id: uuid.UUID) -> ResponseReturnValue:
    """Ask it how it is; the answer comes onto the page by itself."""
    printer_view(printer_id, current_actor())
    wake([printer_id])
    return see_other(
        "station.choose" if not may(Permission.MANAGE_PRINTERS) else "station.printers"
    )


@blueprint.post("/print/printers/<uuid:printer_id>/roll")
@needs(*_MAY_PRINT)
def new_roll(printer_id: uuid.UUID) -> ResponseReturnValue:
    """A new roll or sheet was put in."""
    form = RollForm()

    def act() -> bool:
        with unit_of_work():
            services.new_roll(
                printer_id, form.labels.data, form.start.data or 1, actor=current_actor()
            )
        return True

    if form.attempt(act):
        flash("Noted. If a job stopped, carry on with it on the print page.", "done")
        wake([printer_id])
        return see_other("station.choose")
    return _choose(form, printer_id)


@blueprint.route("/printers", methods=["GET", "POST"])
@needs(Permission.MANAGE_PRINTERS)
def printers() -> ResponseReturnValue:
    """Every printer, and the form for another one."""
    form, places = PrinterForm(), wards()
    form.offer(sites(), places, known_stocks().values())

    def act() -> uuid.UUID:
        with unit_of_work():
            return services.set_up_printer(form.to_command(places), actor=current_actor())

    made = form.attempt(act) if form.is_submitted() else None
    if made is not None:
        flash("Set up. Print a test label now and stick it on the printer.", "done")
        return see_other("station.printer", printer_id=made)
    held = printer_views(current_actor(), all_of_them=True)
    page = render_template(
        "station/printers.html",
        form=form,
        printers=held,
        sites=sites(),
        problem=stocks_problem(),
    )
    return page, form.status


@blueprint.route("/printers/<uuid:printer_id>", methods=["GET", "POST"])
@needs(Permission.MANAGE_PRINTERS)
def printer(printer_id: uuid.UUID) -> ResponseReturnValue:
    """One printer: its settings, a test label, on and off."""
    shown, places, form = printer_view(printer_id, current_actor()), wards(), PrinterForm()
    form.offer(sites(), places, known_stocks().values())

    def act() -> bool:
        with unit_of_work():
            services.change_printer(
                printer_id, form.to_command(places), form.version_shown(), actor=current_actor()
            )
        return True

    if form.is_submitted() and form.attempt(act):
        flash("Changed. Print a test label.", "done")
        return see_other("station.printer", printer_id=printer_id)
    if not form.is_submitted():
        form.show(shown)
    return render_template("station/printer.html", form=form, printer=shown), form.status


@blueprint.post("/printers/<uuid:printer_id>/test")
@needs(Permission.MANAGE_PRINTERS)
def test_label(printer_id: uuid.UUID) -> ResponseReturnValue:
    """Print the printer's own label."""
    printer_view(printer_id, current_actor())
    with unit_of_work():
        job_id = services.print_test_label(printer_id, actor=current_actor())
    wake([printer_id])
    return see_other("station.job", job_id=job_id)


@blueprint.post("/printers/<uuid:printer_id>/letters")
@needs(Permission.MANAGE_PRINTERS)
def letters(printer_id: uuid.UUID) -> ResponseReturnValue:
    """Send our letters to it; the answer comes onto the page."""
    printer_view(printer_id, current_actor())
    with unit_of_work():
        services.send_letters(printer_id, actor=current_actor())
    wake([printer_id])
    flash(
        "Our letters are on their way. Print a test label when it says that it holds them.", "done"
    )
    return see_other("station.printer", printer_id=printer_id)


@blueprint.post("/printers/<uuid:printer_id>/switch")
@needs(Permission.MANAGE_PRINTERS)
def switch(printer_id: uuid.UUID) -> ResponseReturnValue:
    """On or off, whichever it is not."""
    shown = printer_view(printer_id, current_actor())
    with unit_of_work():
        services.switch_printer(printer_id, on=not shown.active, actor=current_actor())
    flash("Switched off." if shown.active else "Switched on.", "done")
    return see_other("station.printer", printer_id=printer_id)


@blueprint.post("/printers/boards/<uuid:site_id>")
@needs(Permission.MANAGE_PRINTERS)
def boards(site_id: uuid.UUID) -> ResponseReturnValue:
    """Labels for the boards of a site's wards, as a PDF."""
    with unit_of_work():
        pdf = services.print_boards(site_id, actor=current_actor())
    return paper(pdf, "ward-boards")


@blueprint.route("/print/more", methods=["GET", "POST"])
@needs(Permission.ALLOW_PRINTS)
def more() -> ResponseReturnValue:
    """Let one label come out more often than is usual, with a reason."""
    form = MoreForm()

    def act() -> str:
        with unit_of_work():
            return services.allow_prints(
                form.number.data or "", int(form.more.data), form.reason.data, actor=current_actor()
            )

    if form.is_submitted() and form.attempt_scan(act):
        flash("Allowed. The porter can print it again now.", "done")
        return see_other("station.more")
    return render_template("station/more.html", form=form), form.status
