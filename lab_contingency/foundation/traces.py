"""What a crash or a careless default could leave behind: no memory image, no file that others can read."""

from __future__ import annotations

import os

_OWNER_ONLY = 0o077


def limit() -> None:
    """No core dump of this process, and new files for their owner only (where the system has these)."""
    os.umask(_OWNER_ONLY)
    if os.name == "posix":
        import resource

        _, most = resource.getrlimit(resource.RLIMIT_CORE)
        resource.setrlimit(resource.RLIMIT_CORE, (0, most))
