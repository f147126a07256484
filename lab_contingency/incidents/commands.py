"""What a coordinator can intend."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DeclareIncident:
    """The main system is gone."""

    down_since: dt.datetime
    scope: str
    message: str


@dataclass(frozen=True, slots=True)
class StopTest:
    """A test cannot be done; say why and what to do instead."""

    test_code: str
    reason: str
    until: dt.datetime | None
