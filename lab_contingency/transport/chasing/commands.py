"""What somebody who chases can intend."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class NoteCall:
    """A partner laboratory was rung about requests: who answered, what was said, what was promised.

    `answered` empty: nobody did. `expected_at`: when results are promised. `ring_at`: when to ring again.
    """

    laboratory_id: uuid.UUID
    request_ids: tuple[uuid.UUID, ...]
    answered: str
    said: str
    expected_at: dt.datetime | None = None
    ring_at: dt.datetime | None = None
