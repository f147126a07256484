"""Choosing laboratories: by hand, by suggestion, again; and sending tubes there."""

from lab_contingency.routing.services.accepting import AcceptedTogether, accept_chosen
from lab_contingency.routing.services.assigning import (
    accept_and_assign,
    assign_tests,
    choose_laboratories,
    reassign_tests,
    take_suggestions,
)
from lab_contingency.routing.services.outages import declare_outage, end_outage
from lab_contingency.routing.services.sending import send_on

__all__ = [
    "AcceptedTogether",
    "accept_and_assign",
    "accept_chosen",
    "assign_tests",
    "choose_laboratories",
    "declare_outage",
    "end_outage",
    "reassign_tests",
    "send_on",
    "take_suggestions",
]
