"""Reading requests, within the reader's scope."""

from lab_contingency.requests.queries.histories import (
    ChangeView,
    MoveView,
    changes_of,
    moves_of,
)
from lab_contingency.requests.queries.patients import (
    PatientView,
    patient_of,
    patient_view,
    patients_of,
    read_identity,
)
from lab_contingency.requests.queries.repeats import Repeat, repeats_for
from lab_contingency.requests.queries.views import (
    PlannedTubeView,
    RequestView,
    TestView,
    planned_tubes,
    request_by_number,
    request_id_of,
    request_view,
    request_views,
    tests_by_request,
)

__all__ = [
    "ChangeView",
    "MoveView",
    "PatientView",
    "PlannedTubeView",
    "Repeat",
    "RequestView",
    "TestView",
    "changes_of",
    "moves_of",
    "patient_of",
    "patient_view",
    "patients_of",
    "planned_tubes",
    "read_identity",
    "repeats_for",
    "request_by_number",
    "request_id_of",
    "request_view",
    "request_views",
    "tests_by_request",
]
