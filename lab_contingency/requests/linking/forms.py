"""What somebody fills in to say who an unidentified patient is, or that it was somebody else."""

from __future__ import annotations

from lab_contingency.foundation.web.forms import LabForm, line
from lab_contingency.requests.forms import CorrectPatientForm


class IdentifyForm(CorrectPatientForm):
    """Who the patient is, as on the wristband or the document."""

    reason = line(
        "How they were identified",
        required="Say how, for example “daughter came”, “passport found”.",
        most=200,
    )


class EndLinkForm(LabForm):
    """Why it was somebody else."""

    why = line("Why it was somebody else", required="Say why it was somebody else.", most=200)
