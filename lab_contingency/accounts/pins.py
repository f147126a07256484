"""PINs of a shift: six digits, keyed with the pepper, then argon2id. Right only at their own device."""

from __future__ import annotations

import hashlib
import hmac
import uuid

from lab_contingency.accounts import passphrases
from lab_contingency.foundation.sealing import keys

_PEPPER = "pepper"


def hashed(pin: str, shift_id: uuid.UUID) -> str:
    """The hash to keep; worth nothing without the pepper, nor in another shift."""
    return passphrases.hashed(_keyed(pin, shift_id, keys().current(_PEPPER)[0]))


def agrees(hash_text: str | None, pin: str, shift_id: uuid.UUID) -> bool:
    """Whether it is the PIN of that shift, under any pepper held: a rotation voids no PIN of a shift."""
    versions = keys().versions(_PEPPER)
    return any(passphrases.agrees(hash_text, _keyed(pin, shift_id, number)) for number in versions)


def _keyed(pin: str, shift_id: uuid.UUID, version: int) -> str:
    pepper = keys().version(_PEPPER, version)
    return hmac.new(pepper, f"{shift_id}|{pin}".encode(), hashlib.sha256).hexdigest()
