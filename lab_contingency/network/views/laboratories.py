"""A laboratory added, changed, retired, brought back."""

from __future__ import annotations

import uuid

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from lab_contingency.accounts.rules import Permission
from lab_contingency.foundation.web import current_actor, needs
from lab_contingency.network import services
from lab_contingency.network.forms.fields import PressForm
from lab_contingency.network.forms.places import LaboratoryForm
from lab_contingency.network.queries.editing import laboratory_sheet
from lab_contingency.network.queries.places import all_places
from lab_contingency.network.telling import changing_the_network
from lab_contingency.network.views.shared import back_to_laboratory, blueprint, saves, sheet_page
from lab_contingency.places import services as places


def _offer(form: LaboratoryForm) -> None:
    held = all_places()
    organisations = [(row.id, f"{row.ods_code} {row.name}") for row in held.organisations]
    form.offer(organisations, [(row.id, row.name) for row in held.sites])


@blueprint.route("/network/laboratories/new", methods=["GET", "POST"])
@needs(Permission.MANAGE_NETWORK)
def add_laboratory() -> ResponseReturnValue:
    """A laboratory of ours, or a partner's."""
    form, made = LaboratoryForm(version=0), []
    _offer(form)
    if saves(
        form,
        lambda: made.append(services.open_laboratory(form.to_add(), actor=current_actor())),
    ):
        return back_to_laboratory(made[0], "Added. It gets tests once it has a menu, hours, room and a way to it.")  # fmt: skip
    return sheet_page(
        form,
        ("kind", "code", "name", "organisation", "site", "telephone"),
        title="Add a laboratory",
        back=url_for("laboratories.overview"),
        send="Add it",
        here=request.path,
        lead="Its organisation is not in the list? Add it under Places first.",
    )


@blueprint.route("/network/laboratories/<uuid:laboratory_id>/change", methods=["GET", "POST"])
@needs(Permission.MANAGE_NETWORK)
def change_laboratory(laboratory_id: uuid.UUID) -> ResponseReturnValue:
    """Another name, organisation, site or telephone; retire it, or bring it back."""
    held = laboratory_sheet(laboratory_id)
    form = LaboratoryForm(
        version=held.version,
        name=held.name,
        organisation=str(held.organisation_id),
        site=str(held.site_id or ""),
        telephone=held.telephone,
    )
    _offer(form)
    del form.kind, form.code
    if saves(
        form,
        lambda: places.change_laboratory(
            laboratory_id, form.to_change(), form.version_shown(), actor=current_actor()
        ),
    ):
        return back_to_laboratory(laboratory_id, "Changed.")
    now = laboratory_sheet(laboratory_id)
    form.catch_up(now.version)
    press = PressForm(formdata=None, version=now.version)
    page = render_template("network/laboratory.html", form=form, press=press, laboratory=now)
    return page, form.status


@blueprint.post("/network/laboratories/<uuid:laboratory_id>/retire")
@needs(Permission.MANAGE_NETWORK)
def retire_laboratory(laboratory_id: uuid.UUID) -> ResponseReturnValue:
    """Nothing new is sent there."""
    with changing_the_network():
        places.retire_laboratory(laboratory_id, PressForm().version_shown(), actor=current_actor())
    return back_to_laboratory(laboratory_id, "Retired. Nothing new is sent there.")


@blueprint.post("/network/laboratories/<uuid:laboratory_id>/back")
@needs(Permission.MANAGE_NETWORK)
def bring_back_laboratory(laboratory_id: uuid.UUID) -> ResponseReturnValue:
    """It is asked again."""
    with changing_the_network():
        places.bring_back_laboratory(
            laboratory_id, PressForm().version_shown(), actor=current_actor()
        )
    return back_to_laboratory(laboratory_id, "It is asked again, with the menu and hours it had.")
