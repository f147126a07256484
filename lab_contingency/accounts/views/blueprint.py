"""The blueprint that the pages of this storey share."""

from __future__ import annotations

import re

from flask import Blueprint

blueprint = Blueprint("accounts", __name__)
# Browsers drop tabs and read a backslash as a slash, so "/\t/elsewhere" would lead away.
_OWN_PATH = re.compile(r"/(?:[!-.0-\[\]-~][!-\[\]-~]*)?")


def own_path(path: str) -> str:
    """The path when it is one of ours, else nothing."""
    return path if _OWN_PATH.fullmatch(path) else ""
