"""At the other end: the box is opened, its tubes are scanned, it is closed with what is missing."""

from __future__ import annotations

import uuid

from flask import flash
from flask.typing import ResponseReturnValue

from lab_contingency.accounts.rules import Permission
from lab_contingency.foundation.database import unit_of_work
from lab_contingency.foundation.web import current_actor, needs, see_other
from lab_contingency.transport import services
from lab_contingency.transport.commands import Unpacked
from lab_contingency.transport.forms import ExtraForm, UnpackForm, VersionForm
from lab_contingency.transport.rules import Count, ItemOutcome
from lab_contingency.transport.views.blueprint import blueprint
from lab_contingency.transport.views.boxes import box_page


@blueprint.post("/consignments/<uuid:consignment_id>/unpack")
@needs(Permission.RECEIVE_SPECIMENS)
def unpack(consignment_id: uuid.UUID) -> ResponseReturnValue:
    """The box is here and is opened."""
    form = VersionForm()

    def act() -> bool:
        with unit_of_work():
            services.unpack_box(consignment_id, form.version_shown(), actor=current_actor())
        return True

    if form.attempt(act) is None:
        return box_page(consignment_id, button=form)
    return see_other("transport.consignment", consignment_id=consignment_id)


@blueprint.post("/consignments/<uuid:consignment_id>/unpack/tubes")
@needs(Permission.RECEIVE_SPECIMENS)
def unpack_tube(consignment_id: uuid.UUID) -> ResponseReturnValue:
    """A scanned tube is out of the box and received, or rejected where it is broken."""
    form = UnpackForm()

    def act() -> Unpacked:
        with unit_of_work():
            return services.unpack_tube(form.to_command(consignment_id), actor=current_actor())

    done = form.attempt_scan(act)
    if done is None:
        return box_page(consignment_id, unpack=form)
    for caution in done.cautions:
        flash(caution, "error")
    return see_other("transport.consignment", consignment_id=consignment_id)


@blueprint.post("/consignments/<uuid:consignment_id>/unpack/extra")
@needs(Permission.RECEIVE_SPECIMENS)
def extra(consignment_id: uuid.UUID) -> ResponseReturnValue:
    """Something is in it that is no tube of ours."""
    form = ExtraForm()

    def act() -> bool:
        with unit_of_work():
            found = form.found.data or ""
            services.note_extra(consignment_id, found, actor=current_actor())
        return True

    if form.attempt(act) is None:
        return box_page(consignment_id, extra=form)
    flash("Noted. Keep it aside, upright and closed, until the sender says what it is.", "done")
    return see_other("transport.consignment", consignment_id=consignment_id)


@blueprint.post("/consignments/<uuid:consignment_id>/finish")
@needs(Permission.RECEIVE_SPECIMENS)
def finish(consignment_id: uuid.UUID) -> ResponseReturnValue:
    """Nothing more comes out of it: what was not scanned is missing."""
    form = VersionForm()

    def act() -> Count:
        with unit_of_work():
            version = form.version_shown()
            return services.finish_unpacking(consignment_id, version, actor=current_actor())

    counted = form.attempt(act)
    if counted is None:
        return box_page(consignment_id, button=form)
    whole = counted.by_outcome.keys() <= {ItemOutcome.ARRIVED, ItemOutcome.TAKEN_OUT}
    flash(f"{counted.sentence}.", "done" if whole else "error")
    return see_other("transport.consignment", consignment_id=consignment_id)
