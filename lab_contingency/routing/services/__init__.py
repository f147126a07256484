"""Choosing laboratories: by hand, by suggestion, again; and whither a tube goes."""

from lab_contingency.routing.services.accepting import AcceptedTogether, accept_chosen
from lab_contingency.routing.services.assigning import (
    accept_and_assign,
    assign_tests,
    choose_laboratories,
    reassign_tests,
    take_suggestions,
)
from lab_contingency.routing.services.sending import destination_of

__all__ = [
    "AcceptedTogether",
    "accept_and_assign",
    "accept_chosen",
    "assign_tests",
    "choose_laboratories",
    "destination_of",
    "reassign_tests",
    "take_suggestions",
]
