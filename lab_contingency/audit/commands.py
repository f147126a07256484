"""What is to be recorded, before it has a place in a chain."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class ToRecord:
    """One event: who, when, from where, what. Written into a chain, or into the journal until one can be.

    `details` are codes and ids, never values; numbers in them are whole. `id` is made once, so that an
    event taken in twice stands once.
    """

    id: uuid.UUID
    recorded_at: dt.datetime
    occurred_at: dt.datetime
    actor_name: str
    role: str
    action: str
    user_id: uuid.UUID | None = None
    site_id: uuid.UUID | None = None
    sign_in_id: uuid.UUID | None = None
    device_id: uuid.UUID | None = None
    address: str = ""
    answer_id: uuid.UUID | None = None
    subject_id: uuid.UUID | None = None
    fields: int | None = None
    list_key: str | None = None
    details: Mapping[str, Any] = field(default_factory=dict)

    @property
    def subject(self) -> str:
        """What kind of thing it is about: the word before the colon."""
        return self.action.partition(":")[0]
