"""What can be asked, by when it is answered, who may answer how. Moves are a table."""

from __future__ import annotations

import datetime as dt
import enum
from dataclasses import dataclass

from lab_contingency.foundation.errors import RuleBroken
from lab_contingency.requests.rules.bands import Band

LONGEST = 400


class QuestionKind(enum.StrEnum):
    """What laboratories ask each other most; the rest is said in words."""

    TIME = "time"
    VOLUME = "volume"
    PATIENT = "patient"
    TEST = "test"
    MISSING = "missing"
    OTHER = "other"


KINDS: dict[QuestionKind, str] = {
    QuestionKind.TIME: "Two collection times: which one is right?",
    QuestionKind.VOLUME: "Too little blood: which test first?",
    QuestionKind.PATIENT: "Name, date of birth or number does not agree",
    QuestionKind.TEST: "Is this the test that is wanted?",
    QuestionKind.MISSING: "A tube did not come with the others",
    QuestionKind.OTHER: "Something else",
}


class QuestionState(enum.StrEnum):
    """Where a question stands."""

    OPEN = "open"
    ANSWERED = "answered"


class AnswerHow(enum.StrEnum):
    """How the thread went on."""

    WRITTEN = "written"
    TELEPHONE = "telephone"
    AGAIN = "asked again"


class Side(enum.StrEnum):
    """On which side of a question somebody stands."""

    ASKED = "asked"
    ANSWERS = "answers"


@dataclass(frozen=True, slots=True)
class Move:
    """From which state to which, and which sides may."""

    source: QuestionState
    target: QuestionState
    sides: frozenset[Side]


# What was said on the telephone is written down by whoever heard it: either side. A written answer is the other's.
MOVES: dict[AnswerHow, Move] = {
    AnswerHow.WRITTEN: Move(QuestionState.OPEN, QuestionState.ANSWERED, frozenset({Side.ANSWERS})),
    AnswerHow.TELEPHONE: Move(QuestionState.OPEN, QuestionState.ANSWERED, frozenset(Side)),
    AnswerHow.AGAIN: Move(QuestionState.ANSWERED, QuestionState.OPEN, frozenset({Side.ASKED})),
}
ANSWERED_WITHIN: dict[Band, dt.timedelta] = {
    Band.P1: dt.timedelta(minutes=15),
    Band.P2: dt.timedelta(minutes=15),
    Band.P3: dt.timedelta(hours=2),
    Band.P4: dt.timedelta(hours=4),
}
_TOO_LATE = {
    QuestionState.OPEN: "It is open already: wait for the answer, or ring.",
    QuestionState.ANSWERED: "Somebody answered it already. Read the answer first.",
}


def due(band: Band, asked_at: dt.datetime) -> dt.datetime:
    """By when somebody must have answered."""
    return asked_at + ANSWERED_WITHIN[band]


def permitted(state: QuestionState, side: Side) -> tuple[AnswerHow, ...]:
    """What this side may do now."""
    return tuple(how for how, move in MOVES.items() if move.source is state and side in move.sides)


def next_state(state: QuestionState, how: AnswerHow, side: Side) -> QuestionState:
    """Where it leads; RuleBroken says what can be done instead."""
    move = MOVES[how]
    if state is not move.source:
        raise RuleBroken(_TOO_LATE[state])
    if side not in move.sides:
        raise RuleBroken("You asked this. Only the other side answers it in writing.", field="how")
    return move.target


def refuse_unsaid(kind: QuestionKind, words: str) -> None:
    """Something else is asked in words."""
    if kind is QuestionKind.OTHER and not words.strip():
        raise RuleBroken("Say what you ask.", field="words")


def refuse_unheard(how: AnswerHow, words: str, told_by: str) -> None:
    """An answer says something; one from the telephone also says who said it."""
    if not words.strip():
        raise RuleBroken("Write what is asked or answered.", field="words")
    if how is AnswerHow.TELEPHONE and not told_by.strip():
        raise RuleBroken(
            "Write who said it: the name of the person on the telephone.", field="told_by"
        )
