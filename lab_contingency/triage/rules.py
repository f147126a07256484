"""The order of the queue, what triage may decide, and the reasons it gives."""

from __future__ import annotations

import datetime as dt
import enum
import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from lab_contingency.accounts.rules import Permission
from lab_contingency.foundation.errors import RuleBroken
from lab_contingency.requests.rules.bands import Band, default_needed_by
from lab_contingency.requests.rules.identity import Identity, search_key, similar_name
from lab_contingency.requests.rules.statuses import TRANSITIONS, TestAction

PERMISSION: Permission = TRANSITIONS[TestAction.ACCEPT].permission
SOON = dt.timedelta(minutes=30)
OTHER = "OTHER"
_LAST = dt.datetime.max.replace(tzinfo=dt.UTC)
_NEAR = 4


class DecisionKind(enum.StrEnum):
    """What triage decides: about tests, or (the priority) about the whole request."""

    ACCEPT = "accept"
    DEFER = "defer"
    DECLINE = "decline"
    PRIORITY = "priority"


ACTIONS: dict[DecisionKind, TestAction] = {
    DecisionKind.ACCEPT: TestAction.ACCEPT,
    DecisionKind.DEFER: TestAction.DEFER,
    DecisionKind.DECLINE: TestAction.DECLINE,
}
WORDS: dict[DecisionKind, str] = {
    DecisionKind.ACCEPT: "Accepted",
    DecisionKind.DEFER: "Held",
    DecisionKind.DECLINE: "Declined",
    DecisionKind.PRIORITY: "Priority",
}


@dataclass(frozen=True, slots=True)
class TriageReason:
    """Why, in words the ward understands, and what to do instead."""

    code: str
    words: str
    instead: str


def _reasons(*rows: tuple[str, str, str]) -> dict[str, TriageReason]:
    return {row[0]: TriageReason(*row) for row in rows}


_ELSE = (OTHER, "another reason", "")
REASONS: dict[DecisionKind, dict[str, TriageReason]] = {
    DecisionKind.ACCEPT: {},
    DecisionKind.DEFER: _reasons(
        (
            "NO_CAPACITY",
            "no capacity now",
            "Nothing to do: it is looked at again when there is room.",
        ),
        ("LESS_PRESSING", "others cannot wait", "Ring the laboratory if it cannot wait either."),
        (
            "NEEDS_INFORMATION",
            "more must be known first",
            "Ring the laboratory with what is missing.",
        ),
        (
            "WAITS_FOR_FIRST",
            "waits for the first results",
            "Nothing to do: it follows if they call for it.",
        ),
        (
            "SPECIALIST_SHUT",
            "the specialist laboratory is shut",
            "It goes when the laboratory opens.",
        ),
        _ELSE,
    ),
    DecisionKind.DECLINE: _reasons(
        ("NOT_IN_INCIDENT", "not done while the main system is down", "Ask again when it is back."),
        ("DONE_RECENTLY", "done too recently to have changed", "Use the last result."),
        ("NO_CHANGE", "would not change what is done now", "Ask again if that changes."),
        ("OTHER_TEST", "another test answers it sooner", "Ask for that test."),
        ("AT_BEDSIDE", "can be done at the bedside", "Use the analyser on the ward."),
        ("DUPLICATE", "asked already on another card", "Look at that card."),
        (
            "NOBODY_CAN",
            "no laboratory can do it in time",
            "Ring the laboratory about what can be done.",
        ),
        _ELSE,
    ),
    DecisionKind.PRIORITY: _reasons(
        ("STABLE", "the patient is stable", "Ring the laboratory if that changes."),
        ("AGREED", "agreed with the ward", ""),
        ("OTHERS_FIRST", "others cannot wait", "Ring the laboratory if this cannot wait either."),
        ("PLANNED", "planned, not an emergency", "Ring the laboratory if that is wrong."),
        ("WORSE", "the patient is worse", ""),
        _ELSE,
    ),
}


def reason_words(kind: DecisionKind, code: str, text: str) -> str:
    """The reason as the ward reads it: its words, and what was typed."""
    held = REASONS[kind].get(code)
    if held is None or code == OTHER:
        return text
    return f"{held.words}: {text}" if text else held.words


def check_reason(kind: DecisionKind, code: str, text: str, *, needed: bool) -> None:
    """RuleBroken when a reason is missing, unknown, or “another” without words."""
    if not code and not needed:
        return
    if code not in REASONS[kind]:
        raise RuleBroken("Choose a reason. The ward reads it.", field="reason_code")
    if code == OTHER and not text.strip():
        raise RuleBroken("Say in words what the other reason is.", field="reason")


def check_band(before: Band, after: Band, code: str, text: str) -> None:
    """Another priority: never the same, and never lower without a reason."""
    if before is after:
        raise RuleBroken(f"It is {after.text} already. Choose another priority.", field="band")
    check_reason(DecisionKind.PRIORITY, code, text, needed=after.is_lower_than(before))


@dataclass(frozen=True, slots=True)
class Urgency:
    """What the order of the queue is made of."""

    band: Band
    needed_by: dt.datetime
    requested_at: dt.datetime


def needed_by_after(
    held: Urgency, band: Band, typed: dt.datetime | None, now: dt.datetime
) -> dt.datetime:
    """By when the answer is needed in the new band.

    A time typed now counts. A clinician's own time stays. A time that only came with the old band
    is replaced by that of the new one, and raising never makes it later.
    """
    if typed is not None:
        return typed
    by_band = default_needed_by(band, now)
    if not band.is_lower_than(held.band):
        return min(held.needed_by, by_band)
    came_with_band = held.needed_by == default_needed_by(held.band, held.requested_at)
    return max(by_band, held.needed_by) if came_with_band else held.needed_by


QueueKey = tuple[str, dt.datetime, dt.datetime, dt.datetime, uuid.UUID]


def queue_key(
    band: Band,
    due_at: dt.datetime,
    unusable_at: dt.datetime | None,
    received_at: dt.datetime | None,
    request_id: uuid.UUID,
) -> QueueKey:
    """Priority, due, unusable, received. What is not known comes after what is."""
    return (band.value, due_at, unusable_at or _LAST, received_at or _LAST, request_id)


def mixed_up(patients: Mapping[uuid.UUID, Identity]) -> frozenset[uuid.UUID]:
    """The patients waiting whose names are alike enough to be mixed up with another's."""
    buckets: dict[str, list[uuid.UUID]] = defaultdict(list)
    for patient_id, identity in patients.items():
        buckets[search_key(identity.surname)[:_NEAR]].append(patient_id)
    return frozenset(one for bucket in buckets.values() for one in _alike(bucket, patients))


def _alike(bucket: list[uuid.UUID], patients: Mapping[uuid.UUID, Identity]) -> Iterable[uuid.UUID]:
    for one in bucket:
        others = (other for other in bucket if other != one)
        if any(similar_name(patients[one], patients[other]) for other in others):
            yield one
