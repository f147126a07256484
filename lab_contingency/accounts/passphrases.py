"""Passphrases: what they must be, argon2id (64 MiB, three passes), and one-time secrets that can be read aloud."""

from __future__ import annotations

import re
import secrets
import threading
import unicodedata
from functools import cache
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from lab_contingency.accounts.rules import PASSPHRASE_SHORTEST, passphrase_problem

_hasher = PasswordHasher(time_cost=3, memory_cost=65536, parallelism=2)
_SPOKEN = "abcdefghjkmnpqrstuvwxyz23456789"
_GROUPS, _LETTERS = 4, 4
# Each takes 64 MiB: a storm of guesses waits here instead of taking the machine.
_at_once = threading.BoundedSemaphore(4)
_DATA = Path(__file__).parent / "data"
_AS_LETTERS = str.maketrans("@$!013457", "asioieast")
_COMMON = "This is one of the first that anybody tries. Choose words that have nothing to do with each other."


def problem(passphrase: str, username: str, *, shortest: int = PASSPHRASE_SHORTEST) -> str | None:
    """Why somebody's passphrase will not do, or None."""
    said = passphrase_problem(passphrase, username, shortest=shortest)
    return said or (_COMMON if is_common(passphrase) else None)


def is_common(passphrase: str) -> bool:
    """Whether it is in the list, or made of words of this place and of common passwords only.

    Capitals, spaces, figures at the end and figures for letters make no difference.
    """
    folded = unicodedata.normalize("NFKC", passphrase).casefold()
    words = folded.rstrip("0123456789!?.,*# ")
    shapes = {_signs(text) for text in (folded, words, words.translate(_AS_LETTERS))} - {""}
    return bool(shapes & _listed("common-passphrases.txt")) or any(map(_is_made_of_words, shapes))


def _signs(text: str) -> str:
    return re.sub(r"[^\w]|_", "", text)


def _is_made_of_words(text: str) -> bool:
    """Whether common words and figures, one after another, make up the whole of it."""
    words = _listed("common-words.txt")
    reached = {0}
    for end in range(1, len(text) + 1):
        if any(
            text[start:end] in words or (end == start + 1 and text[start].isdecimal())
            for start in reached
        ):
            reached.add(end)
    return len(text) in reached


@cache
def _listed(name: str) -> frozenset[str]:
    lines = (_DATA / name).read_text(encoding="utf-8").splitlines()
    return frozenset(line for line in lines if line and not line.startswith("#"))


def one_time_secret() -> str:
    """Four groups of four signs that cannot be confused, about 79 bits."""
    return _spoken(_GROUPS)


def spoken_code() -> str:
    """Two groups of four, about 39 bits: for codes that live for minutes and are typed once."""
    return _spoken(2)


def _spoken(groups: int) -> str:
    return "-".join(
        "".join(secrets.choice(_SPOKEN) for _ in range(_LETTERS)) for _ in range(groups)
    )


def hashed(passphrase: str) -> str:
    """The argon2id hash."""
    with _at_once:
        return _hasher.hash(passphrase)


def agrees(hash_text: str | None, passphrase: str) -> bool:
    """Whether the passphrase is the one; takes as long when there is no hash at all."""
    try:
        with _at_once:
            _hasher.verify(hash_text or _nobody(), passphrase)
    except (VerificationError, InvalidHashError):
        return False
    return hash_text is not None


@cache
def _nobody() -> str:
    """A hash that nothing agrees with, so that unknown names take as long as known ones."""
    return _hasher.hash(secrets.token_hex(16))
