"""Result slips: why one is printed again, by when it is delivered and read."""

from __future__ import annotations

import datetime as dt
import enum

from lab_contingency.foundation.errors import RuleBroken
from lab_contingency.requests.rules.bands import Band

COPY_REASONS = {
    "LOST": "the first was lost",
    "UNREADABLE": "the first cannot be read",
    "NOTES": "for the notes",
    "MOVED": "the patient has moved",
    "NOT_THERE": "the first is not known to have arrived",
}
NOT_THERE = "NOT_THERE"

# Counted from the print; what is not there by then comes back to the laboratory's list.
DELIVER_WITHIN = {
    Band.P1: dt.timedelta(minutes=20),
    Band.P2: dt.timedelta(minutes=45),
    Band.P3: dt.timedelta(hours=4),
    Band.P4: dt.timedelta(hours=24),
}
# Counted from when the results went out; after it somebody rings the ward.
READ_WITHIN = {
    Band.P1: dt.timedelta(minutes=30),
    Band.P2: dt.timedelta(hours=2),
    Band.P3: dt.timedelta(hours=8),
    Band.P4: dt.timedelta(hours=24),
}


class Arrival(enum.StrEnum):
    """How the way of a slip ended."""

    LIST = "its list was scanned"
    SLIP = "it was scanned"
    THERE = "printed where it goes"
    OVERTAKEN = "printed again"


def deliver_by(band: Band, printed_at: dt.datetime, earlier: dt.datetime | None) -> dt.datetime:
    """By when it is to be there; printing it again gives no more time than the first print had."""
    own = printed_at + DELIVER_WITHIN[band]
    return own if earlier is None else min(own, earlier)


def read_by(band: Band, released_at: dt.datetime) -> dt.datetime:
    """By when somebody at the ward has read it."""
    return released_at + READ_WITHIN[band]


def copy_reason(code: str) -> str:
    """Give the words of a reason; RuleBroken when none was chosen."""
    if code not in COPY_REASONS:
        raise RuleBroken(
            "This slip was printed already. Choose why it is printed again.", field="reason"
        )
    return COPY_REASONS[code]
