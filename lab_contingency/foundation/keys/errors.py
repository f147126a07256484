"""What goes wrong with keys."""

from __future__ import annotations

from lab_contingency.foundation.errors import RuleBroken


class Unreadable(Exception):
    """A sealed record was altered, moved to another row, or sealed with a key this node does not hold."""


class WrongSecret(RuleBroken):
    """A passphrase, sheet or key file opens no slot."""
