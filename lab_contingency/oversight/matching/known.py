"""What is looked for: numbers, names and watermarks as the byte strings in which they may stand outside.

Words are upper case as far as ASCII goes; other letters stand in every spelling that the scanner meets
(UTF-8 and Latin-1, composed and not, with and without their accents).
"""

from __future__ import annotations

import datetime as dt
import enum
import re
import unicodedata
import uuid
from dataclasses import dataclass, field

NHS_LENGTH, OURS_LENGTH = 10, 12
_SEQUENCE = slice(3, 9)
_SHORTEST = 2
_TELLING = 6  # signs from which a hospital number with a letter in it can be nobody else's
_SPLIT = re.compile(r"[\W_]+")
_SPLIT_NUMBER = re.compile(rb"[^0-9A-Z]+")
_UPPER = bytes(range(256)).upper()
_FOLDED = str.maketrans(
    {"ł": "l", "đ": "d", "ø": "o", "ß": "ss", "æ": "ae", "œ": "oe", "ı": "i", "þ": "th", "ð": "d"}
)


class Sure(enum.IntEnum):
    """How sure a match is. A name is never more than likely: others may bear it."""

    LIKELY = 1
    CERTAIN = 2


@dataclass(frozen=True, slots=True)
class Named:
    """One patient under a surname: the surname's other parts, each in its spellings, and the date of birth."""

    patient: uuid.UUID
    others: tuple[frozenset[bytes], ...]
    born: dt.date


@dataclass(frozen=True, slots=True)
class HospitalNumber:
    """A hospital number in parts without its signs, and whose it is (one number, several issuers)."""

    parts: tuple[bytes, ...]
    patient: uuid.UUID
    sure: Sure


Near = dict[bytes, list[Named]]
Births = dict[dt.date, list[Named]]


@dataclass(slots=True)
class Known:
    """Everything that is looked for. `clear` empties it: names in the clear stay no longer than needed.

    `forenames` and `births`: a part of a surname, then what may stand near it, then whose it is. `years`
    and `whole_dates` are the words by which a date of birth is noticed.
    """

    numbers: dict[bytes, uuid.UUID] = field(default_factory=dict)
    sequences: set[bytes] = field(default_factory=set)
    hospital: dict[bytes, list[HospitalNumber]] = field(default_factory=dict)
    watermarks: dict[bytes, uuid.UUID] = field(default_factory=dict)
    forenames: dict[bytes, Near] = field(default_factory=dict)
    births: dict[bytes, Births] = field(default_factory=dict)
    years: dict[bytes, set[int]] = field(default_factory=dict)
    whole_dates: dict[bytes, set[dt.date]] = field(default_factory=dict)
    words: set[bytes] = field(default_factory=set)
    date_words: set[bytes] = field(default_factory=set)
    glued: set[bytes] = field(default_factory=set)
    glued_lengths: tuple[int, ...] = ()

    def add_patient(
        self,
        patient: uuid.UUID,
        surname: str,
        forenames: str,
        born: dt.date,
        *,
        nhs_number: str = "",
    ) -> None:
        """One identity of a patient; several of one patient are all looked for."""
        if nhs_number:
            self.numbers[nhs_number.encode()] = patient
        self._add_name(patient, surname, forenames, born)

    def add_hospital_number(self, number: str, patient: uuid.UUID) -> None:
        """A hospital number; one of digits only, or a short one, can be another number by chance."""
        raw = number.upper().encode()
        parts = tuple(part for part in _SPLIT_NUMBER.split(raw) if part)
        if parts:
            telling = len(raw) >= _TELLING and not raw.isdigit()
            sure = Sure.CERTAIN if telling else Sure.LIKELY
            self.hospital.setdefault(parts[0], []).append(HospitalNumber(parts, patient, sure))

    def add_number(self, number: str, patient: uuid.UUID) -> None:
        """A number of ours (twelve digits) that leads to the patient."""
        raw = number.encode()
        self.numbers[raw] = patient
        self.sequences.add(raw[_SEQUENCE])

    def add_watermark(self, watermark: str, leaving: uuid.UUID) -> None:
        """The watermark of something that left."""
        self.watermarks[watermark.encode()] = leaving

    def ready(self) -> Known:
        """Work out what the scanner looks up first; call once after the last was added."""
        self.words = {*self.forenames, *self.watermarks, *self.hospital}
        self.date_words = {*self.years, *self.whole_dates}
        self.glued = {*self.watermarks, *_whole(self.hospital)}
        self.glued_lengths = tuple(sorted({len(word) for word in self.glued}))
        return self

    def clear(self) -> None:
        """Forget everything."""
        for held in (self.sequences, self.words, self.date_words, self.glued):
            held.clear()
        for more in (
            self.numbers,
            self.hospital,
            self.watermarks,
            self.forenames,
            self.births,
            self.years,
            self.whole_dates,
        ):
            more.clear()

    def _add_name(self, patient: uuid.UUID, surname: str, forenames: str, born: dt.date) -> None:
        parts = sorted(_words(surname), key=len, reverse=True)
        given = next(iter(_words(forenames)), "")
        if not parts or len(parts[0]) < _SHORTEST:
            return
        named = Named(patient, tuple(frozenset(spellings(part)) for part in parts[1:]), born)
        clues = spellings(given) if len(given) >= _SHORTEST else set()
        for anchor in spellings(parts[0]):
            near = self.forenames.setdefault(anchor, {})
            for clue in clues:
                near.setdefault(clue, []).append(named)
            self.births.setdefault(anchor, {}).setdefault(born, []).append(named)
        for shape in ("%Y", "%y"):
            self.years.setdefault(_written(born, shape), set()).add(born.year)
        for shape in _WHOLE:
            self.whole_dates.setdefault(_written(born, shape), set()).add(born)


_WHOLE = ("%Y%m%d", "%d%m%Y", "%d%m%y", "%y%m%d", "%d%b%Y", "%d%b%y", "%d%B%Y")


def _written(day: dt.date, shape: str) -> bytes:
    return day.strftime(shape).upper().encode()


def _whole(hospital: dict[bytes, list[HospitalNumber]]) -> set[bytes]:
    """Numbers of one part and enough signs to be found inside a longer word."""
    return {
        first
        for first, numbers in hospital.items()
        if any(len(n.parts) == 1 and n.sure is Sure.CERTAIN for n in numbers)
    }


def _words(name: str) -> list[str]:
    return [word for word in _SPLIT.split(unicodedata.normalize("NFC", name)) if word]


def spellings(word: str) -> set[bytes]:
    """A word as it may stand in bytes whose ASCII letters were made upper case."""
    forms = {word, word.upper(), word.lower(), word.title(), _plain(word)}
    if not word.isascii():
        forms |= {unicodedata.normalize("NFD", form) for form in forms}
    found = {form.encode().translate(_UPPER) for form in forms}
    for form in forms:
        try:
            found.add(form.encode("latin-1").translate(_UPPER))
        except UnicodeEncodeError:
            continue
    return found


def _plain(word: str) -> str:
    """Without accents, as many systems write it."""
    decomposed = unicodedata.normalize("NFKD", word.casefold().translate(_FOLDED))
    return "".join(sign for sign in decomposed if not unicodedata.combining(sign))
