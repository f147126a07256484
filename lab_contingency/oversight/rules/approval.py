"""Two people for whatever leaves in bulk: one asks and says why, another agrees, within a day."""

from __future__ import annotations

import datetime as dt
import enum
import uuid
from dataclasses import dataclass

from lab_contingency.accounts.rules import Permission, holds

STOPPED = (
    "The incident button stopped all exports. Ask the administrator to allow them again, on the page "
    "of the incident button."
)
LIFE = dt.timedelta(hours=24)


class ExportState(enum.StrEnum):
    """Where an export stands."""

    WAITING = "waits for a second person"
    APPROVED = "agreed"
    DECLINED = "declined"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class Asked:
    """What the rules look at."""

    asked_by: uuid.UUID
    asked_at: dt.datetime
    decided_by: uuid.UUID | None
    approved: bool | None

    @property
    def expires_at(self) -> dt.datetime:
        """A day after it was asked for."""
        return self.asked_at + LIFE


def state_of(asked: Asked, now: dt.datetime) -> ExportState:
    """The state at a moment."""
    if asked.approved is False:
        return ExportState.DECLINED
    if now >= asked.expires_at:
        return ExportState.EXPIRED
    return ExportState.APPROVED if asked.approved else ExportState.WAITING


def refusal_to_decide(
    asked: Asked, person: uuid.UUID | None, role: str, now: dt.datetime
) -> str | None:
    """Why this person cannot agree or decline, or None."""
    if person is None or not holds(role, Permission.APPROVE_EXPORTS):
        return "Information governance or an administrator has to agree to this."
    if person == asked.asked_by:
        return "You asked for this yourself. Another person has to agree: ask a colleague or an administrator."
    return _standing(asked, now, ExportState.WAITING)


def refusal_to_make(asked: Asked, person: uuid.UUID | None, now: dt.datetime) -> str | None:
    """Why this person cannot have the file, or None."""
    if person is None or person != asked.asked_by:
        return "Only the person who asked for it can make the file. Ask for one yourself."
    return _standing(asked, now, ExportState.APPROVED)


_SENTENCES = {
    ExportState.WAITING: "Nobody has agreed yet. Ask a colleague or an administrator to look at it.",
    ExportState.APPROVED: "Somebody agreed to this already.",
    ExportState.DECLINED: "This was declined. Ask again, and say more about why.",
    ExportState.EXPIRED: "This was asked for more than 24 hours ago. Ask for it again.",
}


def _standing(asked: Asked, now: dt.datetime, wanted: ExportState) -> str | None:
    state = state_of(asked, now)
    return None if state is wanted else _SENTENCES[state]
