"""Organisations, sites and wards."""

from __future__ import annotations

import uuid

from flask import flash, render_template, request, url_for
from flask.typing import ResponseReturnValue

from lab_contingency.accounts.rules import Permission
from lab_contingency.foundation.web import current_actor, may, needs, see_other
from lab_contingency.network.forms.fields import PressForm
from lab_contingency.network.forms.places import OrganisationForm, SiteForm, WardForm
from lab_contingency.network.queries.places import (
    all_places,
    organisation_row,
    site_row,
    ward_row,
)
from lab_contingency.network.telling import changing_the_network
from lab_contingency.network.views.shared import blueprint, saves, sheet_page
from lab_contingency.places import services

_ALL = "network.places"


@blueprint.get("/network/places")
@needs(Permission.SEE_NETWORK)
def places() -> ResponseReturnValue:
    """Every site with its wards, and whose they are."""
    held, changing = all_places(), may(Permission.MANAGE_NETWORK)
    return render_template("network/places.html", places=held, may_change=changing)


def _organisations() -> list[tuple[uuid.UUID, str]]:
    return [(row.id, f"{row.ods_code} {row.name}") for row in all_places().organisations]


@blueprint.route("/network/organisations/new", methods=["GET", "POST"])
@needs(Permission.MANAGE_NETWORK)
def add_organisation() -> ResponseReturnValue:
    """A trust, practice or network."""
    form = OrganisationForm(version=0)
    if saves(form, lambda: services.add_organisation(form.to_add(), actor=current_actor())):
        flash("Added. Give it a site or a laboratory.", "done")
        return see_other(_ALL)
    return sheet_page(
        form,
        ("code", "name"),
        title="Add an organisation",
        back=url_for(_ALL),
        send="Add it",
        here=request.path,
    )


@blueprint.route("/network/organisations/<uuid:organisation_id>", methods=["GET", "POST"])
@needs(Permission.MANAGE_NETWORK)
def organisation(organisation_id: uuid.UUID) -> ResponseReturnValue:
    """Another name."""
    held = organisation_row(organisation_id)
    form = OrganisationForm(version=held.version, name=held.name)
    del form.code
    if saves(
        form,
        lambda: services.change_organisation(
            organisation_id, form.to_change(), form.version_shown(), actor=current_actor()
        ),
    ):
        flash("Changed.", "done")
        return see_other(_ALL)
    return sheet_page(
        form,
        ("name",),
        title=f"Organisation {held.ods_code}",
        back=url_for(_ALL),
        send="Change it",
        here=request.path,
        version=organisation_row(organisation_id).version,
    )


@blueprint.route("/network/sites/new", methods=["GET", "POST"])
@needs(Permission.MANAGE_NETWORK)
def add_site() -> ResponseReturnValue:
    """A hospital or practice."""
    form = SiteForm(version=0)
    form.offer(_organisations())
    if saves(form, lambda: services.add_site(form.to_add(), actor=current_actor())):
        flash("Added. Give it wards, and every laboratory a way from it.", "done")
        return see_other(_ALL)
    return sheet_page(
        form,
        ("code", "name", "organisation", "tube_system"),
        title="Add a site",
        back=url_for(_ALL),
        send="Add it",
        here=request.path,
    )


@blueprint.route("/network/sites/<uuid:site_id>", methods=["GET", "POST"])
@needs(Permission.MANAGE_NETWORK)
def site(site_id: uuid.UUID) -> ResponseReturnValue:
    """Another name, organisation or tube system."""
    held = site_row(site_id)
    form = SiteForm(
        version=held.version,
        name=held.name,
        organisation=str(held.organisation_id),
        tube_system=held.tube_system.value,
    )
    form.offer(_organisations())
    del form.code
    if saves(
        form,
        lambda: services.change_site(
            site_id, form.to_change(), form.version_shown(), actor=current_actor()
        ),
    ):
        flash("Changed.", "done")
        return see_other(_ALL)
    return sheet_page(
        form,
        ("name", "organisation", "tube_system"),
        title=f"Site {held.code}",
        back=url_for(_ALL),
        send="Change it",
        here=request.path,
        version=site_row(site_id).version,
        lead="Labels that are printed already keep the tube colours they name.",
    )


@blueprint.route("/network/wards/new", methods=["GET", "POST"])
@needs(Permission.MANAGE_NETWORK)
def add_ward() -> ResponseReturnValue:
    """A place that asks for tests and gets slips; `?site=` chooses its site."""
    form = WardForm(version=0, site=request.args.get("site", ""))
    form.offer((row.id, row.name) for row in all_places().sites)
    if saves(form, lambda: services.add_ward(form.to_add(), actor=current_actor())):
        flash("Added. It can ask for tests from now on.", "done")
        return see_other(_ALL)
    return sheet_page(
        form,
        ("site", "code", "name", "telephone"),
        title="Add a ward",
        back=url_for(_ALL),
        send="Add it",
        here=request.path,
    )


@blueprint.route("/network/wards/<uuid:ward_id>", methods=["GET", "POST"])
@needs(Permission.MANAGE_NETWORK)
def ward(ward_id: uuid.UUID) -> ResponseReturnValue:
    """Another name or telephone; retire it, or bring it back."""
    held = ward_row(ward_id)
    form = WardForm(version=held.version, name=held.name, telephone=held.telephone)
    del form.code, form.site
    if saves(
        form,
        lambda: services.change_ward(
            ward_id, form.to_change(), form.version_shown(), actor=current_actor()
        ),
    ):
        flash("Changed.", "done")
        return see_other(_ALL)
    now = ward_row(ward_id)
    form.catch_up(now.version)
    press = PressForm(formdata=None, version=now.version)
    page = render_template("network/ward.html", form=form, press=press, ward=now)
    return page, form.status


@blueprint.post("/network/wards/<uuid:ward_id>/retire")
@needs(Permission.MANAGE_NETWORK)
def retire_ward(ward_id: uuid.UUID) -> ResponseReturnValue:
    """Nothing new is asked for from it."""
    with changing_the_network():
        services.retire_ward(ward_id, PressForm().version_shown(), actor=current_actor())
    flash("Retired. What it asked for goes on, and its slips still go there.", "done")
    return see_other("network.ward", ward_id=ward_id)


@blueprint.post("/network/wards/<uuid:ward_id>/back")
@needs(Permission.MANAGE_NETWORK)
def bring_back_ward(ward_id: uuid.UUID) -> ResponseReturnValue:
    """It asks for tests again."""
    with changing_the_network():
        services.bring_back_ward(ward_id, PressForm().version_shown(), actor=current_actor())
    flash("It can ask for tests again.", "done")
    return see_other("network.ward", ward_id=ward_id)
