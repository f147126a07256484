"""One job: its labels as tiles, the last good one, what else can be done with it."""

from __future__ import annotations

import uuid

from flask import flash, render_template, request
from flask.typing import ResponseReturnValue

from lab_contingency.accounts.rules import Permission
from lab_contingency.foundation import clock
from lab_contingency.foundation.database import unit_of_work
from lab_contingency.foundation.errors import RuleBroken
from lab_contingency.foundation.web import current_actor, may, needs, paper, see_other
from lab_contingency.specimens.queries import find_by_number
from lab_contingency.specimens.station import services
from lab_contingency.specimens.station.commands import CarryOn
from lab_contingency.specimens.station.forms import CarryOnForm, LastGoodForm
from lab_contingency.specimens.station.queries.jobs import JobView, job_of_label
from lab_contingency.specimens.station.queries.jobs import job as job_view
from lab_contingency.specimens.station.queries.printers import printer, printers
from lab_contingency.specimens.station.sender import wake
from lab_contingency.specimens.station.views.blueprint import blueprint
from lab_contingency.specimens.station.views.queue import carry_on

_MAY_PRINT = (Permission.PRINT_QUEUE, Permission.PRINT_LABELS)
_MAY_LOOK = (*_MAY_PRINT, Permission.MANAGE_PRINTERS)


@blueprint.get("/print/jobs/<uuid:job_id>")
@needs(*_MAY_LOOK)
def job(job_id: uuid.UUID) -> ResponseReturnValue:
    """The labels of one job."""
    return _job(job_view(job_id, current_actor()), LastGoodForm(formdata=None))


def _job(
    shown: JobView, scan: LastGoodForm, form: CarryOnForm | None = None
) -> ResponseReturnValue:
    actor = current_actor()
    form = form or CarryOnForm(formdata=None)
    form.offer(printers(actor), shown.printer_id)
    page = render_template(
        "station/job_live.html" if request.headers.get("HX-Request") else "station/job.html",
        job=shown,
        scan=scan,
        form=form,
        printer=printer(shown.printer_id, actor),
        may_queue=may(Permission.PRINT_QUEUE),
        now=clock.now(),
    )
    return page, scan.status if scan.refused else form.status


@blueprint.post("/print/jobs/<uuid:job_id>/scan")
@needs(*_MAY_PRINT)
def scan_last_good(job_id: uuid.UUID) -> ResponseReturnValue:
    """The last good label was scanned: the rest comes out."""
    shown = job_view(job_id, current_actor())
    scan = LastGoodForm()

    def act() -> bool:
        found = find_by_number(scan.number.data or "", current_actor())
        held = job_of_label(found.number, current_actor())
        if held is None or held[0] != job_id:
            raise RuleBroken(
                "This label is none of these, or they go on already. Look at the tiles.",
                field="number",
            )
        carry_on(CarryOn(*held))
        return True

    if scan.attempt_scan(act):
        return see_other("station.job", job_id=job_id)
    return _job(shown, scan)


@blueprint.post("/print/jobs/<uuid:job_id>/carry-on")
@needs(*_MAY_LOOK)
def go_on(job_id: uuid.UUID) -> ResponseReturnValue:
    """A button said which label is the last good one."""
    shown = job_view(job_id, current_actor())
    form = CarryOnForm()

    def act() -> bool:
        carry_on(form.to_command(job_id))
        return True

    if form.attempt(act):
        return _back(job_id)
    return _job(shown, LastGoodForm(formdata=None), form)


@blueprint.post("/print/jobs/<uuid:job_id>/give-up")
@needs(*_MAY_LOOK)
def give_up(job_id: uuid.UUID) -> ResponseReturnValue:
    """Print no more of it."""
    shown = job_view(job_id, current_actor())
    form = CarryOnForm()

    def act() -> uuid.UUID:
        with unit_of_work():
            return services.give_up(job_id, form.version_shown(), actor=current_actor())

    printer_id = form.attempt(act)
    if printer_id is None:
        return _job(shown, LastGoodForm(formdata=None), form)
    wake([printer_id])
    flash("Given up. What did not come out waits to be printed again, with new numbers.", "done")
    return _back(job_id)


@blueprint.post("/print/jobs/<uuid:job_id>/labels")
@needs(*_MAY_LOOK)
def open_labels(job_id: uuid.UUID) -> ResponseReturnValue:
    """The labels as a PDF, for a printer that a person prints at."""
    shown = job_view(job_id, current_actor())
    form = CarryOnForm()

    def act() -> bytes:
        with unit_of_work():
            return services.hand_out(job_id, form.version_shown(), actor=current_actor())

    pdf = form.attempt(act)
    if pdf is None:
        return _job(shown, LastGoodForm(formdata=None), form)
    return paper(pdf, "labels")


def _back(job_id: uuid.UUID) -> ResponseReturnValue:
    if may(Permission.PRINT_QUEUE):
        return see_other("station.print_station")
    return see_other("station.job", job_id=job_id)
