"""HTTP: who may, what is answered, how forms and pages behave."""

from lab_contingency.foundation.web.access import (
    actor_or_none,
    current_actor,
    forget_actor,
    may,
    needs,
    public,
    signed_in,
)
from lab_contingency.foundation.web.forms import LabForm, VersionedForm
from lab_contingency.foundation.web.gate import before_set_up, sealed_page, while_sealed
from lab_contingency.foundation.web.responses import paper, see_other

__all__ = [
    "LabForm",
    "VersionedForm",
    "actor_or_none",
    "before_set_up",
    "current_actor",
    "forget_actor",
    "may",
    "needs",
    "paper",
    "public",
    "sealed_page",
    "see_other",
    "signed_in",
    "while_sealed",
]
