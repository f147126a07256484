"""What counts as not seen, and in which words a request's story is told."""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Mapping

from lab_contingency.requests.rules.bands import Band

# From the last scan to the next one that should have come.
NOT_SEEN_AFTER: dict[Band, dt.timedelta] = {
    Band.P1: dt.timedelta(minutes=30),
    Band.P2: dt.timedelta(minutes=60),
    Band.P3: dt.timedelta(hours=4),
    Band.P4: dt.timedelta(hours=12),
}


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


# Every page that shows a patient, outside the lists that refresh. What is not named here is never
# braked: receipt by scanning, typing results, checking, calls, porters' scans, lists, the card.
BRAKED: Mapping[str, Braked] = {
    "tracking.request": Braked.ALWAYS,
    "tracking.looked": Braked.ALWAYS,
    "requests.correct": Braked.ALWAYS,
    "requests.withdraw": Braked.ALWAYS,
    "specimens.correct_patient": Braked.ALWAYS,
    "triage.request": Braked.ALWAYS,
    "routing.request": Braked.ALWAYS,
    "results.read": Braked.ALWAYS,
    "results.print_slip": Braked.ALWAYS,
    "results.amendment": Braked.ALWAYS,
    "results.entry": Braked.FINISHED,
    "results.check_page": Braked.FINISHED,
    "specimens.collect": Braked.FINISHED,
    "specimens.correct_collection": Braked.FINISHED,
    "specimens.form": Braked.FINISHED,
    "specimens.labels": Braked.FINISHED,
    "specimens.number_label": Braked.FINISHED,
    "specimens.receive_form": Braked.FINISHED,
    "specimens.reject": Braked.FINISHED,
}
