"""What counts as not seen, and in which words a request's story is told."""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Collection, Sequence

from lab_contingency.accounts.rules import Role
from lab_contingency.requests.rules.bands import Band

# From the last scan to the next one that should have come.
NOT_SEEN_AFTER: dict[Band, dt.timedelta] = {
    Band.P1: dt.timedelta(minutes=30),
    Band.P2: dt.timedelta(minutes=60),
    Band.P3: dt.timedelta(hours=4),
    Band.P4: dt.timedelta(hours=12),
}

# Whose first page says for which tests nobody takes blood now: who takes it, carries it, receives it, watches.
TOLD_NOT_TO_BLEED = frozenset(
    {Role.REQUESTER, Role.PORTER, Role.LABORATORY, Role.SENIOR, Role.COORDINATOR}
)


class Step(enum.StrEnum):
    """The steps of a tube's way, in order, in the words of the picture."""

    REQUESTED = "Requested"
    LABELLED = "Labelled"
    TAKEN = "Taken"
    HANDED_OVER = "Handed over"
    RECEIVED = "Received"
    SENT_ON = "Sent on"
    ON_THE_BENCH = "On the bench"
    TYPED = "Result typed"
    CHECKED = "Checked"
    AUTHORISED = "Authorised"
    RELEASED = "Released here"
    TELEPHONED = "Telephoned"


class LaneState(enum.StrEnum):
    """How a tube's lane is drawn."""

    FINE = "fine"
    OVERDUE = "overdue"
    UNSEEN = "unseen"
    FINISHED = "finished"


class AnswerKind(enum.StrEnum):
    """The boxes over the picture."""

    READY = "ready"
    OVERDUE = "overdue"
    UNDER_WAY = "under way"
    ATTENTION = "attention"
    STOPPED = "stopped"


def is_not_seen(band: Band, last_seen: dt.datetime, now: dt.datetime) -> bool:
    """Whether a tube on its way should have been scanned by now."""
    return now - last_seen > NOT_SEEN_AFTER[band]


class Braked(enum.Enum):
    """When a page of one patient asks why, after very many of them."""

    ALWAYS = "always"
    FINISHED = "finished requests"  # an open one is work, and work is never held up


# Reading about one patient, or putting their card right. Every other address of one request is braked only
# once the request is finished, a new address too. What names no request is never braked: receipt and
# porters' scans, work lists that refresh, calls, the card.
ALWAYS_BRAKED = frozenset(
    {
        "tracking.request",
        "tracking.looked",
        "requests.correct",
        "requests.withdraw",
        "specimens.correct_patient",
        "triage.request",
        "routing.request",
        "results.read",
        "results.print_slip",
        "results.amendment",
    }
)


def braked(endpoint: str, arguments: Collection[str]) -> Braked | None:
    """Whether an address asks why after very many patients; `arguments` are those of the address."""
    if endpoint in ALWAYS_BRAKED:
        return Braked.ALWAYS
    return Braked.FINISHED if "request_id" in arguments else None


WIDE_BAR, NARROW_BAR = 880, 356
"""Room for tabs in one line, px: beside “Where is it?” at 1280, and on a phone of 390."""
MORE_WIDTH = 78
_LETTER, _AROUND, _COUNT = 8.6, 22, 30


def tab_width(label: str, *, counted: bool) -> float:
    """How wide a tab is at most, px: its words, the space around them, its count."""
    return _LETTER * len(label) + _AROUND + (_COUNT if counted else 0)


def tabs_in_line(widths: Sequence[float], room: float, *, more: bool) -> int:
    """How many tabs stand in one line of `room` px, the first ones; the rest is folded into “More”.

    `more`: something is folded in any case.
    """
    if not more and sum(widths) <= room:
        return len(widths)
    left, stand = room - MORE_WIDTH, 0
    for width in widths:
        if width > left:
            break
        left, stand = left - width, stand + 1
    return stand
