"""One tube’s way from hand to hand, as a page and as a sheet; how one that did not come ends."""

from __future__ import annotations

import uuid

from flask import flash, render_template
from flask.typing import ResponseReturnValue

from lab_contingency.accounts.rules import Permission
from lab_contingency.foundation import clock
from lab_contingency.foundation.database import unit_of_work
from lab_contingency.foundation.errors import RuleBroken
from lab_contingency.foundation.web import current_actor, may, needs, paper, see_other
from lab_contingency.specimens.services import Received
from lab_contingency.transport.custody import services
from lab_contingency.transport.custody.forms import FoundForm, TakeAgainForm
from lab_contingency.transport.custody.queries.enquiries import enquiries_of
from lab_contingency.transport.custody.queries.hands import hands_of
from lab_contingency.transport.custody.views.blueprint import blueprint


@blueprint.get("/custody/tubes/<uuid:specimen_id>")
@needs(Permission.WATCH_CUSTODY)
def tube(specimen_id: uuid.UUID) -> ResponseReturnValue:
    """Who had it, from whom, where, when; who was rung about it."""
    return _page(specimen_id)


def _page(
    specimen_id: uuid.UUID, found: FoundForm | None = None, again: TakeAgainForm | None = None
) -> ResponseReturnValue:
    actor = current_actor()
    held = hands_of(specimen_id, actor)
    again = again or TakeAgainForm(formdata=None)
    again.catch_up(held.version)
    found = found or FoundForm(formdata=None)
    page = render_template(
        "custody/tube.html",
        tube=held,
        enquiries=enquiries_of(specimen_id, held.patient_id),
        found=found,
        again=again,
        may_settle=may(Permission.SETTLE_CUSTODY)
        and (held.standing is not None or found.refused or again.refused),
        now=clock.now(),
    )
    return page, max(found.status, again.status)


@blueprint.post("/custody/tubes/<uuid:specimen_id>/sheet")
@needs(Permission.WATCH_CUSTODY)
def sheet(specimen_id: uuid.UUID) -> ResponseReturnValue:
    """The same on paper: numbers, places, people of the staff; no patient’s name."""
    with unit_of_work():
        pdf = services.print_hands(specimen_id, actor=current_actor())
    return paper(pdf, "hands")


@blueprint.post("/custody/tubes/<uuid:specimen_id>/found")
@needs(Permission.SETTLE_CUSTODY)
def found(specimen_id: uuid.UUID) -> ResponseReturnValue:
    """It was here all the time: it is received now."""
    form, actor = FoundForm(), current_actor()

    def act() -> Received:
        if actor.laboratory_id is None:
            raise RuleBroken("Tubes are received at a laboratory. Choose your laboratory first.")
        with unit_of_work():
            return services.found_here(specimen_id, actor.laboratory_id, form.age(), actor=actor)

    done = form.attempt(act)
    if done is None:
        return _page(specimen_id, found=form)
    for caution in done.cautions:
        flash(caution, "error")
    flash("Received here. It is no longer missing.", "done")
    return see_other("custody.tube", specimen_id=specimen_id)


@blueprint.post("/custody/tubes/<uuid:specimen_id>/again")
@needs(Permission.SETTLE_CUSTODY)
def again(specimen_id: uuid.UUID) -> ResponseReturnValue:
    """It is given up as lost, and taken again."""
    form = TakeAgainForm()

    def act() -> tuple[uuid.UUID | None]:
        with unit_of_work():
            version, note = form.version_shown(), form.note.data or ""
            return (services.take_again(specimen_id, version, note, actor=current_actor()),)

    done = form.attempt(act)
    if done is None:
        return _page(specimen_id, again=form)
    planned = "A new tube is planned: its label waits to be printed, and the ward is told."
    flash(planned if done[0] else "Given up. No test needs this tube any more.", "done")
    return see_other("custody.tube", specimen_id=specimen_id)
