"""Words for places."""

from __future__ import annotations

import enum


class TubeSystem(enum.StrEnum):
    """Whose tube colours a site uses. The additive is the key; colours collide between the systems."""

    BD = "BD"
    SARSTEDT = "Sarstedt"


class LaboratoryKind(enum.StrEnum):
    """Own laboratories belong to the node; partners take work in mutual aid."""

    OWN = "own"
    PARTNER = "partner"
