"""Choosing laboratories: by hand, by suggestion, again; and sending tubes there."""

from lab_contingency.routing.services.accepting import AcceptedTogether, accept_chosen
from lab_contingency.routing.services.assigning import (
    accept_and_assign,
    assign_tests,
    choose_laboratories,
    reassign_tests,
    take_suggestions,
)
from lab_contingency.routing.services.publishing import (
    PublishedNow,
    publish_what_cannot_be_done,
)
from lab_contingency.routing.services.sending import send_on

__all__ = [
    "AcceptedTogether",
    "PublishedNow",
    "accept_and_assign",
    "accept_chosen",
    "assign_tests",
    "choose_laboratories",
    "publish_what_cannot_be_done",
    "reassign_tests",
    "send_on",
    "take_suggestions",
]
