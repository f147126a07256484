"""What a person intends who watches over the node, or hands over a shift."""

from __future__ import annotations

from dataclasses import dataclass

from lab_contingency.oversight.rules.exposure import Criteria
from lab_contingency.oversight.rules.notices import NoticeFacts


@dataclass(frozen=True, slots=True)
class AskExposureFile:
    """The signed list of an exposure report, with why and what the notice says."""

    criteria: Criteria
    reason: str
    facts: NoticeFacts


@dataclass(frozen=True, slots=True)
class HandOverShift:
    """The sheet for the next shift: to whom ('' to be written), and what they should know."""

    to_whom: str
    notes: str
