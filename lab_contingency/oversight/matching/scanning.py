"""Looking through plain bytes for what is known.

Blocks are small enough for the processor's cache. `translate` and `split` make words of them, once of
digits only and once of letters and digits; words are looked up in sets, and only what is hit is looked
at more closely. Millions of others cost the look-up and nothing else.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import compress, count, filterfalse

from lab_contingency.oversight.matching.dates import dates_at
from lab_contingency.oversight.matching.known import (
    NHS_LENGTH,
    OURS_LENGTH,
    Known,
    Named,
    Sure,
)

BLOCK = 128 * 1024
OVERLAP = 512  # bytes: longer than any identifier with its neighbours
_BIRTH = "surname and date of birth"
_NEAR = 8  # words between a surname and what belongs to it
_ASCII = 128
_DIGITS = bytes(c if chr(c) in "0123456789" else 32 for c in range(256))
_WORDS = bytes(c if c >= _ASCII or chr(c).isalnum() else 32 for c in bytes(range(256)).upper())
_TYPOGRAPHIC = re.compile(rb"\xe2\x80[\x90-\x99\xaf]|\xc2\xa0")
_BETWEEN = (
    b" ",
    b"-",
    b".",
    b"\t",
    b"\xc2\xa0",
    b"\xa0",
    b"\xe2\x80\x93",
    b"\xe2\x80\x91",
    b"\xe2\x80\xaf",
)
_FIRST, _MIDDLE, _LAST = 3, 3, 4  # groups of an NHS number


@dataclass(slots=True)
class Finding:
    """What was found: patients with by what and how surely, watermarks of papers and files."""

    patients: dict[uuid.UUID, dict[str, Sure]] = field(default_factory=dict)
    leavings: set[uuid.UUID] = field(default_factory=set)
    size: int = 0
    capped: bool = False

    def add(self, patient: uuid.UUID, by: str, sure: Sure) -> None:
        """A match; the surest one of each kind is kept."""
        held = self.patients.setdefault(patient, {})
        held[by] = max(held.get(by, sure), sure)

    def of(self, sure: Sure) -> set[uuid.UUID]:
        """Patients whose best match is this sure."""
        return {patient for patient, ways in self.patients.items() if max(ways.values()) is sure}


class Scanner:
    """Looks through bytes as they stand; `unwrapping` feeds it what was wrapped in others."""

    def __init__(self, known: Known) -> None:
        self.known = known
        self.finding = Finding()
        self._seen: set[tuple[bytes, object]] = set()  # names that need no second look

    def scan(self, data: bytes) -> None:
        """Look through them, in blocks that overlap."""
        for start in range(0, len(data), BLOCK):
            self._block(data[start : start + BLOCK + OVERLAP])

    def _block(self, block: bytes) -> None:
        digits = block.translate(_DIGITS).split()
        if digits:
            self._whole_numbers(digits)
            self._grouped_numbers(digits, block)
        if b"\xe2\x80" in block or b"\xc2\xa0" in block:
            block = _TYPOGRAPHIC.sub(b" ", block)
        words = block.translate(_WORDS).split()
        self._whole_words(words)
        self._glued_words(words)

    def _whole_numbers(self, digits: list[bytes]) -> None:
        numbers = self.known.numbers
        for number in set(filter(numbers.__contains__, digits)):
            self._number(number, Sure.CERTAIN)
        for run in _longer(digits, NHS_LENGTH):
            if run not in numbers:
                self._inside(run)

    def _inside(self, run: bytes) -> None:
        """Numbers inside a longer one: a cut may have glued something to them."""
        parts = [run[at : at + NHS_LENGTH] for at in range(len(run) - NHS_LENGTH + 1)]
        parts += [run[at : at + OURS_LENGTH] for at in range(len(run) - OURS_LENGTH + 1)]
        for part in filter(self.known.numbers.__contains__, parts):
            self._number(part, Sure.LIKELY)

    def _number(self, number: bytes, sure: Sure) -> None:
        by = "NHS number" if len(number) == NHS_LENGTH else "number of a card, tube or slip"
        self.finding.add(self.known.numbers[number], by, sure)

    def _grouped_numbers(self, digits: list[bytes], block: bytes) -> None:
        """`999 217 3858` and `41 1 004711 02 2`: noticed by the group in the middle, which no cut reaches."""
        last = len(digits) - 1
        for read, noticed in (
            (_nhs, compress(count(), map(_MIDDLE.__eq__, map(len, digits)))),
            (_ours, _places(digits, self.known.sequences)),
        ):
            for at in noticed:
                if 0 < at < last:
                    groups, exact = read(digits, at)
                    if b"".join(groups) in self.known.numbers:
                        neat = exact and any(sign.join(groups) in block for sign in _BETWEEN)
                        self._number(b"".join(groups), Sure.CERTAIN if neat else Sure.LIKELY)

    def _whole_words(self, words: list[bytes]) -> None:
        known = self.known
        for at in _places(words, known.words):
            word = words[at]
            if word in known.watermarks:
                self.finding.leavings.add(known.watermarks[word])
            if word in known.hospital:
                self._hospital(word, words, at)
            if word in known.forenames:
                self._name(word, words, at)
        for at in _places(words, known.date_words):
            self._birth(words, at)

    def _hospital(self, word: bytes, words: Sequence[bytes], at: int) -> None:
        for number in self.known.hospital[word]:
            if tuple(words[at : at + len(number.parts)]) == number.parts:
                self.finding.add(number.patient, "hospital number", number.sure)

    def _glued_words(self, words: list[bytes]) -> None:
        """Watermarks and hospital numbers at either end of a longer word, where a cut glued something to them."""
        glued, lengths = self.known.glued, self.known.glued_lengths
        if not lengths:
            return
        shortest = lengths[0]
        for word in filterfalse(bytes.isdigit, _longer(words, shortest)):  # each has a letter in it
            for length in lengths:
                if word[:length] in glued:
                    self._glued(word[:length], word)
                if word[-length:] in glued:
                    self._glued(word[-length:], word)

    def _glued(self, part: bytes, word: bytes) -> None:
        if part == word:
            return
        if part in self.known.watermarks:
            self.finding.leavings.add(self.known.watermarks[part])
        for number in self.known.hospital.get(part, ()):
            if len(number.parts) == 1:
                self.finding.add(number.patient, "hospital number", Sure.LIKELY)

    def _name(self, word: bytes, words: list[bytes], at: int) -> None:
        near = self.known.forenames[word]
        around = words[at + 1 : at + _NEAR + 1]
        if at:
            around += words[max(0, at - _NEAR) : at]
        if not near.keys().isdisjoint(around):
            for clue in filter(near.__contains__, around):
                self._named((word, clue), near[clue], around, "name")

    def _birth(self, words: Sequence[bytes], at: int) -> None:
        for born in dates_at(words, at, self.known):
            around = words[max(0, at - _NEAR) : at + _NEAR + 1]
            for word in filter(self.known.births.__contains__, around):
                if born in self.known.births[word]:
                    self._named((word, born), self.known.births[word][born], around, _BIRTH)

    def _named(
        self,
        key: tuple[bytes, object],
        people: Sequence[Named],
        around: Sequence[bytes],
        by: str,
    ) -> None:
        if key in self._seen:
            return
        for named in people:
            if _complete(named, around):
                self.finding.add(named.patient, by, Sure.LIKELY)
        if not any(named.others for named in people):
            self._seen.add(key)


def _longer(words: list[bytes], length: int) -> Iterable[bytes]:
    """Words longer than so many bytes. Done by the interpreter's own loops: this is most of the work."""
    return compress(words, map(length.__lt__, map(len, words)))


def _places(words: list[bytes], wanted: set[bytes]) -> Iterable[int]:
    """Where words stand that are wanted."""
    return compress(count(), map(wanted.__contains__, words))


def _complete(named: Named, around: Sequence[bytes]) -> bool:
    """Whether the other parts of a double surname stand near as well."""
    return all(not part.isdisjoint(around) for part in named.others)


def _nhs(digits: Sequence[bytes], at: int) -> tuple[list[bytes], bool]:
    before, after = digits[at - 1], digits[at + 1]
    exact = len(before) == _FIRST and len(after) == _LAST
    return [before[-_FIRST:], digits[at], after[:_LAST]], exact


def _ours(digits: Sequence[bytes], at: int) -> tuple[list[bytes], bool]:
    if at < 2 or at > len(digits) - 3:  # noqa: PLR2004 - five groups, this one in the middle
        return [], False
    first, epoch, sequence, tube, check = digits[at - 2 : at + 3]
    exact = len(first) == 2 and len(check) == 1  # noqa: PLR2004 - two digits name the node
    return [first[-2:], epoch, sequence, tube, check[:1]], exact
