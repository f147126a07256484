"""An anchor: the first 80 bits of a checkpoint's digest, to be printed, read aloud and typed back.

As words: five of five letters (consonant, vowel, consonant, vowel, consonant: 4 + 2 + 4 + 2 + 4 bits) and a
check syllable. As a code: four groups of four signs of Crockford's base 32 and a check sign. Both checks
are weighted sums in a field of 64 or 32 elements with a different weight at each place: one wrong sign, or
two that changed places, always show.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from lab_contingency.foundation.errors import RuleBroken

BITS = 80
HEXADECIMAL = BITS // 4  # digits of a digest that an anchor holds
QR_HEAD = "LAB-ANCHOR/1"

_SIGNS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_READ_AS = str.maketrans({"O": "0", "I": "1", "L": "1"})
_CODE_SIGNS, _GROUP = 16, 4
_CONSONANTS = "bdfghklmnprstvwz"
_VOWELS = "aeio"
_WORD = (_CONSONANTS, _VOWELS, _CONSONANTS, _VOWELS, _CONSONANTS)
_WORDS = 5
_LETTERS = _WORDS * len(_WORD)
_SYLLABLE = 2
_WIDTH = {letters: len(letters).bit_length() - 1 for letters in (_CONSONANTS, _VOWELS)}
_FIELD_32 = (5, 0b100101)
_FIELD_64 = (6, 0b1000011)

_SLIP = (
    "There is a typing slip in this anchor: its check does not fit. "
    "Compare it with the sheet, sign by sign."
)
_LENGTH = (
    "An anchor is five words and a check syllable, or four groups of four signs and a check sign. "
    "This is neither: type it again from the sheet."
)


@dataclass(frozen=True, slots=True)
class Anchor:
    """The beginning of a checkpoint's digest, as hexadecimal digits: 20 from words or code, 64 from a QR code."""

    begins: str


def words_of(digest: str) -> str:
    """Five words and the check syllable, with spaces."""
    letters = _letters(_bits(digest))
    words = [letters[n : n + len(_WORD)] for n in range(0, _LETTERS, len(_WORD))]
    return " ".join([*words, _check_syllable(letters)])


def code_of(digest: str) -> str:
    """Four groups of four signs and the check sign, with hyphens."""
    value = _bits(digest)
    signs = "".join(_SIGNS[value >> shift & 31] for shift in range(BITS - 5, -1, -5))
    groups = [signs[n : n + _GROUP] for n in range(0, _CODE_SIGNS, _GROUP)]
    return "-".join([*groups, _check_sign(signs)])


def read_anchor(typed: str) -> Anchor:
    """An anchor as somebody typed or scanned it: any case, spaces, hyphens. RuleBroken says what is wrong."""
    if typed.strip().upper().startswith(QR_HEAD):
        return _read_scanned(typed)
    signs = re.sub(r"[\s\-–—.,·]+", "", typed)
    if len(signs) == _LETTERS + _SYLLABLE and signs.isalpha():
        return _read_words(signs.lower())
    if len(signs) == _CODE_SIGNS + 1:
        return _read_code(signs.upper().translate(_READ_AS))
    raise RuleBroken(_LENGTH, field="anchor")


def _read_words(letters: str) -> Anchor:
    said, check = letters[:_LETTERS], letters[_LETTERS:]
    if not re.fullmatch(_shape(), letters) or _check_syllable(said) != check:
        raise RuleBroken(_SLIP, field="anchor")
    value = 0
    for place, letter in enumerate(said):
        alphabet = _WORD[place % len(_WORD)]
        value = value << _WIDTH[alphabet] | alphabet.index(letter)
    return Anchor(f"{value:0{HEXADECIMAL}x}")


def _shape() -> str:
    consonant, vowel = f"[{_CONSONANTS}]", f"[{_VOWELS}]"
    return f"({consonant}{vowel}{consonant}{vowel}{consonant}){{{_WORDS}}}{consonant}{vowel}"


def _read_code(signs: str) -> Anchor:
    said, check = signs[:_CODE_SIGNS], signs[_CODE_SIGNS:]
    if not set(signs) <= set(_SIGNS) or _check_sign(said) != check:
        raise RuleBroken(_SLIP, field="anchor")
    value = 0
    for sign in said:
        value = value << 5 | _SIGNS.index(sign)
    return Anchor(f"{value:0{HEXADECIMAL}x}")


def _read_scanned(text: str) -> Anchor:
    found = re.search(r"\bdigest=([0-9a-f]{64})\b", text, re.IGNORECASE)
    if found is None:
        raise RuleBroken(
            "This scan of an anchor sheet is not whole. Scan it again.", field="anchor"
        )
    return Anchor(found[1].lower())


def _bits(digest: str) -> int:
    return int(digest[:HEXADECIMAL], 16)


def _letters(value: int) -> str:
    found, left = [], BITS
    for alphabet in _WORD * _WORDS:
        left -= _WIDTH[alphabet]
        found.append(alphabet[value >> left & (len(alphabet) - 1)])
    return "".join(found)


def _check_sign(signs: str) -> str:
    return _SIGNS[_weighed([_SIGNS.index(sign) for sign in signs], *_FIELD_32)]


def _check_syllable(letters: str) -> str:
    values = [_WORD[place % len(_WORD)].index(letter) for place, letter in enumerate(letters)]
    check = _weighed(values, *_FIELD_64)
    return _CONSONANTS[check >> 2] + _VOWELS[check & 3]


def _weighed(values: Sequence[int], bits: int, modulus: int) -> int:
    """Sum of values times x, x², … in the field of 2^bits elements that the polynomial `modulus` makes."""
    total = 0
    for value in values:  # Horner's rule: each step multiplies all before it by x
        total = _times_x(total ^ value, bits, modulus)
    return total


def _times_x(value: int, bits: int, modulus: int) -> int:
    value <<= 1
    return value ^ modulus if value >> bits else value
