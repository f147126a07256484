"""Two people at least: who may check and who may authorise what somebody else typed."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from lab_contingency.results.rules.values import ResultStatus, Source


@dataclass(frozen=True, slots=True)
class Hands:
    """Whose hands one value went through. `needs_check`: a critical or transfusion value.

    `typed_by`: who typed the same value before, and is no second pair of eyes because a comment changed.
    """

    source: Source
    status: ResultStatus
    needs_check: bool
    entered_by: uuid.UUID | None
    checked_by: uuid.UUID | None = None
    sent_back: bool = False
    typed_by: frozenset[uuid.UUID] = frozenset()

    def typed(self, person: uuid.UUID) -> bool:
        """Whether this person typed the value that stands, now or in an earlier version."""
        return person == self.entered_by or person in self.typed_by


_SENT_BACK = "This was sent back. Whoever typed it looks at it and types it again first."
_OWN = "You typed this yourself, so somebody else checks and authorises it."
_CHECK_FIRST = (
    "A critical or transfusion result is checked by one person and then authorised by another. "
    "It is not checked yet."
)
_OWN_CHECK = (
    "You checked this critical or transfusion result yourself, so another person authorises it."
)
_NOBODY = "Only a person can do this. Sign in."
BY_THE_PAGE = (
    "This was typed back from another laboratory’s page. It is checked and put right against that page, "
    "under “Returned”."
)


def check_refusal(hands: Hands, person: uuid.UUID | None) -> str | None:
    """Why this person cannot check the value, or None."""
    refusal = _refusal_to_anybody(hands, person)
    if refusal or person is None:
        return refusal
    return _OWN if hands.typed(person) else None


def _refusal_to_anybody(hands: Hands, person: uuid.UUID | None) -> str | None:
    """What holds for checking and authorising alike."""
    if person is None:
        return _NOBODY
    if hands.source is Source.TYPED_BACK:
        return BY_THE_PAGE
    return _SENT_BACK if hands.sent_back else None


def authorise_refusal(hands: Hands, person: uuid.UUID | None) -> str | None:
    """Why this person cannot authorise the value, or None.

    Whoever authorises did not type it. The checker may authorise, except a critical or transfusion value.
    """
    refusal = _refusal_to_anybody(hands, person)
    if refusal or person is None:
        return refusal
    if hands.typed(person) and (hands.source is Source.MANUAL or person in hands.typed_by):
        return _OWN
    if not hands.needs_check:
        return None
    if hands.status is not ResultStatus.CHECKED or hands.checked_by is None:
        return _CHECK_FIRST
    return _OWN_CHECK if person in (hands.checked_by, hands.entered_by) else None
