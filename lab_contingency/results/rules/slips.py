"""Result slips: why one is printed again."""

from __future__ import annotations

from lab_contingency.foundation.errors import RuleBroken

COPY_REASONS = {
    "LOST": "the first was lost",
    "UNREADABLE": "the first cannot be read",
    "NOTES": "for the notes",
    "MOVED": "the patient has moved",
}


def copy_reason(code: str) -> str:
    """Give the words of a reason; RuleBroken when none was chosen."""
    if code not in COPY_REASONS:
        raise RuleBroken(
            "This slip was printed already. Choose why it is printed again.", field="reason"
        )
    return COPY_REASONS[code]
