"""Handing a box over, on a phone, with gloves. No identifier of a patient stands on these pages."""

from __future__ import annotations

import uuid

from flask import flash, render_template
from flask.typing import ResponseReturnValue

from lab_contingency.accounts.rules import Permission
from lab_contingency.foundation import clock
from lab_contingency.foundation.database import unit_of_work
from lab_contingency.foundation.errors import NotFound
from lab_contingency.foundation.web import current_actor, needs, see_other
from lab_contingency.foundation.web.disclosure import refreshing
from lab_contingency.transport import services
from lab_contingency.transport.forms import HandOverForm, ScanForm
from lab_contingency.transport.queries.boxes import hands_of
from lab_contingency.transport.queries.lists import BoxRow, box_row, boxes_to_carry
from lab_contingency.transport.rules import CARRIED, ConsignmentState
from lab_contingency.transport.views.blueprint import blueprint
from lab_contingency.transport.views.boxes import found_box

_WHO = Permission.CARRY_SPECIMENS, Permission.DISPATCH_SPECIMENS


@blueprint.get("/boxes")
@needs(*_WHO)
@refreshing("boxes")
def boxes() -> ResponseReturnValue:
    """Scan a box to take it; those that wait or travel stand below."""
    return _boxes(ScanForm(formdata=None))


@blueprint.post("/boxes")
@needs(*_WHO)
@refreshing("boxes")
def scan_box() -> ResponseReturnValue:
    """The box that was scanned opens its hand-over."""
    form = ScanForm()
    found = form.attempt_scan(lambda: found_box(form, current_actor()))
    if found is None:
        return _boxes(form)
    return see_other("transport.hand_over", consignment_id=found.id)


@blueprint.get("/boxes/<uuid:consignment_id>")
@needs(*_WHO)
def hand_over(consignment_id: uuid.UUID) -> ResponseReturnValue:
    """From whom, to whom, where, how many."""
    row = _row(consignment_id)
    form = HandOverForm(formdata=None)
    place = row.from_name if row.state is ConsignmentState.SEALED else ""
    form.begin(row.holder, place)
    return _page(row, form)


@blueprint.post("/boxes/<uuid:consignment_id>")
@needs(*_WHO)
def note_hand_over(consignment_id: uuid.UUID) -> ResponseReturnValue:
    """The box went from one hand to the next."""
    form = HandOverForm()

    def act() -> uuid.UUID:
        with unit_of_work():
            return services.hand_over_box(form.to_command(consignment_id), actor=current_actor())

    if form.attempt(act) is None:
        return _page(_row(consignment_id), form)
    flash(f"Noted: {form.to_name.data} has it now.", "done")
    return see_other("transport.boxes")


def _row(consignment_id: uuid.UUID) -> BoxRow:
    row = box_row(consignment_id, current_actor())
    if row is None:
        raise NotFound
    return row


def _boxes(form: ScanForm) -> ResponseReturnValue:
    page = render_template(
        "transport/boxes.html", form=form, boxes=boxes_to_carry(current_actor()), now=clock.now()
    )
    return page, form.status


def _page(row: BoxRow, form: HandOverForm) -> ResponseReturnValue:
    page = render_template(
        "transport/hand_over.html",
        row=row,
        form=form,
        hands=hands_of(row.id),
        carried=row.state in CARRIED,
        now=clock.now(),
    )
    return page, form.status
