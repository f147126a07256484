"""What routing can intend. `version` None: nobody looked at a page (a loaded day)."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Planned:
    """What a plan says of a test: from when on it has a place, and why there."""

    begins_at: dt.datetime
    explanation: str


@dataclass(frozen=True, slots=True)
class AssignTests:
    """These accepted tests are done there, by test code. `planned`: those that a plan chose, not a person."""

    request_id: uuid.UUID
    version: int | None
    laboratories: Mapping[str, uuid.UUID]
    planned: Mapping[str, Planned] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ReassignTests:
    """These tests are done elsewhere than was chosen before, and why."""

    request_id: uuid.UUID
    version: int | None
    laboratories: Mapping[str, uuid.UUID]
    reason: str
    planned: Mapping[str, Planned] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DeclareOutage:
    """A laboratory takes no new work from now on, and why. `until`: None when nobody knows."""

    laboratory_id: uuid.UUID
    reason: str
    until: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class ChosenRow:
    """One row of the queue, as it was shown."""

    request_id: uuid.UUID
    version: int


@dataclass(frozen=True, slots=True)
class AcceptChosen:
    """The rows chosen in the queue, the first to be served first."""

    rows: tuple[ChosenRow, ...]


@dataclass(frozen=True, slots=True)
class ChooseLaboratories:
    """What a person chose on the page of one request.

    What waits is accepted with it; what goes elsewhere than before needs the reason.
    """

    request_id: uuid.UUID
    version: int | None
    laboratories: Mapping[str, uuid.UUID]
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Routed:
    """What came of it: where each test is done, and for which nobody can, with why."""

    assigned: Mapping[str, uuid.UUID] = field(default_factory=dict)
    nobody: Mapping[str, str] = field(default_factory=dict)
