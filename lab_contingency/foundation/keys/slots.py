"""Slots: the root key, wrapped once for each way of opening it. Any one of them opens everything."""

from __future__ import annotations

import base64
import enum
import json
import os
import secrets
import unicodedata
from dataclasses import dataclass
from typing import Any

from argon2.low_level import Type, hash_secret_raw
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from lab_contingency.foundation import clock
from lab_contingency.foundation.keys.errors import WrongSecret

KEY_BYTES = 32
NONCE_BYTES = 12
CUSTODIANS_FEWEST = 2
_SALT_BYTES = 16
# A file that asks for more was altered: it would only keep the computer busy.
_MOST_KIB, _MOST_TIME, _MOST_LANES = 4 * 1024 * 1024, 64, 64


class Kind(enum.StrEnum):
    """What opens a slot."""

    CUSTODIAN = "custodian"
    RECOVERY = "recovery sheet"
    KEY_FILE = "key file"


@dataclass(frozen=True, slots=True)
class Cost:
    """Work of argon2id for one try: memory in KiB, passes, lanes."""

    memory_kib: int = 262_144
    time: int = 3
    lanes: int = 4

    def __post_init__(self) -> None:
        if not (
            8 * self.lanes <= self.memory_kib <= _MOST_KIB
            and 1 <= self.time <= _MOST_TIME
            and 1 <= self.lanes <= _MOST_LANES
        ):
            raise ValueError("argon2 parameters out of range")


@dataclass(frozen=True, slots=True)
class Slot:
    """One wrapped copy of the root key. `cost` is set for custodians only."""

    id: str
    kind: Kind
    name: str
    made_at: str
    salt: bytes
    cost: Cost | None
    wrapped: bytes

    def said(self) -> dict[str, Any]:
        """Everything but the wrapped key, as it stands in the file; bound into the wrapping."""
        cost = self.cost
        return {
            "id": self.id,
            "kind": self.kind.value,
            "name": self.name,
            "made_at": self.made_at,
            "salt": base64.b64encode(self.salt).decode(),
            "argon2id": [cost.memory_kib, cost.time, cost.lanes] if cost else None,
        }


def custodian_slot(root: bytes, name: str, passphrase: str, cost: Cost) -> Slot:
    """A slot that a custodian's passphrase opens."""
    return _filled(root, Kind.CUSTODIAN, name, cost, passphrase_bytes(passphrase))


def plain_slot(root: bytes, kind: Kind, name: str, secret: bytes) -> Slot:
    """A slot that a long random secret opens: the recovery sheet or a key file."""
    return _filled(root, kind, name, None, secret)


def _filled(root: bytes, kind: Kind, name: str, cost: Cost | None, secret: bytes) -> Slot:
    made_at = clock.now().isoformat(timespec="seconds")
    empty = Slot(
        secrets.token_hex(4), kind, name, made_at, os.urandom(_SALT_BYTES), cost, wrapped=b""
    )
    wrapped = wrap(_key_of(empty, secret), root, _bound(empty))
    return Slot(empty.id, kind, name, made_at, empty.salt, cost, wrapped)


def open_slot(slot: Slot, secret: bytes) -> bytes:
    """The root key; WrongSecret when the secret is not the slot's."""
    try:
        return unwrap(_key_of(slot, secret), slot.wrapped, _bound(slot))
    except InvalidTag as wrong:
        raise WrongSecret(
            "That does not open it. Check Caps Lock and type it again.", field="passphrase"
        ) from wrong


def passphrase_bytes(passphrase: str) -> bytes:
    """The passphrase as bytes that are the same from every keyboard (NFC)."""
    return unicodedata.normalize("NFC", passphrase).encode()


def _bound(slot: Slot) -> bytes:
    return json.dumps(slot.said(), sort_keys=True).encode()


def _key_of(slot: Slot, secret: bytes) -> bytes:
    if slot.cost is None:
        return derived(secret, slot.kind.value, salt=slot.salt)
    return hash_secret_raw(
        secret,
        slot.salt,
        time_cost=slot.cost.time,
        memory_cost=slot.cost.memory_kib,
        parallelism=slot.cost.lanes,
        hash_len=KEY_BYTES,
        type=Type.ID,
    )


def derived(secret: bytes, purpose: str, *, salt: bytes | None = None) -> bytes:
    """A 32-byte key from a long secret (HKDF-SHA256)."""
    return HKDF(SHA256(), KEY_BYTES, salt, b"lab " + purpose.encode()).derive(secret)


def wrap(key: bytes, what: bytes, bound: bytes) -> bytes:
    """`what` encrypted (AES-256-GCM) with `bound` as associated data; nonce first."""
    nonce = os.urandom(NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, what, bound)


def unwrap(key: bytes, wrapped: bytes, bound: bytes) -> bytes:
    """The inverse; InvalidTag when anything differs."""
    if len(wrapped) <= NONCE_BYTES:
        raise InvalidTag
    return AESGCM(key).decrypt(wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], bound)
