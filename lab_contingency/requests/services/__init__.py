"""Writing requests: placing, correcting, withdrawing, and moving a test's status."""

from lab_contingency.requests.services.choices import Choices, choice_problems
from lab_contingency.requests.services.correcting import correct_details, correct_identity
from lab_contingency.requests.services.linking import end_link, identify_patient
from lab_contingency.requests.services.looking import ask_for_more, end_look, look_beyond
from lab_contingency.requests.services.moving import (
    Evidence,
    move_test,
    reach,
    reach_tube,
    withdraw_tests,
)
from lab_contingency.requests.services.placing import OnPaper, place_request
from lab_contingency.requests.services.summary import (
    change_band,
    lock_request,
    next_tube_number,
    note_received,
    note_usability,
    plan_again,
    request_of_number,
)
from lab_contingency.requests.services.unidentified import (
    prepare_names,
    put_on_paper,
    take_prepared,
)

__all__ = [
    "Choices",
    "Evidence",
    "OnPaper",
    "ask_for_more",
    "change_band",
    "choice_problems",
    "correct_details",
    "correct_identity",
    "end_link",
    "end_look",
    "identify_patient",
    "lock_request",
    "look_beyond",
    "move_test",
    "next_tube_number",
    "note_received",
    "note_usability",
    "place_request",
    "plan_again",
    "prepare_names",
    "put_on_paper",
    "reach",
    "reach_tube",
    "request_of_number",
    "take_prepared",
    "withdraw_tests",
]
