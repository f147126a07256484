"""Say who an unidentified patient is; take it back when it was somebody else."""

from __future__ import annotations

import uuid

from flask import Blueprint, flash, render_template
from flask.typing import ResponseReturnValue

from lab_contingency.accounts.rules import Permission
from lab_contingency.foundation import node
from lab_contingency.foundation.database import unit_of_work
from lab_contingency.foundation.errors import RuleBroken
from lab_contingency.foundation.web import current_actor, needs, see_other
from lab_contingency.places.queries import issuers
from lab_contingency.requests.linking.forms import EndLinkForm, IdentifyForm
from lab_contingency.requests.queries import RequestView, request_view
from lab_contingency.requests.queries.links import links_of
from lab_contingency.requests.services import end_link, identify_patient

blueprint = Blueprint("linking", __name__)


@blueprint.route("/requests/<uuid:request_id>/identify", methods=["GET", "POST"])
@needs(Permission.REQUEST_TESTS)
def identify(request_id: uuid.UUID) -> ResponseReturnValue:
    """The real name beside the prepared one; tubes, labels and results keep their numbers."""
    view = request_view(request_id, current_actor())
    form = _form(view)
    if form.is_submitted() and form.attempt(lambda: _identify(form, view)):
        flash(
            "Identified. Both names lead to the same person; the tubes keep their numbers.", "done"
        )
        return see_other("tracking.request", request_id=request_id)
    return _page(view, form, EndLinkForm(formdata=None)), form.status


def _form(view: RequestView) -> IdentifyForm:
    form = IdentifyForm(version=view.version, sex=view.patient.sex_letter or "U")
    form.demonstration = node.this_node().demonstration
    form.offer_issuers(issuers(first=view.ward.site.ods_code))
    return form


def _identify(form: IdentifyForm, view: RequestView) -> uuid.UUID:
    if not view.patient.unidentified:
        raise RuleBroken("This patient has their own name. Put it right instead.")
    with unit_of_work():
        return identify_patient(form.to_command(view.id), actor=current_actor())


def _page(view: RequestView, form: IdentifyForm, end: EndLinkForm) -> str:
    links = links_of(view.patient_id)
    return render_template(
        "linking/identify.html",
        request_view=view,
        form=form,
        end=end,
        links=links,
        standing=next((link for link in links if link.ended_at is None), None),
    )


@blueprint.post("/requests/<uuid:request_id>/identify/end")
@needs(Permission.REQUEST_TESTS)
def end(request_id: uuid.UUID) -> ResponseReturnValue:
    """It was somebody else."""
    view = request_view(request_id, current_actor())
    form = EndLinkForm()

    def act() -> bool:
        with unit_of_work():
            end_link(request_id, form.why.data or "", actor=current_actor())
        return True

    if form.attempt(act) is None:
        shown = _form(view)
        shown.process(formdata=None)
        shown.offer_issuers(issuers(first=view.ward.site.ods_code))
        return _page(view, shown, form), form.status
    flash("Taken back. The patient stands under the prepared name alone again.", "done")
    return see_other("linking.identify", request_id=request_id)
