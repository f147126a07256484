"""Looking beyond one's place, and how many patients a person is shown before being asked why."""

from __future__ import annotations

import datetime as dt
import enum
import re
from collections.abc import Mapping
from dataclasses import dataclass

from lab_contingency.accounts.rules import Role
from lab_contingency.incidents.rules import read_number
from lab_contingency.requests.rules.identity import read_hospital_number, read_nhs_number

LOOK_LIFE = dt.timedelta(minutes=30)
LOOK_TRIES = 10  # right and wrong ones together
LOOK_TRIES_WITHIN = dt.timedelta(minutes=5)
_NHS_LENGTH = 10


class LookReason(enum.StrEnum):
    """Why somebody looks at another place's patient."""

    MOVED_HERE = "moved"
    ON_CALL = "on call"
    TELEPHONE = "telephone"
    OTHER = "other"


REASON_WORDS: Mapping[LookReason, str] = {
    LookReason.MOVED_HERE: "patient moved here",
    LookReason.ON_CALL: "on-call cover",
    LookReason.TELEPHONE: "telephone enquiry answered",
    LookReason.OTHER: "other",
}


def reason_words(code: str, text: str) -> str:
    """The reason as it is shown: `on-call cover`, `on-call cover: renal registrar tonight`."""
    words = REASON_WORDS.get(LookReason(code), code) if code in set(LookReason) else code
    if code == LookReason.OTHER and text:
        return text
    return f"{words}: {text}" if text else words


class NumberKind(enum.StrEnum):
    """Which number was given."""

    REQUEST = "request"
    NHS = "nhs"
    HOSPITAL = "hospital"


@dataclass(frozen=True, slots=True)
class LookNumber:
    """A number read: form number, NHS number, or hospital number with its issuer."""

    kind: NumberKind
    digits: str
    issuer: str = ""


def read_look_number(typed: str, issuer: str, *, demonstration: bool) -> LookNumber:
    """Which number that is; ValueError says what is wrong with how it is written, never whether it exists."""
    if issuer:
        return LookNumber(NumberKind.HOSPITAL, read_hospital_number(typed), issuer)
    bare = re.sub(r"[\s\-–]", "", typed)
    if bare.isascii() and bare.isdigit():
        if len(bare) == _NHS_LENGTH:
            return LookNumber(NumberKind.NHS, read_nhs_number(bare, demonstration=demonstration))
        return LookNumber(NumberKind.REQUEST, read_number(bare).form)
    raise ValueError(
        "Type the digits of a request, a tube or an NHS number. For a hospital number choose who issued it."
    )


@dataclass(frozen=True, slots=True)
class Brake:
    """How many different patients, on pages of one patient each, before a person is asked why."""

    patients: int
    within: dt.timedelta


_USUAL = Brake(60, dt.timedelta(minutes=10))
# Work lists that refresh may show hundreds and are not counted; roles that are shown nobody need no brake.
BRAKES: Mapping[Role, Brake] = {
    Role.REQUESTER: _USUAL,
    Role.LABORATORY: _USUAL,
    Role.SENIOR: _USUAL,
    Role.COORDINATOR: _USUAL,
    Role.PARTNER: _USUAL,
}


def brake_of(role: str) -> Brake | None:
    """The brake of a role, or None."""
    return BRAKES.get(Role(role)) if role in set(Role) else None
