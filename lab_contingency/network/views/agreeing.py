"""What was agreed with a partner: the agreement, and tests a day."""

from __future__ import annotations

import uuid

from flask import render_template, request
from flask.typing import ResponseReturnValue

from lab_contingency.accounts.rules import Permission
from lab_contingency.catalogue.rules import Discipline
from lab_contingency.foundation.errors import NotFound
from lab_contingency.foundation.web import current_actor, needs
from lab_contingency.foundation.wording import date_text
from lab_contingency.network import services
from lab_contingency.network.forms.offering import AgreementForm, slots_form
from lab_contingency.network.queries.editing import agreement_with, laboratory_sheet, slots_of
from lab_contingency.network.views.shared import (
    back_to_laboratory,
    blueprint,
    laboratory_address,
    saves,
    sheet_page,
)

_FIELDS = (
    "reference", "accepts", "hand_off_minutes", "custody_contact", "custody_telephone",
    "results_contact", "results_telephone", "starts_on", "ends_on",
)  # fmt: skip


@blueprint.route("/network/laboratories/<uuid:laboratory_id>/agreement", methods=["GET", "POST"])
@needs(Permission.MANAGE_NETWORK)
def agreement(laboratory_id: uuid.UUID) -> ResponseReturnValue:
    """The agreement with a partner; there is none with a laboratory of ours."""
    place, held = laboratory_sheet(laboratory_id), agreement_with(laboratory_id)
    if place.own:
        raise NotFound
    shown = {name: getattr(held, name) for name in _FIELDS} if held.written else {}
    for name in ("starts_on", "ends_on"):
        day = shown.get(name)
        shown[name] = date_text(day) if day else ""
    if held.written:
        shown |= {"accepts": held.accepts.value, "hand_off_minutes": str(held.hand_off_minutes)}
    form = AgreementForm(version=held.version, **shown)
    if saves(
        form,
        lambda: services.set_agreement(form.to_command(laboratory_id), actor=current_actor()),
    ):
        return back_to_laboratory(laboratory_id, "The agreement is written down.")
    return sheet_page(
        form,
        _FIELDS,
        title=f"Agreement with {place.name}",
        back=laboratory_address(laboratory_id),
        send="Write it down",
        here=request.path,
        version=agreement_with(laboratory_id).version,
    )


@blueprint.route("/network/laboratories/<uuid:laboratory_id>/slots", methods=["GET", "POST"])
@needs(Permission.MANAGE_NETWORK)
def slots(laboratory_id: uuid.UUID) -> ResponseReturnValue:
    """How many tests of each discipline it takes on one London day."""
    place, held = laboratory_sheet(laboratory_id), slots_of(laboratory_id)
    form = slots_form(
        version=place.version, **{key.value: str(number) for key, number in held.items()}
    )
    if saves(
        form, lambda: services.set_slots(form.to_command(laboratory_id), actor=current_actor())
    ):
        return back_to_laboratory(laboratory_id, "The tests a day are changed.")
    form.catch_up(laboratory_sheet(laboratory_id).version)
    page = render_template(
        "network/slots.html",
        form=form,
        laboratory=place,
        boxes=[form[one.value] for one in Discipline],
    )
    return page, form.status
