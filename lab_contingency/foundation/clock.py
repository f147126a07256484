"""The only source of the time. A simulated day sets it; everything else asks it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")

_simulated: ContextVar[dt.datetime | None] = ContextVar("simulated_time", default=None)


def now() -> dt.datetime:
    """The time as aware UTC; simulated inside `at()`."""
    simulated = _simulated.get()
    return simulated if simulated is not None else dt.datetime.now(dt.UTC)  # noqa: TID251 - the one place


@contextmanager
def at(moment: dt.datetime) -> Iterator[None]:
    """Run a block at a simulated moment (aware)."""
    if moment.tzinfo is None:
        raise ValueError("a simulated moment needs a time zone")
    token = _simulated.set(moment.astimezone(dt.UTC))
    try:
        yield
    finally:
        _simulated.reset(token)


def london(moment: dt.datetime) -> dt.datetime:
    """The same moment on the wall clock in London."""
    return moment.astimezone(LONDON)


def from_london(wall: dt.datetime, *, latest: dt.datetime | None = None) -> dt.datetime:
    """A naive London wall-clock time as aware UTC.

    In the hour repeated in October the first of the two is meant, or with `latest` the later one that
    is not after it; a time that the clocks skip in March is read with the offset before the change.
    """
    first, second = (wall.replace(tzinfo=LONDON, fold=fold).astimezone(dt.UTC) for fold in (0, 1))
    return second if latest is not None and first < second <= latest else first
