"""Exports that need two people: what waits, agreeing, declining, the files."""

from __future__ import annotations

import uuid

from flask import flash, make_response, render_template
from flask.typing import ResponseReturnValue

from lab_contingency.accounts.reauth import prove
from lab_contingency.accounts.rules import Permission
from lab_contingency.foundation.database import unit_of_work
from lab_contingency.foundation.web import LabForm, current_actor, may, needs, see_other
from lab_contingency.oversight import services
from lab_contingency.oversight.forms import MakeFileForm
from lab_contingency.oversight.queries.exports import export as one_export
from lab_contingency.oversight.queries.exports import exports as latest
from lab_contingency.oversight.views.pages import blueprint
from lab_contingency.places.queries import issuers

_TYPES = {"pdf": "application/pdf", "csv": "text/csv; charset=utf-8"}


@blueprint.get("/exports")
@needs(Permission.APPROVE_EXPORTS)
def exports() -> ResponseReturnValue:
    """What was asked for lately."""
    return render_template("oversight/exports.html", exports=latest(current_actor()))


@blueprint.get("/exports/<uuid:export_id>")
@needs(Permission.APPROVE_EXPORTS)
def export(export_id: uuid.UUID) -> ResponseReturnValue:
    """One of them: why, about how many people, and what can be done."""
    return _page(export_id, MakeFileForm(formdata=None))


def _page(export_id: uuid.UUID, form: MakeFileForm) -> ResponseReturnValue:
    form.offer(issuers())
    page = render_template(
        "oversight/export.html",
        export=one_export(export_id, current_actor()),
        form=form,
        deciding=LabForm(formdata=None),
        may_make=may(Permission.REPORT_EXPOSURE),
    )
    return page, form.status


@blueprint.post("/exports/<uuid:export_id>/approve")
@needs(Permission.APPROVE_EXPORTS)
def approve(export_id: uuid.UUID) -> ResponseReturnValue:
    """Agree, as the second person."""
    with unit_of_work():
        services.approve_export(export_id, actor=current_actor())
    flash("Agreed. The person who asked can make the files now.", "done")
    return see_other("oversight.export", export_id=export_id)


@blueprint.post("/exports/<uuid:export_id>/decline")
@needs(Permission.APPROVE_EXPORTS)
def decline(export_id: uuid.UUID) -> ResponseReturnValue:
    """Decline, as the second person."""
    with unit_of_work():
        services.decline_export(export_id, actor=current_actor())
    flash("Declined. Nothing leaves.", "done")
    return see_other("oversight.export", export_id=export_id)


@blueprint.post("/exports/<uuid:export_id>/file")
@needs(Permission.REPORT_EXPOSURE)
def make_file(export_id: uuid.UUID) -> ResponseReturnValue:
    """The signed file; what leaves is registered in the same transaction in which its bytes are made."""
    form = MakeFileForm()
    kind = form.form.data if form.form.data in _TYPES else "pdf"

    def act() -> bytes:
        actor = current_actor()
        proof = prove(form.secret.data or "", actor=actor)
        found = services.verify_for_file(export_id, actor=actor)
        with unit_of_work():
            return services.make_exposure_file(
                export_id,
                kind,
                found,
                organisation=form.organisation.data or "",
                actor=actor,
                proof=proof,
            )

    raw = form.attempt(act)
    if raw is None:
        return _page(export_id, form)
    answer = make_response(raw)
    answer.headers["Content-Type"] = _TYPES[kind]
    answer.headers["Content-Disposition"] = f'attachment; filename="exposure-report.{kind}"'
    return answer
