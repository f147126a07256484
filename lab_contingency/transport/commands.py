"""What people can intend with boxes of tubes. `version` None: nobody looked at a page."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass

from lab_contingency.specimens.commands import Age
from lab_contingency.transport.rules import Condition, ConsignmentAction, Settlement


@dataclass(frozen=True, slots=True)
class PackTube:
    """A tube goes into a box; `anyway`: why, though nobody could use it when it arrives."""

    consignment_id: uuid.UUID
    number: str
    anyway: str = ""


@dataclass(frozen=True, slots=True)
class SealBox:
    """The box is closed: which box, and the number of its seal."""

    consignment_id: uuid.UUID
    box: str
    seal: str
    version: int | None = None


@dataclass(frozen=True, slots=True)
class SendOne:
    """One tube is given to somebody now, without a box."""

    number: str
    laboratory_id: uuid.UUID | None
    to_name: str
    anyway: str = ""


@dataclass(frozen=True, slots=True)
class HandOverBox:
    """A box goes from one hand to the next. `key` is the page’s own: sent twice, it is one hand-over."""

    key: uuid.UUID
    consignment_id: uuid.UUID
    from_name: str
    to_name: str
    at_place: str
    items: int
    occurred_at: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class MoveBox:
    """Something happens to a whole box, and why."""

    consignment_id: uuid.UUID
    action: ConsignmentAction
    reason: str
    version: int | None = None


@dataclass(frozen=True, slots=True)
class RerouteBox:
    """A box goes to another laboratory than was meant, and why."""

    consignment_id: uuid.UUID
    laboratory_id: uuid.UUID
    reason: str
    version: int | None = None


@dataclass(frozen=True, slots=True)
class BringBack:
    """A box is back where it was packed: which of its tubes are in it, and why it came back."""

    consignment_id: uuid.UUID
    specimen_ids: frozenset[uuid.UUID]
    reason: str
    version: int | None = None


@dataclass(frozen=True, slots=True)
class UnpackTube:
    """A tube is taken out of a box that arrived, and looks like this."""

    consignment_id: uuid.UUID
    number: str
    condition: Condition = Condition.AS_EXPECTED
    age: Age = Age()  # noqa: RUF009 - frozen


@dataclass(frozen=True, slots=True)
class SettleDiscrepancy:
    """How a difference ended, and what was found."""

    discrepancy_id: uuid.UUID
    settlement: Settlement
    words: str


@dataclass(frozen=True, slots=True)
class NameOwner:
    """Somebody else looks after a difference from now on."""

    discrepancy_id: uuid.UUID
    owner: str
    laboratory_id: uuid.UUID


@dataclass(frozen=True, slots=True)
class Unpacked:
    """What a scan at unpacking did. `cautions` are sentences to read before working on the tube."""

    specimen_id: uuid.UUID
    cautions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rerouted:
    """Where a box goes now, and what of it cannot be done there."""

    laboratory: str
    left: tuple[str, ...] = ()
