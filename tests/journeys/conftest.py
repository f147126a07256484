"""The demonstration's hospital with its incident open, and its people."""

from __future__ import annotations

import datetime as dt

import pytest

from lab_contingency.foundation import clock
from lab_contingency.foundation.actor import Actor
from lab_contingency.rehearsal.demonstration import fill
from lab_contingency.rehearsal.incident import open_demonstration_incident
from tests.journeys.ward import Ward


@pytest.fixture
def ward(app, client_for) -> Ward:
    """ED Resus at King's, where every journey begins."""
    with app.app_context():
        fill(Actor.system("tests"))
        open_demonstration_incident(clock.now() - dt.timedelta(hours=20))
    return Ward(app, client_for)
