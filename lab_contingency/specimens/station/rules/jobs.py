"""A job of labels and each label in it, as tables of permitted moves; where it carries on after a stop."""

from __future__ import annotations

import datetime as dt
import enum
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lab_contingency.foundation.errors import RuleBroken
from lab_contingency.foundation.wording import with_object
from lab_contingency.incidents.rules import check_digit, digits_of, with_check_digit

LEASE = dt.timedelta(seconds=45)
"""For how long a sender holds its printer between two labels; longer than any one label can take."""
JAM = "JAM"
LABELS_MOST = 200


class JobStatus(enum.StrEnum):
    """Where a job stands."""

    QUEUED = "queued"
    SENDING = "sending"
    STOPPED = "stopped"
    SENT = "sent"
    DONE = "done"
    GIVEN_UP = "given up"


class LabelStatus(enum.StrEnum):
    """Where one label of a job stands."""

    WAITING = "waiting"
    SENT = "sent"
    PRINTED = "printed"
    DOUBTFUL = "doubtful"
    GIVEN_UP = "given up"


class JobAction(enum.StrEnum):
    """What happens to a job."""

    BEGIN = "send"
    STOP = "stop"
    HAND_OVER = "hand over to be looked at"
    CARRY_ON = "carry on with"
    FINISH = "finish"
    GIVE_UP = "give up"


class LabelAction(enum.StrEnum):
    """What happens to a label of a job."""

    SEND = "send"
    CONFIRM = "confirm"
    DOUBT = "doubt"
    AGAIN = "print again"
    GIVE_UP = "give up"


@dataclass(frozen=True, slots=True)
class JobMove:
    """From which statuses, to which."""

    sources: frozenset[JobStatus]
    target: JobStatus


@dataclass(frozen=True, slots=True)
class LabelMove:
    """From which statuses, to which."""

    sources: frozenset[LabelStatus]
    target: LabelStatus


_J, _L = JobStatus, LabelStatus
JOB_MOVES: Mapping[JobAction, JobMove] = {
    JobAction.BEGIN: JobMove(frozenset({_J.QUEUED}), _J.SENDING),
    JobAction.STOP: JobMove(frozenset({_J.QUEUED, _J.SENDING}), _J.STOPPED),
    JobAction.HAND_OVER: JobMove(frozenset({_J.QUEUED, _J.SENDING}), _J.SENT),
    # From queued too: the rest goes to another printer, because this one is not free.
    JobAction.CARRY_ON: JobMove(frozenset({_J.QUEUED, _J.STOPPED, _J.SENT}), _J.QUEUED),
    JobAction.FINISH: JobMove(frozenset({_J.QUEUED, _J.SENDING, _J.STOPPED, _J.SENT}), _J.DONE),
    JobAction.GIVE_UP: JobMove(frozenset({_J.QUEUED, _J.STOPPED, _J.SENT}), _J.GIVEN_UP),
}
LABEL_MOVES: Mapping[LabelAction, LabelMove] = {
    LabelAction.SEND: LabelMove(frozenset({_L.WAITING}), _L.SENT),
    # From waiting too: the first print of a label that was to come out again turned up after all.
    LabelAction.CONFIRM: LabelMove(frozenset({_L.WAITING, _L.SENT, _L.DOUBTFUL}), _L.PRINTED),
    # From printed too: the eye of the person outdoes what the printer said.
    LabelAction.DOUBT: LabelMove(frozenset({_L.SENT, _L.PRINTED}), _L.DOUBTFUL),
    LabelAction.AGAIN: LabelMove(frozenset({_L.DOUBTFUL}), _L.WAITING),
    LabelAction.GIVE_UP: LabelMove(frozenset({_L.WAITING, _L.SENT, _L.DOUBTFUL}), _L.GIVEN_UP),
}
JOB_ENDED = frozenset({_J.DONE, _J.GIVEN_UP})
LOOKED_AT = frozenset({_J.STOPPED, _J.SENT})
"""Somebody must say which labels came out."""
SETTLED = frozenset({_L.PRINTED, _L.GIVEN_UP})
JOB_WORDS: Mapping[JobStatus, str] = {
    _J.QUEUED: "waiting for the printer",
    _J.SENDING: "being printed",
    _J.STOPPED: "stopped",
    _J.SENT: "sent, to be looked at",
    _J.DONE: "printed",
    _J.GIVEN_UP: "given up",
}


def next_job(status: JobStatus, action: JobAction) -> JobStatus:
    """Where the action leads; RuleBroken says where the job stands."""
    move = JOB_MOVES[action]
    if status not in move.sources:
        raise RuleBroken(
            f"These labels are {JOB_WORDS[status]} by now. You cannot {with_object(action.value, 'them')} now."
        )
    return move.target


def next_label(status: LabelStatus, action: LabelAction) -> LabelStatus:
    """Where the action leads; RuleBroken says where the label stands."""
    move = LABEL_MOVES[action]
    if status not in move.sources:
        raise RuleBroken(
            f"This label is {status.value}. You cannot {with_object(action.value)} now."
        )
    return move.target


@dataclass(frozen=True, slots=True)
class Settlement:
    """What the last good label means for each: positions that are good, and that must come out again."""

    good: tuple[int, ...]
    again: tuple[int, ...]


def settle(labels: Mapping[int, LabelStatus], last_good: int) -> Settlement:
    """Labels come out in order: up to the last good one all are good, what was sent after it is not.

    `labels` is position (1 …) to status; `last_good` 0 says that none came out. RuleBroken for a
    position that the job does not have.
    """
    if last_good not in range(max(labels, default=0) + 1):
        raise RuleBroken("There is no such label among these. Scan it, or press its button.")
    good = [at for at, status in labels.items() if at <= last_good and status not in SETTLED]
    again = [
        at
        for at, status in labels.items()
        if at > last_good and status in {_L.SENT, _L.PRINTED, _L.DOUBTFUL}
    ]
    return Settlement(tuple(sorted(good)), tuple(sorted(again)))


@dataclass(frozen=True, slots=True)
class Question:
    """What the person at a stopped printer is asked.

    `good` is the last label that surely came out (0: none), `doubtful` the one after it that may have, or
    None; `total` is how many there are.
    """

    good: int
    doubtful: int | None
    total: int


def question(labels: Sequence[LabelStatus]) -> Question:
    """Ask about the first label in order that may not have come out."""
    doubtful = next((at for at, s in enumerate(labels, 1) if s is _L.DOUBTFUL), None)
    if doubtful is None:
        gone = [at for at, s in enumerate(labels, 1) if s in {_L.SENT, _L.PRINTED}]
        return Question(max(gone, default=0), None, len(labels))
    before = [at for at in range(1, doubtful) if labels[at - 1] is not _L.GIVEN_UP]
    return Question(max(before, default=0), doubtful, len(labels))


PLACE = "04"
_PLACE_DIGITS = 9
_LENGTH = 12


def place_number(place_id: uuid.UUID) -> str:
    """Twelve digits for the barcode on a ward's board or on a printer: `04`, nine digits, check digit.

    Worked out of the place's own id, whose last bits are random, so that nothing has to be kept.
    """
    return with_check_digit(f"{PLACE}{place_id.int % 10**_PLACE_DIGITS:09d}")


def read_place_number(scanned: str) -> str | None:
    """The number of a place when it is one, else None."""
    text = digits_of(scanned)
    ours = len(text) == _LENGTH and text.isascii() and text.isdigit() and text.startswith(PLACE)
    return text if ours and check_digit(text) == "0" else None
