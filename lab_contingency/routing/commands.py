"""What routing can intend. `version` None: nobody looked at a page (a loaded day)."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class AssignTests:
    """These accepted tests are done there, by test code."""

    request_id: uuid.UUID
    version: int | None
    laboratories: Mapping[str, uuid.UUID]


@dataclass(frozen=True, slots=True)
class ReassignTests:
    """These tests are done elsewhere than was chosen before, and why."""

    request_id: uuid.UUID
    version: int | None
    laboratories: Mapping[str, uuid.UUID]
    reason: str


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
