"""Whether what was typed can stand on the papers: drawn once for nobody, so that it is refused before it is sent."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from lab_contingency.foundation.wording import date_text
from lab_contingency.printing import content
from lab_contingency.printing.errors import CannotPrint
from lab_contingency.printing.labels import try_label
from lab_contingency.printing.request_form import try_request_form
from lab_contingency.requests.commands import PlaceRequest
from lab_contingency.requests.rules.identity import Identity

# The card's own names for what the papers call otherwise.
_FIELDS = {"phone_result_to": "callback", "nhs_number": "nhs_number"}
_NUMBER = "000000000000"
_FORM = content.RequestForm(
    number=_NUMBER,
    title="Urgent pathology request",
    place="",
    made=content.PrintedBy("", ""),
    patient=content.PatientIdentity("A", "B", "01-Jan-2000", "F", None, "X"),
    requester=content.Requester(
        ward="", bed="", phone_result_to="", requested_by="", consultant="", slip_goes_to=""
    ),
    tube_system="",
    groups=(),
    bands=(),
    reason="",
    needed_by="",
    clinical_details="",
    anticoagulant="",
    infection_risk="",
    collection=content.Collection("", "", ""),
    answers=(),
    labels=(),
    tubes=(),
)
_LABEL = content.TubeLabel(
    number=_NUMBER,
    patient=_FORM.patient,
    priority="P1",
    priority_word="NOW",
    tube_colour="LIGHT BLUE",
    tube_detail="citrate 2.7 mL",
    draw_order="tube 1 of 9",
    tests="12 tests, see form",
    ward="",
    test_mark=True,
)


def paper_problems(command: PlaceRequest) -> dict[str, str]:
    """Sentences by field of the card for what would not fit or cannot be shown on form or label."""
    form = replace(
        _FORM,
        requester=replace(
            _FORM.requester,
            bed=command.bed,
            phone_result_to=command.callback,
            requested_by=command.requested_by,
            consultant=command.consultant,
        ),
        clinical_details=command.clinical_details,
        reason=command.reason_text,
    )
    return {**identity_on_paper(command.identity), **_refusal(lambda: try_request_form(form))}


def identity_on_paper(identity: Identity) -> dict[str, str]:
    """The same for the patient, as a tube label shows them."""
    patient = content.PatientIdentity(
        surname=identity.surname.upper(),
        forenames=identity.forenames,
        born=date_text(identity.born),
        sex=identity.sex.text,
        nhs_number=identity.nhs_grouped or None,
        hospital_number=identity.hospital_text or "–",
    )
    return _refusal(lambda: try_label(replace(_LABEL, patient=patient)))


def _refusal(draw: Callable[[], None]) -> dict[str, str]:
    try:
        draw()
    except CannotPrint as refused:
        field = refused.field or ""
        return {_FIELDS.get(field, field): refused.message}
    return {}
