"""PINs of a shift: six digits, keyed with the pepper, then argon2id. Right only at their own device."""

from __future__ import annotations

import hashlib
import hmac
import uuid

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from lab_contingency.accounts import passphrases
from lab_contingency.foundation.sealing import keys

_BYTES = 32


def hashed(pin: str, shift_id: uuid.UUID) -> str:
    """The hash to keep; worth nothing without the pepper, nor in another shift."""
    return passphrases.hashed(_keyed(pin, shift_id))


def agrees(hash_text: str | None, pin: str, shift_id: uuid.UUID) -> bool:
    """Whether it is the PIN of that shift."""
    return passphrases.agrees(hash_text, _keyed(pin, shift_id))


def _keyed(pin: str, shift_id: uuid.UUID) -> str:
    return hmac.new(_pepper(), f"{shift_id}|{pin}".encode(), hashlib.sha256).hexdigest()


def _pepper() -> bytes:
    """The pepper of the key ring, or one derived from the session key where the ring holds none."""
    try:
        return keys().current("pepper")[1]
    except KeyError:
        _, session_key = keys().current("session")
        kdf = HKDF(algorithm=SHA256(), length=_BYTES, salt=None, info=b"PIN pepper")
        return kdf.derive(session_key)
