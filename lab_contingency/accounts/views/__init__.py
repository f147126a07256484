"""Pages of accounts."""

from lab_contingency.accounts.views import (
    codes,
    devices,
    emergency,
    locking,
    own,
    people,
    sign_ins,
)
from lab_contingency.accounts.views.blueprint import blueprint

__all__ = ["blueprint", "codes", "devices", "emergency", "locking", "own", "people", "sign_ins"]
