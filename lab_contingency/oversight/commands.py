"""What a person of information governance intends."""

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
