"""Enrolled devices: asking at the device, allowing at a signed-in screen, the list, revoking."""

from __future__ import annotations

import uuid

from flask import flash, make_response, render_template, request
from flask import session as cookie
from flask.typing import ResponseReturnValue

from lab_contingency.accounts import devices, queries
from lab_contingency.accounts.forms import EnrolForm
from lab_contingency.accounts.rules import Permission
from lab_contingency.accounts.views.blueprint import blueprint
from lab_contingency.foundation.database import unit_of_work
from lab_contingency.foundation.errors import RuleBroken
from lab_contingency.foundation.web import LabForm, current_actor, needs, public, see_other
from lab_contingency.places.queries import laboratories, sites, wards

_ASKING = "device_asking"


@blueprint.get("/devices/enrol")
@public
def enrol_page() -> ResponseReturnValue:
    """What a new device shows: its code, and whether it was typed yet."""
    asked = cookie.get(_ASKING) or {}
    allowed = devices.asking(_asked_id())
    return render_template(
        "accounts/enrol.html",
        form=LabForm(formdata=None),
        code=asked.get("code", "") if allowed is not None else "",
        allowed=bool(allowed),
        here=devices.this_device(),
    )


@blueprint.post("/devices/enrol")
@public
def ask_to_enrol() -> ResponseReturnValue:
    """Show a code for ten minutes."""
    with unit_of_work():
        enrolment_id, code = devices.ask_to_enrol(request.remote_addr or "")
    cookie[_ASKING] = {"id": str(enrolment_id), "code": code}
    return see_other("accounts.enrol_page")


@blueprint.post("/devices/enrol/key")
@public
def pick_up_key() -> ResponseReturnValue:
    """Take the key once the code was typed elsewhere."""
    try:
        with unit_of_work():
            key = devices.pick_up_key(_asked_id())
    except RuleBroken as refused:
        flash(refused.message, "error")
        return see_other("accounts.enrol_page")
    if key is None:
        flash("Nobody has typed the code yet.", "error")
        return see_other("accounts.enrol_page")
    cookie.pop(_ASKING, None)
    flash("This device is enrolled.", "done")
    answer = make_response(see_other("accounts.sign_in"))
    devices.give_key(answer, key)
    return answer


def _asked_id() -> uuid.UUID | None:
    asked = cookie.get(_ASKING) or {}
    return uuid.UUID(asked["id"]) if "id" in asked else None


@blueprint.route("/devices", methods=["GET", "POST"], endpoint="devices")
@needs(Permission.MANAGE_DEVICES)
def device_list() -> ResponseReturnValue:
    """Every enrolled device; a code that another one shows is typed here."""
    form = EnrolForm()
    form.offer(sites(), wards(), laboratories())

    def act() -> bool:
        with unit_of_work():
            devices.enrol_device(form.to_command(), actor=current_actor())
        return True

    if form.is_submitted() and form.attempt(act):
        flash("Allowed. Press “Go on” on the device.", "done")
        return see_other("accounts.devices")
    held = queries.devices()
    return render_template("accounts/devices.html", form=form, devices=held), form.status


@blueprint.post("/devices/<uuid:device_id>/revoke")
@needs(Permission.MANAGE_DEVICES)
def revoke_device(device_id: uuid.UUID) -> ResponseReturnValue:
    """The device is lost or given away."""
    with unit_of_work():
        devices.revoke_device(device_id, actor=current_actor())
    flash("Revoked. Everybody signed in there is signed out.", "done")
    return see_other("accounts.devices")
