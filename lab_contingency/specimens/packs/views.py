"""The stock of paper packs: how many lie on each ward, print more, void what is lost. No patient is named here."""

from __future__ import annotations

import uuid

from flask import Blueprint, flash, render_template
from flask.typing import ResponseReturnValue

from lab_contingency.accounts.rules import Permission
from lab_contingency.audit.rules import Field
from lab_contingency.foundation.database import unit_of_work
from lab_contingency.foundation.web import current_actor, may, needs, paper, see_other
from lab_contingency.foundation.web.disclosure import note_shown
from lab_contingency.foundation.wording import count_text
from lab_contingency.requests.packs.queries import stock as ward_stock
from lab_contingency.requests.packs.services import void_packs
from lab_contingency.requests.queries import request_view
from lab_contingency.specimens.packs import services
from lab_contingency.specimens.packs.forms import USUAL, PrintPacksForm, SpareForm, VoidPacksForm
from lab_contingency.specimens.queries import TubeView, tubes_of
from lab_contingency.specimens.services import tie_spare
from lab_contingency.specimens.services.scanning import scanned_number

blueprint = Blueprint("packs", __name__)


@blueprint.get("/packs")
@needs(Permission.PRINT_PACKS)
def stock() -> ResponseReturnValue:
    """Every ward with what lies there, the lowest first."""
    return _stock(VoidPacksForm(formdata=None))


def _stock(
    form: VoidPacksForm, asked: PrintPacksForm | None = None, ward_id: uuid.UUID | None = None
) -> ResponseReturnValue:
    rows = ward_stock()
    page = render_template(
        "packs/stock.html",
        rows=rows,
        low=[row for row in rows if row.low],
        form=form,
        asked=asked,
        asked_ward=ward_id,
        usual=USUAL,
        may_queue=may(Permission.PRINT_QUEUE),
    )
    return page, asked.status if asked else form.status


@blueprint.post("/packs/wards/<uuid:ward_id>/print")
@needs(Permission.PRINT_PACKS)
def print_packs(ward_id: uuid.UUID) -> ResponseReturnValue:
    """Print packs for a ward, with their guides."""
    form = PrintPacksForm()

    def act() -> services.PrintedPacks:
        with unit_of_work():
            return services.print_packs(ward_id, form.packs(), actor=current_actor())

    printed = form.attempt(act)
    if printed is None:
        return _stock(VoidPacksForm(formdata=None), form, ward_id)
    return paper(printed.pdf, "paper-packs")


@blueprint.post("/packs/void")
@needs(Permission.PRINT_PACKS)
def void() -> ResponseReturnValue:
    """Lost, spoilt or badly printed: these numbers are refused from now on."""
    form = VoidPacksForm()

    def act() -> int:
        with unit_of_work():
            return void_packs(form.to_command(), actor=current_actor())

    voided = form.attempt(act)
    if voided is None:
        return _stock(form)
    flash(
        f"{count_text(voided, 'pack')} void. Tear them up, so that nobody writes on them.", "done"
    )
    return see_other("packs.stock")


@blueprint.route("/requests/<uuid:request_id>/spare-label", methods=["GET", "POST"])
@needs(Permission.TRANSCRIBE_FORMS)
def spare(request_id: uuid.UUID) -> ResponseReturnValue:
    """Say which tube a spare label of the pack is on."""
    actor = current_actor()
    view = request_view(request_id, actor)
    form = SpareForm()
    tubes = [tube for tube in tubes_of(request_id, actor) if _is_bare(tube)]
    form.offer(tubes)

    def act() -> bool:
        with unit_of_work():
            number = scanned_number(form.number.data or "")
            tie_spare(request_id, uuid.UUID(form.tube.data), number, actor=actor)
        return True

    if form.is_submitted() and form.attempt(act):
        flash("Tied. Scan the tube now where it is taken or received.", "done")
        return see_other("tracking.request", request_id=request_id)
    note_shown(view.patient_id, Field.TESTS if tubes else Field(0))
    page = render_template("packs/spare.html", form=form, request_view=view, tubes=tubes)
    return page, form.status


def _is_bare(tube: TubeView) -> bool:
    return not (tube.by_hand or tube.replaced or tube.number) and tube.wanted
