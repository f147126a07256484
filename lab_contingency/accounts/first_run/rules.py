"""The steps of the first run, in their order, and what its secrets and choices must be."""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Collection, Iterable

LIFE = dt.timedelta(minutes=30)
"""Of a code on the console, and of what was typed after it was given."""
TRIES = 10
WHY_SHORTEST = 10


class Step(enum.StrEnum):
    """What is asked, one a page; the values stand in addresses."""

    ADMINISTRATOR = "administrator"
    FIRST_CUSTODIAN = "first-custodian"
    SECOND_CUSTODIAN = "second-custodian"
    SHEET = "recovery-sheet"
    SHEET_BACK = "sheet-typed-back"
    KEY_FILE = "key-file"
    CLOCK = "clock"
    LABEL = "label"
    NETWORK = "network"
    FINISH = "finish"


STEPS = tuple(Step)


def first_open(done: Collection[Step]) -> Step:
    """The step that comes next; FINISH when the others are done."""
    return next((step for step in STEPS if step not in done), Step.FINISH)


def may_be_shown(step: Step, done: Collection[Step]) -> bool:
    """Whether everything before it is done: one may go back, and not ahead."""
    return STEPS.index(step) <= STEPS.index(first_open(done))


def step_before(step: Step) -> Step | None:
    """Where “Back” leads; None at the first."""
    place = STEPS.index(step)
    return STEPS[place - 1] if place else None


def same_as_another(passphrase: str, others: Iterable[tuple[str, str]]) -> str | None:
    """Why a passphrase that somebody else here chose will not do; `others` are (whose, passphrase)."""
    for whose, other in others:
        if other and other == passphrase:
            return (
                f"That is the passphrase of {whose}. Each is known to one person: choose another."
            )
    return None


def slip_in_groups(typed: tuple[str, ...], printed: tuple[str, ...]) -> str | None:
    """What is wrong with groups whose check signs fit; None when they are those of the sheet."""
    wrong = [
        place for place, pair in enumerate(zip(typed, printed, strict=True), 1) if len({*pair}) > 1
    ]
    if not wrong:
        return None
    if len(wrong) > len(printed) // 2:
        return "These are groups of another sheet. Type those of the sheet that was just printed."
    return f"Group {wrong[0]} is not the one on this sheet. Read its five signs again."


def label_problem(number: str, printed: str, why_not: str) -> tuple[str, str] | None:
    """Field and sentence when the test label is neither read back nor left out with a reason."""
    digits = "".join(sign for sign in number if sign.isalnum())
    if digits == printed:
        return None
    if digits:
        return "number", "That is not the number of this label. Scan its bars, or read it again."
    if not why_not:
        return "number", "Scan the label, or write below why there is none."
    if len(why_not) < WHY_SHORTEST:
        return "why_not", "Say in a few words why no label was printed; it is recorded."
    return None
