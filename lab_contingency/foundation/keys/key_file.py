"""A key file: a random secret in a file of its own, for starting again without a person."""

from __future__ import annotations

import base64
import os
import secrets
from pathlib import Path

from lab_contingency.foundation.errors import StartRefused
from lab_contingency.foundation.keys import files
from lab_contingency.foundation.keys.slots import KEY_BYTES

KEY_FILE_RISK = (
    "This node opens by itself with a key file. Whoever takes the key file together with keys.json and the "
    "database can read every patient in it. Keep the key file on another medium than the data folder, "
    "never in a backup of it, and take it away when somebody can be there to unseal."
)
_HEAD = "lab-key-file"
_OTHERS = 0o077


def make_key_file(path: Path) -> bytes:
    """Write a new secret for its owner only; the one that is there already if there is one."""
    secret = secrets.token_bytes(KEY_BYTES)
    if files.write_new(path, f"{_HEAD} {base64.b64encode(secret).decode()}\n"):
        return secret
    return read_key_file(path)


def read_key_file(path: Path) -> bytes:
    """The secret in the file; StartRefused when there is none or others may read it."""
    try:
        _refuse_open_to_others(path)
        return _secret(path.read_text(encoding="ascii"))
    except (OSError, ValueError) as problem:
        raise StartRefused(
            f"The key file {path.name} cannot be read ({problem}). Check --key-file or LAB_KEY_FILE, "
            "or leave it out and unseal with a custodian’s passphrase."
        ) from problem


def _refuse_open_to_others(path: Path) -> None:
    if os.name == "posix" and path.stat().st_mode & _OTHERS:
        raise StartRefused(
            f"Others than its owner may read the key file {path.name}. Type: chmod 600 {path.name}"
        )


def _secret(text: str) -> bytes:
    head, coded = text.split()
    secret = base64.b64decode(coded, validate=True)
    if head != _HEAD or len(secret) != KEY_BYTES:
        raise ValueError("not a key file")
    return secret
