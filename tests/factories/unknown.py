"""Somebody nobody can identify, under a prepared name, and who they turn out to be."""

from __future__ import annotations

import datetime as dt
import uuid

from lab_contingency.foundation.database import session, unit_of_work
from lab_contingency.requests.commands import CorrectIdentity
from lab_contingency.requests.models import Request
from lab_contingency.requests.queries.unidentified import free_name
from lab_contingency.requests.rules.identity import Identity, Sex
from lab_contingency.requests.services import identify_patient, prepare_names
from tests.factories.world import SYSTEM, World, an_identity


def an_unknown() -> Identity:
    """A prepared name of King's, with an age as guessed."""
    if free_name("RJZ") is None:
        with unit_of_work():
            prepare_names("RJZ", 5, actor=SYSTEM)
    name = free_name("RJZ")
    return Identity(
        name.surname, name.forename, dt.date(1986, 1, 1), Sex.MALE, "", name.number, "RJZ",
        unidentified=True,
    )  # fmt: skip


def identify(world: World, request_id: uuid.UUID, seed: int = 7, **changes: object) -> uuid.UUID:
    """Somebody came who knows them; the link."""
    version = session().get_one(Request, request_id).version
    command = CorrectIdentity(request_id, version, an_identity(seed, **changes), "daughter came")
    with unit_of_work():
        return identify_patient(command, actor=world.doctor)
