"""Who a patient is: numbers, names, dates of birth, and the names of those nobody can identify yet."""

from __future__ import annotations

import datetime as dt
import enum
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import TypeVar

import nhs_number

ADULT_YEARS = 16
OLDEST_YEARS = 125
_TEST_RANGE = "999"
_NHS_LENGTH = 10
_HOSPITAL_NUMBER = re.compile(r"[A-Z0-9][A-Z0-9/-]{2,14}")
_Key = TypeVar("_Key")


class Sex(enum.StrEnum):
    """As on the wristband."""

    FEMALE = "F"
    MALE = "M"
    UNKNOWN = "U"

    @property
    def text(self) -> str:
        """F, M, or not known."""
        return "not known" if self is Sex.UNKNOWN else self.value


@dataclass(frozen=True, slots=True)
class Identity:
    """What is sealed about a patient. Numbers are bare digits or letters; "" where there is none."""

    surname: str
    forenames: str
    born: dt.date
    sex: Sex
    nhs_number: str = ""
    hospital_number: str = ""
    issuer: str = ""
    unidentified: bool = False

    @property
    def name(self) -> str:
        """`WOŹNIAK Sian`."""
        return f"{self.surname.upper()} {self.forenames}"

    @property
    def nhs_grouped(self) -> str:
        """`999 217 3858`, or ""."""
        return grouped_nhs(self.nhs_number) if self.nhs_number else ""

    @property
    def hospital_text(self) -> str:
        """`H0123456 (RJ1)`, or ""."""
        return f"{self.hospital_number} ({self.issuer})" if self.hospital_number else ""

    def age(self, on: dt.date) -> int:
        """Whole years."""
        before_birthday = (on.month, on.day) < (self.born.month, self.born.day)
        return on.year - self.born.year - int(before_birthday)


def grouped_nhs(number: str) -> str:
    """3-3-4."""
    return f"{number[:3]} {number[3:6]} {number[6:]}"


def read_nhs_number(typed: str, *, demonstration: bool) -> str:
    """Ten digits; ValueError says which rule failed and what to look at.

    The 999 range is never issued: a demonstration takes only it, a live database never.
    """
    digits = re.sub(r"[\s\-]", "", typed)
    if not digits.isascii() or not digits.isdigit():
        raise ValueError("Type the ten digits of the NHS number, without letters.")
    if len(digits) != _NHS_LENGTH:
        raise ValueError(
            f"That has {len(digits)} digits; an NHS number has ten. Read it again from the wristband."
        )
    if len(set(digits)) == 1 or not nhs_number.is_valid(digits):
        raise ValueError(
            "The last digit does not fit the other nine. Read it again from the wristband."
        )
    if demonstration and not digits.startswith(_TEST_RANGE):
        raise ValueError(
            "This is a demonstration: only invented numbers, from 999, may be typed here."
        )
    if not demonstration and digits.startswith(_TEST_RANGE):
        raise ValueError(
            "Numbers from 999 belong to nobody. Read the number again from the wristband."
        )
    return digits


def read_hospital_number(typed: str) -> str:
    """Letters and digits as on the wristband; ValueError with a sentence."""
    number = re.sub(r"\s", "", typed).upper()
    if not _HOSPITAL_NUMBER.fullmatch(number):
        raise ValueError(
            "Type the hospital number as on the wristband: 3 to 15 letters and digits."
        )
    return number


def born_problem(born: dt.date, today: dt.date) -> str | None:
    """Why a date of birth cannot be one, or None."""
    if born > today:
        return "The date of birth lies in the future. Check day, month and year."
    if today.year - born.year > OLDEST_YEARS:
        return f"That would be an age over {OLDEST_YEARS}. Check the year of birth."
    return None


_FOLDED = str.maketrans(
    {"ł": "l", "đ": "d", "ø": "o", "ß": "ss", "æ": "ae", "œ": "oe", "ı": "i", "þ": "th", "ð": "d"}
)


def search_key(name: str) -> str:
    """A name without case, accents, hyphens, spaces and apostrophes, for comparing."""
    decomposed = unicodedata.normalize("NFKD", name.casefold().translate(_FOLDED))
    return "".join(sign for sign in decomposed if sign.isalnum()).casefold()


def same_name(one: str, other: str) -> bool:
    """Whether two spellings are the same name but for accents and case."""
    return search_key(one) == search_key(other)


_KEYS_FOLD = 4


def similar_name(one: Identity, other: Identity) -> bool:
    """Alike enough to be mixed up: same surname, or near surname with the same forename or birth date."""
    surnames = search_key(one.surname), search_key(other.surname)
    if surnames[0] == surnames[1]:
        return True
    near = surnames[0][:_KEYS_FOLD] == surnames[1][:_KEYS_FOLD]
    forenames = search_key(one.forenames), search_key(other.forenames)
    return near and (forenames[0] == forenames[1] or one.born == other.born)


def similar_among(people: Mapping[_Key, Identity]) -> frozenset[_Key]:
    """Which of the people on one list have a name that another on it could be mixed up with."""
    near: dict[str, list[_Key]] = {}
    for key, identity in people.items():
        near.setdefault(search_key(identity.surname)[:_KEYS_FOLD], []).append(key)
    return frozenset(
        key
        for keys in near.values()
        for one, other in combinations(keys, 2)
        if similar_name(people[one], people[other])
        for key in (one, other)
    )


# NHS Improvement alert of December 2018: two phonetic words; words that are ordinary names or mean
# something in a hospital (Juliet, Mike, Victor, Charlie, Oscar, Romeo, X-ray, Hotel, Delta) left out.
PHONETIC_WORDS = (
    "Alpha", "Bravo", "Echo", "Foxtrot", "Golf", "India", "Kilo", "Lima", "November", "Papa", "Quebec",
    "Sierra", "Tango", "Uniform", "Whisky", "Yankee", "Zulu",
)  # fmt: skip
UNIDENTIFIED_DIGITS = 7


def estimated_born(age: int, today: dt.date) -> dt.date:
    """1 January of the estimated year."""
    return dt.date(today.year - age, 1, 1)
