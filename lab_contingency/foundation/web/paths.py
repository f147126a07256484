"""Addresses that a browser hands back: only a path of ours is followed."""

from __future__ import annotations

import re

# Browsers drop tabs and read a backslash as a slash, so "/\t/elsewhere" would lead away.
_OWN_PATH = re.compile(r"/(?:[!-.0-\[\]-~][!-\[\]-~]*)?")


def own_path(text: str) -> str:
    """The path when it is one of ours, else nothing."""
    return text if _OWN_PATH.fullmatch(text) else ""
