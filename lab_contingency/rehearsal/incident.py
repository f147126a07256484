"""The incident of the demonstration."""

from __future__ import annotations

import datetime as dt

from lab_contingency.accounts.queries import actor_of
from lab_contingency.foundation.database import unit_of_work
from lab_contingency.incidents.commands import DeclareIncident, StopTest
from lab_contingency.incidents.queries import open_incident
from lab_contingency.incidents.services import declare_incident, stop_test
from lab_contingency.routing.planning.services import plan_again

COORDINATOR = "bello"


def plan_the_queue() -> None:
    """The coordinator's first plan, proposed and not accepted."""
    with unit_of_work():
        plan_again(actor=actor_of(COORDINATOR))


def open_demonstration_incident(down_since: dt.datetime) -> None:
    """Declare the incident of the demonstration, once."""
    coordinator = actor_of(COORDINATOR)
    with unit_of_work():
        if open_incident() is not None:
            return
        declare_incident(
            DeclareIncident(
                down_since, "All sites of south-east London", "Send only what is needed today."
            ),
            actor=coordinator,
        )
        stop_test(
            StopTest(
                "LIP",
                "Analyser lost. Ask for amylase instead. Cannot wait? Duty biochemist, bleep 2041.",
                None,
            ),
            actor=coordinator,
        )
