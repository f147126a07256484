"""Priority bands. Their words are never “urgent” or “routine”: those mean different things in other code sets."""

from __future__ import annotations

import datetime as dt
import enum
from dataclasses import dataclass


class Band(enum.StrEnum):
    """P1 to P4, as asked by a clinician and as given by triage."""

    P1 = "P1"
    P2 = "P2"
    P3 = "P3"
    P4 = "P4"

    @property
    def word(self) -> str:
        """NOW, TODAY, DAYS, LATER."""
        return BANDS[self].word

    @property
    def text(self) -> str:
        """`P1 NOW`."""
        return f"{self.value} {self.word}"

    def is_lower_than(self, other: Band) -> bool:
        """Less pressing than the other."""
        return self.value > other.value


@dataclass(frozen=True, slots=True)
class BandFacts:
    """Word, meaning, and how soon the answer is needed unless the clinician says otherwise."""

    word: str
    meaning: str
    promise: str
    needed_within: dt.timedelta
    demands_reason: bool = False


BANDS: dict[Band, BandFacts] = {
    Band.P1: BandFacts(
        "NOW",
        "Life-threatening, resus, theatre bleeding",
        "60 min",
        dt.timedelta(hours=1),
        demands_reason=True,
    ),
    Band.P2: BandFacts(
        "TODAY", "Emergency admission, decision today", "2 hours", dt.timedelta(hours=2)
    ),
    Band.P3: BandFacts(
        "DAYS", "Needed to choose treatment in 3–4 days", "24 hours", dt.timedelta(hours=24)
    ),
    Band.P4: BandFacts(
        "LATER", "Routine: deferred, stored or declined", "no promise", dt.timedelta(days=7)
    ),
}
NEVER_HIDDEN = (Band.P1, Band.P2)
LATEST_NEEDED_BY = dt.timedelta(days=30)


def default_needed_by(band: Band, asked_at: dt.datetime) -> dt.datetime:
    """When the answer is needed if nobody said."""
    return asked_at + BANDS[band].needed_within


def due(needed_by: dt.datetime, target_at: dt.datetime | None) -> dt.datetime:
    """The earlier of what the clinician needs and what the laboratory promises from receipt."""
    return needed_by if target_at is None else min(needed_by, target_at)


def priority_problem(band: Band, reason_code: str, reason_text: str) -> tuple[str, str] | None:
    """(field, sentence) when a band lacks its reason."""
    if BANDS[band].demands_reason and not reason_code:
        return "reason_code", f"Choose a reason for {band.text}."
    if reason_code == "OTHER" and not reason_text:
        return "reason_text", "Say in words what the other reason is."
    return None
