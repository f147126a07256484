"""A porter’s round: everything that waits on a ward, everything in the hands for one laboratory."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from lab_contingency.foundation.actor import Actor
from lab_contingency.specimens.services import leave_tubes, take_tubes


def take_from_ward(specimen_ids: Sequence[uuid.UUID], *, actor: Actor) -> int:
    """Take the tubes that were shown as waiting; sent twice it changes nothing. Returns how many were taken now."""
    return len(take_tubes(specimen_ids, actor.name, actor=actor))


def leave_at(laboratory_id: uuid.UUID, specimen_ids: Sequence[uuid.UUID], *, actor: Actor) -> int:
    """Leave what one carries at a laboratory’s door; sent twice it changes nothing. Returns how many were left."""
    return len(leave_tubes(specimen_ids, laboratory_id, actor=actor))
