"""Looking through plain bytes for what is known.

Blocks are small enough for the processor's cache. `translate` and `split` make words of them, once of
digits only and once of letters and digits; words are looked up in sets, and only what is hit is looked
at more closely. Millions of others cost the look-up and nothing else.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field

from lab_contingency.oversight.matching.dates import born_at
from lab_contingency.oversight.matching.known import (
    NHS_LENGTH,
    OURS_LENGTH,
    Known,
    Named,
    Near,
    Sure,
)

BLOCK = 128 * 1024
OVERLAP = 512  # bytes: longer than any identifier with its neighbours
_NEAR = 8  # words between a surname and what belongs to it
_ASCII = 128
_DIGITS = bytes(c if chr(c) in "0123456789" else 32 for c in range(256))
_WORDS = bytes(c if c >= _ASCII or chr(c).isalnum() else 32 for c in bytes(range(256)).upper())
_TYPOGRAPHIC = re.compile(rb"\xe2\x80[\x90-\x99\xaf]|\xc2\xa0")
_BETWEEN = rb"(?:[ .\-_/\t]|\xc2\xa0|\xa0|\xe2\x80[\x90-\x95\xaf])?"
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
        return {
            patient for patient, ways in self.patients.items() if max(ways.values()) is sure
        }


class Scanner:
    """Looks through bytes as they stand; `unwrapping` feeds it what was wrapped in others."""

    def __init__(self, known: Known) -> None:
        self.known = known
        self.finding = Finding()

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
        for number in numbers.keys() & set(digits):
            self._number(number, Sure.CERTAIN)
        for run in [each for each in digits if len(each) > NHS_LENGTH]:
            if run not in numbers:
                self._inside(run)

    def _inside(self, run: bytes) -> None:
        """Numbers inside a longer one: a cut may have glued something to them."""
        numbers = self.known.numbers
        for length in (NHS_LENGTH, OURS_LENGTH):
            for start in range(len(run) - length + 1):
                part = run[start : start + length]
                if part in numbers:
                    self._number(part, Sure.LIKELY)

    def _number(self, number: bytes, sure: Sure) -> None:
        by = "NHS number" if len(number) == NHS_LENGTH else "number of a card, tube or slip"
        self.finding.add(self.known.numbers[number], by, sure)

    def _grouped_numbers(self, digits: list[bytes], block: bytes) -> None:
        """`999 217 3858` and `41 1 004711 02 2`: noticed by the group in the middle, which no cut reaches."""
        sequences, last = self.known.sequences, len(digits) - 1
        for at in [at for at, run in enumerate(digits) if len(run) == _MIDDLE or run in sequences]:
            if 0 < at < last:
                groups, exact = (_nhs if len(digits[at]) == _MIDDLE else _ours)(digits, at)
                number = b"".join(groups)
                if number in self.known.numbers:
                    neat = exact and re.search(_BETWEEN.join(groups), block) is not None
                    self._number(number, Sure.CERTAIN if neat else Sure.LIKELY)

    def _whole_words(self, words: list[bytes]) -> None:
        known, wanted = self.known, self.known.words
        for at in [at for at, word in enumerate(words) if word in wanted]:
            word = words[at]
            if word in known.watermarks:
                self.finding.leavings.add(known.watermarks[word])
            if word in known.hospital:
                self._hospital(word, words, at)
            if word in known.forenames:
                self._name(word, words, at)

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
        for word in [each for each in words if len(each) > shortest]:
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

    def _name(self, word: bytes, words: Sequence[bytes], at: int) -> None:
        start = max(0, at - _NEAR)
        around, here = words[start : at + _NEAR + 1], at - start
        self._near(self.known.forenames[word], around, here, "name")
        self._near(self.known.births[word], around, here, "surname and date of birth")

    def _near(self, near: Near, around: Sequence[bytes], here: int, by: str) -> None:
        dated = by != "name"
        for place, clue in enumerate(around):
            if clue in near and place != here:
                for named in near[clue]:
                    if _complete(named, around) and (
                        not dated or born_at(around, place, named.born)
                    ):
                        self.finding.add(named.patient, by, Sure.LIKELY)


def _complete(named: Named, around: Sequence[bytes]) -> bool:
    """Whether the other parts of a double surname stand near as well."""
    return all(any(word in part for word in around) for part in named.others)


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
