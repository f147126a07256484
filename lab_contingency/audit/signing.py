"""A checkpoint's digest and signature: what an outsider can check without the audit key."""

from __future__ import annotations

import hashlib
from functools import lru_cache

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from lab_contingency.foundation.sealing import forgotten_when_sealed, keys

# The digest leaves them out: it is made of the rest, and the signature of it.
NOT_DIGESTED = frozenset({"digest", "signature"})
_WHAT = b"lab-contingency checkpoint|"


def digest_of(said: bytes) -> str:
    """The digest of a checkpoint's canonical bytes (SHA-256, 64 hexadecimal digits). Not keyed: it is printed."""
    return hashlib.sha256(said).hexdigest()


def sign(digest: str, version: int) -> str:
    """The Ed25519 signature with that version of the signing key, 128 hexadecimal digits."""
    seed = keys().version("signing", version)
    return Ed25519PrivateKey.from_private_bytes(seed).sign(_WHAT + digest.encode()).hex()


def is_signed(digest: str, version: int, signature: str, public: bytes | None = None) -> bool:
    """Whether the signature is that of this node's key of that version (or of `public`), spelt as `sign` does."""
    try:
        raw = bytes.fromhex(signature)
        key = Ed25519PublicKey.from_public_bytes(public or public_key(version))
        key.verify(raw, _WHAT + digest.encode())
    except (InvalidSignature, ValueError, TypeError, KeyError):
        return False
    return raw.hex() == signature


def public_key(version: int) -> bytes:
    """The public half of the signing key, 32 bytes; KeyError when this node never had that version."""
    return _public(keys().version("signing", version))


@forgotten_when_sealed
@lru_cache(maxsize=8)
def _public(seed: bytes) -> bytes:
    held = Ed25519PrivateKey.from_private_bytes(seed).public_key()
    return held.public_bytes(Encoding.Raw, PublicFormat.Raw)
