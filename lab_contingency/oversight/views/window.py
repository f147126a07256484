"""The last 24 hours, and a window as the form takes it."""

from __future__ import annotations

import datetime as dt

from lab_contingency.foundation import clock

_DAY = dt.timedelta(hours=24)


def last_day() -> tuple[dt.datetime, dt.datetime]:
    """[begins, ends): until now."""
    now = clock.now()
    return now - _DAY, now


def window_text(begins: dt.datetime, ends: dt.datetime) -> tuple[str, str]:
    """London times to the second, the end rounded up so that nothing of it is lost."""
    rounded = ends + dt.timedelta(seconds=1) if ends.microsecond else ends
    return tuple(f"{clock.london(each):%Y-%m-%dT%H:%M:%S}" for each in (begins, rounded))  # type: ignore[return-value]
