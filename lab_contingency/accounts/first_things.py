"""What somebody must do before anything else: choose a passphrase, set up codes, choose a PIN."""

from __future__ import annotations

from lab_contingency.accounts import codes
from lab_contingency.accounts.presence import Presence
from lab_contingency.accounts.rules import PIN_TRIES, code_needed


def comes_first(held: Presence) -> str:
    """The page that comes before everything else: passphrase, then codes, then PIN; or nothing."""
    if not held.live or held.shift_id is None:
        return ""
    if held.secret_expires_at is not None:
        return "accounts.passphrase"
    if not held.emergency and _must_set_up_codes(held):
        return "accounts.codes"
    if held.device_id is not None and not held.has_pin and (held.pin_wrong or 0) < PIN_TRIES:
        return "accounts.pin"
    return ""


def _must_set_up_codes(held: Presence) -> bool:
    if held.demonstration or held.by_code:
        return False
    needed = code_needed(held.role, enrolled=held.device_id is not None)
    return needed and not codes.has_codes(held.user_id)
