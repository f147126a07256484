"""Sealed records: what identifies a patient or speaks of their health is stored encrypted, one record a row.

The associated data is table and row id, so that a ciphertext moved to another row refuses to open.
"""

from __future__ import annotations

import uuid
from typing import Any

from flask import current_app

from lab_contingency.foundation.keys import Keys

_EXTENSION = "lab_keys"


def install(app: Any, keys: Keys) -> None:
    """Give the application its keys."""
    app.extensions[_EXTENSION] = keys


def keys() -> Keys:
    """The keys of the running application."""
    held: Keys = current_app.extensions[_EXTENSION]
    return held


def seal(table: str, row_id: uuid.UUID, record: dict[str, Any]) -> str:
    """Seal a record for one row of one table."""
    return keys().seal(record, f"{table}|{row_id}")


def unseal(table: str, row_id: uuid.UUID, sealed: str) -> dict[str, Any]:
    """Open a record of that row; raises `keys.Unreadable` when it was altered or comes from elsewhere."""
    return keys().open(sealed, f"{table}|{row_id}")


def blind_index(kind: str, value: str) -> str:
    """The keyed digest under which `value` is looked up."""
    return keys().blind_index(kind, value)
