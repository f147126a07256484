"""What is to be sent out; a box is begun, filled by scanning and sealed; one tube leaves at once."""

from __future__ import annotations

import uuid

from flask import flash, render_template
from flask.typing import ResponseReturnValue

from lab_contingency.accounts.rules import Permission
from lab_contingency.foundation.database import unit_of_work
from lab_contingency.foundation.errors import RuleBroken
from lab_contingency.foundation.web import current_actor, needs, see_other
from lab_contingency.foundation.web.disclosure import refreshing
from lab_contingency.routing.queries.outgoing import outgoing
from lab_contingency.routing.queries.snapshot import snapshot
from lab_contingency.transport import services
from lab_contingency.transport.forms import PackForm, SealForm, SendOneForm, StartForm, told_apart
from lab_contingency.transport.queries.lists import boxes_here, packed_already
from lab_contingency.transport.views.blueprint import blueprint
from lab_contingency.transport.views.boxes import box_page


@blueprint.get("/send-out")
@needs(Permission.DISPATCH_SPECIMENS)
@refreshing("send out")
def send_out() -> ResponseReturnValue:
    """Tubes that lie here and are bound elsewhere, by destination, and the boxes being packed."""
    return _send_out(SendOneForm(formdata=None))


@blueprint.post("/send-out")
@needs(Permission.DISPATCH_SPECIMENS)
@refreshing("send out")
def send_one() -> ResponseReturnValue:
    """One scanned tube leaves at once, in a bag of its own."""
    form = SendOneForm()
    form.offer(snapshot().laboratories.values())

    def act() -> services.SentOne:
        with unit_of_work():
            return services.send_one(form.to_command(), actor=current_actor())

    sent = form.attempt_scan(act)
    if sent is None:
        return _send_out(form)
    flash(f"On the way to {sent.laboratory}. Print its manifest and put it in the bag.", "done")
    return see_other("transport.consignment", consignment_id=sent.consignment_id)


@blueprint.post("/consignments")
@needs(Permission.DISPATCH_SPECIMENS)
def start() -> ResponseReturnValue:
    """Begin a box: for the laboratory chosen, or with the tube scanned."""
    form = StartForm()
    form.offer(snapshot().laboratories.values())

    def act() -> uuid.UUID:
        number, target = form.number.data or "", form.laboratory_id()
        with unit_of_work():
            if number:
                why = form.anyway.data or ""
                return services.start_with_tube(number, target, why, actor=current_actor())
            if target is None:
                raise RuleBroken("Scan the first tube, or choose a laboratory.", field="number")
            return services.start_box(target, actor=current_actor())

    begun = form.attempt(act)
    if begun is None:
        return _send_out(SendOneForm(formdata=None), form)
    return see_other("transport.consignment", consignment_id=begun)


@blueprint.post("/consignments/<uuid:consignment_id>/tubes")
@needs(Permission.DISPATCH_SPECIMENS)
def pack(consignment_id: uuid.UUID) -> ResponseReturnValue:
    """A scan puts a tube in, or takes it out."""
    form = PackForm()

    def act() -> uuid.UUID:
        with unit_of_work():
            if form.takes_out:
                number = form.number.data or ""
                return services.take_out(consignment_id, number, actor=current_actor())
            return services.pack_tube(form.to_command(consignment_id), actor=current_actor())

    if form.attempt_scan(act) is None:
        return box_page(consignment_id, pack=form)
    return see_other("transport.consignment", consignment_id=consignment_id)


@blueprint.post("/consignments/<uuid:consignment_id>/seal")
@needs(Permission.DISPATCH_SPECIMENS)
def seal(consignment_id: uuid.UUID) -> ResponseReturnValue:
    """The box is closed."""
    form = SealForm()

    def act() -> bool:
        with unit_of_work():
            services.seal_box(form.to_command(consignment_id), actor=current_actor())
        return True

    if form.attempt(act) is None:
        return box_page(consignment_id, seal=form)
    flash("Sealed. Print the manifest and lay it between the inner bag and the box.", "done")
    return see_other("transport.consignment", consignment_id=consignment_id)


def _send_out(form: SendOneForm, start: StartForm | None = None) -> ResponseReturnValue:
    actor = current_actor()
    places = [each for each in snapshot().laboratories.values() if each.id != actor.laboratory_id]
    form.offer(places)
    start = start or StartForm(formdata=None)
    start.offer(places)
    told_apart({"first": start})
    page = render_template(
        "transport/send_out.html",
        form=form,
        start=start,
        boxes=boxes_here(actor),
        packed=packed_already(actor),
        destinations=outgoing(actor),
    )
    return page, max(form.status, start.status)
