"""Which laboratory can do a test, why another cannot, and which should."""

from lab_contingency.routing.rules.judging import (
    Asked,
    Candidate,
    Offer,
    Refusal,
    hour_of,
    judge,
    places_left,
    slots_left,
    usable_until,
)
from lab_contingency.routing.rules.suggesting import Choice, explain, nobody_can, suggest

__all__ = [
    "Asked",
    "Candidate",
    "Choice",
    "Offer",
    "Refusal",
    "explain",
    "hour_of",
    "judge",
    "nobody_can",
    "places_left",
    "slots_left",
    "suggest",
    "usable_until",
]
