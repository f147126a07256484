"""One patient’s labels and form, and the blank card."""

from __future__ import annotations

import uuid

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import SQLAlchemyError

from lab_contingency.accounts.rules import Permission
from lab_contingency.foundation.database import session, unit_of_work
from lab_contingency.foundation.web import (
    actor_or_none,
    current_actor,
    needs,
    paper,
    public,
    while_sealed,
)
from lab_contingency.places.queries import SiteView, site, sites
from lab_contingency.places.rules import TubeSystem
from lab_contingency.printing.request_form import request_form_pdf
from lab_contingency.requests.queries import request_view
from lab_contingency.specimens import services
from lab_contingency.specimens.forms import PrintAgainForm
from lab_contingency.specimens.station.views.queue import labels_at_the_printer
from lab_contingency.specimens.views.blueprint import blueprint

NO_SITE = "Any hospital"


@blueprint.post("/requests/<uuid:request_id>/labels")
@needs(Permission.PRINT_LABELS)
def labels(request_id: uuid.UUID) -> ResponseReturnValue:
    """Print the labels of one request, or of the tubes asked for, at the printer chosen here or as a PDF."""
    form = PrintAgainForm()
    answer = labels_at_the_printer(request_id, form)
    if answer is not None:
        return answer
    action = url_for("specimens.labels", request_id=request_id)
    return _again(form, request_id, action, "labels")


@blueprint.post("/requests/<uuid:request_id>/form")
@needs(Permission.PRINT_LABELS)
def form(request_id: uuid.UUID) -> ResponseReturnValue:
    """Print the filled form of one request."""
    again = PrintAgainForm()

    def act() -> services.Printed:
        with unit_of_work():
            return services.print_form(request_id, again.reason.data or "", actor=current_actor())

    printed = again.attempt(act)
    if printed:
        return paper(printed.pdf, "request-form")
    action = url_for("specimens.form", request_id=request_id)
    return _again(again, request_id, action, "form")


@blueprint.post("/requests/<uuid:request_id>/tubes/<uuid:planned_tube_id>/number-label")
@needs(Permission.RECEIVE_SPECIMENS)
def number_label(request_id: uuid.UUID, planned_tube_id: uuid.UUID) -> ResponseReturnValue:
    """Print the number of an accepted handwritten tube."""
    again = PrintAgainForm()

    def act() -> services.Printed:
        with unit_of_work():
            return services.number_only_label(
                request_id, planned_tube_id, again.reason.data or "", actor=current_actor()
            )

    printed = again.attempt(act)
    if printed:
        return paper(printed.pdf, "number-label")
    action = url_for(
        "specimens.number_label", request_id=request_id, planned_tube_id=planned_tube_id
    )
    return _again(again, request_id, action, "label")


@blueprint.post("/requests/<uuid:request_id>/tubes/<uuid:planned_tube_id>/rejection-slip")
@needs(Permission.RECEIVE_SPECIMENS, Permission.PRINT_LABELS)
def rejection_slip(request_id: uuid.UUID, planned_tube_id: uuid.UUID) -> ResponseReturnValue:
    """Print why a tube could not be used."""
    again = PrintAgainForm()

    def act() -> services.PrintedRejection:
        with unit_of_work():
            return services.print_rejection_slip(
                request_id, planned_tube_id, again.reason.data or "", actor=current_actor()
            )

    printed = again.attempt(act)
    if printed:
        return paper(printed.pdf, "rejection-slip")
    action = url_for(
        "specimens.rejection_slip", request_id=request_id, planned_tube_id=planned_tube_id
    )
    return _again(again, request_id, action, "slip")


@blueprint.post("/requests/<uuid:request_id>/tubes/<uuid:planned_tube_id>/recollection-form")
@needs(Permission.PRINT_LABELS)
def recollection_form(request_id: uuid.UUID, planned_tube_id: uuid.UUID) -> ResponseReturnValue:
    """Print the form of a tube that is taken again, with its new label."""
    again = PrintAgainForm()

    def act() -> services.Printed:
        with unit_of_work():
            return services.print_recollection_form(
                request_id, planned_tube_id, again.reason.data or "", actor=current_actor()
            )

    printed = again.attempt(act)
    if printed:
        return paper(printed.pdf, "recollection-form")
    action = url_for(
        "specimens.recollection_form", request_id=request_id, planned_tube_id=planned_tube_id
    )
    return _again(again, request_id, action, "form")


def _again(
    form: PrintAgainForm, request_id: uuid.UUID, action: str, thing: str
) -> ResponseReturnValue:
    """Ask why it is printed again, or say why it cannot be printed."""
    page = render_template(
        "specimens/print_again.html",
        form=form,
        request_view=request_view(request_id, current_actor()),
        action=action,
        thing=thing,
    )
    return page, form.status


@blueprint.get("/blank-form")
@public
@while_sealed
def blank_form() -> ResponseReturnValue:
    """The card to fill by hand, for everybody: it needs no sign-in and belongs to nobody."""
    place = _site()
    name, system = (place.name, place.tube_system) if place else (NO_SITE, TubeSystem.BD)
    return paper(request_form_pdf(services.blank_form(name, system)), "blank-request-form")


def _site() -> SiteView | None:
    """The site asked for by its code, or the person’s own, or the first one; none without a database."""
    try:
        held, actor = sites(), actor_or_none()
    except SQLAlchemyError:
        session().rollback()  # PostgreSQL answers nothing more in a transaction that failed
        return None
    own = site(actor.site_id) if actor and actor.site_id else None
    code = request.args.get("site", "")
    return next((each for each in held if each.code == code), own or next(iter(held), None))
