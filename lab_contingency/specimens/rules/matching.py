"""Form, wristband and tube agree, or nothing is taken: what stops, what is missing, who may go on without a wristband."""

from __future__ import annotations

import datetime as dt
import enum
import uuid
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from lab_contingency.foundation.errors import RuleBroken

HOLDS = dt.timedelta(minutes=30)
"""How long what was read at a bedside counts: blood is taken in one go, by one person."""


class Thing(enum.StrEnum):
    """What is read at the bedside, and the end of a round: what agreed was saved as taken."""

    FORM = "form"
    WRISTBAND = "wristband"
    TUBE = "tube"
    END = "end"


def kind_of(container: str, bottle: int) -> str:
    """The kind of a tube as it looks in the hand: its container, and which bottle of a pair."""
    return f"{container}-{bottle}"


class Stop(enum.StrEnum):
    """Why the round stops."""

    OTHER_WRISTBAND = "wristband of another patient"
    OTHER_FORM = "form of another patient"
    OTHER_LABEL = "label of another patient"
    OLD_LABEL = "label that no longer counts"
    OTHER_TUBE = "label on another kind of tube"


@dataclass(frozen=True, slots=True)
class StopWords:
    """What a stop says in big words, and what to do next, step by step."""

    heading: str
    steps: tuple[str, ...]


_BEGIN = "Begin again with the wristband."
STOP_WORDS: dict[Stop, StopWords] = {
    Stop.OTHER_WRISTBAND: StopWords(
        "This wristband is not that of the patient on the card.",
        (
            "Take no blood here for this card.",
            "Ask the person for name and date of birth, and compare them with the card.",
            "The right person lies elsewhere? Go there and read that wristband.",
            "The wristband is wrong? Have it replaced first.",
        ),
    ),
    Stop.OTHER_FORM: StopWords(
        "This form belongs to another patient.",
        ("Take the form away from this bed.", "Fetch the right form.", _BEGIN),
    ),
    Stop.OTHER_LABEL: StopWords(
        "This label belongs to another patient.",
        (
            "Take the label, and a tube it stands on, away from this bed.",
            "Blood is in that tube already? Throw it away and take it again.",
            _BEGIN,
        ),
    ),
    Stop.OLD_LABEL: StopWords(
        "This label no longer counts.",
        (
            "Throw the label away; what stands on it has changed.",
            "Print the new one. Blood is in the tube already? Take it again with the new label.",
            _BEGIN,
        ),
    ),
    Stop.OTHER_TUBE: StopWords(
        "This label is for another kind of tube.",
        (
            "Look at the cap. Two labels may be swapped, or you hold another tube than you chose.",
            "The label is on the wrong tube? Throw that tube away and print its label again.",
            "The label is on the right tube? Choose that tube below.",
            _BEGIN,
        ),
    ),
}


class Identifier(enum.StrEnum):
    """The three identifiers that are said aloud where no wristband can be read."""

    NAME = "surname and forename"
    BORN = "date of birth"
    NUMBER = "NHS number, hospital number or address"


NO_WRISTBAND: dict[str, str] = {
    "UNIDENTIFIED": "not identified, no wristband yet",
    "OUTPATIENT": "outpatient or practice: none is worn",
    "NEWBORN": "newborn, not banded yet",
    "OUT_OF_REACH": "resuscitation or operation: out of reach",
    "DAMAGED": "worn, but nothing on it can be read",
}
ON_PAPER = "ON_PAPER"
"""Compared and noted elsewhere, and only loaded here: given by the program, never by a person."""
_PROGRAM_REASONS = {ON_PAPER: "noted on paper"}


@dataclass(frozen=True, slots=True)
class WithoutWristband:
    """Why none was read, and what was said aloud by the patient or by whoever knows them."""

    reason: str
    said: frozenset[Identifier]


def without_words(reason: str) -> str:
    """The words of a reason; RuleBroken asks for one."""
    words = {**NO_WRISTBAND, **_PROGRAM_REASONS}.get(reason)
    if words is None:
        raise RuleBroken("Choose why no wristband is read.", field="reason")
    return words


def refuse_unsaid(without: WithoutWristband) -> None:
    """Without a wristband all three identifiers are said aloud, by name of each."""
    without_words(without.reason)
    missing = [item.value for item in Identifier if item not in without.said]
    if missing and without.reason != ON_PAPER:
        raise RuleBroken(
            f"Not ticked: {'; '.join(missing)}. Without a wristband all three are said aloud and compared "
            "with the card. One cannot be said? Let somebody who knows the patient say it.",
            field="said",
        )


@dataclass(frozen=True, slots=True)
class Reading:
    """One thing read for one card by one person: it agreed, or it stopped the round."""

    thing: Thing
    read_at: dt.datetime
    tube: uuid.UUID | None = None
    code: str = ""
    stop: Stop | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """What counts of the readings. `stopped`: a stop after which no wristband has agreed yet.

    `turned_away`: the last wristband read was that of another patient. `wrong_form`: the last form was, so
    that the right one must be read.
    """

    form: bool = False
    wristband: Reading | None = None
    tubes: frozenset[uuid.UUID] = frozenset()
    stopped: Stop | None = None
    turned_away: bool = False
    wrong_form: bool = False


def standing(readings: Iterable[Reading], now: dt.datetime) -> Standing:
    """What counts, of readings in the order in which they were made.

    A stop voids what was read before it, and so does the end of a round. What is older than `HOLDS` counts
    no more, but a stop does until a wristband has agreed after it.
    """
    counting: list[Reading] = []
    stopped: Stop | None = None
    last: dict[Thing, Stop | None] = {}
    for reading in readings:
        last[reading.thing] = reading.stop
        if reading.thing is Thing.END:
            counting, stopped, last = [], None, {}
        elif reading.stop is not None:
            counting, stopped = [], reading.stop
        else:
            counting.append(reading)
            stopped = None if reading.thing is Thing.WRISTBAND else stopped
    fresh = [one for one in counting if now - one.read_at <= HOLDS]
    bands = [one for one in fresh if one.thing is Thing.WRISTBAND]
    return Standing(
        form=any(one.thing is Thing.FORM for one in fresh),
        wristband=bands[-1] if bands else None,
        tubes=frozenset(one.tube for one in fresh if one.tube is not None),
        stopped=stopped,
        turned_away=last.get(Thing.WRISTBAND) is not None,
        wrong_form=last.get(Thing.FORM) is not None,
    )


def refuse_unmatched(
    held: Standing, labelled: Collection[uuid.UUID], *, by_hand: bool, wristband: bool
) -> None:
    """RuleBroken names what is still to be read before these tubes count as taken.

    `labelled`: the tubes with a printed label; `by_hand`: whether a handwritten one is among them, which
    travels with its form; `wristband`: whether one must be read.
    """
    missing = []
    if wristband and held.wristband is None:
        missing.append("read the wristband")
    if (by_hand or held.wrong_form) and not held.form:
        missing.append("scan the right form")
    if unread := len([tube for tube in labelled if tube not in held.tubes]):
        missing.append(
            "scan the label on each tube" if unread > 1 else "scan the label on the tube"
        )
    if missing:
        raise RuleBroken(
            f"Nothing is saved yet: {', then '.join(missing)}. Form, wristband and tube must agree.",
            field="number",
        )


def refuse_turned_away(held: Standing) -> None:
    """Whoever was stopped by a wristband cannot go on without one: somebody else must know the patient."""
    if held.turned_away:
        raise RuleBroken(
            "You were stopped by another patient’s wristband here. Read the right one, or let a colleague "
            "identify the patient and sign in for it.",
            field="reason",
        )
