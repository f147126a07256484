"""What a person can intend with a plan."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field

Locks = Mapping[uuid.UUID, uuid.UUID]
"""The laboratory that a person fixed for a test, by requested test."""


@dataclass(frozen=True, slots=True)
class MakePlan:
    """Plan everything that waits. `locks` are kept; `moved`: a person's change that this plan works out."""

    locks: Locks = field(default_factory=dict)
    moved: int = 0


@dataclass(frozen=True, slots=True)
class ChosenLines:
    """Lines of one plan, as they were shown."""

    plan_id: uuid.UUID
    line_ids: tuple[uuid.UUID, ...]


@dataclass(frozen=True, slots=True)
class ChangeLine:
    """The tests of one line are done there instead, and everything else is planned around it."""

    line_id: uuid.UUID
    laboratory_id: uuid.UUID
