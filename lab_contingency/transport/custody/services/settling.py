"""How a tube that did not come ends: it was found in the laboratory, or it is taken again."""

from __future__ import annotations

import uuid

from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.database import session
from lab_contingency.foundation.errors import NotFound, RuleBroken
from lab_contingency.requests.services import lock_request
from lab_contingency.specimens.commands import Age, RejectTube
from lab_contingency.specimens.models import Specimen
from lab_contingency.specimens.rules import LOST
from lab_contingency.specimens.services import Received, receive, recollect, reject


def found_here(
    specimen_id: uuid.UUID, laboratory_id: uuid.UUID, age: Age, *, actor: Actor
) -> Received:
    """The tube was in the laboratory all the time: receive it, as its scan would have."""
    specimen = _reached(specimen_id, actor)
    if specimen.number is None:
        raise RuleBroken("This tube has no label. Scan its form on Receive, and compare the two.")
    return receive(specimen.number, laboratory_id, age, actor=actor)


def take_again(
    specimen_id: uuid.UUID, version: int, note: str, *, actor: Actor
) -> uuid.UUID | None:
    """Give the tube up as lost and plan it again; None where no test needs it any more.

    Its old label is refused when the tube turns up. Returns the new planned tube.
    """
    specimen = _reached(specimen_id, actor)
    request_id, planned_id = specimen.request_id, specimen.planned_tube_id
    reject(RejectTube(request_id, planned_id, LOST, note, version), actor=actor)
    try:
        return recollect(request_id, planned_id, actor=actor)
    except RuleBroken:  # nobody waits for it: given up, and nothing more
        return None


def _reached(specimen_id: uuid.UUID, actor: Actor) -> Specimen:
    """The tube, with its request locked within the actor’s scope."""
    specimen = session().get(Specimen, specimen_id)
    if specimen is None:
        raise NotFound
    lock_request(specimen.request_id, actor=actor)
    return specimen
