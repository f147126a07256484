"""Small secret files: whole or not at all, readable by their owner only."""

from __future__ import annotations

import os
import secrets
from pathlib import Path


def write_private(file: Path, content: bytes) -> None:
    """Put `content` in the place of what was there, with mode 0600 from its first byte on."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = file.with_name(f"{file.name}.{os.getpid()}.{secrets.token_hex(4)}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as handle:
            handle.write(content)
            handle.flush()
            os.fsync(handle.fileno())
        fresh.replace(file)
    except OSError:
        fresh.unlink(missing_ok=True)
        raise
