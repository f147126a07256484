"""The keys of this node, in a file beside the database that only its owner can read.

Simple on purpose for now: random keys in `keys.json`, mode 0600, made once. Whoever has that file and
the database can read everything; keep them on different media in backups.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import secrets
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from lab_contingency.foundation.errors import StartRefused

_KEY_BYTES = 32
_NONCE_BYTES = 12
_NAMES = ("field", "index", "session", "audit", "export", "signing")
_ONLY = 1  # the one version there is of each key
_FORMAT = b"\x01"  # first byte of every sealed record: format and key 1


class Unreadable(Exception):
    """A sealed record was altered, moved to another row, or sealed with another key."""


@dataclass(frozen=True)
class Keys:
    """The keys of a node, 32 bytes each.

    `field` seals records, `index` makes blind indexes, `session` signs cookies, `audit` chains the record,
    `export` seals what leaves as a file, `signing` is an Ed25519 seed.
    """

    field: bytes
    index: bytes
    session: bytes
    audit: bytes
    export: bytes
    signing: bytes

    def current(self, name: str) -> tuple[int, bytes]:
        """The version of a key that writes now, and the key."""
        return _ONLY, self.version(name, _ONLY)

    def version(self, name: str, number: int) -> bytes:
        """A key by name and version; KeyError when this node never had it."""
        if name not in _NAMES or number != _ONLY:
            raise KeyError(name)
        held: bytes = getattr(self, name)
        return held

    @cached_property
    def _cipher(self) -> AESGCM:
        return AESGCM(self.field)

    def seal(self, record: dict[str, Any], place: str) -> str:
        """A JSON record as base64url text (AES-256-GCM); `place` (table|row) is bound into it."""
        plain = json.dumps(record, ensure_ascii=False, separators=(",", ":")).encode()
        nonce = os.urandom(_NONCE_BYTES)
        sealed = self._cipher.encrypt(nonce, plain, _FORMAT + place.encode())
        return base64.urlsafe_b64encode(_FORMAT + nonce + sealed).decode()

    def open(self, sealed: str, place: str) -> dict[str, Any]:
        """The record again; raises Unreadable when altered or moved."""
        try:
            raw = base64.urlsafe_b64decode(sealed)
            nonce, body = raw[1 : 1 + _NONCE_BYTES], raw[1 + _NONCE_BYTES :]
            opened = self._cipher.decrypt(nonce, body, raw[:1] + place.encode())
        except (InvalidTag, ValueError) as problem:
            raise Unreadable(
                f"a sealed record of {place.split('|', maxsplit=1)[0]} cannot be opened"
            ) from problem
        record: dict[str, Any] = json.loads(opened)
        return record

    def blind_index(self, kind: str, value: str) -> str:
        """A keyed digest for exact look-up (HMAC-SHA256, 16 bytes as hex). Reveals equality only."""
        return hmac.new(self.index, f"{kind}|{value}".encode(), hashlib.sha256).hexdigest()[:32]


def load_or_make(file: Path) -> Keys:
    """The keys in `file`, made at first use."""
    if not file.exists():
        _make(file)
    try:
        held = json.loads(file.read_text())
        found = {name: base64.b64decode(held[name]) for name in _NAMES}
        _refuse_short(found)
        return Keys(**found)
    except (OSError, ValueError, KeyError, TypeError) as problem:
        raise StartRefused(
            f"The key file {file.name} cannot be read ({problem}). Put back the copy that was kept with it; "
            "without it nothing in the database can be opened."
        ) from problem


def _refuse_short(found: dict[str, bytes]) -> None:
    if any(len(key) != _KEY_BYTES for key in found.values()):
        raise ValueError("a key has the wrong length")


def _make(file: Path) -> None:
    held = {name: base64.b64encode(secrets.token_bytes(_KEY_BYTES)).decode() for name in _NAMES}
    file.parent.mkdir(parents=True, exist_ok=True)
    # Written aside and linked into place, so that two processes starting together agree on one file.
    fresh = file.with_name(f"{file.name}.{os.getpid()}.{secrets.token_hex(4)}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as handle:
        json.dump(held, handle)
        handle.flush()
        os.fsync(handle.fileno())
    try:
        os.link(fresh, file)
    except FileExistsError:
        pass
    except OSError:  # a file system without hard links
        if not file.exists():
            fresh.replace(file)
            return
    fresh.unlink(missing_ok=True)
