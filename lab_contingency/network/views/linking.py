"""The ways to a laboratory."""

from __future__ import annotations

import uuid

from flask import render_template, request
from flask.typing import ResponseReturnValue

from lab_contingency.accounts.rules import Permission
from lab_contingency.foundation.web import current_actor, needs
from lab_contingency.foundation.wording import day_time_text
from lab_contingency.network import services
from lab_contingency.network.forms.fields import PressForm, filling
from lab_contingency.network.forms.weeks import WEEK, LinkForm
from lab_contingency.network.queries.editing import LinkRow, laboratory_sheet, link_row
from lab_contingency.network.rules import minute_text
from lab_contingency.network.telling import changing_the_network
from lab_contingency.network.views.shared import back_to_laboratory, blueprint, saves
from lab_contingency.places.queries import sites, working_laboratories


@blueprint.route("/network/laboratories/<uuid:laboratory_id>/links/new", methods=["GET", "POST"])
@needs(Permission.MANAGE_NETWORK)
def add_link(laboratory_id: uuid.UUID) -> ResponseReturnValue:
    """A way to it from a site or from another laboratory."""
    place, form = laboratory_sheet(laboratory_id), LinkForm(version=0)
    others = [(lab.id, lab.name) for lab in working_laboratories() if lab.id != laboratory_id]
    form.offer([(site.id, site.name) for site in sites()], others)
    if filling(form, request.form):
        form.fill()
    elif saves(form, lambda: services.add_link(form.to_add(laboratory_id), actor=current_actor())):
        return back_to_laboratory(laboratory_id, "The way is added.")
    page = render_template("network/link.html", form=form, laboratory=place, link=None, press=None)
    return page, form.status


@blueprint.route("/network/links/<uuid:link_id>", methods=["GET", "POST"])
@needs(Permission.MANAGE_NETWORK)
def link(link_id: uuid.UUID) -> ResponseReturnValue:
    """How long it takes, when it goes, until when it is closed."""
    held = link_row(link_id)
    form = LinkForm(version=held.version, **_shown(held))
    del form.start
    if filling(form, request.form):
        form.fill()
    elif saves(
        form,
        lambda: services.change_link(
            link_id, form.to_way(), form.version_shown(), actor=current_actor()
        ),
    ):
        return back_to_laboratory(held.to_laboratory_id, "The way is changed.")
    else:
        form.catch_up(link_row(link_id).version)
    page = render_template(
        "network/link.html",
        form=form,
        laboratory=laboratory_sheet(held.to_laboratory_id),
        link=held,
        press=PressForm(formdata=None, version=held.version),
    )
    return page, form.status


def _shown(held: LinkRow) -> dict[str, str]:
    times: dict[str, list[str]] = {}
    for run in held.runs:
        times.setdefault(WEEK[run.weekday], []).append(minute_text(run.leaves))
    return {
        "travel": str(int(held.travel.total_seconds() // 60)),
        "note": held.note,
        "goes": "any" if held.on_demand else "runs",
        "closed_until": day_time_text(held.closed_until) if held.closed_until else "",
        "closed_reason": held.closed_reason,
        **{day: " ".join(held_times) for day, held_times in times.items()},
    }


@blueprint.post("/network/links/<uuid:link_id>/remove")
@needs(Permission.MANAGE_NETWORK)
def remove_link(link_id: uuid.UUID) -> ResponseReturnValue:
    """Nothing goes this way any more."""
    with changing_the_network():
        target = services.remove_link(link_id, PressForm().version_shown(), actor=current_actor())
    return back_to_laboratory(target, "The way is taken off.")
