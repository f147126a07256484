"""What a person can intend about a tube that did not come."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from lab_contingency.transport.custody.rules import Answer


@dataclass(frozen=True, slots=True)
class NoteEnquiry:
    """Somebody was rung about some tubes: whom, what came of it, and their words."""

    specimen_ids: tuple[uuid.UUID, ...]
    answer: Answer
    whom: str
    said: str
