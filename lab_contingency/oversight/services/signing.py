"""Files signed by this node (Ed25519), the signature as their last line; and whether one is unchanged."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from lab_contingency.foundation.sealing import keys

_SAID = b"lab-contingency file 1\n"  # so that a signature of something else is none of a file
_LINE = re.compile(
    rb"% lab-contingency signature 1 key (\d{1,6}) ([0-9a-f]{16}) ([A-Za-z0-9+/=]{88})\r\n\Z"
)
_LONGEST_LINE = 200


@dataclass(frozen=True, slots=True)
class Signature:
    """What the last line of a file says and whether it holds."""

    holds: bool
    sentence: str


def signed(body: bytes) -> bytes:
    """The file with its signature as the last line; a comment to PDF, a row that is no patient's to CSV."""
    version, seed = keys().current("signing")
    private = Ed25519PrivateKey.from_private_bytes(seed)
    signature = base64.b64encode(private.sign(_SAID + body))
    mark = _mark(private.public_key())
    return body + b"%% lab-contingency signature 1 key %d %s %s\r\n" % (version, mark, signature)


def verify_signed(file: bytes) -> Signature:
    """Whether the file is as this node made it."""
    found = _LINE.search(file, max(0, len(file) - _LONGEST_LINE))
    if found is None:
        return Signature(holds=False, sentence="There is no signature at the end of this file.")
    version = int(found[1])
    try:
        private = Ed25519PrivateKey.from_private_bytes(keys().version("signing", version))
        public = private.public_key()
        public.verify(base64.b64decode(found[3], validate=True), _SAID + file[: found.start()])
    except KeyError:
        return Signature(holds=False, sentence=f"This node has no signing key {version}.")
    except (InvalidSignature, binascii.Error):
        return Signature(
            holds=False,
            sentence="The signature does not fit: the file was changed or made elsewhere.",
        )
    if found[2] != _mark(public):
        return Signature(
            holds=False, sentence="The signature names another key than the one it was made with."
        )
    return Signature(
        holds=True, sentence=f"Unchanged since this node made it (signing key {version})."
    )


def _mark(public: Ed25519PublicKey) -> bytes:
    raw = public.public_bytes(Encoding.Raw, PublicFormat.Raw)
    return hashlib.sha256(raw).hexdigest()[:16].encode()
