"""When a referred test is overdue, when somebody rings again, and in which order."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence

from lab_contingency.foundation.wording import day_time_text, near_time_text
from lab_contingency.requests.rules.bands import Band
from lab_contingency.requests.rules.statuses import TestStatus

NOT_BACK = (TestStatus.ASSIGNED, TestStatus.RECEIVED, TestStatus.ENTERED, TestStatus.CHECKED)
"""A test in one of these is with its laboratory; a result that was authorised closes it by itself."""

# How long after the time that routing expected a result somebody rings: nothing pressing waits for politeness.
GRACE: Mapping[Band, dt.timedelta] = {
    Band.P1: dt.timedelta(0),
    Band.P2: dt.timedelta(minutes=30),
    Band.P3: dt.timedelta(hours=4),
    Band.P4: dt.timedelta(hours=24),
}
RING_AGAIN = dt.timedelta(hours=1)
"""When nothing was said of when to ring again, and no time was promised."""
RING_AFTER_PROMISE = dt.timedelta(minutes=15)
LONGEST_WAIT = dt.timedelta(hours=48)


def due_back(result_at: dt.datetime, band: Band) -> dt.datetime:
    """From when on a test that is not back is overdue."""
    return result_at + GRACE[band]


def ring_again_at(
    now: dt.datetime, asked: dt.datetime | None, promised: dt.datetime | None
) -> dt.datetime:
    """When somebody rings again: as asked, else soon after what was promised, else in an hour."""
    if asked is not None:
        return asked
    if promised is not None and promised > now:
        return promised + RING_AFTER_PROMISE
    return now + RING_AGAIN


def to_ring(now: dt.datetime, due_at: dt.datetime, ring_at: dt.datetime | None) -> bool:
    """Whether somebody rings now: overdue and nobody rang yet, or the time to ring again has come."""
    return (due_at if ring_at is None else ring_at) <= now


def sent_words(left: Sequence[dt.datetime | None], statuses: Iterable[TestStatus]) -> str:
    """Whether the tubes of these tests have left for the partner: a chosen laboratory is not a sent tube."""
    times = [moment for moment in left if moment is not None]
    if not times:
        arrived = any(status is not TestStatus.ASSIGNED for status in statuses)
        return "is there" if arrived else "not sent yet"
    sent = f"sent {near_time_text(min(times))}"
    return sent if len(times) == len(left) else f"{sent}, not all of it yet"


FAR = dt.timedelta(hours=24)


def promise_words(now: dt.datetime, promised: dt.datetime, due_at: dt.datetime | None) -> str:
    """What was promised, with its day, and that it is late when it is: a bare time may mean tomorrow's."""
    late = []
    if promised > now + FAR:
        late.append("more than a day away")
    if due_at is not None and promised > due_at:
        late.append(f"later than it is due back ({near_time_text(due_at)})")
    said = f"promised for {day_time_text(promised)}"
    return f"{said}, which is {' and '.join(late)}" if late else said


def order(
    now: dt.datetime, due_at: dt.datetime, ring_at: dt.datetime | None, band: Band
) -> tuple[bool, bool, dt.datetime, Band]:
    """The smallest first: to be rung now, then overdue, then by when somebody looks at it next."""
    next_at = due_at if ring_at is None else ring_at
    return (not to_ring(now, due_at, ring_at), due_at > now, next_at, band)
