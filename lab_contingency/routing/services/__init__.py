"""Choosing laboratories: by hand, by suggestion, again; and whither a tube goes."""

from lab_contingency.routing.services.accepting import AcceptedTogether, accept_chosen
from lab_contingency.routing.services.assigning import (
    accept_and_assign,
    assign_tests,
    choose_laboratories,
    reassign_tests,
    take_suggestions,
)
from lab_contingency.routing.services.outages import declare_outage, end_outage
from lab_contingency.routing.services.publishing import (
    PublishedNow,
    publish_what_cannot_be_done,
)
from lab_contingency.routing.services.sending import destination_of

__all__ = [
    "AcceptedTogether",
    "PublishedNow",
    "accept_and_assign",
    "accept_chosen",
    "assign_tests",
    "choose_laboratories",
    "declare_outage",
    "destination_of",
    "end_outage",
    "publish_what_cannot_be_done",
    "reassign_tests",
    "take_suggestions",
]
