"""One thing that did not agree: who looks after it, and how it ended."""

from __future__ import annotations

import uuid

from flask import flash, render_template
from flask.typing import ResponseReturnValue

from lab_contingency.accounts.rules import Permission
from lab_contingency.foundation.database import unit_of_work
from lab_contingency.foundation.errors import NotFound
from lab_contingency.foundation.web import current_actor, needs, see_other
from lab_contingency.transport import services
from lab_contingency.transport.forms import OwnerForm, SettleForm, told_apart
from lab_contingency.transport.queries.boxes import Difference, difference_of
from lab_contingency.transport.queries.lists import difference
from lab_contingency.transport.views.blueprint import blueprint


@blueprint.get("/discrepancies/<uuid:discrepancy_id>")
@needs(Permission.RECEIVE_SPECIMENS)
def discrepancy(discrepancy_id: uuid.UUID) -> ResponseReturnValue:
    """What did not agree, whose it is, how it may end."""
    return _page(_held(discrepancy_id))


@blueprint.post("/discrepancies/<uuid:discrepancy_id>/settle")
@needs(Permission.RECEIVE_SPECIMENS)
def settle(discrepancy_id: uuid.UUID) -> ResponseReturnValue:
    """It has ended, and how."""
    held = _held(discrepancy_id)
    form = SettleForm()
    form.offer(held.row)

    def act() -> bool:
        with unit_of_work():
            services.settle(form.to_command(discrepancy_id), actor=current_actor())
        return True

    if form.attempt(act) is None:
        return _page(held, settle=form)
    flash("Settled.", "done")
    return see_other("transport.consignment", consignment_id=held.row.consignment_id)


@blueprint.post("/discrepancies/<uuid:discrepancy_id>/owner")
@needs(Permission.RECEIVE_SPECIMENS)
def name_owner(discrepancy_id: uuid.UUID) -> ResponseReturnValue:
    """Somebody else looks after it from now on."""
    held = _held(discrepancy_id)
    form = OwnerForm()
    form.offer(held.row)

    def act() -> bool:
        with unit_of_work():
            services.name_owner(form.to_command(discrepancy_id), actor=current_actor())
        return True

    if form.attempt(act) is None:
        return _page(held, owner=form)
    flash(f"{form.owner.data} looks after it now.", "done")
    return see_other("transport.discrepancy", discrepancy_id=discrepancy_id)


def _held(discrepancy_id: uuid.UUID) -> Difference:
    row = difference(discrepancy_id, current_actor())
    if row is None:
        raise NotFound
    return difference_of(row)


def _page(
    held: Difference, settle: SettleForm | None = None, owner: OwnerForm | None = None
) -> ResponseReturnValue:
    row = held.row
    settle = settle or SettleForm(formdata=None)
    settle.offer(row)
    owner = owner or OwnerForm(
        formdata=None, owner=row.owner, laboratory=str(row.owner_laboratory_id)
    )
    owner.offer(row)
    told_apart({"settle": settle, "owner": owner})
    page = render_template("transport/discrepancy.html", held=held, settle=settle, owner=owner)
    return page, max(settle.status, owner.status)
