"""Passphrases: argon2id (64 MiB, three passes), and one-time secrets that can be read out aloud."""

from __future__ import annotations

import secrets
import threading
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

_hasher = PasswordHasher(time_cost=3, memory_cost=65536, parallelism=2)
_SPOKEN = "abcdefghjkmnpqrstuvwxyz23456789"
_GROUPS, _LETTERS = 4, 4
# Each takes 64 MiB: a storm of guesses waits here instead of taking the machine.
_at_once = threading.BoundedSemaphore(4)


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
