"""Taking a rejected tube again, and a patient put right with every label that said otherwise."""

from __future__ import annotations

import uuid

from flask import flash, render_template
from flask.typing import ResponseReturnValue

from lab_contingency.accounts.rules import Permission
from lab_contingency.audit.rules import Field
from lab_contingency.foundation import node
from lab_contingency.foundation.database import unit_of_work
from lab_contingency.foundation.web import current_actor, needs, see_other
from lab_contingency.foundation.web.forms import note_prefilled
from lab_contingency.places.queries import issuers
from lab_contingency.requests.forms import CorrectPatientForm
from lab_contingency.requests.packs.queries import is_from_pack
from lab_contingency.requests.queries import RequestView, request_view
from lab_contingency.requests.services import correct_identity
from lab_contingency.specimens import services
from lab_contingency.specimens.forms import TubeForm
from lab_contingency.specimens.views.blueprint import blueprint

_TOLD = {
    "surname": Field.NAME,
    "forenames": Field.NAME,
    "born": Field.BORN,
    "sex": Field.SEX,
    "nhs_number": Field.NHS_NUMBER,
    "hospital_number": Field.HOSPITAL_NUMBER,
}
_CORRECTED = "the patient on the request was corrected."


@blueprint.post("/requests/<uuid:request_id>/recollect")
@needs(Permission.REQUEST_TESTS)
def recollect(request_id: uuid.UUID) -> ResponseReturnValue:
    """Plan a rejected tube again."""
    form = TubeForm()
    with unit_of_work():
        services.recollect(request_id, form.tube(), actor=current_actor())
    flash("A new tube is planned. Print its label and take it again.", "done")
    return see_other("tracking.request", request_id=request_id, printing="labels")


@blueprint.route("/requests/<uuid:request_id>/correct-patient", methods=["GET", "POST"])
@needs(Permission.REQUEST_TESTS)
def correct_patient(request_id: uuid.UUID) -> ResponseReturnValue:
    """Say who the patient really is; labels that said otherwise become void in the same moment."""
    view = request_view(request_id, current_actor())
    if (
        view.patient.unidentified
    ):  # who they are is added beside the prepared name, not written over it
        return see_other("linking.identify", request_id=request_id)
    form = _patient_form(view)
    said = form.attempt(lambda: _correct(form, view)) if form.is_submitted() else None
    if said:
        flash(said, "done")
        return see_other("tracking.request", request_id=request_id)
    form.catch_up(view.version)
    note_prefilled(form, view.patient_id, _TOLD)
    return render_template(
        "requests/correct_patient.html", form=form, request_view=view
    ), form.status


def _patient_form(view: RequestView) -> CorrectPatientForm:
    held = view.patient.identity
    form = CorrectPatientForm(
        version=view.version,
        surname=held.surname,
        forenames=held.forenames,
        born=view.patient.born,
        sex=held.sex.value,
        nhs_number=held.nhs_grouped,
        hospital_number=held.hospital_number,
        issuer=held.issuer,
    )
    form.demonstration = node.this_node().demonstration
    form.offer_issuers(issuers(first=view.ward.site.ods_code))
    return form


def _correct(form: CorrectPatientForm, view: RequestView) -> str:
    """Correct, and say what it means for the tubes.

    What was keyed from paper is put right as the paper says: nothing that was printed said otherwise.
    """
    written = is_from_pack(view.id)
    with unit_of_work():
        changed = correct_identity(form.to_command(view.id), actor=current_actor())
        if changed and not written:
            services.void_labels(view.id, _CORRECTED, actor=current_actor())
    if not changed:
        return "Nothing differed, so nothing was changed."
    if written:
        return "The patient was put right as the form says. Its tubes were written by hand and keep their numbers: compare each with the form."
    return "The patient was put right. Old labels no longer count: print new ones and bin the old."
