"""What people can intend with paper packs."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass

from lab_contingency.requests.commands import PlaceRequest
from lab_contingency.requests.packs.rules import Keyed, VoidReason


@dataclass(frozen=True, slots=True)
class VoidPacks:
    """Packs count no longer: one, or all from one number to another of the same ward."""

    first: str
    last: str
    reason: VoidReason


@dataclass(frozen=True, slots=True)
class TranscribeForm:
    """A written form keyed as the card. `written_by` and `written_at` stand on the paper."""

    pack_id: uuid.UUID
    card: PlaceRequest
    written_by: str
    written_at: dt.datetime


@dataclass(frozen=True, slots=True)
class KeyAgain:
    """The same form read and keyed by a second person, who saw nothing of the first keying."""

    transcription_id: uuid.UUID
    keyed: Keyed
