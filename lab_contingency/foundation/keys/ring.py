"""The ring: every key in its versions, opened. It seals, opens and makes blind indexes."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import os
from collections.abc import Callable, Mapping
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from lab_contingency.foundation.keys.errors import Unreadable
from lab_contingency.foundation.keys.slots import NONCE_BYTES

HEADER_SIGNS = 4
"""Signs at the front of a sealed record that say format and key version; of a blind index, its key version."""
_VERSION_SIGNS = HEADER_SIGNS
_TO_STANDARD = bytes.maketrans(b"-_+/", b"+/--")  # a standard sign is no sign of ours
_FORMAT = b"\x02"
_HEADER = 3  # bytes: format, then the version in two; a multiple of three keeps base64 apart
_DIGEST_SIGNS = 32

Keys = Mapping[str, Mapping[int, bytes]]


class Ring:
    """The keys of a node by name and version, 32 bytes each; the highest version writes.

    `field` seals records, `index` makes blind indexes, `session` signs cookies, `audit` chains the record and
    digests what left, `export` seals what leaves as a file, `signing` is an Ed25519 seed, `pepper` goes into
    the hashes of PINs. `newer` is asked for keys that another process made since.
    """

    def __init__(self, keys: Keys, newer: Callable[[], Keys | None] | None = None) -> None:
        self._newer = newer
        self._past: dict[str, dict[int, bytes]] = {}
        self._ciphers: dict[int, AESGCM] = {}
        self._take(keys)

    def _take(self, keys: Keys) -> None:
        # What was dropped since still opens what a reader fetched before; it is gone at the next start.
        self._past = {name: {**self._past.get(name, {}), **keys[name]} for name in keys}
        self._ciphers = {number: AESGCM(key) for number, key in self._past["field"].items()}
        self._live = {name: dict(sorted(keys[name].items(), reverse=True)) for name in keys}

    def refresh(self) -> None:
        """Take over what another process changed in the key file."""
        keys = self._newer() if self._newer else None
        if keys is not None:
            self._take(keys)

    def current(self, name: str) -> tuple[int, bytes]:
        """The version of a key that writes now, and the key."""
        return next(iter(self._live[name].items()))

    def version(self, name: str, number: int) -> bytes:
        """A key by name and version; KeyError when this node does not hold it."""
        if number not in self._past[name]:
            self.refresh()
        return self._past[name][number]

    def versions(self, name: str) -> tuple[int, ...]:
        """The versions that are held, newest first."""
        return tuple(self._live[name])

    def seal(self, record: dict[str, Any], place: str) -> str:
        """A JSON record as base64url text (AES-256-GCM); header and `place` (table|row) are bound into it."""
        plain = json.dumps(record, ensure_ascii=False, separators=(",", ":")).encode()
        return self._sealed(plain, place)

    def _sealed(self, plain: bytes, place: str) -> str:
        version, _ = self.current("field")
        header, nonce = _header(version), os.urandom(NONCE_BYTES)
        body = self._ciphers[version].encrypt(nonce, plain, header + place.encode())
        return base64.urlsafe_b64encode(header + nonce + body).decode()

    def open(self, sealed: str, place: str) -> dict[str, Any]:
        """The record again; raises Unreadable when altered, moved, or sealed with a key not held."""
        record: dict[str, Any] = json.loads(self._opened(sealed, place))
        return record

    def _opened(self, sealed: str, place: str) -> bytes:
        table = place.split("|", maxsplit=1)[0]
        try:
            raw = binascii.a2b_base64(sealed.encode().translate(_TO_STANDARD), strict_mode=True)
            header, nonce = raw[:_HEADER], raw[_HEADER : _HEADER + NONCE_BYTES]
            cipher = self._cipher(header)
            return cipher.decrypt(nonce, raw[_HEADER + NONCE_BYTES :], header + place.encode())
        except (InvalidTag, ValueError) as problem:
            raise Unreadable(f"a sealed record of {table} cannot be opened") from problem
        except KeyError as missing:
            raise Unreadable(
                f"a sealed record of {table} needs key version {missing.args[0]}, which keys.json does not hold"
            ) from missing

    def _cipher(self, header: bytes) -> AESGCM:
        if len(header) != _HEADER or header[:1] != _FORMAT:
            raise ValueError("not a sealed record")
        number = int.from_bytes(header[1:], "big")
        if number not in self._ciphers:
            self.refresh()
        return self._ciphers[number]

    def sealed_anew(self, sealed: str, place: str) -> str:
        """The same record under the key that writes now; Unreadable as `open`."""
        return self._sealed(self._opened(sealed, place), place)

    def header(self) -> str:
        """The first signs of every record that is sealed now."""
        return base64.urlsafe_b64encode(_header(self.current("field")[0])).decode()

    def blind_index(self, kind: str, value: str) -> str:
        """A keyed digest for exact look-up, under the version that writes. Reveals equality only.

        Four hexadecimal digits of the version, then 32 of HMAC-SHA256.
        """
        return self.blind_indexes(kind, value)[0]

    def blind_indexes(self, kind: str, value: str) -> tuple[str, ...]:
        """The digest under each version held, newest first: a look-up tries them all."""
        live = self._live["index"].items()
        return tuple(_digest(number, key, f"{kind}|{value}") for number, key in live)

    def index_header(self) -> str:
        """The first signs of every blind index that is made now."""
        return f"{self.current('index')[0]:0{_VERSION_SIGNS}x}"

    def content_digest(self, kind: str, value: str, like: str = "") -> str:
        """A keyed digest of something that came out, to tell later whether it is the same.

        Made with the audit key, no version of which is ever dropped: under the one that writes, or with
        `like` under the one of that digest, to compare with it.
        """
        number = int(like[:_VERSION_SIGNS], 16) if like else self.current("audit")[0]
        return _digest(number, self.version("audit", number), f"content|{kind}|{value}")


def _digest(number: int, key: bytes, said: str) -> str:
    digest = hmac.new(key, said.encode(), hashlib.sha256).hexdigest()[:_DIGEST_SIGNS]
    return f"{number:0{_VERSION_SIGNS}x}{digest}"


def _header(version: int) -> bytes:
    return _FORMAT + version.to_bytes(_HEADER - 1, "big")
