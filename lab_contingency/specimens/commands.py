"""What people can intend with tubes."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass

from lab_contingency.specimens.rules import HandItem
from lab_contingency.specimens.rules.matching import WithoutWristband


@dataclass(frozen=True, slots=True)
class CollectTubes:
    """Tubes of one request were filled at the bedside: labels scanned, or written by hand.

    `without`: why no wristband was read, with what was said aloud instead.
    """

    request_id: uuid.UUID
    planned_tube_ids: tuple[uuid.UUID, ...]
    collected_at: dt.datetime
    collected_by: str
    method: str = ""
    version: int | None = None
    without: WithoutWristband | None = None


@dataclass(frozen=True, slots=True)
class CorrectCollection:
    """The time or the person of a collection was wrong."""

    request_id: uuid.UUID
    planned_tube_id: uuid.UUID
    collected_at: dt.datetime
    collected_by: str
    reason: str


@dataclass(frozen=True, slots=True)
class Age:
    """What receipt needs to know about a tube's age.

    `collected_at` where nobody noted it before; `accept_reason` to use a tube for tests it is too old for;
    `leave_out` to reject only those tests.
    """

    collected_at: dt.datetime | None = None
    collected_by: str = ""
    accept_reason: str = ""
    leave_out: bool = False


@dataclass(frozen=True, slots=True)
class AcceptByHand:
    """A handwritten tube agrees with the scanned form, item by item."""

    request_id: uuid.UUID
    planned_tube_id: uuid.UUID
    confirmed: frozenset[HandItem]
    collected_at: dt.datetime
    collected_by: str
    accept_reason: str = ""


@dataclass(frozen=True, slots=True)
class RejectTube:
    """A tube cannot be used: why, and what to tell the ward."""

    request_id: uuid.UUID
    planned_tube_id: uuid.UUID
    reason_code: str
    note: str = ""
    version: int | None = None


@dataclass(frozen=True, slots=True)
class ReadAtBedside:
    """Something was scanned beside the patient of a card: a form, a wristband, or a label.

    `holding`: the kind of tube in the hand, as `kind_of` names it.
    """

    request_id: uuid.UUID
    scanned: str
    holding: str = ""
