"""Who is signed in now, ending it, and the incident button."""

from __future__ import annotations

import uuid

from flask import flash, render_template
from flask.typing import ResponseReturnValue

from lab_contingency.accounts import queries, stopping
from lab_contingency.accounts.forms import IncidentButtonForm
from lab_contingency.accounts.rules import Permission
from lab_contingency.accounts.views.blueprint import blueprint
from lab_contingency.foundation import clock
from lab_contingency.foundation.database import unit_of_work
from lab_contingency.foundation.web import LabForm, current_actor, needs, see_other
from lab_contingency.foundation.wording import count_text


@blueprint.get("/signed-in")
@needs(Permission.MANAGE_ACCOUNTS)
def sign_ins() -> ResponseReturnValue:
    """Everybody who is signed in, and everything that was opened by an envelope."""
    return render_template(
        "accounts/sign_ins.html",
        rows=queries.sign_ins_now(),
        own=current_actor().sign_in_id,
        now=clock.now(),
        form=LabForm(formdata=None),
    )


@blueprint.post("/signed-in/<uuid:sign_in_id>/end")
@needs(Permission.MANAGE_ACCOUNTS)
def end_sign_in(sign_in_id: uuid.UUID) -> ResponseReturnValue:
    """End one."""
    with unit_of_work():
        stopping.end_sign_in(sign_in_id, actor=current_actor())
    return _ended(1)


@blueprint.post("/signed-in/of-person/<uuid:user_id>/end")
@needs(Permission.MANAGE_ACCOUNTS)
def end_sign_ins_of_person(user_id: uuid.UUID) -> ResponseReturnValue:
    """End everything a person has open."""
    with unit_of_work():
        ended = stopping.end_sign_ins_of_person(user_id, actor=current_actor())
    return _ended(ended)


@blueprint.post("/signed-in/at-device/<uuid:device_id>/end")
@needs(Permission.MANAGE_ACCOUNTS)
def end_sign_ins_of_device(device_id: uuid.UUID) -> ResponseReturnValue:
    """End everything at a device."""
    with unit_of_work():
        ended = stopping.end_sign_ins_of_device(device_id, actor=current_actor())
    return _ended(ended)


@blueprint.post("/signed-in/end-all")
@needs(Permission.MANAGE_ACCOUNTS)
def end_all_sign_ins() -> ResponseReturnValue:
    """End every sign-in but one's own."""
    with unit_of_work():
        ended = stopping.end_all_sign_ins(actor=current_actor())
    return _ended(ended)


def _ended(count: int) -> ResponseReturnValue:
    flash(f"{count_text(count, 'sign-in', 'sign-ins')} ended.", "done")
    return see_other("accounts.sign_ins")


@blueprint.get("/incident-button")
@needs(Permission.MANAGE_ACCOUNTS)
def incident_button() -> ResponseReturnValue:
    """What the button does, the button, and what to do next."""
    return _button_page(IncidentButtonForm(formdata=None), None)


@blueprint.post("/incident-button")
@needs(Permission.MANAGE_ACCOUNTS)
def press_incident_button() -> ResponseReturnValue:
    """Sign everybody out, stop exports, sign the record."""
    form = IncidentButtonForm()
    form.offer(_known())

    def act() -> stopping.Pressed:
        with unit_of_work():
            return stopping.press_incident_button(form.device_id(), actor=current_actor())

    return _button_page(form, form.attempt(act))


@blueprint.post("/exports/allow")
@needs(Permission.MANAGE_ACCOUNTS)
def allow_exports() -> ResponseReturnValue:
    """Exports are allowed again."""
    with unit_of_work():
        stopping.allow_exports(actor=current_actor())
    flash("Exports are allowed again.", "done")
    return see_other("accounts.incident_button")


def _known() -> tuple[queries.DeviceView, ...]:
    return tuple(device for device in queries.devices() if device.state != "revoked")


def _button_page(form: IncidentButtonForm, pressed: stopping.Pressed | None) -> ResponseReturnValue:
    form.offer(_known())
    page = render_template(
        "accounts/incident_button.html",
        form=form,
        pressed=pressed,
        stopped=queries.exports_stopped(),
    )
    return page, form.status
